import { lstatSync } from "node:fs";
import { join } from "node:path";
import { type Git, readList, readOutput } from "../git/git.ts";
import type { ScratchRepository } from "../git/template.ts";
import { findLists, type Lists } from "../slim/after-merge.ts";
import { isTemplateOnly } from "../slim/template-only.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets } from "../terminal/text.ts";
import type { Update } from "./find-update.ts";
import { merge, pathsOf } from "./merge.ts";
import { findNeededFiles, findRemovedFiles, type RemovedFiles } from "./removed-files.ts";

/** The merge as it was tried in the temporary repository. The owner's repository gets exactly this. */
export interface TrialMerge {
  /** A commit with the merged files. Those with conflicts contain markers. */
  result: string;
  conflicts: string[];
  /** The entries of the conflicts in git's index. */
  unmerged: string[];
  /** Values of the owner that were kept, although the template changed them too. */
  kept: string[];
  /** Files that the template changed or added, and that stay away because the owner removed them or their folder. */
  removed: string[];
  /** The files that are new to the owner. */
  added: string[];
  /** Removed files that others need. */
  needed: string[];
}

/** The branches of the temporary repository. git writes the name of the first one into conflicts. */
const SIDE = "update";
/** The mode of a submodule in the index. */
const SUBMODULE = "160000";
export const RESULT = "refs/heads/result";
export const ENTRIES = "refs/heads/entries";

/** @param repository whose settings name the owner's own merge programs */
export async function tryMerge(
  repository: Git,
  { git }: Pick<ScratchRepository, "git">,
  update: Update,
): Promise<TrialMerge> {
  const lists = await findLists(git, update);
  const removed = await findRemovedFiles(git, update);
  const base = await commitTree(git, await treeWithout(git, update.base, removed.base));
  const owner = await commitTree(git, `${update.owner}^{tree}`, base);
  const tip = await commitTree(git, await treeWithout(git, update.tip, removed.tip), base);
  await git.run("branch", "--no-track", "--force", SIDE, tip);
  await git.run("reset", "--quiet", "--hard", owner);

  const kept = await merge(git, update, { branch: SIDE, settings: await readMergeSettings(repository), lists });
  const unmerged = await takeUnmerged(git);
  const unexpected = withoutTemplateOnly(removed, lists);
  const needed = await findNeededFiles(git, unexpected);
  const result = await commitTree(git, await git.run("write-tree"), update.owner, update.tip);
  await git.run("update-ref", RESULT, result);
  if (unmerged.length > 0) await git.run("update-ref", ENTRIES, await commitEntries(git, unmerged));
  const added = await listAdded(git);
  return { result, conflicts: pathsOf(unmerged), unmerged, kept, removed: unexpected.changed, added, needed };
}

/** A slim copy lacks what only the template needs, and its owner knows that. */
function withoutTemplateOnly({ base, tip, changed }: RemovedFiles, lists: Lists | undefined): RemovedFiles {
  if (lists === undefined) return { base, tip, changed };
  const others = (paths: string[]): string[] =>
    paths.filter((path) => !isTemplateOnly(path, lists.before) && !isTemplateOnly(path, lists.now));
  return { base: others(base), tip: others(tip), changed: others(changed) };
}

/**
 * The entries of the conflicts, which are then resolved: by the files with markers. Leaves out a file that neither side has:
 * if both renamed it, only the new names are in question.
 */
async function takeUnmerged(git: Git): Promise<string[]> {
  const entries = await readList(git, "ls-files", "--unmerged", "-z");
  if (entries.length > 0) await git.run("add", "--all");
  const present = new Set(pathsOf(entries.filter((entry) => !/^\S+ \S+ 1\t/.test(entry))));
  return entries.filter((entry) => present.has(entry.slice(entry.indexOf("\t") + 1)));
}

/** The tree of a commit without some of its files. This uses the index, which `git reset` fills again. */
async function treeWithout(git: Git, commit: string, paths: string[]): Promise<string> {
  if (paths.length === 0) return `${commit}^{tree}`;
  await git.run("read-tree", commit);
  await git.readBytes(["update-index", "-z", "--force-remove", "--stdin"], paths.map((path) => `${path}\0`).join(""));
  return git.run("write-tree");
}

function commitTree(git: Git, tree: string, ...parents: string[]): Promise<string> {
  return git.run("commit-tree", tree, ...parents.flatMap((parent) => ["-p", parent]), "-m", "Update from the template");
}

/** A commit of everything that the entries name, because git copies only what a branch contains. */
async function commitEntries(git: Git, unmerged: string[]): Promise<string> {
  const files = unmerged.filter((entry) => !entry.startsWith(SUBMODULE));
  const objects = new Set(files.flatMap((entry) => entry.split(" ")[1] ?? []));
  const tree = [...objects].map((object, index) => `100644 blob ${object}\t${index}\n`);
  return commitTree(git, (await git.readBytes(["mktree"], tree.join(""))).toString().trim());
}

/** Programs that merge files, which the owner names in `.gitattributes`. The template's signature is checked separately. */
async function readMergeSettings(repository: Git): Promise<string[]> {
  const settings = [...(await repository.settings())].filter(([name]) => /^merge\..+\.driver$/.test(name));
  return [["merge.verifySignatures", "false"], ...settings].flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

function listAdded(git: Git): Promise<string[]> {
  return readList(git, "diff", "--cached", "--name-only", "--no-renames", "--diff-filter=A", "-z", "HEAD");
}

/** git does not overwrite untracked files, but overwrites ignored ones without a message. */
export async function requireNothingOverwritten(repository: Git, { added }: TrialMerge): Promise<void> {
  const inTheWay = await withoutTracked(
    repository,
    added.filter((path) => isInTheWay(repository.directory, path)),
  );
  if (inTheWay.length === 0) return;
  throw new CommandError(
    `The template adds files that already exist in your folder, but not in your repository:\n\n${bullets(inTheWay)}\n`,
    "Move them somewhere else, or commit them if they belong to your copy.",
  );
}

/** On some disks, one file goes by several names. */
async function withoutTracked(repository: Git, paths: string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const ignoresCase = (await readOutput(repository, "config", "--type=bool", "core.ignorecase")) === "true";
  const fold = (path: string): string => (ignoresCase ? path.toLowerCase() : path);
  const tracked = new Set((await readList(repository, "ls-files", "-z")).map(fold));
  return paths.filter((path) => !tracked.has(fold(path)));
}

/** Whether something exists at the path, or a file at the path of one of its folders. */
function isInTheWay(directory: string, path: string): boolean {
  const parts = path.split("/");
  for (const index of parts.keys()) {
    const found = lstatSync(join(directory, ...parts.slice(0, index + 1)), { throwIfNoEntry: false });
    if (found === undefined) return false;
    if (!found.isDirectory()) return true;
  }
  return true;
}
