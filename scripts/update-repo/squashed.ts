import type { CommandContext } from "../git/repository-command.ts";
import type { ScratchRepository } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, printable } from "../terminal/text.ts";
import { findContained } from "./contained.ts";
import { JOIN_AGAIN, type Update } from "./find-update.ts";

/** Stops or warns if an earlier update was squashed, and no commit message names it any more. */

/** @throws {CommandError} if the copy has the changes of a newer commit, but not its history */
export async function requireNotSquashed(
  { git }: ScratchRepository,
  { base, owner, tip }: Update,
  context: CommandContext,
): Promise<void> {
  const contained = await findContained(git, { known: base, owner, tip });
  if (contained === undefined) return;
  const { commit, unclear } = contained;
  if (unclear.length === 0) {
    throw new CommandError(
      `Your files contain the update to ${commit.slice(0, 7)}, but your history does not: it was squashed, rebased or picked.`,
      JOIN_AGAIN,
    );
  }
  context.print(
    `\nYour files seem to contain the update to ${commit.slice(0, 7)} already, as if it had been squashed. ` +
      `It is unclear for these, which you changed, too:\n\n${bullets(unclear.map(printable))}\n\n` +
      `If they have its changes, cancel, and first run: npm run init-repo -- --base ${commit.slice(0, 10)}`,
  );
}
