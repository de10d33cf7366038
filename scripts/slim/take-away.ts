import { existsSync } from "node:fs";
import { join } from "node:path";
import { MANIFEST } from "../files/project.ts";
import { type Git, readFileAt } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, plural, printable } from "../terminal/text.ts";
import { changeManifest, commitChange, filesOf, removeFiles } from "./change.ts";
import { isSlim, isTemplateOnly, slimPackage, TEMPLATE_ONLY } from "./template-only.ts";

/** `npm run init-repo -- --slim`: takes away what only the template needs. */

/** Names, in the message of this commit, the template's commit that the copy had then. */
export const SLIM_TRAILER = "Template-Only-Files-Of";

/** The first version of Node that runs TypeScript and has all that the scripts use. */
const OLDEST_NODE = 24;

interface TemplateOnlyFiles {
  /** As in the template. */
  unchanged: string[];
  /** Changed or added by the owner. */
  own: string[];
}

/** @param known the template's commit that the copy has */
export async function takeAway(
  git: Git,
  known: string,
  { yes }: { yes: boolean },
  context: CommandContext,
): Promise<void> {
  if (isSlim(await readFileAt(git, "HEAD", MANIFEST))) return context.print("\nYour copy is slim already.");

  const files = await showTemplateOnly(git, "HEAD", known, context);
  const removed = [...files.unchanged, ...(await chooseOwn(files, yes, context))];
  const message = [
    "Take away what only the template needs",
    "To bring it back: npm run init-repo -- --full",
    `${SLIM_TRAILER}: ${known}`,
  ];
  await commitChange(git, message, context, async () => {
    await removeFiles(git, removed);
    await changeManifest(git, {
      known,
      to: (text) => slimPackage(text, TEMPLATE_ONLY, { keepNode: isNodeOld(context) }),
    });
  });
  context.print(
    `Your copy is slim now, with ${plural(removed.length, "file")} fewer. Updates keep it so.\n` +
      "To remove the packages that are no longer needed: npm install\n" +
      "To bring everything back: npm run init-repo -- --full",
  );
  const rest = TEMPLATE_ONLY.files.filter((path) => existsSync(join(git.directory, path)));
  if (rest.length > 0) context.print(`What is left there is yours, or was never in git: ${rest.join(", ")}`);
}

/** Shows what would be taken away. It reads commits only, so any repository that has both of them will do. */
export async function showTemplateOnly(
  git: Git,
  owner: string,
  known: string,
  { print }: Pick<CommandContext, "print">,
): Promise<TemplateOnlyFiles> {
  const theirs = await filesOf(git, known);
  const files = [...(await filesOf(git, owner))].filter(([path]) => isTemplateOnly(path, TEMPLATE_ONLY));
  const unchanged = files.filter(([path, content]) => theirs.get(path) === content).map(([path]) => path);
  const own = files.map(([path]) => path).filter((path) => !unchanged.includes(path));
  print(`\n${describeCount(unchanged.length)}`);
  if (own.length > 0)
    print(`These are there as well, but you have changed or added them:\n\n${bullets(own.map(printable))}\n`);
  return { unchanged, own };
}

function describeCount(count: number): string {
  return `${plural(count, "file")} of your copy are only for the template: tests, measurements and tools.`;
}

/** The owner's files that go, too. Without an answer, they stay. */
async function chooseOwn({ own }: TemplateOnlyFiles, yes: boolean, context: CommandContext): Promise<string[]> {
  if (own.length === 0) return [];
  const question = "Take your own files away, too? They stay in the history of your repository.";
  if (!yes && (await context.confirm(question))) return own;
  context.print("Your own files stay.");
  return [];
}

/** npm says which Node it runs on. The package "node", which this script may run on, is about to go. */
function isNodeOld({ env }: CommandContext): boolean {
  const version = / node\/v(\d+)/.exec(env.npm_config_user_agent ?? "")?.[1] ?? process.versions.node.split(".")[0];
  return Number(version) < OLDEST_NODE;
}

/** What init-repo says about it to the owner of a whole copy. */
export async function offerSlim(git: Git, { print }: CommandContext): Promise<void> {
  if (isSlim(await readFileAt(git, "HEAD", MANIFEST))) return;
  const count = [...(await filesOf(git, "HEAD")).keys()].filter((path) => isTemplateOnly(path, TEMPLATE_ONLY)).length;
  if (count === 0) return;
  print(
    `\n${describeCount(count)}\n` +
      "To take them away, and the packages that only they need: npm run init-repo -- --slim\n",
  );
}

/** @throws {CommandError} for both options at once */
export function requireOneSize({ slim, full }: { slim: boolean; full: boolean }): void {
  if (slim && full) throw new CommandError("--slim and --full are opposites.", "Use one of them.");
}
