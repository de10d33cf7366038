import { type Git, readList } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, indent, plural, printable, quoted } from "../terminal/text.ts";
import { describeChange, readSideChanges } from "./conflict-sides.ts";
import type { Update } from "./find-update.ts";
import { findConflicts, LOCK } from "./merge.ts";

/** Explains conflicts when a merge stops, and checks that they are resolved before it continues. */

export async function explainConflicts(
  git: Git,
  conflicts: string[],
  update: Update,
  context: CommandContext,
): Promise<number> {
  const sides = await readSideChanges(git, update);
  const lines = await Promise.all(
    conflicts.map(async (path) => {
      const you = await describeChange(git, sides, "yours", path);
      const template = await describeChange(git, sides, "template", path);
      return `  ${printable(path)}\n    you:       ${you}\n    template:  ${template}`;
    }),
  );
  context.print(`
You have to resolve conflicts in ${plural(conflicts.length, "file")}. Everything else is merged:

${lines.join("\n")}

To continue:
  1. In each of these files, replace every part between <<<<<<< and >>>>>>> with the text that you want.
     If one side removed the file, either remove it (git rm <file>) or keep it.
  2. git add ${conflicts.map(quoted).join(" ")}
  3. npm run update-repo -- --continue

To go back to the state before the update:
  npm run update-repo -- --abort        (if npm does not work: git merge --abort)`);
  return 1;
}

export async function requireConflictsResolved(git: Git): Promise<void> {
  const unresolved = await findConflicts(git);
  if (unresolved.length > 0) {
    throw new CommandError(
      `These conflicts are not resolved yet:\n\n${bullets(unresolved)}\n`,
      `When you have resolved them: git add ${unresolved.map(quoted).join(" ")}`,
    );
  }
  const marked = await findMarkers(git);
  if (marked.length > 0) {
    const places = indent(marked.join("\n"));
    throw new CommandError(
      `There are still conflict markers:\n\n${places}\n`,
      "Remove them, and run git add for the file again.",
    );
  }
  // An earlier attempt may have changed the lock file.
  const changed = (await readList(git, "diff", "--name-only", "-z")).filter((path) => path !== LOCK);
  if (changed.length === 0) return;
  throw new CommandError(
    `These files are changed, but not added:\n\n${bullets(changed)}\n`,
    `Add them: git add ${changed.map(quoted).join(" ")}`,
  );
}

/** `=======` can also underline a heading, so only markers with a name count. */
async function findMarkers(git: Git): Promise<string[]> {
  const { stdout: checked } = await git.attempt(["diff", "--cached", "--check", "HEAD"]);
  const places = [...checked.matchAll(/^(.+:\d+): leftover conflict marker/gm)].map(([, place = ""]) => place);
  if (places.length === 0) return [];

  const { stdout: named } = await git.attempt(["grep", "--cached", "--line-number", "-E", "^(<<<<<<<|>>>>>>>) "]);
  return places.filter((place) => `\n${named}`.includes(`\n${place}:`));
}
