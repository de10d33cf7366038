import { existsSync } from "node:fs";
import { join } from "node:path";
import { LOCK } from "../files/project.ts";
import { type Git, readList } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, plural, printable, quoted } from "../terminal/text.ts";
import { requireNoMarkers } from "./conflict-markers.ts";
import { describeChange, readSideChanges } from "./conflict-sides.ts";
import type { Update } from "./find-update.ts";
import { findConflicts } from "./merge.ts";
import type { TrialMerge } from "./trial-merge.ts";

/** Explains conflicts when a merge stops, and checks that they are resolved before it continues. */

export async function explainConflicts(
  git: Git,
  { conflicts, unmerged }: TrialMerge,
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
${numbered([...stepsFor(conflicts, unmerged), "npm run update-repo -- --continue"])}

To go back to the state before the update:
  npm run update-repo -- --abort        (if npm does not work: git merge --abort)`);
  return 1;
}

function stepsFor(conflicts: string[], unmerged: string[]): string[] {
  const whole = conflicts.filter((path) => isInBoth(unmerged, path));
  const single = conflicts.filter((path) => !whole.includes(path));
  const combine = "In each file, replace every part between <<<<<<< and >>>>>>> with the text that you want.";
  return [
    ...(whole.length === 0 ? [] : [combine, `git add ${whole.map(quoted).join(" ")}`]),
    ...single.map(
      (path) => `To remove the file: git rm ${quoted(path)}\n     To keep it:         git add ${quoted(path)}`,
    ),
  ];
}

/** Whether both sides have the file: their entries in git's index are numbered 2 and 3. */
function isInBoth(unmerged: string[], path: string): boolean {
  return ["2", "3"].every((side) => unmerged.some((entry) => entry.endsWith(` ${side}\t${path}`)));
}

function numbered(steps: string[]): string {
  return steps.map((step, index) => `  ${index + 1}. ${step}`).join("\n");
}

export async function requireConflictsResolved(git: Git): Promise<void> {
  const unresolved = await findConflicts(git);
  if (unresolved.length > 0) {
    throw new CommandError(
      `These conflicts are not resolved yet:\n\n${bullets(unresolved)}\n`,
      `When you have resolved them: ${commandsFor(git, unresolved)}`,
    );
  }
  await requireNoMarkers(git);
  // An earlier attempt may have changed the lock file.
  const changed = (await readList(git, "diff", "--name-only", "-z")).filter((path) => path !== LOCK);
  if (changed.length === 0) return;
  throw new CommandError(
    `These files are changed, but not added:\n\n${bullets(changed)}\n`,
    `Add them: ${commandsFor(git, changed)}`,
  );
}

/** `git add` fails for a file that is gone. */
function commandsFor(git: Git, paths: string[]): string {
  const present = paths.filter((path) => existsSync(join(git.directory, path)));
  const gone = paths.filter((path) => !present.includes(path));
  const commands = [present, gone].map((each) => each.map(quoted).join(" "));
  return [commands[0] && `git add ${commands[0]}`, commands[1] && `git rm ${commands[1]}`].filter(Boolean).join("\n");
}
