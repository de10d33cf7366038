import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findOperation, type Git, list, readFileAt } from "../git/git.ts";
import { TRAILER } from "../git/template.ts";
import { mergeJson, NotMergeableError } from "../json/merge-json.ts";
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

/** Leaves a merge that is not committed yet. */
export async function merge(git: Git, { base, owner, tip }: Update): Promise<MergeResult> {
  const message = `Update from the template\n\n${TRAILER}: ${tip}`;
  const { stderr, stdout } = await git.attempt(["merge", "--quiet", "--no-ff", "--no-commit", "-m", message, tip]);
  if ((await findOperation(git)) !== "merge") throw new Error(`${stdout}${stderr}`);

  const twice = await findChangedTwice(git, { base, owner, tip });
  const kept: string[] = [];
  for (const path of MERGED_BY_KEY.filter((name) => twice.has(name))) {
    kept.push(...(await mergeByKey(git, path, { base, owner, tip })));
  }
  for (const path of OWNERS.filter((name) => twice.has(name))) kept.push(...(await keepOwners(git, path, owner)));
  if (twice.has(LOCK)) await takeLock(git, { base, owner, tip });
  return { conflicts: await findConflicts(git), kept };
}

/** The files with rules of their own that both sides changed. */
async function findChangedTwice(git: Git, { base, owner, tip }: Update): Promise<Set<string>> {
  const changedBy = (side: string): Promise<string[]> =>
    list(git, "diff-tree", "--name-only", "-z", base, side, "--", ...MERGED_BY_KEY, ...OWNERS, LOCK);
  const [yours, theirs] = [await changedBy(owner), await changedBy(tip)];
  return new Set(yours.filter((path) => theirs.includes(path)));
}

/** Also where git found no conflict: two changes on neighbouring lines can make wrong JSON without one. */
async function mergeByKey(git: Git, path: string, { base, owner, tip }: Update): Promise<string[]> {
  const [before, ours, theirs] = await Promise.all([base, owner, tip].map((commit) => readFileAt(git, commit, path)));
  if (ours === undefined || theirs === undefined) return [];

  try {
    const { text, kept } = mergeJson({ base: before, ours, theirs });
    await writeFile(join(git.directory, path), text);
    await git.run("add", "--", path);
    return kept.map(({ key, reason }) => `${path}: ${printable(key)} (${reason})`);
  } catch (error) {
    // Then git's merge by line stands, with its conflicts.
    if (error instanceof NotMergeableError) return [];
    throw error;
  }
}

async function keepOwners(git: Git, path: string, owner: string): Promise<string[]> {
  if ((await readFileAt(git, owner, path)) === undefined) return [];
  await git.run("checkout", "--quiet", owner, "--", path);
  return [`${path}: the whole file (both changed it)`];
}

/** npm computes the lock file anew from the merged package.json, so one side's state is enough to start from. */
async function takeLock(git: Git, { owner, tip }: Update): Promise<void> {
  if ((await readFileAt(git, tip, LOCK)) === undefined) return;
  const isRemoved = (await readFileAt(git, owner, LOCK)) === undefined;
  await (isRemoved ? git.run("rm", "--quiet", "--force", "--", LOCK) : git.run("checkout", "--quiet", tip, "--", LOCK));
}

export async function findConflicts(git: Git): Promise<string[]> {
  const unmerged = await list(git, "ls-files", "--unmerged", "-z");
  return [...new Set(unmerged.map((entry) => entry.slice(entry.indexOf("\t") + 1)))];
}
