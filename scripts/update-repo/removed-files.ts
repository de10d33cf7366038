import { posix } from "node:path";
import { LOCK } from "../files/project.ts";
import { type Git, readFilesAt, readList } from "../git/git.ts";
import { type Change, readChanges } from "./conflict-sides.ts";
import type { Update } from "./find-update.ts";

/**
 * What the owner removed stays removed: files, whatever the template makes of them, and whole folders, whatever the template
 * adds to them. So these files take no part in the merge.
 */

export interface RemovedFiles {
  /** The files to leave out of the template's last known commit. */
  base: string[];
  /** The files to leave out of the template's newest commit. */
  tip: string[];
  /** Those of `tip` that the template has changed, renamed or added. */
  changed: string[];
}

/** The changes of one side, and the files that it has now. */
interface Side {
  files: Set<string>;
  changes: Change[];
}

export async function findRemovedFiles(git: Git, { base, owner, tip }: Update): Promise<RemovedFiles> {
  const changed = await readChanges(git, base, owner);
  const removed = changed.filter(({ kind }) => kind === "D").map(({ from }) => from);
  if (removed.length === 0) return { base: [], tip: [], changed: [] };

  const before = await listFiles(git, base);
  const yours: Side = { files: new Set(await listFiles(git, owner)), changes: changed };
  const moved = new Set(renamesOf(yours).map(({ from }) => from));
  const theirs: Side = { files: new Set(await listFiles(git, tip)), changes: await readChanges(git, base, tip) };
  const folders = findRemovedFolders(before, removed, moved, yours);
  const absent = findAbsent(removed, folders, yours, theirs);
  const changes = new Set(theirs.changes.map(({ to }) => to));
  return { base: removed, tip: absent, changed: absent.filter((path) => changes.has(path)) };
}

async function listFiles(git: Git, commit: string): Promise<string[]> {
  return readList(git, "ls-tree", "-r", "--name-only", "-z", commit);
}

function renamesOf({ changes }: Side): Change[] {
  return changes.filter(({ kind }) => kind === "R");
}

/** The folders of the template that the owner no longer has, except for those that moved rather than went. */
function findRemovedFolders(before: string[], removed: string[], moved: Set<string>, yours: Side): Set<string> {
  const present = new Set([...yours.files].flatMap(foldersOf));
  const numberOfRemoved = countFolders(removed);
  const numberOfMoved = countFolders([...moved]);
  const isRemoved = (folder: string): boolean =>
    !present.has(folder) && (numberOfRemoved.get(folder) ?? 0) > (numberOfMoved.get(folder) ?? 0);
  return new Set(before.flatMap(foldersOf).filter(isRemoved));
}

/** The template's files that the copy is not to get. */
function findAbsent(removed: string[], folders: Set<string>, yours: Side, theirs: Side): string[] {
  const newNames = new Map(renamesOf(theirs).map(({ from, to }) => [from, to]));
  const old = removed.flatMap((path) => [path, newNames.get(path) ?? path]).filter((path) => theirs.files.has(path));
  const absent = new Set(old);

  const renamed = removed.filter((path) => newNames.has(path) && isIn(folders, path));
  const present = new Set([...yours.files, ...keptFiles(theirs, absent)].flatMap(foldersOf));
  // The template may have renamed a folder that the owner removed.
  const newFolders = renamed.flatMap((path) => foldersOf(newNames.get(path) ?? path));
  const gone = new Set([...folders, ...newFolders.filter((folder) => !present.has(folder))]);

  const added = theirs.changes.filter(({ kind, to }) => kind === "A" && !yours.files.has(to) && isIn(gone, to));
  return [...new Set([...old, ...added.map(({ to }) => to)])].sort();
}

/** The template's files that are neither new nor absent from the copy. */
function keptFiles({ files, changes }: Side, absent: Set<string>): string[] {
  const added = new Set(changes.filter(({ kind }) => kind === "A").map(({ to }) => to));
  return [...files].filter((path) => !added.has(path) && !absent.has(path));
}

function isIn(folders: Set<string>, path: string): boolean {
  return foldersOf(path).some((folder) => folders.has(folder));
}

/** `a` and `a/b` for `a/b/c.ts`. */
function foldersOf(path: string): string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_part, index) => parts.slice(0, index + 1).join("/"));
}

function countFolders(paths: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const folder of paths.flatMap(foldersOf)) counts.set(folder, (counts.get(folder) ?? 0) + 1);
  return counts;
}

/**
 * Finds files that the owner removed, but that others need: a file of the update imports or names one, or a setting in the top
 * folder names one that the template has changed.
 *
 * @returns `<missing file> (<file that needs it>)`
 */
export async function findNeededFiles(git: Git, { base, tip, changed }: RemovedFiles): Promise<string[]> {
  const missing = new Set([...base, ...tip]);
  if (missing.size === 0) return [];

  const updated = new Set(await readList(git, "diff", "--cached", "--name-only", "--no-renames", "-z", "HEAD"));
  const tops = await readList(git, "ls-files", "-z", "--", ":(glob)*");
  const readers = [...new Set([...updated, ...tops])].filter(canNeedFiles);
  const texts = await readFilesAt(
    git,
    readers.map((path) => `:${path}`),
  );
  const absent = new Set(changed);
  const needed = readers.flatMap((path, index) => {
    const named = new Set(namedIn(texts[index] ?? "", path));
    return [...(updated.has(path) ? missing : absent)]
      .filter((name) => named.has(name))
      .map((name) => `${name} (${path})`);
  });
  return needed.sort();
}

/** Texts may mention any file. A line break would divide a name in git's input. */
function canNeedFiles(path: string): boolean {
  return path !== LOCK && !/\.(md|txt)$|\n/.test(path);
}

/** Everything in a text that looks like a path, as a path from the top folder. */
function namedIn(text: string, path: string): string[] {
  const names = text.match(/[\w@.-]+(?:\/[\w@.-]+)*/g) ?? [];
  return names.map((name) => posix.normalize(/^\.\.?\//.test(name) ? posix.join(posix.dirname(path), name) : name));
}
