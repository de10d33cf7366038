import { findRepository, type Git, readSettings, type Settings, succeeds, TEMPLATE_REMOTE } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import {
  requireNoOperation,
  requireNoUncommittedChanges,
  requireSecretsStayPrivate,
} from "../git/repository-guards.ts";
import { type TemplateAddress, templateRemoteOf } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";
import type { Options } from "./command-line.ts";
import { findDestination, type Route } from "./push.ts";

/** Checks that an update can start. */

export async function openRepository({ directory }: CommandContext): Promise<Git> {
  const git = await findRepository(directory);
  if (git !== undefined && (await succeeds(git, "rev-parse", "--verify", "--quiet", "HEAD"))) return git;
  throw new CommandError("This folder is not a git repository with a commit.", "First run: npm run init-repo");
}

export async function checkPreconditions(git: Git, options: Options, context: CommandContext): Promise<Route> {
  await requireNoOperation(git);
  await requireNoUncommittedChanges(git);
  return findRoute(git, options, context);
}

export async function findRoute(git: Git, options: Options, context: CommandContext): Promise<Route> {
  const settings = await readSettings(git);
  const destination = await findDestination(git, settings, options);
  await requireSecretsStayPrivate(git, context, destination.upstream?.remote);
  return { template: requireTemplate(settings), destination };
}

export function requireTemplate(settings: Settings): TemplateAddress {
  const { repository, branch } = templateRemoteOf(settings) ?? {};
  if (repository !== undefined && branch !== undefined) return { repository, branch };
  throw new CommandError(
    `This clone of your repository has no remote "${TEMPLATE_REMOTE}".`,
    "Add it, once per clone and without changing a file: npm run init-repo",
  );
}
