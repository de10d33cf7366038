import { type Git, readFilesAt } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import type { TemplateChanges } from "../git/template.ts";
import { bullets, indent, plural, printable } from "../terminal/text.ts";
import { SIGNERS_FILE, signersIn } from "./signature.ts";
import type { TrialMerge } from "./trial-merge.ts";

/** Shows what the update would do, before the owner confirms it. */

const SHOWN_COMMITS = 15;
const NAMED_FILES = 3;

export function showTemplateChanges({ ownerTasks, changes, commits }: TemplateChanges, context: CommandContext): void {
  if (ownerTasks.length > 0) context.print(`\nTo do before the update:\n\n${bullets(ownerTasks)}`);
  if (changes.length > 0) context.print(`\nWhat is new:\n\n${bullets(changes)}`);
  const more = commits.length > SHOWN_COMMITS ? `\n  and ${commits.length - SHOWN_COMMITS} more` : "";
  const shown = indent(commits.slice(0, SHOWN_COMMITS).join("\n"));
  context.print(`\n${plural(commits.length, "new commit")} of the template:\n\n${shown}${more}`);
}

export function showTrialMerge({ conflicts, kept, removed, needed }: TrialMerge, context: CommandContext): void {
  if (kept.length > 0)
    context.print(`\nThese values were changed by you and by the template. Yours are kept:\n\n${bullets(kept)}`);
  if (removed.length > 0) context.print(`\n${describeRemoved(removed)}`);
  if (needed.length > 0)
    context.print(`\nYou removed these files, but others of your copy need them:\n\n${bullets(needed.map(printable))}`);
  if (conflicts.length === 0) return context.print("\nThe merge has no conflicts.");
  const files = plural(conflicts.length, "file");
  context.print(`\nThe merge will stop, because you have to resolve conflicts in ${files}:\n\n${bullets(conflicts)}`);
}

function describeRemoved(removed: string[]): string {
  const named = removed.slice(0, NAMED_FILES).map(printable).join(", ");
  const more = removed.length > NAMED_FILES ? ", …" : "";
  return `What you removed stays removed: the template has changed or added ${plural(removed.length, "file")} there (${named}${more}).`;
}

/** Who may sign later releases. During the merge, HEAD is the owner's commit, and the index contains the merged files. */
export async function showSignerChanges(git: Git, context: CommandContext): Promise<void> {
  const [before, after] = (await readFilesAt(git, [`HEAD:${SIGNERS_FILE}`, `:${SIGNERS_FILE}`])).map(signersIn);
  const added = after?.filter((line) => !before?.includes(line)).map((line) => `new: ${printable(line)}`) ?? [];
  const removed = before?.filter((line) => !after?.includes(line)).map((line) => `gone: ${printable(line)}`) ?? [];
  const changes = [...added, ...removed];
  if (changes.length === 0) return;
  context.print(`\nThe update changes who may sign later releases (${SIGNERS_FILE}):\n\n${bullets(changes)}`);
}
