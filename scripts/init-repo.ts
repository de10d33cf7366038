import {
  findRepository,
  type Git,
  listRemotes,
  readOutput,
  succeeds,
  TEMPLATE_REMOTE,
  withoutCredentials,
} from "./git/git.ts";
import { readOwnHistory } from "./git/past-updates.ts";
import { visibilityByGit } from "./git/public-repository.ts";
import { type CommandContext, runCommand, succeedWith, terminalContext } from "./git/repository-command.ts";
import { requireNoOperation, requireNoUncommittedChanges, requireSecretsStayPrivate } from "./git/repository-guards.ts";
import {
  findKnownCommit,
  findTemplateAddress,
  openScratchRepository,
  requireRemoteIsFree,
  type ScratchRepository,
} from "./git/template.ts";
import { undoOnFailure, withFirstCommit } from "./init-repo/first-commit.ts";
import { link, warnAboutTemplateAsOrigin } from "./init-repo/link.ts";
import { makePlan, type Plan, showPlan } from "./init-repo/plan.ts";
import { bringBack } from "./slim/bring-back.ts";
import { offerSlim, requireOneSize, showTemplateOnly, takeAway } from "./slim/take-away.ts";
import { CommandError } from "./terminal/command-error.ts";
import { COMMON_OPTIONS, readArguments } from "./terminal/command-line.ts";
import { start } from "./terminal/start.ts";

/**
 * `npm run init-repo`: links a copy to its template. A copy made by "Use this template" or by `degit` shares no history with
 * it, so a merge would conflict in every file that the template has changed. This command joins the copy's history with the
 * template's at the commit that the copy was made from. From then on, updates are three-way merges.
 */

const HELP = `npm run init-repo [-- options]

Links this copy to its template, so that \`npm run update-repo\` can fetch updates. It changes no file, unless you ask for
that with --slim or --full. Run it once; running it again is harmless.

  --slim             take away what only the template needs (its tests, measurements and tools), in one commit
  --full             bring back what --slim has taken away
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
    requireOneSize(options);

    const repository = await findRepository(context.directory);
    if (repository !== undefined) await checkPreconditions(repository, options, context);
    const address = await findTemplateAddress(options, options.yes ? { ...context, ask: nobody } : context, repository);
    if (repository !== undefined) requireRemoteIsFree(await repository.settings(), address);
    context.print(`Fetching the template ${withoutCredentials(address.repository)} (branch ${address.branch}) …`);
    const scratch = await openScratchRepository(address, repository);
    try {
      const plan = await makePlan(scratch, address, repository, options, context);
      await showPlan(plan, scratch, context);
      if (options["dry-run"]) {
        if (options.slim) await showSlim(plan, scratch, repository, context);
        return succeedWith(context, "\nThis was a dry run: nothing was changed.");
      }

      const git = await withFirstCommit(repository, plan.omitted, options, context);
      await undoOnFailure(repository, git, () => link(git, scratch, plan, address));
      await warnAboutTemplateAsOrigin(git, address, context);
      await changeSize(git, scratch, options, context);
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
    slim: { type: "boolean", default: false },
    full: { type: "boolean", default: false },
  });
}

async function checkPreconditions(
  git: Git,
  { slim, full }: ReturnType<typeof readOptions>,
  context: CommandContext,
): Promise<void> {
  await requireNoOperation(git);
  const hasCommit = await succeeds(git, "rev-parse", "--verify", "--quiet", "HEAD");
  if ((slim || full) && hasCommit) await requireNoUncommittedChanges(git);
  await requireSecretsStayPrivate(git, context);
}

async function nobody(): Promise<undefined> {}

async function changeSize(
  git: Git,
  scratch: ScratchRepository,
  options: ReturnType<typeof readOptions>,
  context: CommandContext,
): Promise<void> {
  if (!options.slim && !options.full) return offerSlim(git, context);

  // The copy is linked, so its repository has all commits of the template that it knows.
  const known = await knownCommit(git, scratch.tip, await git.run("rev-parse", "HEAD"));
  if (known === undefined) throw new CommandError("Your copy and the template have no common history.");
  await (options.slim ? takeAway(git, known, options, context) : bringBack(git, known, context));
}

async function showSlim(
  { join }: Plan,
  { git, tip }: ScratchRepository,
  repository: Git | undefined,
  context: CommandContext,
): Promise<void> {
  const owner = repository && (await readOutput(repository, "rev-parse", "--verify", "--quiet", "HEAD"));
  const known = join?.commit ?? (owner && (await knownCommit(git, tip, owner)));
  if (known !== undefined) await showTemplateOnly(git, owner ?? known, known, context);
}

async function knownCommit(git: Git, tip: string, owner: string): Promise<string | undefined> {
  const own = await readOwnHistory(git, owner, tip);
  return await findKnownCommit(git, { owner, tip, own, findTrackedCommit: async () => tip });
}

async function closingMessage({ join, rewritten }: Plan, git: Git): Promise<string> {
  const remotes = (await listRemotes(git)).filter(({ name }) => name !== TEMPLATE_REMOTE);
  const push = remotes.length === 0 ? PUSH_FIRST : "To send this to your own repository: git push";
  const done = join === undefined ? "The new history is accepted" : "The histories are joined";
  const lines = [
    ...(join === undefined && rewritten === undefined ? [] : [`${done}, which changed no file. ${push}`]),
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
