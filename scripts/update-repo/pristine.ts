import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { type Git, TEMPLATE_REMOTE } from "../git/git.ts";
import { messageOf, quoted, Refusal, say, type World } from "../terminal/console.ts";
import { requireTemplate } from "./preconditions.ts";

export async function layOutPristineCopy(git: Git, folder: string, world: World): Promise<number> {
  const { repository, branch } = await requireTemplate(git);
  const target = resolve(git.directory, folder);
  if (existsSync(target)) throw new Refusal(`${target} is there already.`, "Name a folder that is not.");
  try {
    await world.copyRepository(`${repository.replace(/\.git$/, "")}#${branch}`, target);
  } catch (error) {
    throw new Refusal(
      `The template could not be copied: ${messageOf(error)}`,
      `git can do it, too: git worktree add --detach ${quoted(folder)} ${TEMPLATE_REMOTE}/${branch}`,
    );
  }
  const compare = `git diff --no-index --stat ${quoted(folder)} .`;
  return say(world, `${target} is the template as it is now. To compare: ${compare}`);
}
