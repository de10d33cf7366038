import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { LOCK, MANIFEST } from "../files/project.ts";
import { type Git, readFileAt, readFilesAt, readList } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { requireNoUncommittedChanges } from "../git/repository-guards.ts";
import { mergeJson } from "../json/merge-json.ts";
import { CommandError, messageOf } from "../terminal/command-error.ts";
import { printable } from "../terminal/text.ts";

/** The steps that taking away and bringing back have in common. */

/** The files of a commit: by path, a text that differs if anything about the file does. */
export async function filesOf(git: Git, commit: string): Promise<Map<string, string>> {
  const lines = await readList(git, "ls-tree", "-r", "-z", commit);
  return new Map(
    lines.map((line) => {
      const [content = "", path = ""] = line.split("\t");
      return [path, content];
    }),
  );
}

/** Makes one commit of a change, or leaves everything as it was. */
export async function commitChange(
  git: Git,
  message: string[],
  context: CommandContext,
  change: () => Promise<void>,
): Promise<void> {
  await requireNoUncommittedChanges(git);
  try {
    await change();
    await updateLock(git, context);
    await git.run("commit", "--quiet", ...message.flatMap((paragraph) => ["--message", paragraph]));
  } catch (error) {
    // There was nothing uncommitted that this could lose.
    await git.run("reset", "--quiet", "--hard");
    throw new CommandError("Your copy could not be changed:", messageOf(error));
  }
}

export async function removeFiles(git: Git, paths: string[]): Promise<void> {
  await giveFiles(git, ["rm", "--quiet", "--force", "--ignore-unmatch"], paths);
}

export async function takeFiles(git: Git, commit: string, paths: string[]): Promise<void> {
  await giveFiles(git, ["checkout", "--quiet", commit], paths);
}

/** The paths go through a pipe, because a command line has a limited length. */
async function giveFiles(git: Git, command: string[], paths: string[]): Promise<void> {
  if (paths.length === 0) return;
  const flags = ["--pathspec-from-file=-", "--pathspec-file-nul"];
  const { exitCode, stderr } = await git.attempt(["--literal-pathspecs", ...command, ...flags], paths.join("\0"));
  if (exitCode !== 0) throw new Error(printable(stderr));
}

/**
 * Gives the owner's package.json the difference between two of the template's. What the owner has changed stays.
 *
 * @param from makes the first from the template's own, and `to` the second
 */
export async function changeManifest(
  git: Git,
  {
    known,
    from = (text) => text,
    to = (text) => text,
  }: { known: string; from?: (text: string) => string; to?: (text: string) => string },
): Promise<void> {
  const [theirs, ours] = await readFilesAt(git, [`${known}:${MANIFEST}`, `HEAD:${MANIFEST}`]);
  if (theirs === undefined || ours === undefined) throw new Error(`There is no ${MANIFEST}.`);
  const { text } = mergeJson({ base: from(theirs), ours, theirs: to(theirs) });
  await writeFile(join(git.directory, MANIFEST), text);
  await git.run("add", "--", MANIFEST);
}

/** npm changes the lock file to what package.json says now. Nothing is downloaded or run. */
async function updateLock(git: Git, context: CommandContext): Promise<void> {
  if ((await readFileAt(git, "HEAD", LOCK)) === undefined) return;
  const lockOnly = ["--package-lock-only", "--ignore-scripts", "--no-audit", "--no-fund"];
  if (!(await context.npm("install", ...lockOnly))) throw new Error("npm could not update package-lock.json.");
  await git.run("add", "--", LOCK);
}
