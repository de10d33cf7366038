import type { CommandContext } from "../git/repository-command.ts";
import type { News } from "../git/template.ts";
import { bullets, indent, plural } from "../terminal/text.ts";
import type { MergeResult } from "./merge.ts";

/** What the owner is shown before being asked. */

const SHOWN_COMMITS = 15;

export function showNews({ duties, changes, commits }: News, context: CommandContext): void {
  if (duties.length > 0) context.print(`\nFor you to do first:\n\n${bullets(duties)}`);
  if (changes.length > 0) context.print(`\nWhat is new:\n\n${bullets(changes)}`);
  const more = commits.length > SHOWN_COMMITS ? `\n  and ${commits.length - SHOWN_COMMITS} more` : "";
  const shown = indent(commits.slice(0, SHOWN_COMMITS).join("\n"));
  context.print(`\n${plural(commits.length, "commit")} of the template:\n\n${shown}${more}`);
}

export function showRehearsal({ conflicts, kept }: MergeResult, context: CommandContext): void {
  if (kept.length > 0) context.print(`\nYour values stay where the template changed them, too:\n\n${bullets(kept)}`);
  if (conflicts.length === 0) return context.print("\nThe merge has no conflicts.");
  const files = plural(conflicts.length, "file");
  context.print(`\nThe merge will stop for you to decide in ${files}:\n\n${bullets(conflicts)}`);
}
