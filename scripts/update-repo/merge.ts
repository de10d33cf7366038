import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LOCK, MANIFEST } from "../files/project.ts";
import { type Git, readFilesAt, readList } from "../git/git.ts";
import { type MergedJson, mergeJson, NotMergeableError } from "../json/merge-json.ts";
import { keepSlim, type Lists } from "../slim/after-merge.ts";
import { slimPackage } from "../slim/template-only.ts";
import { CommandError } from "../terminal/command-error.ts";
import { printable, printableLines } from "../terminal/text.ts";
import type { Update } from "./find-update.ts";

/** git's merge, and special rules for some files. */

/** Every owner changes these, so they are merged by key instead of by line. */
const MERGED_BY_KEY = ["services.json", "secret.json", "package.json"];
/** These define the look of the owner's provider. If both sides changed one, the owner's whole file is kept. */
const KEPT_WHOLE = ["theme.css", "public/favicon.svg"];

/** The text of a file in the three commits. */
interface ThreeSides {
  path: string;
  base: string | undefined;
  ours: string | undefined;
  theirs: string | undefined;
}

/**
 * Merges without committing, in the temporary repository.
 *
 * @param settings of the owner that git needs for this; `lists` of a slim copy
 * @returns values of the owner that were kept, although the template changed them too
 */
export async function merge(
  git: Git,
  { base, owner, tip }: Update,
  { branch, settings, lists }: { branch: string; settings: string[]; lists: Lists | undefined },
): Promise<string[]> {
  const quietly = ["--quiet", "--no-ff", "--no-commit", "-m", "Update from the template"];
  const { stderr, stdout } = await git.attempt([...settings, "merge", ...quietly, branch]);
  // The temporary repository has the usual layout.
  if (!existsSync(join(git.directory, ".git/MERGE_HEAD")))
    throw new CommandError(`git could not merge:\n${printableLines(stdout + stderr)}`);

  const twice = (await findChangedTwice(git, { base, owner, tip })).map((file) => slimSides(file, lists));
  const byKey = twice.map(mergeByKey).filter((file) => file !== undefined);
  await writeMerged(git, [...byKey, ...twice.flatMap(takeTemplatesLock)]);
  const kept = byKey.flatMap(describeKept);
  for (const file of twice.filter(({ path }) => KEPT_WHOLE.includes(path))) {
    kept.push(...(await keepOwners(git, file, owner)));
  }
  if (lists !== undefined) await keepSlim(git, { base, owner, tip }, lists);
  return kept;
}

/** The files with special rules that both sides changed. */
async function findChangedTwice(git: Git, { base, owner, tip }: Omit<Update, "trailers">): Promise<ThreeSides[]> {
  const paths = [...MERGED_BY_KEY, ...KEPT_WHOLE, LOCK];
  const texts = await readFilesAt(
    git,
    [base, owner, tip].flatMap((commit) => paths.map((path) => `${commit}:${path}`)),
  );
  const at = (side: number, index: number): string | undefined => texts[side * paths.length + index];
  return paths
    .map((path, index) => ({ path, base: at(0, index), ours: at(1, index), theirs: at(2, index) }))
    .filter(({ base, ours, theirs }) => ours !== base && theirs !== base);
}

/** Compares a slim copy's package.json with that of a slim template. */
function slimSides(file: ThreeSides, lists: Lists | undefined): ThreeSides {
  const { path, base, theirs } = file;
  if (lists === undefined || path !== MANIFEST || base === undefined || theirs === undefined) return file;
  return { ...file, base: slimPackage(base, lists.before), theirs: slimPackage(theirs, lists.now) };
}

async function writeMerged(git: Git, files: { path: string; text: string }[]): Promise<void> {
  for (const { path, text } of files) await writeFile(join(git.directory, path), text);
  if (files.length > 0) await git.run("add", "--", ...files.map(({ path }) => path));
}

/**
 * Also merges files without a conflict, because git's merge by line can produce invalid JSON.
 *
 * @returns `undefined` if git's merge by line, with its conflicts, is kept
 */
function mergeByKey({ path, base, ours, theirs }: ThreeSides): (MergedJson & { path: string }) | undefined {
  if (!MERGED_BY_KEY.includes(path) || ours === undefined || theirs === undefined) return undefined;
  try {
    return { path, ...mergeJson({ base, ours, theirs }) };
  } catch (error) {
    if (error instanceof NotMergeableError) return undefined;
    throw error;
  }
}

function describeKept({ path, kept }: MergedJson & { path: string }): string[] {
  return kept.map(({ key, reason }) => `${path}: ${printable(key)} (${reason})`);
}

async function keepOwners(git: Git, { path, ours }: ThreeSides, owner: string): Promise<string[]> {
  if (ours === undefined) return [];
  await git.run("checkout", "--quiet", owner, "--", path);
  return [`${path}: the whole file (both changed it)`];
}

/** npm updates the lock file to the merged package.json, so it can start from one side's file. */
function takeTemplatesLock({ path, ours, theirs }: ThreeSides): { path: string; text: string }[] {
  return path !== LOCK || ours === undefined || theirs === undefined ? [] : [{ path, text: theirs }];
}

export async function findConflicts(git: Git): Promise<string[]> {
  return pathsOf(await readList(git, "ls-files", "--unmerged", "-z"));
}

/** @param entries of git's index, as `git ls-files --unmerged -z` prints them: `<mode> <object> <side><tab><path>` */
export function pathsOf(entries: string[]): string[] {
  return [...new Set(entries.map((entry) => entry.slice(entry.indexOf("\t") + 1)))];
}
