import { type Git, isAncestor, readOutput } from "../git/git.ts";
import { LEFT_OUT_TRAILER, type UndoneUpdate } from "../git/past-updates.ts";
import { describeCommit } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets } from "../terminal/text.ts";
import type { Copy } from "./find-update.ts";

/** Earlier updates that the owner has undone: says so, and how to bring their changes back. */

/** The updates that the owner has undone, and whose changes a merge would leave out. */
export async function findMissing(git: Git, { owner, own }: Copy): Promise<UndoneUpdate[]> {
  const merged: UndoneUpdate[] = [];
  for (const each of own.undone) if (await isAncestor(git, each.update.template, owner)) merged.push(each);
  return merged;
}

/** How to take back the reverts, the newest first. */
export async function explainMissing(git: Git, missing: UndoneUpdate[]): Promise<{ what: string; advice: string }> {
  const lines = await Promise.all(
    missing.map(async ({ update, revert }) => {
      const [taken, undoing] = [await describeCommit(git, update.template), await describeCommit(git, revert)];
      return `the update to ${taken}, by your commit ${undoing}`;
    }),
  );
  const commands = await Promise.all([...new Set(missing.map(({ revert }) => revert))].map((each) => undo(git, each)));
  return {
    what: `Your copy has undone:\n\n${bullets(lines)}\n`,
    advice: `To bring these changes back: ${commands.join(" && ")}`,
  };
}

async function undo(git: Git, revert: string): Promise<string> {
  const isMerge = await readOutput(git, "rev-parse", "--verify", "--quiet", `${revert}^2`);
  return `git revert --no-edit ${isMerge === undefined ? "" : "--mainline 1 "}${revert.slice(0, 10)}`;
}

/** @throws {CommandError} if a merge would leave out changes that the owner has not decided about */
export async function requireNothingMissing(git: Git, missing: UndoneUpdate[], leavesOut: boolean): Promise<string[]> {
  if (missing.length === 0) return [];
  if (leavesOut) return missing.map(({ update }) => `${LEFT_OUT_TRAILER}: ${update.hash}`);
  const { what, advice } = await explainMissing(git, missing);
  throw new CommandError(
    `${what}\nNo later update would bring these changes again, and a security fix may be among them.`,
    `${advice}\nThen: npm run update-repo\nTo leave them out for ever: npm run update-repo -- --leave-out`,
  );
}
