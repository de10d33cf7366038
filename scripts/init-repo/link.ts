import { canonicalAddress, type Git, listRemotes, readOutput, TEMPLATE_REMOTE } from "../git/git.ts";
import type { CommandContext } from "../git/repository-command.ts";
import { copyTemplateCommits, type ScratchRepository, type TemplateAddress, TRAILER } from "../git/template.ts";
import type { Plan } from "./plan.ts";

/** An address that no git can push to. */
const NO_PUSH = "no-push://the-template-is-only-fetched-from";

/** Does first what can fail, and then updates all references in one step. */
export async function link(
  git: Git,
  scratch: ScratchRepository,
  { join }: Plan,
  template: TemplateAddress,
): Promise<void> {
  const { repository, branch } = template;
  const head = await git.run("rev-parse", "HEAD");
  await copyTemplateCommits(scratch, git);
  const joined = join === undefined ? head : await commitJoin(git, head, join.commit);
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

/** Makes an `ours` merge, with the owner's files unchanged and the template's commit as second parent. */
async function commitJoin(git: Git, head: string, template: string): Promise<string> {
  const signs = (await readOutput(git, "config", "--type=bool", "commit.gpgsign")) === "true";
  const message = [
    "Join the history of the template",
    "No file changes. The copy was made from the second parent, so updates are three-way merges from now on.",
    `${TRAILER}: ${template}`,
  ];
  const paragraphs = message.flatMap((paragraph) => ["-m", paragraph]);
  const parents = ["-p", head, "-p", template];
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
