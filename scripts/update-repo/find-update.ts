import { ask, type Git, isAncestor } from "../git/git.ts";
import { findKnownCommit, findTracked, type TemplateAddress, type Workshop } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";

/** The three sides of the merge. */
export interface Update {
  /** The newest commit of the template that the copy has. */
  base: string;
  owner: string;
  tip: string;
}

/** Refuses where a merge would not be a three-way merge. */
export async function findUpdate(
  repository: Git,
  { git, tip }: Workshop,
  { branch }: TemplateAddress,
): Promise<Update> {
  const owner = await repository.run("rev-parse", "HEAD");
  const known = await findKnownCommit(git, { owner, tip, findTracked: () => findTracked(repository, branch) });
  if (known === undefined) {
    throw new CommandError(
      "Your copy and the template have no history in common.",
      "Join them first: npm run init-repo",
    );
  }
  const base = await ask(git, "merge-base", owner, tip);
  // Then it is in both histories.
  if (base === known) return { base, owner, tip };
  if (!(await isAncestor(git, known, tip))) {
    throw new CommandError(
      `The template's history was rewritten: your copy has its commit ${known.slice(0, 7)}, which is no longer there.`,
      "Ask at the template why. If all is well, this finds the same state in its new history: npm run init-repo",
    );
  }
  if (!(await isAncestor(git, known, owner))) {
    throw new CommandError(
      `An earlier update to ${known.slice(0, 7)} was squashed, so its history is lost.`,
      'Join it again: npm run init-repo (and merge pull requests with updates by "Create a merge commit")',
    );
  }
  return { base: base ?? known, owner, tip };
}
