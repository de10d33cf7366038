import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Git, gitIn, isAncestor, readList, readOutput } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import {
  describeCommit,
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
import { addAll } from "./first-commit.ts";

/** What init-repo will do. It is decided and shown before anything changes. */
export interface Plan {
  /** Where to join the histories; `undefined` if they are already joined. */
  join: StartingPoint | undefined;
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

  const known = await findKnownCommit(git, {
    owner,
    tip,
    findTrackedCommit: () => findTrackedCommit(repository, branch),
  });
  if (known === undefined) {
    const trees = (await listTrees(git, owner)).map(({ tree }) => tree);
    return { join: await findStartingPoint(git, tip, trees), omitted };
  }
  if (!(await isAncestor(git, known, tip))) {
    const { commit, explanation } = await findStartingPoint(git, tip, [await git.run("rev-parse", `${known}^{tree}`)]);
    return {
      join: { commit, explanation: `the template's history was rewritten since ${known.slice(0, 7)}; ${explanation}` },
      omitted,
    };
  }
  const isJoined = await isAncestor(git, known, owner);
  return { join: isJoined ? undefined : { commit: known, explanation: "your history names it" }, omitted };
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
  { join, omitted }: Plan,
  { git }: ScratchRepository,
  context: CommandContext,
): Promise<void> {
  if (omitted.length > 0) {
    const files = bullets(omitted.map(({ path, what }) => `${printable(path)}: ${what}`));
    context.print(`These files look like secrets, so the first commit omits them:\n\n${files}\n`);
  }
  if (join === undefined) return context.print("Your copy already shares its history with the template.");
  const commit = await describeCommit(git, join.commit);
  context.print(`Your copy was made from the template's commit ${commit}\n  Why this commit: ${join.explanation}.`);
}
