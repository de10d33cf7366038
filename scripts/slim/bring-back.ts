import { existsSync } from "node:fs";
import { join } from "node:path";
import { MANIFEST } from "../files/project.ts";
import { type Git, readFileAt, readOutput } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, plural, printable } from "../terminal/text.ts";
import { changeManifest, commitChange, filesOf, takeFiles } from "./change.ts";
import { SLIM_TRAILER } from "./take-away.ts";
import { isSlim, isTemplateOnly, slimPackage, TEMPLATE_ONLY } from "./template-only.ts";

/** `npm run init-repo -- --full`: brings back what --slim has taken away, as the template has it now. */

/** @param known the template's commit that the copy has */
export async function bringBack(git: Git, known: string, context: CommandContext): Promise<void> {
  if (!isSlim(await readFileAt(git, "HEAD", MANIFEST))) return context.print("\nYour copy is not slim.");

  const paths = await findMissing(git, "HEAD", known);
  requireNothingInTheWay(git, paths);
  await commitChange(git, ["Bring back what only the template needs"], context, async () => {
    await takeFiles(git, known, paths);
    await changeManifest(git, { known, from: (text) => slimPackage(text, TEMPLATE_ONLY) });
  });
  context.print(`${plural(paths.length, "file")} are back. To install what they need: npm install`);
}

/** The template's own files that the copy lacks, except those that the owner had deleted before. */
export async function findMissing(git: Git, owner: string, known: string): Promise<string[]> {
  const have = await filesOf(git, owner);
  const deleted = await findDeletedBefore(git, owner);
  const theirs = [...(await filesOf(git, known)).keys()].filter((path) => isTemplateOnly(path, TEMPLATE_ONLY));
  return theirs.filter((path) => !have.has(path) && !deleted.has(path));
}

/** What the owner had deleted when --slim took the rest away. */
async function findDeletedBefore(git: Git, owner: string): Promise<Set<string>> {
  const format = `--format=%H %(trailers:key=${SLIM_TRAILER},valueonly)`;
  const found = (await readOutput(git, "log", "--max-count=1", `--grep=^${SLIM_TRAILER}: `, format, owner)) ?? "";
  const [, slimmed, template] = /^([0-9a-f]{40,64}) ([0-9a-f]{40,64})$/.exec(found) ?? [];
  if (slimmed === undefined || template === undefined) return new Set();
  const before = await filesOf(git, `${slimmed}^`);
  return new Set([...(await filesOf(git, template)).keys()].filter((path) => !before.has(path)));
}

/** git would overwrite these, although no commit contains them. */
function requireNothingInTheWay({ directory }: Git, paths: string[]): void {
  const found = paths.filter((path) => existsSync(join(directory, path)));
  if (found.length === 0) return;
  throw new CommandError(
    `These files are in your folder, but not in your repository:\n\n${bullets(found.map(printable))}\n`,
    "Move them somewhere else, or commit them.",
  );
}
