import { type Git, isAncestor, readList, readOutput } from "../git/git.ts";
import { type OwnHistory, TRAILER } from "../git/past-updates.ts";
import { isAccepted, joinHistories, requireNotOlder } from "../git/rewritten-history.ts";
import { findKnownCommit, findTrackedCommit, type ScratchRepository, type TemplateAddress } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, printable } from "../terminal/text.ts";
import type { Target } from "./target.ts";

/** The three sides of the merge. */
export interface Update {
  /** The newest commit of the template that the copy has. */
  base: string;
  owner: string;
  /** The commit to merge. */
  tip: string;
  /** What the message of the merge notes. */
  trailers: string[];
}

/** The owner's side. */
export interface Copy {
  owner: string;
  own: OwnHistory;
}

export const JOIN_AGAIN =
  'Join the histories again: npm run init-repo (and in future, merge pull requests with updates by "Create a merge commit")';
const NAMED_FILES = 40;

/** @throws {CommandError} if the histories do not allow a three-way merge */
export async function findUpdate(
  repository: Git,
  { git, tip: newest }: ScratchRepository,
  { owner, own }: Copy,
  { branch }: TemplateAddress,
  { commit: tip, trailers: more }: Target,
): Promise<Update> {
  const trailers = [`${TRAILER}: ${tip}`, ...more];
  const known = await findKnownCommit(git, {
    owner,
    tip: newest,
    own,
    findTrackedCommit: () => findTrackedCommit(repository, branch),
  });
  if (known === undefined) {
    throw new CommandError(
      "Your copy and the template have no common history.",
      "Join the histories first: npm run init-repo",
    );
  }
  const base = await readOutput(git, "merge-base", owner, tip);
  // Then it is in both histories.
  if (base === known) return { base, owner, tip, trailers };
  if (!(await isAncestor(git, known, newest))) {
    await requireNotOlder(git, known, tip);
    await requireAccepted(git, own, { known, tip, newest });
    return { base: known, owner, tip: await joinHistories(git, known, tip), trailers };
  }
  if (!(await isAncestor(git, known, owner))) {
    throw new CommandError(
      `The earlier update to ${known.slice(0, 7)} was squashed, so its history is lost.`,
      JOIN_AGAIN,
    );
  }
  return { base: base ?? known, owner, tip, trailers };
}

async function requireAccepted(
  git: Git,
  own: OwnHistory,
  { known, tip, newest }: { known: string; tip: string; newest: string },
): Promise<void> {
  if (await isAccepted(git, own, newest)) return;
  const files = await readList(git, "diff", "--name-only", "--no-renames", "-z", known, tip);
  const more = files.length > NAMED_FILES ? `\n  and ${files.length - NAMED_FILES} more` : "";
  throw new CommandError(
    `The template's history was rewritten: it no longer contains the commit ${known.slice(0, 7)}, which your copy has. ` +
      `These files differ since then:\n\n${bullets(files.slice(0, NAMED_FILES).map(printable))}${more}\n`,
    "Ask the template's maintainers why. If there is a good reason, this accepts the new history: npm run init-repo",
  );
}
