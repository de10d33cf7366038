import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findOperation, type Git, list, readFilesAt } from "../git/git.ts";
import { TRAILER } from "../git/template.ts";
import { type MergedJson, mergeJson, NotMergeableError } from "../json/merge-json.ts";
import { printable } from "../terminal/text.ts";
import type { Update } from "./find-update.ts";

/** git's merge, and the files that have rules of their own. */

/** Every owner changes these, so they are merged by key instead of by line. */
const MERGED_BY_KEY = ["services.json", "secret.json", "package.json"];
/** How the owner's provider looks: where both sides changed one of these, the owner's stays whole. */
const OWNERS = ["theme.css", "public/favicon.svg"];
export const LOCK = "package-lock.json";

export interface MergeResult {
  conflicts: string[];
  /** Values of the owner that won over changes of the template. */
  kept: string[];
}

/** A file as the three commits have it. */
interface ThreeSides {
  path: string;
  base: string | undefined;
  ours: string | undefined;
  theirs: string | undefined;
}

/** Leaves a merge that is not committed yet. */
export async function merge(git: Git, { base, owner, tip }: Update): Promise<MergeResult> {
  const message = `Update from the template\n\n${TRAILER}: ${tip}`;
  const { stderr, stdout } = await git.attempt(["merge", "--quiet", "--no-ff", "--no-commit", "-m", message, tip]);
  if ((await findOperation(git)) !== "merge") throw new Error(`${stdout}${stderr}`);

  const twice = await findChangedTwice(git, { base, owner, tip });
  const kept = await mergeByKey(
    git,
    twice.filter(({ path }) => MERGED_BY_KEY.includes(path)),
  );
  for (const file of twice.filter(({ path }) => OWNERS.includes(path))) {
    kept.push(...(await keepOwners(git, file, owner)));
  }
  for (const file of twice.filter(({ path }) => path === LOCK)) await takeLock(git, file, tip);
  return { conflicts: await findConflicts(git), kept };
}

/** The files with rules of their own that both sides changed. */
async function findChangedTwice(git: Git, { base, owner, tip }: Update): Promise<ThreeSides[]> {
  const paths = [...MERGED_BY_KEY, ...OWNERS, LOCK];
  const texts = await readFilesAt(
    git,
    [base, owner, tip].flatMap((commit) => paths.map((path) => `${commit}:${path}`)),
  );
  const at = (side: number, index: number): string | undefined => texts[side * paths.length + index];
  return paths
    .map((path, index) => ({ path, base: at(0, index), ours: at(1, index), theirs: at(2, index) }))
    .filter(({ base, ours, theirs }) => ours !== base && theirs !== base);
}

/** Also where git found no conflict: two changes on neighbouring lines can make wrong JSON without one. */
async function mergeByKey(git: Git, files: ThreeSides[]): Promise<string[]> {
  const merged = files.map(mergeOneByKey).filter((file) => file !== undefined);
  for (const { path, text } of merged) await writeFile(join(git.directory, path), text);
  if (merged.length > 0) await git.run("add", "--", ...merged.map(({ path }) => path));
  return merged.flatMap(({ path, kept }) => kept.map(({ key, reason }) => `${path}: ${printable(key)} (${reason})`));
}

/** `undefined`: git's merge by line stands, with its conflicts. */
function mergeOneByKey({ path, base, ours, theirs }: ThreeSides): (MergedJson & { path: string }) | undefined {
  if (ours === undefined || theirs === undefined) return undefined;
  try {
    return { path, ...mergeJson({ base, ours, theirs }) };
  } catch (error) {
    if (error instanceof NotMergeableError) return undefined;
    throw error;
  }
}

async function keepOwners(git: Git, { path, ours }: ThreeSides, owner: string): Promise<string[]> {
  if (ours === undefined) return [];
  await git.run("checkout", "--quiet", owner, "--", path);
  return [`${path}: the whole file (both changed it)`];
}

/** npm computes the lock file anew from the merged package.json, so one side's state is enough to start from. */
async function takeLock(git: Git, { path, ours, theirs }: ThreeSides, tip: string): Promise<void> {
  if (theirs === undefined) return;
  await (ours === undefined
    ? git.run("rm", "--quiet", "--force", "--", path)
    : git.run("checkout", "--quiet", tip, "--", path));
}

export async function findConflicts(git: Git): Promise<string[]> {
  const unmerged = await list(git, "ls-files", "--unmerged", "-z");
  return [...new Set(unmerged.map((entry) => entry.slice(entry.indexOf("\t") + 1)))];
}
