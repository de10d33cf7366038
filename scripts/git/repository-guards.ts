import { findSecretFiles } from "../secrets/secret-files.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, printable, quoted } from "../terminal/text.ts";
import {
  type Git,
  listRemotes,
  readList,
  readOutput,
  readState,
  succeeds,
  TEMPLATE_REMOTE,
  withoutCredentials,
} from "./git.ts";
import { publicAddressOf } from "./public-repository.ts";
import type { CommandContext } from "./repository-command.ts";

/** States of a repository in which init-repo and update-repo must not start. */

/** @throws {CommandError} in a state in which a commit or merge would fail or get lost */
export async function requireNoOperation(git: Git): Promise<void> {
  const { operation, isShallow } = await readState(git);
  if (operation !== undefined) {
    throw new CommandError(
      `A ${operation} is in progress.`,
      `Finish it, or cancel it: git ${operation} --abort\n` +
        "If it is an update that stopped at a conflict: npm run update-repo -- --continue, or --abort",
    );
  }
  if (!(await succeeds(git, "symbolic-ref", "--quiet", "HEAD"))) {
    throw new CommandError('No branch is checked out ("detached HEAD").', "Check one out first: git switch main");
  }
  if (isShallow) {
    throw new CommandError(
      "This repository was cloned without its history (shallow).",
      "Fetch the history first: git fetch --unshallow",
    );
  }
  await requireIdentity(git);
}

export async function requireIdentity(git: Git): Promise<void> {
  if (await succeeds(git, "var", "GIT_COMMITTER_IDENT")) return;
  throw new CommandError(
    "git does not know your name and email address, which every commit contains.",
    'Set them: git config --global user.name "Your Name" && git config --global user.email you@example.com',
  );
}

/** Untracked files do not count, because the commands do not touch them. */
export async function requireNoUncommittedChanges(git: Git): Promise<void> {
  const changes = await git.run("status", "--porcelain", "--untracked-files=no");
  if (changes === "") return;
  throw new CommandError(
    `There are uncommitted changes:\n\n${changes}\n`,
    "Commit them first (git commit -a), or put them aside (git stash) and restore them later (git stash pop).",
  );
}

/**
 * @param pushRemote the remote that this command will push to, if any; it must be known to be private
 * @throws {CommandError} if anybody can read `.secret.json`, or could after the next push
 */
export async function requireSecretsStayPrivate(
  git: Git,
  { visibilityOf }: CommandContext,
  pushRemote?: string,
): Promise<void> {
  const isCommitted = await isInHistory(git, ".secret.json", "HEAD", "--branches", "--tags", "--remotes");
  if (!isCommitted && (await git.run("ls-files", "--", ".secret.json")) === "") return;

  // The template is never pushed to.
  const remotes = (await listRemotes(git)).filter(({ name }) => name !== TEMPLATE_REMOTE);
  for (const { name, url } of remotes.flatMap(({ name, urls }) => urls.map((url) => ({ name, url })))) {
    const visibility = await visibilityOf(url);
    const where = `${name} (${withoutCredentials(url)})`;
    if (visibility === "unknown" && name === pushRemote) {
      throw new CommandError(
        `.secret.json is in your repository, and it is unknown whether ${where} is public.`,
        `Open ${(await publicAddressOf(url)) ?? where} in a private window. If you see the repository, make it private.\n` +
          "If not, run the same command with --no-push, and then: git push",
      );
    }
    if (visibility !== "public") continue;
    if (await isInHistory(git, ".secret.json", `--remotes=${name}`)) {
      throw new CommandError(
        `.secret.json is in the history of ${where}, which is public.`,
        "Make that repository private now. Then replace every client secret at its service, because others may have read them.",
      );
    }
    throw new CommandError(
      `.secret.json is in your repository, and a push to ${where} would publish it.`,
      "Make that repository private first, or remove the file from your history and use environment variables.",
    );
  }
}

/**
 * `git add --all` also adds files that neither side of the merge has.
 *
 * @throws {CommandError} if one of these looks like a secret
 */
export async function requireNoAddedSecretFiles(git: Git, { directory, env }: CommandContext): Promise<void> {
  const added = ["--cached", "--name-only", "--no-renames", "--diff-filter=A", "-z"];
  const notOurs = await readList(git, "diff", ...added, "HEAD");
  const notTheirs = new Set(await readList(git, "diff", ...added, "MERGE_HEAD"));
  // `.secret.json` may be committed to a private repository, which is checked above.
  const paths = notOurs.filter((path) => notTheirs.has(path) && path !== ".secret.json");
  const found = await findSecretFiles(directory, env, paths);
  if (found.length === 0) return;
  throw new CommandError(
    `These files look like secrets, and would be committed with the update:\n\n${bullets(found.map(({ path, what }) => `${printable(path)}: ${what}`))}\n`,
    `Remove them from the commit: git rm --cached ${found.map(({ path }) => quoted(path)).join(" ")}`,
  );
}

/** Ignores the template's own history, which cannot contain the owner's secrets. */
async function isInHistory(git: Git, path: string, ...revisions: string[]): Promise<boolean> {
  const withoutTemplate = ["--not", `--remotes=${TEMPLATE_REMOTE}`];
  const found = await readOutput(
    git,
    "rev-list",
    "--max-count=1",
    "--full-history",
    ...revisions,
    ...withoutTemplate,
    "--",
    path,
  );
  return found !== undefined;
}
