import { findRepository, type Git, listRemotes, readSettings, TEMPLATE_REMOTE, withoutCredentials } from "./git/git.ts";
import { visibilityByGit } from "./git/public-repository.ts";
import { type CommandContext, runCommand, succeedWith, terminalContext } from "./git/repository-command.ts";
import { requireNoOperation, requireSecretsStayPrivate } from "./git/repository-guards.ts";
import { findTemplateAddress, openScratchRepository, requireRemoteIsFree } from "./git/template.ts";
import { undoOnFailure, withFirstCommit } from "./init-repo/first-commit.ts";
import { link, warnAboutTemplateAsOrigin } from "./init-repo/link.ts";
import { makePlan, type Plan, showPlan } from "./init-repo/plan.ts";
import { COMMON_OPTIONS, readArguments } from "./terminal/command-line.ts";
import { start } from "./terminal/start.ts";

/**
 * `npm run init-repo`: links a copy to its template. A copy made by "Use this template" or by `degit` shares no history with
 * it, so a merge would conflict in every file that the template has changed. This command joins the copy's history with the
 * template's at the commit that the copy was made from. From then on, updates are three-way merges.
 */

const HELP = `npm run init-repo [-- options]

Links this copy to its template, so that \`npm run update-repo\` can fetch updates. It changes no file. Run it once; running
it again is harmless.

  --template <url>   the template's address (or AUTH_PROVIDER_TEMPLATE, or "template" in package.json)
  --branch <name>    the template's branch (or AUTH_PROVIDER_TEMPLATE_BRANCH; default: main)
  --base <commit>    the template's commit that this copy was made from, if the one found is wrong
  --dry-run          show what would happen, and change nothing
  --yes              ask no questions
  --help             show this text`;

export function initRepo(args: string[], context: CommandContext): Promise<number> {
  return runCommand(context, async () => {
    const options = readOptions(args);
    if (options.help) return succeedWith(context, HELP);

    const repository = await findRepository(context.directory);
    if (repository !== undefined) await checkPreconditions(repository, context);
    const address = await findTemplateAddress(options, options.yes ? { ...context, ask: nobody } : context, repository);
    if (repository !== undefined) requireRemoteIsFree(await readSettings(repository), address);
    context.print(`Fetching the template ${withoutCredentials(address.repository)} (branch ${address.branch}) …`);
    const scratch = await openScratchRepository(address, repository);
    try {
      const plan = await makePlan(scratch, address, repository, options, context);
      await showPlan(plan, scratch, context);
      if (options["dry-run"]) return succeedWith(context, "\nThis was a dry run: nothing was changed.");

      const git = await withFirstCommit(repository, plan.omitted, options, context);
      await undoOnFailure(repository, git, () => link(git, scratch, plan, address));
      await warnAboutTemplateAsOrigin(git, address, context);
      return succeedWith(context, await closingMessage(plan, git));
    } finally {
      await scratch.close();
    }
  });
}

function readOptions(args: string[]) {
  return readArguments("init-repo", args, {
    ...COMMON_OPTIONS,
    template: { type: "string" },
    branch: { type: "string" },
    base: { type: "string" },
  });
}

async function checkPreconditions(git: Git, context: CommandContext): Promise<void> {
  await requireNoOperation(git);
  await requireSecretsStayPrivate(git, context);
}

async function nobody(): Promise<undefined> {}

async function closingMessage({ join, rewritten }: Plan, git: Git): Promise<string> {
  const remotes = (await listRemotes(git)).filter(({ name }) => name !== TEMPLATE_REMOTE);
  const push = remotes.length === 0 ? PUSH_FIRST : "To send this to your own repository: git push";
  const done = join === undefined ? "The new history is accepted." : "The histories are joined.";
  const lines = [
    ...(join === undefined && rewritten === undefined ? [] : [`${done} No file was changed. ${push}`]),
    `The remote "${TEMPLATE_REMOTE}" is only for fetching, so git push ${TEMPLATE_REMOTE} fails.`,
    "",
    "Next: npm run update-repo",
  ];
  return lines.join("\n");
}

/** For a folder that `degit` has made. */
const PUSH_FIRST =
  "To send this to a repository of your own, create an empty private one (on GitHub: New repository), and then:\n" +
  "  git remote add origin ADDRESS_OF_YOUR_REPOSITORY\n" +
  "  git push --set-upstream origin HEAD\n";

start(import.meta.url, () => initRepo(process.argv.slice(2), terminalContext(visibilityByGit)));
