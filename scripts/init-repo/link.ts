import { canonicalAddress, type Git, isAncestor, listRemotes, readOutput, TEMPLATE_REMOTE } from "../git/git.ts";
import { TRAILER } from "../git/past-updates.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { REWRITTEN_TRAILER } from "../git/rewritten-history.ts";
import { copyTemplateCommits, NO_PUSH, type ScratchRepository, type TemplateAddress } from "../git/template.ts";
import type { Plan } from "./plan.ts";

/** Does first what can fail, and then updates all references in one step. */
export async function link(git: Git, scratch: ScratchRepository, plan: Plan, template: TemplateAddress): Promise<void> {
  const { repository, branch } = template;
  const head = await git.run("rev-parse", "HEAD");
  await copyTemplateCommits(scratch, git);
  const joined = await commitPlan(git, head, plan, scratch.tip);
  const moves = [
    `update refs/remotes/${TEMPLATE_REMOTE}/${branch} ${scratch.tip}`,
    ...(joined === head ? [] : [`update HEAD ${joined} ${head}`]),
  ];
  const { exitCode, stderr } = await git.attempt(["update-ref", "-m", "init-repo", "--stdin"], `${moves.join("\n")}\n`);
  if (exitCode !== 0) throw new Error(stderr);

  const settings = {
    url: repository,
    pushurl: NO_PUSH,
    fetch: `+refs/heads/${branch}:refs/remotes/${TEMPLATE_REMOTE}/${branch}`,
    tagOpt: "--no-tags",
  };
  for (const [name, value] of Object.entries(settings)) {
    await git.run("config", "--replace-all", `remote.${TEMPLATE_REMOTE}.${name}`, value);
  }
}

/** Makes a commit that changes no file. @returns the given commit if there is nothing to record */
async function commitPlan(git: Git, head: string, { join, rewritten }: Plan, tip: string): Promise<string> {
  if (join !== undefined) return commitJoin(git, head, join.commit);
  if (rewritten === undefined) return head;
  return commitUnchanged(git, head, await missingParent(git, head, rewritten), [
    "Accept the rewritten history of the template",
    `No file changes. The next update is compared with ${rewritten.slice(0, 7)}, the newest commit of the old history in this copy.`,
    `${TRAILER}: ${rewritten}\n${REWRITTEN_TRAILER}: ${tip}`,
  ]);
}

/** An earlier update may have been squashed. */
async function missingParent(git: Git, head: string, commit: string): Promise<string[]> {
  return (await isAncestor(git, commit, head)) ? [] : [commit];
}

/** Makes an `ours` merge, with the owner's files unchanged and the template's commit as second parent. */
function commitJoin(git: Git, head: string, template: string): Promise<string> {
  return commitUnchanged(
    git,
    head,
    [template],
    [
      "Join the history of the template",
      "No file changes. The copy was made from the second parent, so updates are three-way merges from now on.",
      `${TRAILER}: ${template}`,
    ],
  );
}

async function commitUnchanged(git: Git, head: string, joined: string[], message: string[]): Promise<string> {
  const signs = (await readOutput(git, "config", "--type=bool", "commit.gpgsign")) === "true";
  const paragraphs = message.flatMap((paragraph) => ["-m", paragraph]);
  const parents = [head, ...joined].flatMap((parent) => ["-p", parent]);
  return git.run("commit-tree", ...(signs ? ["-S"] : []), ...parents, ...paragraphs, `${head}^{tree}`);
}

/** After a plain clone, `origin` is the template, where the owner must not push to. */
export async function warnAboutTemplateAsOrigin(
  git: Git,
  { repository }: TemplateAddress,
  context: CommandContext,
): Promise<void> {
  for (const { name, urls } of await listRemotes(git)) {
    const isTemplate = urls.some((url) => canonicalAddress(url) === canonicalAddress(repository));
    if (name === TEMPLATE_REMOTE || !isTemplate) continue;
    context.print(
      `\nThe remote "${name}" is the template itself. To push to your own repository instead:\n` +
        `  git remote set-url ${name} <address of your own repository>`,
    );
  }
}
