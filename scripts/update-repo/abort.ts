import { ask, findOperation, type Git, list, succeeds } from "../git/git.ts";
import { type CommandContext, succeedWith } from "../git/repository-command.ts";
import { refuseUnlessClean } from "../git/repository-guards.ts";
import { CommandError } from "../terminal/command-error.ts";
import { LOCK } from "./merge.ts";

/** The way back: to where the branch was before an update that stopped, failed or was not pushed yet. */

/** Where the branch was before the update that is going on, or that has not been pushed yet. */
const BEFORE = "refs/update-repo/before";

export async function noteBefore(git: Git, commit: string): Promise<void> {
  await git.run("update-ref", BEFORE, commit);
}

/** The update is pushed: there is no way back any more. */
export async function forgetBefore(git: Git): Promise<void> {
  await git.run("update-ref", "-d", BEFORE);
}

/** Whether the merge that is in progress is one of this script. */
export async function isStopped(git: Git): Promise<boolean> {
  const head = await git.run("rev-parse", "HEAD");
  return (await findOperation(git)) === "merge" && (await findBefore(git)) === head;
}

function findBefore(git: Git): Promise<string | undefined> {
  return ask(git, "rev-parse", "--verify", "--quiet", BEFORE);
}

export async function abort(git: Git, context: CommandContext): Promise<number> {
  if (await isStopped(git)) {
    await restore(git);
    return succeedWith(context, "You are where you were before the update.");
  }

  const before = await findBefore(git);
  const first = await ask(git, "rev-parse", "--verify", "--quiet", "HEAD^1");
  const isUpdate = await succeeds(git, "rev-parse", "--verify", "--quiet", "HEAD^2");
  if (before === undefined || before !== first || !isUpdate) {
    throw new CommandError("There is no update to take back.", "To look at what you did last: git log");
  }
  return takeBack(git, before, context);
}

/** Takes back an update that was committed, but not pushed. */
async function takeBack(git: Git, before: string, context: CommandContext): Promise<number> {
  if ((await ask(git, "branch", "--remotes", "--contains", "HEAD")) !== undefined) {
    throw new CommandError("The update was pushed already.", "Undo it by a new commit: git revert --mainline 1 HEAD");
  }
  await refuseUnlessClean(git);
  const lockChanged = !(await succeeds(git, "diff", "--quiet", before, "HEAD", "--", LOCK));
  await git.run("reset", "--quiet", "--keep", before);
  await forgetBefore(git);
  return succeedWith(context, `You are where you were before the update.${lockChanged ? "\nNext: npm install" : ""}`);
}

/** Back to the commit, the index and the files before the merge. */
export async function restore(git: Git): Promise<void> {
  if ((await findOperation(git)) === "merge") {
    // git keeps files that were edited after the merge wrote them, and gives up; here they are a part of the merge.
    const merged = new Set(await list(git, "diff", "--cached", "--name-only", "--no-renames", "-z", "HEAD"));
    const edited = (await list(git, "diff", "--name-only", "-z")).filter((path) => merged.has(path));
    if (edited.length > 0) await git.run("add", "--", ...edited);
    await git.run("merge", "--abort");
  }
  await forgetBefore(git);
}
