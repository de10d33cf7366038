import { type Git, succeeds } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { refuseToCommitSecretFiles } from "../git/repository-guards.ts";
import { deliver, type Workshop } from "../git/template.ts";
import { CommandError, messageOf } from "../terminal/command-error.ts";
import { isStopped, noteBefore, restore } from "./abort.ts";
import type { Options } from "./command-line.ts";
import { explainConflicts, refuseUnlessDecided } from "./conflicts.ts";
import type { Update } from "./find-update.ts";
import { askAboutInstallScripts, type Consent, install, showInstallScripts } from "./install-scripts.ts";
import { LOCK, merge } from "./merge.ts";
import { findRoute } from "./preconditions.ts";
import { checkAndPush, type Route } from "./push.ts";

/** The update in the owner's own repository: in one go, or after a stop at conflicts. */

export async function carryOut(
  git: Git,
  workshop: Workshop,
  update: Update,
  route: Route,
  consent: Consent,
  options: Options,
  context: CommandContext,
): Promise<number> {
  context.print("\nMerging …");
  await deliver(workshop, git);
  await noteBefore(git, update.owner);
  try {
    const { conflicts } = await merge(git, update);
    if (conflicts.length > 0) return await explainConflicts(git, conflicts, update, context);
    await installIfNeeded(git, consent, context);
    await commit(git);
  } catch (error) {
    await restore(git);
    throw new CommandError("The update could not be finished:", messageOf(error));
  }
  return checkAndPush(git, route, options, context);
}

export async function goOn(git: Git, options: Options, context: CommandContext): Promise<number> {
  if (!(await isStopped(git))) {
    throw new CommandError("No update is waiting to be continued.", "Start one: npm run update-repo");
  }
  await refuseUnlessDecided(git);
  await refuseToCommitSecretFiles(git, context);
  const route = await findRoute(git, options, context);
  const consent = await askAboutInstallScripts(await showInstallScripts(git, context), options, context);
  try {
    await installIfNeeded(git, consent, context);
    await commit(git);
  } catch (error) {
    const reason = messageOf(error);
    throw new CommandError(
      `The update still waits:\n${reason}`,
      "Then: npm run update-repo -- --continue (or --abort)",
    );
  }
  return checkAndPush(git, route, options, context);
}

async function installIfNeeded(git: Git, consent: Consent, context: CommandContext): Promise<void> {
  if (await succeeds(git, "diff", "--cached", "--quiet", "HEAD", "--", LOCK)) return;
  context.print("The lock file changed: npm install …");
  await install(git, consent, context);
}

async function commit(git: Git): Promise<void> {
  // After a conflict, git noted the files in the message as comments.
  await git.run("commit", "--quiet", "--no-edit", "--cleanup=strip");
}
