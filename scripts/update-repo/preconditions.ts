import { findRepository, type Git, succeeds, TEMPLATE_REMOTE } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { refuseToPublishSecrets, refuseUnlessClean, refuseUnlessSettled } from "../git/repository-guards.ts";
import { readTemplateRemote, type TemplateAddress } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";
import type { Options } from "./command-line.ts";
import { findPushRemote } from "./push.ts";

/** What must be the case before an update begins. */

export async function openRepository({ directory }: CommandContext): Promise<Git> {
  const git = await findRepository(directory);
  if (git !== undefined && (await succeeds(git, "rev-parse", "--verify", "--quiet", "HEAD"))) return git;
  throw new CommandError("This folder is not a git repository with a commit.", "First: npm run init-repo");
}

export async function refuseUnlessReady(git: Git, options: Options, context: CommandContext): Promise<TemplateAddress> {
  await refuseUnlessSettled(git);
  await refuseUnlessClean(git);
  await refuseToPublishSecrets(git, context, await findPushRemote(git, options));
  return requireTemplate(git);
}

export async function requireTemplate(git: Git): Promise<TemplateAddress> {
  const { repository, branch } = (await readTemplateRemote(git)) ?? {};
  if (repository !== undefined && branch !== undefined) return { repository, branch };
  throw new CommandError(
    `This clone of your repository has no remote "${TEMPLATE_REMOTE}" to update from.`,
    "Link it (once per clone, changes no file): npm run init-repo",
  );
}
