import { type Git, readList, readOutput } from "./git.ts";

/** What a copy's own commits tell about its earlier updates. */

/** Names the merged commit of the template in a commit message, which survives squashing and new clones. */
export const TRAILER = "Template-Commit";
/** Names an earlier update whose changes the owner has undone and does not want back. */
export const LEFT_OUT_TRAILER = "Template-Left-Out";

/** A commit that is not in the template's history. */
export interface OwnCommit {
  hash: string;
  tree: string;
  parents: string[];
  message: string;
}

interface PastUpdate extends OwnCommit {
  /** The commit of the template that it brought. */
  template: string;
}

/** An update whose changes are no longer in the copy's files. */
export interface UndoneUpdate {
  update: PastUpdate;
  /** The commit that took the changes back. */
  revert: string;
}

export interface OwnHistory {
  /** The newest first. */
  commits: OwnCommit[];
  /**
   * The updates that were taken back, by `git revert`, by a pull request, or by hand. Their commits are still in the copy's
   * history, so a later merge takes their changes for known and leaves them out.
   */
  undone: UndoneUpdate[];
}

export async function readOwnHistory(git: Git, owner: string, tip: string): Promise<OwnHistory> {
  const commits = await readOwnCommits(git, owner, tip);
  return { commits, undone: await findUndone(git, owner, commits) };
}

async function readOwnCommits(git: Git, owner: string, tip: string): Promise<OwnCommit[]> {
  const entries = await readList(git, "log", "-z", "--topo-order", "--format=%H %T %P%n%B", owner, "--not", tip);
  return entries.map((entry) => {
    const [names = "", ...lines] = entry.split("\n");
    const [hash = "", tree = "", ...parents] = names.split(" ").filter((name) => name !== "");
    return { hash, tree, parents, message: lines.join("\n") };
  });
}

/** The last value of a trailer. A squashed pull request lists the messages of its commits, the oldest first. */
export function readTrailer(message: string, name: string): string | undefined {
  return readTrailers(message, name).at(-1);
}

function readTrailers(message: string, name: string): string[] {
  return [...message.matchAll(new RegExp(`^${name}: (.+)$`, "gm"))].map(([, value = ""]) => value.trim());
}

/** The template's commit that a message names. */
export function readTemplateCommit(message: string): string | undefined {
  return /^[0-9a-f]{40,64}$/.exec(readTrailer(message, TRAILER) ?? "")?.[0];
}

async function findUndone(git: Git, owner: string, own: OwnCommit[]): Promise<UndoneUpdate[]> {
  const leftOut = new Set(own.flatMap(({ message }) => readTrailers(message, LEFT_OUT_TRAILER)));
  const updates = pastUpdates(own).filter(({ hash }) => !leftOut.has(hash));
  const comparisons = await compareFiles(git, owner, updates);
  const undone: UndoneUpdate[] = [];
  for (const [index, update] of updates.entries()) {
    const revert = await findRevert(git, owner, own, update, comparisons[index] ?? NO_FILES);
    if (revert !== undefined) undone.push({ update, revert });
  }
  return undone;
}

function pastUpdates(own: OwnCommit[]): PastUpdate[] {
  const known = new Map(own.map((commit) => [commit.hash, commit]));
  return own.flatMap((commit) => {
    const [first = "", merged] = commit.parents;
    const changesNothing = known.get(first)?.tree === commit.tree;
    // Of a merge by hand, the second parent is in the template's history.
    const byHand = merged !== undefined && !known.has(merged) ? merged : undefined;
    const template = readTemplateCommit(commit.message) ?? byHand;
    return template === undefined || changesNothing ? [] : [{ ...commit, template }];
  });
}

/** What has become of the files that an update changed. */
interface Comparison {
  /** Those that are again as before the update, although the template has not gone back. */
  back: string[];
  /** Of these, those that the update neither added nor removed. An owner may well remove a file that it added. */
  edited: string[];
  /** Those that are as the update or the template has them. */
  kept: string[];
}

const NO_FILES: Comparison = { back: [], edited: [], kept: [] };

async function compareFiles(git: Git, owner: string, updates: PastUpdate[]): Promise<Comparison[]> {
  const [newest] = updates;
  if (newest === undefined) return [];

  const commits = [owner, newest.template, ...updates.flatMap(({ hash }) => [`${hash}^1`, hash])];
  const [now = "", template = now, ...trees] = await readTrees(git, commits);
  const pairs = updates.flatMap((_update, index): [string, string][] => {
    const [before = "", after = ""] = trees.slice(2 * index);
    return [
      [before, after],
      [before, now],
      [after, now],
      [before, template],
    ];
  });
  const [fromTemplate = new Map(), ...found] = await compareTrees(git, [[template, now], ...pairs]);
  return updates.map((_update, index) => {
    const [changed, sinceBefore, sinceAfter, byTemplate] = found.slice(4 * index);
    const paths = [...(changed?.keys() ?? [])];
    const back = paths.filter((path) => !sinceBefore?.has(path) && byTemplate?.has(path));
    const kept = paths.filter((path) => sinceBefore?.has(path) && !(sinceAfter?.has(path) && fromTemplate.has(path)));
    return { back, edited: back.filter((path) => changed?.get(path) === "M"), kept };
  });
}

/** @returns `undefined` for a commit that does not exist */
async function readTrees(git: Git, commits: string[]): Promise<(string | undefined)[]> {
  const input = commits.map((commit) => `${commit}^{tree}\n`).join("");
  const { stdout } = await git.attempt(["cat-file", "--batch-check=%(objectname)"], input);
  return stdout.split("\n").map((line) => /^[0-9a-f]{40,64}$/.exec(line)?.[0]);
}

async function findRevert(
  git: Git,
  owner: string,
  own: OwnCommit[],
  update: PastUpdate,
  { back, edited, kept }: Comparison,
): Promise<string | undefined> {
  const named = findNamedRevert(own, update.hash);
  if (named !== undefined && (back.length > 0 || kept.length === 0)) return named;

  // A squashed pull request may have lost git's message. Then the files tell.
  const [path] = edited;
  if (path === undefined || kept.length > 0) return undefined;
  return readOutput(git, "log", "--max-count=1", "--format=%H", `${update.hash}..${owner}`, "--", `:(literal)${path}`);
}

/** A commit whose message says that it reverts the other one, and that is not reverted itself. */
function findNamedRevert(own: OwnCommit[], hash: string): string | undefined {
  const reverts = own.filter(({ message }) => message.includes(`This reverts commit ${hash}`));
  return reverts.find((revert) => findNamedRevert(own, revert.hash) === undefined)?.hash;
}

/**
 * Compares any number of pairs of trees with one process.
 *
 * @returns the paths that differ in each pair, with git's letter for the change
 */
export async function compareTrees(git: Git, pairs: [string, string][]): Promise<Map<string, string>[]> {
  const input = pairs.map(([one, other]) => `${one} ${other}\n`).join("");
  const { stdout } = await git.attempt(["diff-tree", "--stdin", "-r", "--no-renames", "--name-status"], input);
  const found: Map<string, string>[] = [];
  for (const line of stdout.split("\n")) {
    const [kind = "", path] = line.split("\t");
    if (path !== undefined) found.at(-1)?.set(path, kind);
    else if (line !== "") found.push(new Map());
  }
  return found;
}
