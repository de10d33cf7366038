import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Git, gitIn, succeeds } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { requireIdentity } from "../git/repository-guards.ts";
import type { SecretFile } from "../secrets/secret-files.ts";
import { CommandError, messageOf } from "../terminal/command-error.ts";

/** Returns the owner's repository with at least one commit. If necessary, it makes both, after asking the owner. */
export async function withFirstCommit(
  repository: Git | undefined,
  omitted: SecretFile[],
  { yes }: { yes: boolean },
  context: CommandContext,
): Promise<Git> {
  const hasCommit = repository && (await succeeds(repository, "rev-parse", "--verify", "--quiet", "HEAD"));
  if (hasCommit) return repository;

  const git = repository ?? gitIn(context.directory);
  await requireIdentity(git);
  const start = repository === undefined ? "Make this folder a git repository and put" : "Put";
  const files = omitted.length === 0 ? "all files" : "all other files";
  const question = `${start} ${files} into a first commit?`;
  if (!yes && !(await context.confirm(question))) {
    throw new CommandError("Only a repository with a commit can be linked.", "To start again: npm run init-repo");
  }

  await undoOnFailure(repository, git, async () => {
    if (repository === undefined) await git.run("-c", "init.defaultBranch=main", "init", "--quiet");
    await addAll(git, omitted);
    await git.run("commit", "--quiet", "--message", "Start from the template");
  });
  const advice =
    omitted.length === 0 ? "" : " To keep the omitted files out of later commits, list them in .gitignore.";
  context.print(`The first commit contains ${files}.${advice}`);
  return git;
}

/** Removes a repository that this command has made if a later step fails. */
export async function undoOnFailure(before: Git | undefined, git: Git, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (before === undefined) await rm(join(git.directory, ".git"), { recursive: true, force: true });
    throw new CommandError("git failed:", messageOf(error));
  }
}

export async function addAll(git: Git, omitted: SecretFile[]): Promise<void> {
  await git.run("add", "--all", "--", ".", ...omitted.map(({ path }) => `:(exclude,literal)${path}`));
  // The owner may have added such a file by hand.
  for (const { path } of omitted)
    await git.run("rm", "--cached", "--quiet", "--force", "--ignore-unmatch", "--", `:(literal)${path}`);
}
