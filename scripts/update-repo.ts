import { conclude, isStarted, Refusal, realWorld, say, type World } from "./tools/console.ts";
import { visibilityByGit } from "./tools/public-repository.ts";
import { openWorkshop, readNews } from "./tools/template.ts";
import { carryOut, goOn } from "./tools/update-repo/carry-out.ts";
import { readOptions } from "./tools/update-repo/command-line.ts";
import { findUpdate } from "./tools/update-repo/find-update.ts";
import { askAboutInstallScripts, showInstallScripts } from "./tools/update-repo/install-scripts.ts";
import { showNews, showRehearsal } from "./tools/update-repo/news.ts";
import { layOutPristineCopy } from "./tools/update-repo/pristine.ts";
import { consents } from "./tools/update-repo/push.ts";
import { openRepository, refuseUnlessReady } from "./tools/update-repo/ready.ts";
import { refuseToOverwrite, rehearse } from "./tools/update-repo/rehearsal.ts";
import { abort } from "./tools/update-repo/take-back.ts";

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

export function updateRepo(args: string[], world: World): Promise<number> {
  return conclude(world, async () => {
    const options = readOptions(args);
    if (options.help) return say(world, HELP);

    const git = await openRepository(world);
    if (options.abort) return abort(git, world);
    if (options.pristine !== undefined) return layOutPristineCopy(git, options.pristine, world);
    if (options.continue) return goOn(git, options, world);

    const route = await refuseUnlessReady(git, options, world);
    const { template, destination } = route;
    world.print(`Fetching the template (branch ${template.branch}) …`);
    const workshop = await openWorkshop(template, git);
    try {
      const update = await findUpdate(git, workshop, template);
      if (update.base === update.tip) return say(world, `Nothing new: your copy has everything of the template.`);

      showNews(await readNews(workshop.git, update), world);
      const rehearsal = await rehearse(workshop, update);
      showRehearsal(rehearsal, world);
      const changes = await showInstallScripts(workshop.git, world);
      await refuseToOverwrite(git, workshop.git);
      if (options["dry-run"]) return say(world, DRY_RUN);

      const consent = await askAboutInstallScripts(changes, options, world);
      if (!(await consents(destination, options, world)))
        throw new Refusal("Not updated.", "Start again when you like.");
      return await carryOut(git, workshop, update, route, consent, options, world);
    } finally {
      await workshop.close();
    }
  });
}

if (isStarted(import.meta.url)) {
  process.exitCode = await updateRepo(process.argv.slice(2), realWorld(visibilityByGit));
}
