import { join } from "node:path";
import { findRepository, type Git, gitIn, readOutput, type Settings, succeeds, TEMPLATE_REMOTE } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import {
  requireNoOperation,
  requireNoUncommittedChanges,
  requireSecretsStayPrivate,
} from "../git/repository-guards.ts";
import { type ScratchRepository, type TemplateAddress, templateRemoteOf } from "../git/template.ts";
import { CommandError } from "../terminal/command-error.ts";
import { requireNotInterrupted } from "./abort.ts";
import type { Options } from "./command-line.ts";
import { findDestination, type Route } from "./push.ts";

/** Checks that an update can start. */

/** @returns the owner's repository, and the newest commit of its branch */
export async function openRepository({ directory }: CommandContext): Promise<{ git: Git; owner: string }> {
  const git = await findRepository(directory);
  const owner = git && (await readOutput(git, "rev-parse", "--verify", "--quiet", "HEAD"));
  if (git !== undefined && owner !== undefined) return { git, owner };
  throw new CommandError("This folder is not a git repository with a commit.", "First run: npm run init-repo");
}

export async function checkPreconditions(git: Git, options: Options, context: CommandContext): Promise<Route> {
  await requireNoOperation(git);
  await requireNotInterrupted(git);
  await requireNoUncommittedChanges(git);
  return findRoute(git, options, context);
}

export async function findRoute(git: Git, options: Options, context: CommandContext): Promise<Route> {
  const settings = await git.settings();
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

/** The owner may have told git to merge signed commits only. The temporary repository does not have the owner's settings. */
export async function requireSignature(git: Git, scratch: ScratchRepository, tip: string): Promise<void> {
  if (!(await git.settings()).has("merge.verifysignatures")) return;
  if ((await readOutput(git, "config", "--type=bool", "merge.verifySignatures")) !== "true") return;

  const env = { GIT_ALTERNATE_OBJECT_DIRECTORIES: join(scratch.git.directory, ".git/objects") };
  if (await succeeds(gitIn(git.directory, { env }), "verify-commit", tip)) return;
  throw new CommandError(
    `git merges only signed commits here (merge.verifySignatures), and the template's commit ${tip.slice(0, 7)} has no signature that git can verify.`,
    "If you trust the template without a signature: git config merge.verifySignatures false",
  );
}
