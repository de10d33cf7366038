import { writeFile } from "node:fs/promises";
import type { Git } from "../git/git.ts";
import type { ScratchRepository } from "../git/template.ts";
import type { Update } from "./find-update.ts";
import { ENTRIES, RESULT, type TrialMerge } from "./trial-merge.ts";

/** Gives the owner's repository the merge that was tried, so that none of its settings can change the result. */

/** The branch's commit before the update that is in progress or has not been pushed yet. */
export const START_REF = "refs/update-repo/before";
/** The merged files while they are being written. From then on, the merge in progress says what belongs to it. */
export const RESULT_REF = "refs/update-repo/result";

/** Copies the merged files, and with them the template's new commits. */
export async function copyResult(
  { git: scratch }: ScratchRepository,
  repository: Git,
  trial: TrialMerge,
): Promise<void> {
  const quietly = ["--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--no-recurse-submodules"];
  const branches = [`+${RESULT}:${RESULT_REF}`, ...(trial.unmerged.length === 0 ? [] : [ENTRIES])];
  await repository.run("fetch", ...quietly, scratch.directory, ...branches);
}

export async function writeResult(
  git: Git,
  { result, unmerged, conflicts }: TrialMerge,
  update: Update,
): Promise<void> {
  // Otherwise, git takes a file that was only touched for one with changes.
  await git.attempt(["update-index", "-q", "--refresh"]);
  await git.run("read-tree", "-m", "-u", "HEAD", result);
  if (conflicts.length > 0) {
    // git-update-index(1): a path must be removed before it gets the entries of a conflict.
    const removals = conflicts.map((path) => `0 ${"0".repeat(result.length)}\t${path}`);
    const entries = [...removals, ...unmerged].map((entry) => `${entry}\0`);
    await git.readBytes(["update-index", "-z", "--index-info"], entries.join(""));
  }
  await startMerge(git, update);
  await git.run("update-ref", "-d", RESULT_REF);
}

/** What `git merge` leaves for `git commit`. The file that declares the merge comes last, when everything else is written. */
async function startMerge(git: Git, { tip, trailers }: Update): Promise<void> {
  const [message = "", mode = "", head = ""] = await mergeFilesOf(git);
  await writeFile(message, `Update from the template\n\n${trailers.join("\n")}\n`);
  // Without this, git drops a parent that the other one contains.
  await writeFile(mode, "no-ff");
  await writeFile(head, `${tip}\n`);
}

/** The files in which git records a merge. */
export async function mergeFilesOf(git: Git): Promise<string[]> {
  const names = ["MERGE_MSG", "MERGE_MODE", "MERGE_HEAD", "AUTO_MERGE"] as const;
  return Promise.all(names.map((name) => git.path(name)));
}
