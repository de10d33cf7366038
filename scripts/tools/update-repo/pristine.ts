import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf, quoted, Refusal, say, type World } from "../console.ts";
import { type Git, readSettings, TEMPLATE_REMOTE } from "../git.ts";
import { requireTemplate } from "./ready.ts";

export async function layOutPristineCopy(git: Git, folder: string, world: World): Promise<number> {
  const { repository, branch } = requireTemplate(await readSettings(git));
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
