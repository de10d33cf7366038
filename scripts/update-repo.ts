import { visibilityByGit } from "./git/public-repository.ts";
import { type CommandContext, runCommand, succeedWith, terminalContext } from "./git/repository-command.ts";
import { openScratchRepository, readTemplateChanges } from "./git/template.ts";
import { CommandError } from "./terminal/command-error.ts";
import { isStarted } from "./terminal/command-line.ts";
import { abort } from "./update-repo/abort.ts";
import { applyUpdate, continueUpdate } from "./update-repo/apply-update.ts";
import { readOptions } from "./update-repo/command-line.ts";
import { findUpdate } from "./update-repo/find-update.ts";
import { confirmInstallScripts, showInstallScripts } from "./update-repo/install-scripts.ts";
import { checkPreconditions, openRepository, requireSignature } from "./update-repo/preconditions.ts";
import { writePristineCopy } from "./update-repo/pristine.ts";
import { confirmUpdate } from "./update-repo/push.ts";
import { showTemplateChanges, showTrialMerge } from "./update-repo/show-changes.ts";
import { requireNothingOverwritten, tryMerge } from "./update-repo/trial-merge.ts";

/**
 * `npm run update-repo`: merges what is new in the template. The merge is tried in a temporary repository first, so that its
 * outcome is known before any file of the owner changes.
 */

const HELP = `npm run update-repo [-- options]

Fetches the template, shows what is new, merges it into your copy, installs packages, runs doctor, and pushes to your own
repository.

  --dry-run            show what is new and how the merge would end, and change nothing
  --test               run the tests before pushing
  --no-push            do not push
  --yes                ask no questions, and run no install script that you have not allowed before
  --continue           continue after you have resolved a conflict
  --abort              go back to the state before the update
  --pristine <folder>  write a fresh copy of the template into a folder, for comparison
  --help               show this text`;

const DRY_RUN = "\nThis was a dry run: nothing was changed.\nNext: npm run update-repo";

export function updateRepo(args: string[], context: CommandContext): Promise<number> {
  return runCommand(context, async () => {
    const options = readOptions(args);
    if (options.help) return succeedWith(context, HELP);

    const git = await openRepository(context);
    if (options.abort) return abort(git, context);
    if (options.pristine !== undefined) return writePristineCopy(git, options.pristine, context);
    if (options.continue) return continueUpdate(git, options, context);

    const route = await checkPreconditions(git, options, context);
    const { template, destination } = route;
    context.print(`Fetching the template (branch ${template.branch}) …`);
    const scratch = await openScratchRepository(template, git);
    try {
      const update = await findUpdate(git, scratch, template);
      if (update.base === update.tip)
        return succeedWith(context, "Nothing new: your copy is up to date with the template.");

      showTemplateChanges(await readTemplateChanges(scratch.git, update), context);
      await requireSignature(git, scratch, update.tip);
      const trial = await tryMerge(git, scratch, update);
      showTrialMerge(trial, context);
      const changes = await showInstallScripts(scratch.git, context);
      await requireNothingOverwritten(git, scratch.git);
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

if (isStarted(import.meta.url)) {
  process.exitCode = await updateRepo(process.argv.slice(2), terminalContext(visibilityByGit));
}
