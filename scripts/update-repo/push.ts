import {
  canonicalAddress,
  type Git,
  type GitResult,
  readFileAt,
  readOutput,
  type Settings,
  TEMPLATE_REMOTE,
  type Upstream,
  upstreamOf,
} from "../git/git.ts";
import { readTemplateCommit } from "../git/past-updates.ts";
import { type CommandContext, succeedWith } from "../git/repository-command.ts";
import { type TemplateAddress, templateRemoteOf } from "../git/template.ts";
import { indent, plural, printable } from "../terminal/text.ts";
import { forgetStart } from "./abort.ts";
import type { Options } from "./command-line.ts";
import { explainInstallation, type LeftToInstall } from "./packages.ts";

/** The last steps of an update: checks the merged copy, and pushes it. */

/** Where an update comes from, and where it is pushed to. */
export interface Route {
  template: TemplateAddress;
  destination: Destination;
}

export interface Destination {
  upstream?: Upstream;
  /** Why there is no upstream. */
  whyNone: string;
}

export async function confirmUpdate(
  { upstream }: Destination,
  options: Options,
  context: CommandContext,
): Promise<boolean> {
  if (options.yes) return true;

  const pushing = upstream === undefined ? "" : `, and push your branch to ${nameOf(upstream)}`;
  return context.confirm(`\nMerge this into your copy${pushing}?`);
}

/** The merge is committed. If a step fails from here on, it is not undone. */
export async function checkAndPush(
  git: Git,
  route: Route,
  leftToDo: LeftToInstall | undefined,
  options: Options,
  context: CommandContext,
): Promise<number> {
  context.print("Merged.");
  const noted = await recordTemplate(git, route.template);
  if (noted.exitCode !== 0) {
    context.print(quoteGitError(noted));
    return stopBeforePush("git could not record the template's new state, so nothing was pushed.", context);
  }
  if (leftToDo !== undefined) return explainInstallation(leftToDo, context);
  if ((await hasScript(git, "doctor")) && !(await context.npm("run", "doctor"))) {
    return stopBeforePush("doctor found errors, so nothing was pushed.", context);
  }
  if (options.test && !(await context.npm("test")))
    return stopBeforePush("The tests failed, so nothing was pushed.", context);
  if (options["no-push"])
    return succeedWith(context, "\nNext: git push   (or undo the update: npm run update-repo -- --abort)");
  return push(git, route.destination, context);
}

/** Records the template's commit that the copy now contains, unless a newer one is recorded, as with a release. */
async function recordTemplate(git: Git, { branch }: TemplateAddress): Promise<GitResult> {
  const tracked = `refs/remotes/${TEMPLATE_REMOTE}/${branch}`;
  const commit = readTemplateCommit(await git.run("log", "--max-count=1", "--format=%B")) ?? "HEAD^2";
  const contains = await git.attempt(["merge-base", "--is-ancestor", commit, tracked]);
  return contains.exitCode === 0 ? contains : git.attempt(["update-ref", tracked, commit]);
}

async function hasScript(git: Git, name: string): Promise<boolean> {
  const { scripts } = JSON.parse((await readFileAt(git, "HEAD", "package.json")) ?? "{}") as { scripts?: object };
  return Object.hasOwn(scripts ?? {}, name);
}

function stopBeforePush(message: string, context: CommandContext): number {
  context.print(`
${message} The update is merged on this computer.

To continue: fix that, then: git push
To go back:  npm run update-repo -- --abort`);
  return 1;
}

async function push(git: Git, { upstream, whyNone }: Destination, context: CommandContext): Promise<number> {
  if (upstream === undefined) return succeedWith(context, `\nNot pushed: ${whyNone}`);

  context.print(`Pushing to ${nameOf(upstream)} …`);
  const pushed = await git.attempt([
    ...["-c", "push.followTags=false", "push", "--quiet", upstream.remote, `HEAD:${upstream.ref}`],
  ]);
  if (pushed.exitCode !== 0) {
    context.print(quoteGitError(pushed));
    return stopBeforePush(
      "The push failed. If others have pushed in the meantime, first run: git pull --no-rebase.",
      context,
    );
  }
  await forgetStart(git);
  return succeedWith(context, `Pushed to ${nameOf(upstream)}. Done.`);
}

/** After an update whose push failed, or was left to the owner, there is nothing new, and yet something to do. */
export async function remindToPush(
  git: Git,
  { upstream, whyNone }: Destination,
  context: CommandContext,
): Promise<void> {
  const ahead = Number((await readOutput(git, "rev-list", "--count", "@{upstream}..HEAD")) ?? 0);
  if (upstream !== undefined && ahead > 0)
    return context.print(
      `Not pushed yet: your branch is ${plural(ahead, "commit")} ahead of ${nameOf(upstream)}. Next: git push`,
    );

  const remotes = (
    await git.run("for-each-ref", "--contains=HEAD", "--format=%(refname:strip=2)", "refs/remotes")
  ).split("\n");
  const isPushed = remotes.some((name) => name !== "" && !name.startsWith(`${TEMPLATE_REMOTE}/`));
  if (upstream === undefined && !isPushed) context.print(`Not pushed yet: ${whyNone}`);
}

/** git's error message on one line. */
function quoteGitError({ stderr }: GitResult): string {
  return indent(printable(stderr.trim().replaceAll("\n", " ")));
}

function nameOf({ remote, ref }: Upstream): string {
  return `${remote} (${ref.replace("refs/heads/", "")})`;
}

/** The branch's own upstream, unless that is the template. */
export async function findDestination(git: Git, settings: Settings, options: Options): Promise<Destination> {
  if (options["no-push"]) return { whyNone: "--no-push was given." };

  const branch = await git.run("symbolic-ref", "--short", "HEAD");
  const upstream = upstreamOf(branch, settings);
  if (upstream === undefined) {
    return { whyNone: `the branch ${branch} has no upstream. Set one: git push --set-upstream origin ${branch}` };
  }
  const template = templateRemoteOf(settings)?.repository ?? "";
  const addresses = (await git.run("remote", "get-url", "--push", "--all", upstream.remote)).split("\n");
  if (upstream.remote === TEMPLATE_REMOTE || addresses.map(canonicalAddress).includes(canonicalAddress(template))) {
    return {
      whyNone:
        `the upstream of ${branch} is the template itself. ` +
        `Point it to your own repository: git remote set-url ${upstream.remote} <address>`,
    };
  }
  return { upstream, whyNone: "" };
}
