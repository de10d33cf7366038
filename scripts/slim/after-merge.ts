import { MANIFEST } from "../files/project.ts";
import { type Git, readFilesAt } from "../git/git.ts";
import { filesOf, removeFiles, takeFiles } from "./change.ts";
import { isSlim, isTemplateOnly, LIST_FILE, TEMPLATE_ONLY, type TemplateOnly } from "./template-only.ts";

/** Keeps a copy slim when an update is merged. */

/** The lists of the two versions of the template. `undefined`: this copy is not slim. */
export interface Lists {
  before: TemplateOnly;
  now: TemplateOnly;
}

export async function findLists(
  git: Git,
  { base, owner, tip }: { base: string; owner: string; tip: string },
): Promise<Lists | undefined> {
  const names = [`${owner}:${MANIFEST}`, `${base}:${LIST_FILE}`, `${tip}:${LIST_FILE}`];
  const [manifest, before, now] = await readFilesAt(git, names);
  return isSlim(manifest) ? { before: readListIn(before), now: readListIn(now) } : undefined;
}

function readListIn(text: string | undefined): TemplateOnly {
  return text === undefined ? TEMPLATE_ONLY : (JSON.parse(text) as TemplateOnly);
}

/**
 * After git's merge: of the files that the owner does not have, those that only the template needs stay away, and those
 * that everybody needs now are there. git reports both as conflicts, if the template has changed or moved them.
 */
export async function keepSlim(
  git: Git,
  { base, owner, tip }: { base: string; owner: string; tip: string },
  { before, now }: Lists,
): Promise<void> {
  const [old, have, theirs] = await Promise.all([base, owner, tip].map((commit) => filesOf(git, commit)));
  const missing = (paths: Iterable<string>): string[] => [...paths].filter((path) => !have!.has(path));
  const isNew = (path: string): boolean => !old!.has(path) || isTemplateOnly(path, before);
  await removeFiles(
    git,
    missing(new Set([...old!.keys(), ...theirs!.keys()])).filter((path) => isTemplateOnly(path, now)),
  );
  await takeFiles(
    git,
    tip,
    missing(theirs!.keys()).filter((path) => !isTemplateOnly(path, now) && isNew(path)),
  );
}
