import { type Git, readFilesAt } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import type { TemplateChanges } from "../git/template.ts";
import { bullets, indent, plural, printable } from "../terminal/text.ts";
import type { MergeResult } from "./merge.ts";
import { SIGNERS_FILE, signersIn } from "./signature.ts";

/** Shows what the update would do, before the owner confirms it. */

const SHOWN_COMMITS = 15;

export function showTemplateChanges({ ownerTasks, changes, commits }: TemplateChanges, context: CommandContext): void {
  if (ownerTasks.length > 0) context.print(`\nTo do before the update:\n\n${bullets(ownerTasks)}`);
  if (changes.length > 0) context.print(`\nWhat is new:\n\n${bullets(changes)}`);
  const more = commits.length > SHOWN_COMMITS ? `\n  and ${commits.length - SHOWN_COMMITS} more` : "";
  const shown = indent(commits.slice(0, SHOWN_COMMITS).join("\n"));
  context.print(`\n${plural(commits.length, "new commit")} of the template:\n\n${shown}${more}`);
}

export function showTrialMerge({ conflicts, kept }: MergeResult, context: CommandContext): void {
  if (kept.length > 0)
    context.print(`\nThese values were changed by you and by the template. Yours are kept:\n\n${bullets(kept)}`);
  if (conflicts.length === 0) return context.print("\nThe merge has no conflicts.");
  const files = plural(conflicts.length, "file");
  context.print(`\nThe merge will stop, because you have to resolve conflicts in ${files}:\n\n${bullets(conflicts)}`);
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
