import {
  canonicalAddress,
  type Git,
  type GitResult,
  readFileAt,
  type Settings,
  TEMPLATE_REMOTE,
  type Upstream,
  upstreamOf,
} from "../git/git.ts";
import { type CommandContext, succeedWith } from "../git/repository-command.ts";
import { type TemplateAddress, templateRemoteOf } from "../git/template.ts";
import { indent, printable } from "../terminal/text.ts";
import { forgetBefore } from "./abort.ts";
import type { Options } from "./command-line.ts";

/** The last steps: does the merged copy work, and where does it go. */

/** Where an update comes from, and where it goes to. */
export interface Route {
  template: TemplateAddress;
  destination: Destination;
}

export interface Destination {
  upstream?: Upstream;
  /** Why there is none. */
  reason: string;
}

export async function consents({ upstream }: Destination, options: Options, context: CommandContext): Promise<boolean> {
  if (options.yes) return true;

  const pushing = upstream === undefined ? "" : `, and push your branch to ${nameOf(upstream)}`;
  return context.confirm(`\nMerge this into your copy${pushing}?`);
}

/** Where the merge is committed: what fails from here on takes nothing back. */
export async function checkAndPush(git: Git, route: Route, options: Options, context: CommandContext): Promise<number> {
  context.print("Merged.");
  // The commit of the template that the copy now has.
  const tracked = `refs/remotes/${TEMPLATE_REMOTE}/${route.template.branch}`;
  const noted = await git.attempt(["update-ref", tracked, "HEAD^2"]);
  if (noted.exitCode !== 0) {
    context.print(quote(noted));
    return stop("git could not note the template's new state, so nothing was pushed.", context);
  }
  if ((await hasScript(git, "doctor")) && !(await context.npm("run", "doctor"))) {
    return stop("doctor found something, so nothing was pushed.", context);
  }
  if (options.test && !(await context.npm("test"))) return stop("The tests failed, so nothing was pushed.", context);
  if (options["no-push"])
    return succeedWith(context, "\nNext: git push   (or take it back: npm run update-repo -- --abort)");
  return push(git, route.destination, context);
}

async function hasScript(git: Git, name: string): Promise<boolean> {
  const { scripts } = JSON.parse((await readFileAt(git, "HEAD", "package.json")) ?? "{}") as { scripts?: object };
  return Object.hasOwn(scripts ?? {}, name);
}

function stop(reason: string, context: CommandContext): number {
  context.print(`
${reason} The update is merged on this computer.

To go on:   put it right, then: git push
To go back: npm run update-repo -- --abort`);
  return 1;
}

async function push(git: Git, { upstream, reason }: Destination, context: CommandContext): Promise<number> {
  if (upstream === undefined) return succeedWith(context, `\nNot pushed: ${reason}`);

  context.print(`Pushing to ${nameOf(upstream)} …`);
  const pushed = await git.attempt([
    ...["-c", "push.followTags=false", "push", "--quiet", upstream.remote, `HEAD:${upstream.ref}`],
  ]);
  if (pushed.exitCode !== 0) {
    context.print(quote(pushed));
    return stop("It could not be pushed. If others pushed meanwhile: git pull --no-rebase, first.", context);
  }
  await forgetBefore(git);
  return succeedWith(context, `Pushed to ${nameOf(upstream)}. Done.`);
}

/** What git says of its failure. */
function quote({ stderr }: GitResult): string {
  return indent(printable(stderr.trim().replaceAll("\n", " ")));
}

function nameOf({ remote, ref }: Upstream): string {
  return `${remote} (${ref.replace("refs/heads/", "")})`;
}

/** The branch's own upstream, unless that is the template. */
export async function findDestination(git: Git, settings: Settings, options: Options): Promise<Destination> {
  if (options["no-push"]) return { reason: "--no-push was given." };

  const branch = await git.run("symbolic-ref", "--short", "HEAD");
  const upstream = upstreamOf(branch, settings);
  if (upstream === undefined) {
    return { reason: `the branch ${branch} has no upstream. Give it one: git push --set-upstream origin ${branch}` };
  }
  const template = templateRemoteOf(settings)?.repository ?? "";
  const addresses = (await git.run("remote", "get-url", "--push", "--all", upstream.remote)).split("\n");
  if (upstream.remote === TEMPLATE_REMOTE || addresses.map(canonicalAddress).includes(canonicalAddress(template))) {
    return {
      reason:
        `the upstream of ${branch} is the template itself. ` +
        `Point it to a repository of your own: git remote set-url ${upstream.remote} <address>`,
    };
  }
  return { upstream, reason: "" };
}
