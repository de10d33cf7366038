import { visibilityByGit } from "./git/public-repository.ts";
import { type CommandContext, runCommand, succeedWith, terminalContext } from "./git/repository-command.ts";
import { openWorkshop, readNews } from "./git/template.ts";
import { CommandError } from "./terminal/command-error.ts";
import { isStarted } from "./terminal/command-line.ts";
import { abort } from "./update-repo/abort.ts";
import { carryOut, goOn } from "./update-repo/apply-update.ts";
import { readOptions } from "./update-repo/command-line.ts";
import { findUpdate } from "./update-repo/find-update.ts";
import { askAboutInstallScripts, showInstallScripts } from "./update-repo/install-scripts.ts";
import { showNews, showRehearsal } from "./update-repo/news.ts";
import { openRepository, refuseUnlessReady } from "./update-repo/preconditions.ts";
import { layOutPristineCopy } from "./update-repo/pristine.ts";
import { consents } from "./update-repo/push.ts";
import { refuseToOverwrite, rehearse } from "./update-repo/trial-merge.ts";

/**
 * `npm run update-repo`: brings what is new in the template. The merge is tried out in a throw-away repository first,
 * so that it is known how it will end before a file of the owner is touched.
 */

const HELP = `npm run update-repo [-- options]

Fetches the template, shows what is new, merges it into your copy, installs and checks, and pushes to your own
repository.

  --dry-run            show what is new and how the merge would end, and change nothing
  --test               run the tests before pushing
  --no-push            leave the pushing to you
  --yes                ask no question, and run no program of a package that you have not allowed before
  --continue           go on after a conflict that you have resolved
  --abort              go back to exactly where you were before the update
  --pristine <folder>  put a fresh copy of the template into a folder, for comparison
  --help               show this text`;

const DRY_RUN = "\nThis was a dry run: nothing was changed.\nNext: npm run update-repo";

export function updateRepo(args: string[], context: CommandContext): Promise<number> {
  return runCommand(context, async () => {
    const options = readOptions(args);
    if (options.help) return succeedWith(context, HELP);

    const git = await openRepository(context);
    if (options.abort) return abort(git, context);
    if (options.pristine !== undefined) return layOutPristineCopy(git, options.pristine, context);
    if (options.continue) return goOn(git, options, context);

    const route = await refuseUnlessReady(git, options, context);
    const { template, destination } = route;
    context.print(`Fetching the template (branch ${template.branch}) …`);
    const workshop = await openWorkshop(template, git);
    try {
      const update = await findUpdate(git, workshop, template);
      if (update.base === update.tip)
        return succeedWith(context, `Nothing new: your copy has everything of the template.`);

      showNews(await readNews(workshop.git, update), context);
      const rehearsal = await rehearse(workshop, update);
      showRehearsal(rehearsal, context);
      const changes = await showInstallScripts(workshop.git, context);
      await refuseToOverwrite(git, workshop.git);
      if (options["dry-run"]) return succeedWith(context, DRY_RUN);

      const consent = await askAboutInstallScripts(changes, options, context);
      if (!(await consents(destination, options, context)))
        throw new CommandError("Not updated.", "Start again when you like.");
      return await carryOut(git, workshop, update, route, consent, options, context);
    } finally {
      await workshop.close();
    }
  });
}

if (isStarted(import.meta.url)) {
  process.exitCode = await updateRepo(process.argv.slice(2), terminalContext(visibilityByGit));
}
