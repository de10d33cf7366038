import { lstatSync } from "node:fs";
import { copyFile, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LOCK } from "../files/project.ts";
import { type Git, gitIn, isMerging, readList, readOutput, succeeds } from "../git/git.ts";
import { type CommandContext, succeedWith } from "../git/repository-command.ts";
import { requireNoUncommittedChanges } from "../git/repository-guards.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets } from "../terminal/text.ts";
import { mergeFilesOf, RESULT_REF, START_REF } from "./write-result.ts";

/** Undoes an update that stopped at a conflict, failed, or has not been pushed yet. */

export async function recordStart(git: Git, commit: string): Promise<void> {
  await git.run("update-ref", START_REF, commit);
}

/** After a push, the update can no longer be undone. */
export async function forgetStart(git: Git): Promise<void> {
  const { exitCode, stderr } = await git.attempt(
    ["update-ref", "--stdin"],
    [RESULT_REF, START_REF].map((ref) => `delete ${ref}\n`).join(""),
  );
  if (exitCode !== 0) throw new Error(stderr);
}

/** Whether an update has begun and is not committed yet. */
export async function isPaused(git: Git): Promise<boolean> {
  const hasBegun = (await isMerging(git)) || (await findCommit(git, RESULT_REF)) !== undefined;
  return hasBegun && (await findCommit(git, START_REF)) === (await git.run("rev-parse", "HEAD"));
}

/** @throws {CommandError} if an update ended while it was writing files, as by Ctrl-C */
export async function requireNotInterrupted(git: Git): Promise<void> {
  if (!(await isPaused(git)) || (await isMerging(git))) return;
  throw new CommandError(
    "An earlier update was interrupted before all its files were written.",
    "Go back to the state before it: npm run update-repo -- --abort",
  );
}

function findCommit(git: Git, ref: string): Promise<string | undefined> {
  return readOutput(git, "rev-parse", "--verify", "--quiet", ref);
}

/** Whether the newest commit is an update that has not been pushed by this command. */
export async function isCommitted(git: Git): Promise<boolean> {
  const [firstParent, secondParent] = (await git.run("log", "--max-count=1", "--format=%P", "HEAD")).split(" ");
  return secondParent !== undefined && (await findCommit(git, START_REF)) === firstParent;
}

export async function abort(git: Git, context: CommandContext): Promise<number> {
  if (await isPaused(git)) {
    const left = await undoMerge(git);
    if (left.length > 0) throw new CommandError("The update could not be undone completely.", "", describeLeft(left));
    return succeedWith(context, "The update was undone.");
  }

  if (!(await isCommitted(git))) {
    throw new CommandError("There is no update to undo.", "To see what was done last: git log");
  }
  return undoCommittedUpdate(git, context);
}

/** Undoes an update that is committed but not pushed. */
async function undoCommittedUpdate(git: Git, context: CommandContext): Promise<number> {
  if ((await readOutput(git, "branch", "--remotes", "--contains", "HEAD")) !== undefined) {
    throw new CommandError(
      "The update has already been pushed.",
      "To undo it with a new commit: git revert --mainline 1 HEAD\n" +
        "The next update then stops, and says how to bring its changes back.",
    );
  }
  await requireNoUncommittedChanges(git);
  const lockChanged = !(await succeeds(git, "diff", "--quiet", START_REF, "HEAD", "--", LOCK));
  await git.run("reset", "--quiet", "--keep", START_REF);
  await forgetStart(git);
  return succeedWith(context, `The update was undone.${lockChanged ? "\nNext: npm install" : ""}`);
}

/**
 * Restores the files and the index from before the update, wherever it stopped. Other files stay as they are.
 *
 * @returns the files that could not be restored; the update can then be undone again
 */
export async function undoMerge(git: Git): Promise<string[]> {
  const left = await withFormerIndex(git, async (former) => restoreFiles(former, await findWritten(git)));
  if (left.length > 0) return left;

  if (!(await succeeds(git, "diff", "--cached", "--quiet", "HEAD"))) await git.run("read-tree", "--reset", "HEAD");
  await git.attempt(["update-index", "-q", "--refresh"]);
  for (const path of await mergeFilesOf(git)) await rm(path, { force: true });
  await forgetStart(git);
  return [];
}

/** Runs git with a copy of the index from before the update. The index itself says what to undo until all files are restored. */
async function withFormerIndex<Result>(git: Git, run: (former: Git) => Promise<Result>): Promise<Result> {
  const [index, copy] = [await git.path("index"), await git.path("update-repo-index")];
  const former = gitIn(git.directory, { env: { GIT_INDEX_FILE: copy } });
  try {
    await copyFile(index, copy);
    await former.run("read-tree", "--reset", "HEAD");
    return await run(former);
  } finally {
    await rm(copy, { force: true });
  }
}

/** @returns the files that could not be restored */
async function restoreFiles(former: Git, written: string[]): Promise<string[]> {
  const committed = new Set(await readList(former, "ls-files", "-z"));
  const added = written.filter((path) => !committed.has(path));
  const changed = written.filter((path) => committed.has(path));
  for (const path of added) await removeFile(former.directory, path);
  const input = changed.map((path) => `${path}\0`).join("");
  // A file that this cannot write is found below.
  await former.attempt(["checkout-index", "--force", "--index", "-z", "--stdin"], input);

  const different = new Set(await readList(former, "diff", "--name-only", "-z"));
  return [...changed.filter((path) => different.has(path)), ...added.filter((path) => isFile(former.directory, path))];
}

/** The files that the update has written or removed, or was about to. */
async function findWritten(git: Git): Promise<string[]> {
  const names = ["--name-only", "--no-renames", "-z"];
  if ((await findCommit(git, RESULT_REF)) !== undefined) return readList(git, "diff", ...names, "HEAD", RESULT_REF);
  if (!(await isMerging(git))) return [];

  const staged = new Set(await readList(git, "diff", ...names, "--cached", "HEAD"));
  // What neither side has was added by the owner meanwhile, and stays.
  const added = [...names, "--cached", "--diff-filter=A"];
  const notTheirs = new Set(await readList(git, "diff", ...added, "MERGE_HEAD"));
  const own = new Set((await readList(git, "diff", ...added, "HEAD")).filter((path) => notTheirs.has(path)));
  return [...staged].filter((path) => !own.has(path));
}

/** Removes a file that the update added, and its folders if nothing is left in them. */
async function removeFile(directory: string, path: string): Promise<void> {
  if (!isFile(directory, path)) return;
  await rm(join(directory, path), { force: true }).catch(() => {});
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    // This fails for a folder that is not empty.
    await rmdir(join(directory, folder)).catch(() => {});
  }
}

/** Whether a file is at this path, and not beyond a link to somewhere else. */
function isFile(directory: string, path: string): boolean {
  const parts = path.split("/");
  return parts.every((_part, index) => {
    const found = lstatSync(join(directory, ...parts.slice(0, index + 1)), { throwIfNoEntry: false });
    return found !== undefined && found.isDirectory() === index < parts.length - 1;
  });
}

/** What a failed update leaves behind, and how to go back. */
export function describeLeft(left: string[]): string {
  return (
    `These files could not be restored:\n\n${bullets(left)}\n\n` +
    "Free the disk or unlock these files. Then go back to the state before the update: npm run update-repo -- --abort"
  );
}
