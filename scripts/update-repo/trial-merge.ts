import { lstatSync } from "node:fs";
import { join } from "node:path";
import { type Git, readList, readOutput } from "../git/git.ts";
import type { ScratchRepository } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets } from "../terminal/text.ts";
import type { Update } from "./find-update.ts";
import { type MergeResult, merge } from "./merge.ts";

/** Tries the merge in the temporary repository. */
export async function tryMerge({ git }: ScratchRepository, update: Update): Promise<MergeResult> {
  await git.run("reset", "--quiet", "--hard", update.owner);
  const result = await merge(git, update);
  await git.run("add", "--all");
  return result;
}

/** git does not overwrite untracked files, but overwrites ignored ones without a message. */
export async function requireNothingOverwritten(repository: Git, merged: Git): Promise<void> {
  const onlyAdded = ["--cached", "--name-only", "--no-renames", "--diff-filter=A", "-z"];
  const added = await readList(merged, "diff", ...onlyAdded, "HEAD");
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
