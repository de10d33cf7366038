import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Git, TEMPLATE_REMOTE } from "../git/git.ts";
import { type CommandContext, succeedWith } from "../git/repository-command.ts";
import { CommandError, messageOf } from "../terminal/command-error.ts";
import { quoted } from "../terminal/text.ts";
import { requireTemplate } from "./preconditions.ts";

export async function writePristineCopy(git: Git, folder: string, context: CommandContext): Promise<number> {
  const { repository, branch } = requireTemplate(await git.settings());
  const target = resolve(git.directory, folder);
  if (existsSync(target)) throw new CommandError(`${target} already exists.`, "Name a folder that does not exist.");
  try {
    await context.copyRepository(`${repository.replace(/\.git$/, "")}#${branch}`, target);
  } catch (error) {
    throw new CommandError(
      `The template could not be copied: ${messageOf(error)}`,
      `You can also use git: git worktree add --detach ${quoted(folder)} ${TEMPLATE_REMOTE}/${branch}`,
    );
  }
  const compare = `git diff --no-index --stat ${quoted(folder)} .`;
  return succeedWith(context, `${target} now contains the current template. To compare: ${compare}`);
}
