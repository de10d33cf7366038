import { findSecretFiles } from "../secrets/secret-files.ts";
import { CommandError } from "../terminal/command-error.ts";
import { bullets, printable, quoted } from "../terminal/text.ts";
import {
  ask,
  findOperation,
  type Git,
  list,
  listRemotes,
  succeeds,
  TEMPLATE_REMOTE,
  withoutCredentials,
} from "./git.ts";
import { publicAddressOf } from "./public-repository.ts";
import type { CommandContext } from "./repository-command.ts";

/** States of a repository in which init-repo and update-repo had better not begin. */

/** Refuses in states in which a commit, or a merge, would go wrong or get lost. */
export async function refuseUnlessSettled(git: Git): Promise<void> {
  const operation = await findOperation(git);
  if (operation !== undefined) {
    throw new CommandError(
      `A ${operation} is in progress.`,
      `Finish it, or give it up: git ${operation} --abort\n` +
        "An update that stopped at a conflict: npm run update-repo -- --continue, or --abort",
    );
  }
  if (!(await succeeds(git, "symbolic-ref", "--quiet", "HEAD"))) {
    throw new CommandError('No branch is checked out ("detached HEAD").', "Check one out first: git switch main");
  }
  if ((await git.run("rev-parse", "--is-shallow-repository")) === "true") {
    throw new CommandError(
      "This repository was cloned without its history (shallow).",
      "Fetch the rest first: git fetch --unshallow",
    );
  }
  await refuseWithoutIdentity(git);
}

export async function refuseWithoutIdentity(git: Git): Promise<void> {
  if (await succeeds(git, "var", "GIT_COMMITTER_IDENT")) return;
  throw new CommandError(
    "git does not know who you are, and commits carry a name.",
    'Tell it: git config --global user.name "Your Name" && git config --global user.email you@example.com',
  );
}

/** Untracked files do not count: nothing here touches them. */
export async function refuseUnlessClean(git: Git): Promise<void> {
  const changes = await git.run("status", "--porcelain", "--untracked-files=no");
  if (changes === "") return;
  throw new CommandError(
    `There are changes that are not committed:\n\n${changes}\n`,
    "Commit them first (git commit -a), or put them aside: git stash; … ; git stash pop",
  );
}

/**
 * Refuses where anybody can read `.secret.json`, or could after the next push [A10].
 *
 * @param pushRemote where this very command is about to push to, if anywhere: there, not to know is too little
 */
export async function refuseToPublishSecrets(
  git: Git,
  { visibilityOf }: CommandContext,
  pushRemote?: string,
): Promise<void> {
  const isCommitted = await isInHistory(git, ".secret.json", "HEAD", "--branches", "--tags", "--remotes");
  if (!isCommitted && (await git.run("ls-files", "--", ".secret.json")) === "") return;

  // Nothing can be pushed to the template.
  const remotes = (await listRemotes(git)).filter(({ name }) => name !== TEMPLATE_REMOTE);
  for (const { name, url } of remotes.flatMap(({ name, urls }) => urls.map((url) => ({ name, url })))) {
    const visibility = await visibilityOf(url);
    const where = `${name} (${withoutCredentials(url)})`;
    if (visibility === "unknown" && name === pushRemote) {
      throw new CommandError(
        `.secret.json is in your repository, and whether everybody can read ${where} could not be found out.`,
        `Open ${(await publicAddressOf(url)) ?? where} in a private window. If you see the repository, make it private.\n` +
          "If not: the same command with --no-push, and then: git push",
      );
    }
    if (visibility !== "public") continue;
    if (await isInHistory(git, ".secret.json", `--remotes=${name}`)) {
      throw new CommandError(
        `.secret.json is in the history of ${where}, which everybody can read.`,
        "Make that repository private now. Then replace every client secret at its service: they count as stolen.",
      );
    }
    throw new CommandError(
      `.secret.json is in your repository, and a push to ${where} would let everybody read it.`,
      "Make that repository private first, or take the file out of your history and use environment variables.",
    );
  }
}

/** Refuses to commit files that look like secrets and that neither side had: `git add --all` takes whatever lies there [A10]. */
export async function refuseToCommitSecretFiles(git: Git, { directory, env }: CommandContext): Promise<void> {
  const added = ["--cached", "--name-only", "--no-renames", "--diff-filter=A", "-z"];
  const notOurs = await list(git, "diff", ...added, "HEAD");
  const notTheirs = new Set(await list(git, "diff", ...added, "MERGE_HEAD"));
  // Where `.secret.json` may be committed is a question of its own, above.
  const paths = notOurs.filter((path) => notTheirs.has(path) && path !== ".secret.json");
  const found = await findSecretFiles(directory, env, paths);
  if (found.length === 0) return;
  throw new CommandError(
    `These files look like secrets, and would be committed with the update:\n\n${bullets(found.map(({ path, what }) => `${printable(path)}: ${what}`))}\n`,
    `Take them out again: git rm --cached ${found.map(({ path }) => quoted(path)).join(" ")}`,
  );
}

/** Leaving the template's own history aside, which holds no secret of this owner. */
async function isInHistory(git: Git, path: string, ...revisions: string[]): Promise<boolean> {
  const others = ["--not", `--remotes=${TEMPLATE_REMOTE}`];
  const found = await ask(git, "rev-list", "--max-count=1", "--full-history", ...revisions, ...others, "--", path);
  return found !== undefined;
}
