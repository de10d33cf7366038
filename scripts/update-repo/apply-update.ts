import { type Git, isMerging } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { requireNoAddedSecretFiles, requireNoUncommittedChanges } from "../git/repository-guards.ts";
import type { ScratchRepository } from "../git/template.ts";
import { CommandError, messageOf } from "../terminal/command-error.ts";
import { printableLines } from "../terminal/text.ts";
import { describeLeft, isCommitted, isPaused, recordStart, requireNotInterrupted, undoMerge } from "./abort.ts";
import type { Options } from "./command-line.ts";
import { requireNoCommittedMarkers } from "./conflict-markers.ts";
import { explainConflicts, requireConflictsResolved } from "./conflicts.ts";
import type { Update } from "./find-update.ts";
import { type Consent, confirmInstallScripts, showInstallScripts } from "./install-scripts.ts";
import { installIfNeeded, type LeftToInstall } from "./packages.ts";
import { findRoute } from "./preconditions.ts";
import { checkAndPush, type Route } from "./push.ts";
import { requireNothingOverwritten, type TrialMerge } from "./trial-merge.ts";
import { copyResult, writeResult } from "./write-result.ts";

/** Merges the update into the owner's repository, at once or after resolved conflicts. */

export async function applyUpdate(
  git: Git,
  scratch: ScratchRepository,
  { update, trial, route }: { update: Update; trial: TrialMerge; route: Route },
  consent: Consent,
  options: Options,
  context: CommandContext,
): Promise<number> {
  await requireUnchanged(git, trial, update);
  context.print("\nMerging …");
  await recordStart(git, update.owner);
  await orUndo(git, "When you have fixed that: npm run update-repo", async () => {
    await copyResult(scratch, git, trial);
    await writeResult(git, trial, update);
  });
  if (trial.conflicts.length > 0) return explainConflicts(git, trial, update, context);

  const advice = "When you have fixed that: npm run update-repo\nTo get the former packages back: npm install";
  const leftToDo = await orUndo(git, advice, () => installAndCommit(git, consent, context));
  return checkAndPush(git, route, leftToDo, options, context);
}

/** The owner may have worked in the folder while the question was open. */
async function requireUnchanged(git: Git, trial: TrialMerge, { owner }: Update): Promise<void> {
  await requireNoUncommittedChanges(git);
  await requireNothingOverwritten(git, trial);
  if ((await git.run("rev-parse", "HEAD")) === owner) return;
  throw new CommandError("Your branch has changed in the meantime.", "To start again: npm run update-repo");
}

/** Undoes everything if a step fails. */
async function orUndo<Result>(git: Git, advice: string, run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const message = `The update failed:\n${printableLines(messageOf(error))}\n`;
    const left = await undoMerge(git);
    if (left.length > 0) throw new CommandError(message, "", describeLeft(left));
    throw new CommandError(message, advice);
  }
}

export async function continueUpdate(git: Git, options: Options, context: CommandContext): Promise<number> {
  await requireUpdateInProgress(git);
  await requireConflictsResolved(git);
  await requireNoAddedSecretFiles(git, context);
  const route = await findRoute(git, options, context);
  const consent = await confirmInstallScripts(await showInstallScripts(git, context), options, context);
  const leftToDo = await orStayPaused(() => installAndCommit(git, consent, context));
  return checkAndPush(git, route, leftToDo, options, context);
}

async function orStayPaused<Result>(run: () => Promise<Result>): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    throw new CommandError(
      `The update is still in progress, because a step failed:\n${messageOf(error)}`,
      "When you have fixed that: npm run update-repo -- --continue (or --abort)",
    );
  }
}

async function requireUpdateInProgress(git: Git): Promise<void> {
  if ((await isPaused(git)) && (await isMerging(git))) return;
  await requireNotInterrupted(git);
  if (await isCommitted(git)) {
    await requireNoCommittedMarkers(git);
    throw new CommandError("The update is already committed.", "To check and publish it: npm run doctor && git push");
  }
  throw new CommandError("No update is in progress.", "To start one: npm run update-repo");
}

/** @returns what the owner has to install */
async function installAndCommit(
  git: Git,
  consent: Consent,
  context: CommandContext,
): Promise<LeftToInstall | undefined> {
  const leftToDo = await installIfNeeded(git, consent, context);
  // After a conflict, git's message lists the files as comments, which are removed.
  await git.run("commit", "--quiet", "--no-edit", "--cleanup=strip");
  return leftToDo;
}
