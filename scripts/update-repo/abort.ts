import { type Git, isMerging, readList, readOutput, succeeds } from "../git/git.ts";
import { type CommandContext, succeedWith } from "../git/repository-command.ts";
import { requireNoUncommittedChanges } from "../git/repository-guards.ts";
import { CommandError } from "../terminal/command-error.ts";
import { LOCK } from "./merge.ts";

/** Undoes an update that stopped at a conflict, failed, or has not been pushed yet. */

/** The branch's commit before the update that is in progress or has not been pushed yet. */
const START_REF = "refs/update-repo/before";

export async function recordStart(git: Git, commit: string): Promise<void> {
  await git.run("update-ref", START_REF, commit);
}

/** After a push, the update can no longer be undone. */
export async function forgetStart(git: Git): Promise<void> {
  await git.run("update-ref", "-d", START_REF);
}

/** Whether the merge in progress was started by update-repo. */
export async function isPaused(git: Git): Promise<boolean> {
  return (await isMerging(git)) && (await findStart(git)) === (await git.run("rev-parse", "HEAD"));
}

function findStart(git: Git): Promise<string | undefined> {
  return readOutput(git, "rev-parse", "--verify", "--quiet", START_REF);
}

export async function abort(git: Git, context: CommandContext): Promise<number> {
  if (await isPaused(git)) {
    await undoMerge(git);
    return succeedWith(context, "The update was undone.");
  }

  const start = await findStart(git);
  const [firstParent, secondParent] = (await git.run("log", "--max-count=1", "--format=%P", "HEAD")).split(" ");
  if (start === undefined || start !== firstParent || secondParent === undefined) {
    throw new CommandError("There is no update to undo.", "To see what was done last: git log");
  }
  return undoCommittedUpdate(git, start, context);
}

/** Undoes an update that is committed but not pushed. */
async function undoCommittedUpdate(git: Git, start: string, context: CommandContext): Promise<number> {
  if ((await readOutput(git, "branch", "--remotes", "--contains", "HEAD")) !== undefined) {
    throw new CommandError(
      "The update has already been pushed.",
      "To undo it with a new commit: git revert --mainline 1 HEAD\n" +
        "The next update then stops, and says how to bring its changes back.",
    );
  }
  await requireNoUncommittedChanges(git);
  const lockChanged = !(await succeeds(git, "diff", "--quiet", start, "HEAD", "--", LOCK));
  await git.run("reset", "--quiet", "--keep", start);
  await forgetStart(git);
  return succeedWith(context, `The update was undone.${lockChanged ? "\nNext: npm install" : ""}`);
}

/** Restores the commit, the index and the files from before the merge. */
export async function undoMerge(git: Git): Promise<void> {
  if (await isMerging(git)) {
    // git does not abort if files were edited after the merge wrote them. Adding these makes them part of the merge.
    const merged = new Set(await readList(git, "diff", "--cached", "--name-only", "--no-renames", "-z", "HEAD"));
    const edited = (await readList(git, "diff", "--name-only", "-z")).filter((path) => merged.has(path));
    if (edited.length > 0) await git.run("add", "--", ...edited);
    await git.run("merge", "--abort");
  }
  await forgetStart(git);
}
