import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Git, gitIn, isAncestor, readList, readOutput } from "../git/git.ts";
import { type OwnHistory, readOwnHistory } from "../git/past-updates.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { isAccepted, requireNotOlder } from "../git/rewritten-history.ts";
import {
  describeCommit,
  findEqual,
  findKnownCommit,
  findStartingPoint,
  findTrackedCommit,
  listTrees,
  type ScratchRepository,
  type StartingPoint,
  type TemplateAddress,
} from "../git/template.ts";
import { findSecretFiles, type SecretFile } from "../secrets/secret-files.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, printable } from "../terminal/text.ts";
import { type Commits, findContained } from "../update-repo/contained.ts";
import { addAll } from "./first-commit.ts";

/** What init-repo will do. It is decided and shown before anything changes. */
export interface Plan {
  /** Where to join the histories; `undefined` if they are already joined. */
  join: StartingPoint | undefined;
  /** The template's commit in the copy, if the template has a new history that the owner accepts by going on. */
  rewritten?: string;
  /** Files that the first commit omits, because publishing the repository later would publish them. */
  omitted: SecretFile[];
}

interface PlanOptions {
  /** The commit that the owner has named. */
  base?: string | undefined;
}

export async function makePlan(
  { git, tip }: ScratchRepository,
  { branch }: TemplateAddress,
  repository: Git | undefined,
  { base }: PlanOptions,
  context: CommandContext,
): Promise<Plan> {
  const owner = repository && (await readOutput(repository, "rev-parse", "--verify", "--quiet", "HEAD"));
  const omitted =
    owner === undefined ? await findOmitted(repository ?? (await gitForFolder(context.directory, git)), context) : [];
  if (base !== undefined)
    return { join: { commit: await findBase(git, tip, base), explanation: "you named it" }, omitted };
  if (repository === undefined || owner === undefined) {
    return {
      join: await findStartingPoint(git, tip, [await treeOf(await gitForFolder(context.directory, git), omitted)]),
      omitted,
    };
  }

  const own = await readOwnHistory(git, owner, tip);
  const known = await findKnownCommit(git, {
    owner,
    tip,
    own,
    findTrackedCommit: () => findTrackedCommit(repository, branch),
  });
  if (known === undefined) {
    const trees = (await listTrees(git, owner)).map(({ tree }) => tree);
    return { join: await findStartingPoint(git, tip, trees), omitted };
  }
  if (!(await isAncestor(git, known, tip))) return { ...(await planForRewritten(git, own, known, tip)), omitted };
  if (!(await isAncestor(git, known, owner)))
    return { join: { commit: known, explanation: "your history names it" }, omitted };
  return { join: await planForSquashed(git, { known, owner, tip }), omitted };
}

/** Joins where the new history has the files of the known commit. If it has them nowhere, the known commit stays the base. */
async function planForRewritten(git: Git, own: OwnHistory, known: string, tip: string): Promise<Omit<Plan, "omitted">> {
  await requireNotOlder(git, known, tip);
  const equal = findEqual(await listTrees(git, tip), [await git.run("rev-parse", `${known}^{tree}`)]);
  const what = `the template's history was rewritten since ${known.slice(0, 7)}`;
  if (equal !== undefined)
    return { join: { commit: equal, explanation: `${what}; its files are equal to those of your copy` } };
  return { join: undefined, ...((await isAccepted(git, own, tip)) ? {} : { rewritten: known }) };
}

async function planForSquashed(git: Git, commits: Commits): Promise<StartingPoint | undefined> {
  const contained = await findContained(git, commits);
  if (contained === undefined || contained.unclear.length > 0) return undefined;
  return { commit: contained.commit, explanation: "your files contain its changes, although your history does not" };
}

async function findBase(git: Git, tip: string, name: string): Promise<string> {
  const commit = await readOutput(git, "rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`);
  if (commit !== undefined && (await isAncestor(git, commit, tip))) return commit;
  throw new CommandError(
    `The template has no commit ${name}.`,
    'The template\'s page lists its commits, under "Commits".',
  );
}

/** Runs git on the owner's folder, but with the index and objects of the temporary repository, so the folder stays unchanged. */
async function gitForFolder(directory: string, scratch: Git): Promise<Git> {
  const index = join(scratch.directory, ".git/index-of-the-copy");
  await rm(index, { force: true });
  const env = { GIT_INDEX_FILE: index, GIT_DIR: join(scratch.directory, ".git"), GIT_WORK_TREE: directory };
  return gitIn(directory, { env });
}

/** The files that look like secrets among those of a first commit, which excludes what the owner's .gitignore lists. */
async function findOmitted(git: Git, { directory, env }: CommandContext): Promise<SecretFile[]> {
  const paths = await readList(git, "ls-files", "--cached", "--others", "--exclude-standard", "-z");
  return findSecretFiles(directory, env, [...new Set(paths)]);
}

/** The tree that a first commit of this folder would have. */
async function treeOf(git: Git, omitted: SecretFile[]): Promise<string> {
  await addAll(git, omitted);
  return git.run("write-tree");
}

export async function showPlan(
  { join, rewritten, omitted }: Plan,
  { git }: ScratchRepository,
  context: CommandContext,
): Promise<void> {
  if (omitted.length > 0) {
    const files = bullets(omitted.map(({ path, what }) => `${printable(path)}: ${what}`));
    context.print(`These files look like secrets, so the first commit omits them:\n\n${files}\n`);
  }
  if (rewritten !== undefined) {
    return context.print(
      `The template's history was rewritten. Your copy has its old commit ${await describeCommit(git, rewritten)}\n` +
        "  The next update compares the new files with those of that commit. If you don't know why the history was rewritten, " +
        "ask the template's maintainers first.",
    );
  }
  if (join === undefined) return context.print("Your copy already shares its history with the template.");
  const commit = await describeCommit(git, join.commit);
  context.print(`Your copy was made from the template's commit ${commit}\n  Why this commit: ${join.explanation}.`);
}
