import { type Git, list } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, indent, plural, printable, quoted } from "../terminal/text.ts";
import { describeChange, readSides } from "./conflict-sides.ts";
import type { Update } from "./find-update.ts";
import { findConflicts, LOCK } from "./merge.ts";

/** What a person has to decide: said when the merge stops, and checked before it goes on. */

export async function explainConflicts(
  git: Git,
  conflicts: string[],
  update: Update,
  context: CommandContext,
): Promise<number> {
  const sides = await readSides(git, update);
  const lines = await Promise.all(
    conflicts.map(async (path) => {
      const you = await describeChange(git, sides, "yours", path);
      const template = await describeChange(git, sides, "template", path);
      return `  ${printable(path)}\n    you:       ${you}\n    template:  ${template}`;
    }),
  );
  context.print(`
${plural(conflicts.length, "file")} must be decided by you; everything else is merged:

${lines.join("\n")}

To go on:
  1. In each of these files, make of the parts between <<<<<<< and >>>>>>> what is right.
     Where one side removed the file: let it go (git rm <file>), or keep it.
  2. git add ${conflicts.map(quoted).join(" ")}
  3. npm run update-repo -- --continue

To go back to exactly where you were:
  npm run update-repo -- --abort        (should npm not work just now: git merge --abort)`);
  return 1;
}

export async function refuseUnlessDecided(git: Git): Promise<void> {
  const undecided = await findConflicts(git);
  if (undecided.length > 0) {
    throw new CommandError(
      `Not decided yet:\n\n${bullets(undecided)}\n`,
      `When they are: git add ${undecided.map(quoted).join(" ")}`,
    );
  }
  const marked = await findMarkers(git);
  if (marked.length > 0) {
    const places = indent(marked.join("\n"));
    throw new CommandError(`Conflict markers were left:\n\n${places}\n`, "Remove them, and git add the file again.");
  }
  // npm may have written the lock file in an attempt before this one.
  const changed = (await list(git, "diff", "--name-only", "-z")).filter((path) => path !== LOCK);
  if (changed.length === 0) return;
  throw new CommandError(
    `Changed, but not added:\n\n${bullets(changed)}\n`,
    `Add them: git add ${changed.map(quoted).join(" ")}`,
  );
}

/** `=======` alone may as well underline a heading, so only the marks that carry a name count. */
async function findMarkers(git: Git): Promise<string[]> {
  const { stdout: checked } = await git.attempt(["diff", "--cached", "--check", "HEAD"]);
  const places = [...checked.matchAll(/^(.+:\d+): leftover conflict marker/gm)].map(([, place = ""]) => place);
  if (places.length === 0) return [];

  const { stdout: named } = await git.attempt(["grep", "--cached", "--line-number", "-E", "^(<<<<<<<|>>>>>>>) "]);
  return places.filter((place) => `\n${named}`.includes(`\n${place}:`));
}
