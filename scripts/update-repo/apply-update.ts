import { type Git, succeeds } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { requireNoAddedSecretFiles } from "../git/repository-guards.ts";
import { copyTemplateCommits, type ScratchRepository } from "../git/template.ts";
import { CommandError, messageOf } from "../terminal/command-error.ts";
import { isPaused, recordStart, undoMerge } from "./abort.ts";
import type { Options } from "./command-line.ts";
import { explainConflicts, requireConflictsResolved } from "./conflicts.ts";
import type { Update } from "./find-update.ts";
import { type Consent, confirmInstallScripts, install, showInstallScripts } from "./install-scripts.ts";
import { LOCK, merge } from "./merge.ts";
import { findRoute } from "./preconditions.ts";
import { checkAndPush, type Route } from "./push.ts";

/** Merges the update into the owner's repository, at once or after resolved conflicts. */

export async function applyUpdate(
  git: Git,
  scratch: ScratchRepository,
  update: Update,
  route: Route,
  consent: Consent,
  options: Options,
  context: CommandContext,
): Promise<number> {
  context.print("\nMerging …");
  await copyTemplateCommits(scratch, git, update.tip);
  await recordStart(git, update.owner);
  try {
    const { conflicts } = await merge(git, update);
    if (conflicts.length > 0) return await explainConflicts(git, conflicts, update, context);
    await installIfNeeded(git, consent, context);
    await commitMerge(git);
  } catch (error) {
    await undoMerge(git);
    throw new CommandError("The update failed:", messageOf(error));
  }
  return checkAndPush(git, route, options, context);
}

export async function continueUpdate(git: Git, options: Options, context: CommandContext): Promise<number> {
  if (!(await isPaused(git))) {
    throw new CommandError("No update is in progress.", "To start one: npm run update-repo");
  }
  await requireConflictsResolved(git);
  await requireNoAddedSecretFiles(git, context);
  const route = await findRoute(git, options, context);
  const consent = await confirmInstallScripts(await showInstallScripts(git, context), options, context);
  try {
    await installIfNeeded(git, consent, context);
    await commitMerge(git);
  } catch (error) {
    throw new CommandError(
      `The update is still in progress, because a step failed:\n${messageOf(error)}`,
      "When you have fixed that: npm run update-repo -- --continue (or --abort)",
    );
  }
  return checkAndPush(git, route, options, context);
}

async function installIfNeeded(git: Git, consent: Consent, context: CommandContext): Promise<void> {
  if (await succeeds(git, "diff", "--cached", "--quiet", "HEAD", "--", LOCK)) return;
  context.print("The lock file has changed. Installing packages …");
  await install(git, consent, context);
}

async function commitMerge(git: Git): Promise<void> {
  // After a conflict, git's message lists the files as comments, which are removed.
  await git.run("commit", "--quiet", "--no-edit", "--cleanup=strip");
}
