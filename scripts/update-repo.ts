import type { Git } from "./git/git.ts";
import { readOwnHistory, type UndoneUpdate } from "./git/past-updates.ts";
import { visibilityByGit } from "./git/public-repository.ts";
import { type CommandContext, runCommand, succeedWith, terminalContext } from "./git/repository-command.ts";
import { openScratchRepository, readTemplateChanges } from "./git/template.ts";
import { CommandError } from "./terminal/command-error.ts";
import { start } from "./terminal/start.ts";
import { abort } from "./update-repo/abort.ts";
import { applyUpdate, continueUpdate } from "./update-repo/apply-update.ts";
import { readOptions } from "./update-repo/command-line.ts";
import { findUpdate } from "./update-repo/find-update.ts";
import { confirmInstallScripts, showInstallScripts } from "./update-repo/install-scripts.ts";
import { checkPreconditions, openRepository, requireSignature } from "./update-repo/preconditions.ts";
import { writePristineCopy } from "./update-repo/pristine.ts";
import { confirmUpdate, type Destination, remindToPush } from "./update-repo/push.ts";
import { showSignerChanges, showTemplateChanges, showTrialMerge } from "./update-repo/show-changes.ts";
import { requireNotSquashed } from "./update-repo/squashed.ts";
import { chooseTarget } from "./update-repo/target.ts";
import { requireNothingOverwritten, tryMerge } from "./update-repo/trial-merge.ts";
import { explainMissing, findMissing, requireNothingMissing } from "./update-repo/undone.ts";

/**
 * `npm run update-repo`: merges what is new in the template. The merge is tried in a temporary repository first, so that its
 * outcome is known before any file of the owner changes.
 */

const HELP = `npm run update-repo [-- options]

Fetches the template, shows what is new in its newest release, merges it into your copy, installs packages, runs doctor, and
pushes to your own repository.

  --dry-run            show what is new and how the merge would end, and change nothing
  --test               run npm test before pushing, which checks your provider
  --no-push            do not push
  --yes                ask no questions, and run no install script that you have not allowed before
  --edge               take the newest commit of the template's branch, which need not be a release
  --unverified         take a release even if its signature or version is not as it should be (recorded in the commit)
  --leave-out          leave out for ever what you have undone of earlier updates (recorded in the commit)
  --continue           continue after you have resolved a conflict
  --abort              go back to the state before the update
  --pristine <folder>  write a fresh copy of the template into a folder, for comparison
  --help               show this text`;

const DRY_RUN = "\nThis was a dry run: nothing was changed.\nNext: npm run update-repo";

export function updateRepo(args: string[], context: CommandContext): Promise<number> {
  return runCommand(context, async () => {
    const options = readOptions(args);
    if (options.help) return succeedWith(context, HELP);

    const { git, owner } = await openRepository(context);
    if (options.abort) return abort(git, context);
    if (options.pristine !== undefined) return writePristineCopy(git, options.pristine, context);
    if (options.continue) return continueUpdate(git, options, context);

    const route = await checkPreconditions(git, options, context);
    const { template, destination } = route;
    context.print(`Fetching the template (branch ${template.branch}) …`);
    const scratch = await openScratchRepository(template, git);
    try {
      const copy = { owner, own: await readOwnHistory(scratch.git, owner, scratch.tip) };
      const target = await chooseTarget(scratch, copy, template, options);
      const found = await findUpdate(git, scratch, copy, template, target);
      const missing = await findMissing(scratch.git, copy);
      if (found.base === found.tip) return await reportNothingNew(git, missing, destination, context);

      context.print(`\n${target.description}`);
      const leftOut = await requireNothingMissing(scratch.git, missing, options["leave-out"]);
      const update = { ...found, trailers: [...found.trailers, ...leftOut] };
      await requireNotSquashed(scratch, update, context);
      showTemplateChanges(await readTemplateChanges(scratch.git, update), context);
      await requireSignature(git, scratch, update.tip);
      const trial = await tryMerge(git, scratch, update);
      showTrialMerge(trial, context);
      const changes = await showInstallScripts(scratch.git, context);
      await showSignerChanges(scratch.git, context);
      await requireNothingOverwritten(git, trial);
      if (options["dry-run"]) return succeedWith(context, DRY_RUN);

      const consent = await confirmInstallScripts(changes, options, context);
      if (!(await confirmUpdate(destination, options, context)))
        throw new CommandError("The update was cancelled.", "To start again: npm run update-repo");
      return await applyUpdate(git, scratch, { update, trial, route }, consent, options, context);
    } finally {
      await scratch.close();
    }
  });
}

async function reportNothingNew(
  git: Git,
  missing: UndoneUpdate[],
  destination: Destination,
  context: CommandContext,
): Promise<number> {
  context.print("Nothing new: your copy is up to date with the template.");
  if (missing.length > 0) {
    const { what, advice } = await explainMissing(git, missing);
    context.print(`\n${what}\n${advice}`);
  }
  await remindToPush(git, destination, context);
  return 0;
}

start(import.meta.url, () => updateRepo(process.argv.slice(2), terminalContext(visibilityByGit)));
