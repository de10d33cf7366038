import { CommandError } from "../terminal/command-error.ts";
import { type Git, isAncestor } from "./git.ts";
import { type OwnCommit, type OwnHistory, readTrailer } from "./past-updates.ts";
import { listTrees } from "./template.ts";

/**
 * A template whose published history was replaced, so that it no longer contains the commit that a copy knows. The copy's
 * history still contains that commit, and its files remain the base of the next merge.
 */

/** Names the newest commit of the new history, in the commit by which the owner accepts it. */
export const REWRITTEN_TRAILER = "Template-Rewritten";

/** Whether the owner has accepted this new history, by `npm run init-repo`. */
export async function isAccepted(git: Git, { commits }: OwnHistory, tip: string): Promise<boolean> {
  const accepted = commits.map(readAccepted).filter((commit) => commit !== undefined);
  for (const commit of accepted) if (await isAncestor(git, commit, tip)) return true;
  return false;
}

function readAccepted({ message }: OwnCommit): string | undefined {
  return /^[0-9a-f]{40,64}$/.exec(readTrailer(message, REWRITTEN_TRAILER) ?? "")?.[0];
}

/** @throws {CommandError} if the template's files are those of a commit before the one that the copy knows */
export async function requireNotOlder(git: Git, known: string, tip: string): Promise<void> {
  const [newest, ...older] = await listTrees(git, known);
  const tree = await git.run("rev-parse", `${tip}^{tree}`);
  const isOlder = newest?.tree !== tree && older.some((each) => each.tree === tree);
  if (!isOlder) return;
  throw new CommandError(
    `The template has gone back to ${tip.slice(0, 7)}, which is older than the commit ${known.slice(0, 7)} that your copy has.`,
    "Going back would undo what was fixed since. Ask the template's maintainers why.",
  );
}

/**
 * Makes a commit with the new history's files that also continues the known history. For git, the known commit is then what
 * a copy and the template have in common.
 */
export function joinHistories(git: Git, known: string, tip: string): Promise<string> {
  const message = `Continue the template's history after it was rewritten\n\nThe files are those of ${tip}.`;
  // The temporary repository does not have the settings of the owner's.
  const author = ["-c", "user.name=update-repo", "-c", "user.email=update-repo@localhost"];
  return git.run(...author, "commit-tree", "-p", known, "-p", tip, "-m", message, `${tip}^{tree}`);
}
