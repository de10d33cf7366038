import { LOCK } from "../files/project.ts";
import { type Git, isAncestor, readList } from "../git/git.ts";
import { compareTrees } from "../git/past-updates.ts";
import { countDifferences, listTrees } from "../git/template.ts";
import { tryMerge } from "./trial-merge.ts";

/**
 * Finds an earlier update whose changes are in the copy's files but not in its history, because it was squashed, rebased or
 * picked, and the commit message no longer names it.
 */

interface Contained {
  /** The template's commit. */
  commit: string;
  /** Files of which nobody can tell whether they have its changes, because the owner has changed the same lines. */
  unclear: string[];
}

export interface Commits {
  /** The newest commit of the template in the copy's history. */
  known: string;
  owner: string;
  tip: string;
}

/** @param git the temporary repository, whose files this changes */
export async function findContained(git: Git, { known, owner, tip }: Commits): Promise<Contained | undefined> {
  const commit = await findCandidate(git, { known, owner, tip });
  // A rewritten history does not continue the known commit.
  if (commit === undefined || !(await isAncestor(git, known, commit))) return undefined;

  const { result, conflicts } = await tryMerge(git, { git }, { base: known, owner, tip: commit, trailers: [] });
  const changed = await readList(git, "diff", "--name-only", "--no-renames", "-z", owner, result);
  // npm has written the lock file after the earlier update.
  const isNew = changed.some((path) => path !== LOCK && !conflicts.includes(path));
  return isNew ? undefined : { commit, unclear: conflicts };
}

/** The commit that is more similar to the copy than the known one and all others, and from which the copy has a file. */
async function findCandidate(git: Git, { known, owner, tip }: Commits): Promise<string | undefined> {
  const newer = await listTrees(git, tip, known);
  const [base = "", copy = ""] = (await git.run("rev-parse", `${known}^{tree}`, `${owner}^{tree}`)).split("\n");
  const counts = await countDifferences(
    git,
    [base, ...newer.map(({ tree }) => tree)].map((tree) => [tree, copy]),
  );
  const least = Math.min(...counts);
  // The first is the known commit itself. Of several, the oldest claims the least.
  const nearest = counts[0] === least ? undefined : newer[counts.lastIndexOf(least) - 1];
  if (nearest === undefined) return undefined;

  const [byTemplate = new Map<string, string>(), left] = await compareTrees(git, [
    [base, nearest.tree],
    [nearest.tree, copy],
  ]);
  // That both lack a file says nothing: owners remove files, too.
  const taken = [...byTemplate].some(([path, kind]) => kind !== "D" && !left?.has(path));
  return taken ? nearest.commit : undefined;
}
