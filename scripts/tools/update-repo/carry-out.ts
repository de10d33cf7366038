import { messageOf, Refusal, type World } from "../console.ts";
import { type Git, succeeds } from "../git.ts";
import { refuseToCommitSecretFiles } from "../repository-guards.ts";
import { deliver, type Workshop } from "../template.ts";
import type { Options } from "./command-line.ts";
import { explainConflicts, refuseUnlessDecided } from "./conflicts.ts";
import type { Update } from "./find-update.ts";
import { askAboutInstallScripts, type Consent, install, showInstallScripts } from "./install-scripts.ts";
import { LOCK, merge } from "./merge.ts";
import { checkAndPush, type Route } from "./push.ts";
import { findRoute } from "./ready.ts";
import { isStopped, noteBefore, restore } from "./take-back.ts";

/** The update in the owner's own repository: in one go, or after a stop at conflicts. */

export async function carryOut(
  git: Git,
  workshop: Workshop,
  update: Update,
  route: Route,
  consent: Consent,
  options: Options,
  world: World,
): Promise<number> {
  world.print("\nMerging …");
  await deliver(workshop, git);
  await noteBefore(git, update.owner);
  try {
    const { conflicts } = await merge(git, update);
    if (conflicts.length > 0) return await explainConflicts(git, conflicts, update, world);
    await installIfNeeded(git, consent, world);
    await commit(git);
  } catch (error) {
    await restore(git);
    throw new Refusal("The update could not be finished:", messageOf(error));
  }
  return checkAndPush(git, route, options, world);
}

export async function goOn(git: Git, options: Options, world: World): Promise<number> {
  if (!(await isStopped(git))) {
    throw new Refusal("No update is waiting to be continued.", "Start one: npm run update-repo");
  }
  await refuseUnlessDecided(git);
  await refuseToCommitSecretFiles(git, world);
  const route = await findRoute(git, options, world);
  const consent = await askAboutInstallScripts(await showInstallScripts(git, world), options, world);
  try {
    await installIfNeeded(git, consent, world);
    await commit(git);
  } catch (error) {
    const reason = messageOf(error);
    throw new Refusal(`The update still waits:\n${reason}`, "Then: npm run update-repo -- --continue (or --abort)");
  }
  return checkAndPush(git, route, options, world);
}

async function installIfNeeded(git: Git, consent: Consent, world: World): Promise<void> {
  if (await succeeds(git, "diff", "--cached", "--quiet", "HEAD", "--", LOCK)) return;
  world.print("The lock file changed: npm install …");
  await install(git, consent, world);
}

async function commit(git: Git): Promise<void> {
  // After a conflict, git noted the files in the message as comments.
  await git.run("commit", "--quiet", "--no-edit", "--cleanup=strip");
}
