import { type Git, isAncestor, readOutput } from "../git/git.ts";
import { findKnownCommit, findTrackedCommit, type ScratchRepository, type TemplateAddress } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";

/** The three sides of the merge. */
export interface Update {
  /** The newest commit of the template that the copy has. */
  base: string;
  owner: string;
  tip: string;
}

/** @throws {CommandError} if the histories do not allow a three-way merge */
export async function findUpdate(
  repository: Git,
  { git, tip }: ScratchRepository,
  { branch }: TemplateAddress,
): Promise<Update> {
  const owner = await repository.run("rev-parse", "HEAD");
  const known = await findKnownCommit(git, {
    owner,
    tip,
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
  if (base === known) return { base, owner, tip };
  if (!(await isAncestor(git, known, tip))) {
    throw new CommandError(
      `The template's history was rewritten: it no longer contains the commit ${known.slice(0, 7)}, which your copy has.`,
      "Ask the template's maintainers why. If there is a good reason, this finds the same state in the new history: npm run init-repo",
    );
  }
  if (!(await isAncestor(git, known, owner))) {
    throw new CommandError(
      `The earlier update to ${known.slice(0, 7)} was squashed, so its history is lost.`,
      'Join the histories again: npm run init-repo (and in future, merge pull requests with updates by "Create a merge commit")',
    );
  }
  return { base: base ?? known, owner, tip };
}
