import { lstatSync } from "node:fs";
import { join } from "node:path";
import { ask, type Git, list } from "../git/git.ts";
import type { Workshop } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets } from "../terminal/text.ts";
import type { Update } from "./find-update.ts";
import { type MergeResult, merge } from "./merge.ts";

/** The same merge as later in the owner's repository, tried out where nothing can be lost. */
export async function rehearse({ git }: Workshop, update: Update): Promise<MergeResult> {
  await git.run("reset", "--quiet", "--hard", update.owner);
  const result = await merge(git, update);
  await git.run("add", "--all");
  return result;
}

/** git would refuse for untracked files, but overwrite ignored ones without a word. */
export async function refuseToOverwrite(repository: Git, rehearsed: Git): Promise<void> {
  const onlyAdded = ["--cached", "--name-only", "--no-renames", "--diff-filter=A", "-z"];
  const added = await list(rehearsed, "diff", ...onlyAdded, "HEAD");
  const inTheWay = await withoutTracked(
    repository,
    added.filter((path) => isInTheWay(repository.directory, path)),
  );
  if (inTheWay.length === 0) return;
  throw new CommandError(
    `The template brings files that are in your folder already, but not in your repository:\n\n${bullets(inTheWay)}\n`,
    "Move them away, or commit them if they belong to your copy.",
  );
}

/** On some disks, one file goes by several names. */
async function withoutTracked(repository: Git, paths: string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const ignoresCase = (await ask(repository, "config", "--type=bool", "core.ignorecase")) === "true";
  const fold = (path: string): string => (ignoresCase ? path.toLowerCase() : path);
  const tracked = new Set((await list(repository, "ls-files", "-z")).map(fold));
  return paths.filter((path) => !tracked.has(fold(path)));
}

/** Something is at the path, or a file is where one of its folders must be. */
function isInTheWay(directory: string, path: string): boolean {
  const parts = path.split("/");
  for (const index of parts.keys()) {
    const found = lstatSync(join(directory, ...parts.slice(0, index + 1)), { throwIfNoEntry: false });
    if (found === undefined) return false;
    if (!found.isDirectory()) return true;
  }
  return true;
}
