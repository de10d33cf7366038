import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  ask,
  canonicalAddress,
  findRepository,
  type Git,
  gitIn,
  isAncestor,
  list,
  listRemotes,
  succeeds,
  TEMPLATE_REMOTE,
  withoutCredentials,
} from "./git/git.ts";
import { visibilityByGit } from "./git/public-repository.ts";
import { type CommandContext, runCommand, succeedWith, terminalContext } from "./git/repository-command.ts";
import { refuseToPublishSecrets, refuseUnlessSettled, refuseWithoutIdentity } from "./git/repository-guards.ts";
import {
  type Counterpart,
  deliver,
  describeCommit,
  findCounterpart,
  findKnownCommit,
  findTemplateAddress,
  findTracked,
  listTrees,
  openWorkshop,
  type TemplateAddress,
  TRAILER,
  type Workshop,
} from "./git/template.ts";
import { findSecretFiles, type SecretFile } from "./secrets/secret-files.ts";
import { CommandError, messageOf } from "./terminal/command-error.ts";
import { COMMON_OPTIONS, isStarted, readArguments } from "./terminal/command-line.ts";
import { bullets, printable } from "./terminal/text.ts";

/**
 * `npm run init-repo`: links a copy to its template. A copy made by "Use this template" or by `degit` shares no history
 * with it, so that a merge would conflict in every file that the template changed since. The copy's history is joined
 * with the template's at the commit that the copy was made from; from then on, updates are true three-way merges.
 */

const HELP = `npm run init-repo [-- options]

Links this copy to its template, so that \`npm run update-repo\` can bring updates. Changes no file; once is enough, and
again does no harm.

  --template <url>   where the template is (or AUTH_PROVIDER_TEMPLATE, or "template" in package.json)
  --branch <name>    its branch (or AUTH_PROVIDER_TEMPLATE_BRANCH; default: main)
  --base <commit>    the template's commit that this copy was made from, if you know better
  --dry-run          show what would happen, and change nothing
  --yes              ask no question
  --help             show this text`;

/** An address that no git can push to, whatever it is asked for. */
const NO_PUSH = "no-push://the-template-is-only-fetched-from";

type Options = ReturnType<typeof readOptions>;

/** What will be done, decided before anything is. */
interface Plan {
  /** Where to join the histories; `undefined`: they are joined. */
  join: Counterpart | undefined;
  /** Not for the first commit: whoever publishes the repository later would publish them. */
  leftOut: SecretFile[];
}

export function initRepo(args: string[], context: CommandContext): Promise<number> {
  return runCommand(context, async () => {
    const options = readOptions(args);
    if (options.help) return succeedWith(context, HELP);

    const repository = await findRepository(context.directory);
    if (repository !== undefined) await refuseUnlessReady(repository, context);
    const address = await findTemplateAddress(options, context, repository);
    context.print(`Fetching the template ${withoutCredentials(address.repository)} (branch ${address.branch}) …`);
    const workshop = await openWorkshop(address, repository);
    try {
      const plan = await makePlan(workshop, address, repository, options, context);
      await showPlan(plan, workshop, context);
      if (options["dry-run"]) return succeedWith(context, "\nThis was a dry run: nothing was changed.");

      const git = await withFirstCommit(repository, plan.leftOut, options, context);
      await undoOnFailure(repository, git, () => link(git, workshop, plan, address));
      await warnAboutTemplateAsOrigin(git, address, context);
      return succeedWith(context, closing(plan));
    } finally {
      await workshop.close();
    }
  });
}

function readOptions(args: string[]) {
  return readArguments("init-repo", args, {
    ...COMMON_OPTIONS,
    template: { type: "string" },
    branch: { type: "string" },
    base: { type: "string" },
  });
}

async function refuseUnlessReady(git: Git, context: CommandContext): Promise<void> {
  await refuseUnlessSettled(git);
  await refuseToPublishSecrets(git, context);
}

async function makePlan(
  { git, tip }: Workshop,
  { branch }: TemplateAddress,
  repository: Git | undefined,
  { base }: Options,
  context: CommandContext,
): Promise<Plan> {
  const owner = repository && (await ask(repository, "rev-parse", "--verify", "--quiet", "HEAD"));
  const leftOut =
    owner === undefined ? await findLeftOut(repository ?? (await viewOf(context.directory, git)), context) : [];
  if (base !== undefined) return { join: { commit: await findBase(git, tip, base), reason: "you named it" }, leftOut };
  if (repository === undefined || owner === undefined) {
    return {
      join: await findCounterpart(git, tip, [await treeOf(await viewOf(context.directory, git), leftOut)]),
      leftOut,
    };
  }

  const known = await findKnownCommit(git, { owner, tip, findTracked: () => findTracked(repository, branch) });
  if (known === undefined) {
    const trees = (await listTrees(git, owner)).map(({ tree }) => tree);
    return { join: await findCounterpart(git, tip, trees), leftOut };
  }
  if (!(await isAncestor(git, known, tip))) {
    const { commit, reason } = await findCounterpart(git, tip, [await git.run("rev-parse", `${known}^{tree}`)]);
    return {
      join: { commit, reason: `the template's history was rewritten since ${known.slice(0, 7)}; ${reason}` },
      leftOut,
    };
  }
  const isJoined = await isAncestor(git, known, owner);
  return { join: isJoined ? undefined : { commit: known, reason: "your history names it" }, leftOut };
}

async function findBase(git: Git, tip: string, name: string): Promise<string> {
  const commit = await ask(git, "rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`);
  if (commit !== undefined && (await isAncestor(git, commit, tip))) return commit;
  throw new CommandError(`The template has no commit ${name}.`, 'Its history is on its page, under "Commits".');
}

/** The folder, seen from the workshop: what git does here is written there, and not into the folder. */
async function viewOf(directory: string, workshop: Git): Promise<Git> {
  const index = join(workshop.directory, ".git/index-of-the-copy");
  await rm(index, { force: true });
  const env = { GIT_INDEX_FILE: index, GIT_DIR: join(workshop.directory, ".git"), GIT_WORK_TREE: directory };
  return gitIn(directory, { env });
}

/** Of all that a first commit would take: what the owner's own .gitignore names is not among it. */
async function findLeftOut(git: Git, { directory, env }: CommandContext): Promise<SecretFile[]> {
  const paths = await list(git, "ls-files", "--cached", "--others", "--exclude-standard", "-z");
  return findSecretFiles(directory, env, [...new Set(paths)]);
}

/** The tree that a first commit of this folder would have. */
async function treeOf(git: Git, leftOut: SecretFile[]): Promise<string> {
  await addAll(git, leftOut);
  return git.run("write-tree");
}

async function addAll(git: Git, leftOut: SecretFile[]): Promise<void> {
  await git.run("add", "--all", "--", ".", ...leftOut.map(({ path }) => `:(exclude,literal)${path}`));
  // One may have been added by hand.
  for (const { path } of leftOut)
    await git.run("rm", "--cached", "--quiet", "--force", "--ignore-unmatch", "--", `:(literal)${path}`);
}

async function showPlan({ join, leftOut }: Plan, { git }: Workshop, context: CommandContext): Promise<void> {
  if (leftOut.length > 0) {
    const files = bullets(leftOut.map(({ path, what }) => `${printable(path)}: ${what}`));
    context.print(`These files look like secrets, so the first commit leaves them out:\n\n${files}\n`);
  }
  if (join === undefined) return context.print("Your copy shares its history with the template: nothing to join.");
  const commit = await describeCommit(git, join.commit);
  context.print(`Your copy was made from the template's ${commit}\n  Why this one: ${join.reason}.`);
}

/** The owner's repository with at least one commit; a folder that is none becomes one, with the owner's consent. */
async function withFirstCommit(
  repository: Git | undefined,
  leftOut: SecretFile[],
  { yes }: Options,
  context: CommandContext,
): Promise<Git> {
  const hasCommit = repository && (await succeeds(repository, "rev-parse", "--verify", "--quiet", "HEAD"));
  if (hasCommit) return repository;

  const git = repository ?? gitIn(context.directory);
  await refuseWithoutIdentity(git);
  const begin = repository === undefined ? "Make this folder a git repository and put" : "Put";
  const files = leftOut.length === 0 ? "all files" : "all other files";
  const question = `${begin} ${files} into a first commit?`;
  if (!yes && !(await context.confirm(question))) {
    throw new CommandError(
      "Only a repository with a commit can be linked.",
      "Start again when you like: npm run init-repo",
    );
  }

  await undoOnFailure(repository, git, async () => {
    if (repository === undefined) await git.run("-c", "init.defaultBranch=main", "init", "--quiet");
    await addAll(git, leftOut);
    await git.run("commit", "--quiet", "--message", "Start from the template");
  });
  const advice = leftOut.length === 0 ? "" : " To keep git from ever taking those left out, name them in .gitignore.";
  context.print(`Put ${files} into a first commit.${advice}`);
  return git;
}

/** A repository that was begun here and could not be finished is taken back. */
async function undoOnFailure(before: Git | undefined, git: Git, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (before === undefined) await rm(join(git.directory, ".git"), { recursive: true, force: true });
    throw new CommandError("git could not finish:", messageOf(error));
  }
}

/** First what can fail; then all names move in one step. */
async function link(git: Git, workshop: Workshop, { join }: Plan, template: TemplateAddress): Promise<void> {
  const { repository, branch } = template;
  const head = await git.run("rev-parse", "HEAD");
  await deliver(workshop, git);
  const joined = join === undefined ? head : await commitJoin(git, head, join.commit);
  const moves = [
    `update refs/remotes/${TEMPLATE_REMOTE}/${branch} ${workshop.tip}`,
    ...(joined === head ? [] : [`update HEAD ${joined} ${head}`]),
  ];
  const { exitCode, stderr } = await git.attempt(["update-ref", "-m", "init-repo", "--stdin"], `${moves.join("\n")}\n`);
  if (exitCode !== 0) throw new Error(stderr);

  const settings = {
    url: repository,
    pushurl: NO_PUSH,
    fetch: `+refs/heads/${branch}:refs/remotes/${TEMPLATE_REMOTE}/${branch}`,
    tagOpt: "--no-tags",
  };
  for (const [name, value] of Object.entries(settings)) {
    await git.run("config", "--replace-all", `remote.${TEMPLATE_REMOTE}.${name}`, value);
  }
}

/** An `ours` merge: the owner's files as they are, and the template's commit as the second parent. */
async function commitJoin(git: Git, head: string, template: string): Promise<string> {
  const signs = (await ask(git, "config", "--type=bool", "commit.gpgsign")) === "true";
  const message = [
    "Join the history of the template",
    "No file changes. The copy was made from the second parent, so an update is a three-way merge from here on.",
    `${TRAILER}: ${template}`,
  ];
  const paragraphs = message.flatMap((paragraph) => ["-m", paragraph]);
  const parents = ["-p", head, "-p", template];
  return git.run("commit-tree", ...(signs ? ["-S"] : []), ...parents, ...paragraphs, `${head}^{tree}`);
}

/** After a plain clone, `origin` is the template, where nothing of an owner belongs. */
async function warnAboutTemplateAsOrigin(
  git: Git,
  { repository }: TemplateAddress,
  context: CommandContext,
): Promise<void> {
  for (const { name, urls } of await listRemotes(git)) {
    const isTemplate = urls.some((url) => canonicalAddress(url) === canonicalAddress(repository));
    if (name === TEMPLATE_REMOTE || !isTemplate) continue;
    context.print(
      `\nThe remote "${name}" is the template itself. For your settings to go to a repository of your own:\n` +
        `  git remote set-url ${name} <address of your own repository>`,
    );
  }
}

function closing({ join }: Plan): string {
  const lines = [
    ...(join === undefined
      ? []
      : ["Joined the histories; no file was changed. `git push` sends it to your own repository."]),
    `The remote "${TEMPLATE_REMOTE}" is only for fetching: \`git push ${TEMPLATE_REMOTE}\` fails.`,
    "",
    "Next: npm run update-repo",
  ];
  return lines.join("\n");
}

if (isStarted(import.meta.url)) {
  process.exitCode = await initRepo(process.argv.slice(2), terminalContext(visibilityByGit));
}
