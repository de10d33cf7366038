/** Copies of the template that were edited, linked and pushed: what the tests of update-repo begin with. */

import { cp } from "node:fs/promises";
import { beforeAll, expect } from "vitest";
import { initRepo } from "../../../scripts/init-repo.ts";
import { updateRepo } from "../../../scripts/update-repo.ts";
import {
  type Bench,
  type Copy,
  commitAll,
  createWorld,
  editAsOwner,
  editJson,
  editLine,
  GIT_ENVIRONMENT,
  git,
  makeCopy,
  openBench,
  RELEASES,
  type Release,
  read,
  type Template,
  type Way,
  write,
} from "../../tools/repositories.ts";

Object.assign(process.env, GIT_ENVIRONMENT);

export let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});

export interface Linked extends Copy {
  template: Template;
}

/** A copy of release 1.0.0 that was edited, linked and pushed, while the template went on. */
export async function linkedCopy(
  edit = editAsOwner,
  { way = "Use this template" as Way, now = "2.0.0" as Release } = {},
): Promise<Linked> {
  // By the source of the edit. Made once and then copied: most of the time goes into starting git.
  const existing = linked.get(`${way} ${edit}`) ?? (await linkCopy(edit, way));
  linked.set(`${way} ${edit}`, existing);
  const [directory, origin, folder] = [bench.path("copy"), bench.path("origin.git"), bench.path("template.git")];
  await cp(existing.directory, directory, { recursive: true });
  await cp(existing.origin, origin, { recursive: true });
  await cp(existing.template.directory, folder, { recursive: true });
  const configuration = (await read(directory, ".git/config")).replaceAll(existing.origin, origin);
  await write(directory, ".git/config", configuration.replaceAll(existing.template.directory, folder));
  await git(directory, "status");

  const template = bench.open(folder);
  await template.release(now);
  return { directory, origin, template };
}

const linked = new Map<string, Linked>();

async function linkCopy(edit: (directory: string) => Promise<void>, way: Way): Promise<Linked> {
  const template = await bench.template("1.0.0");
  const copy = await makeCopy(bench, template, way, RELEASES["1.0.0"]);
  await edit(copy.directory);
  await commitAll(copy.directory, "My settings");
  expect(await initRepo(["--template", template.directory], createWorld(copy.directory))).toBe(0);
  if (way !== "clone") await git(copy.directory, "push", "--quiet");
  return { ...copy, template };
}

export async function update(directory: string, args: string[] = [], changes: Parameters<typeof createWorld>[1] = {}) {
  const world = createWorld(directory, changes);
  const exitCode = await updateRepo(["--yes", ...args], world);
  return { exitCode, output: world.output(), npmCalls: world.npmCalls };
}

export const conflictsIn = async (directory: string): Promise<string[]> => {
  const names = await git(directory, "diff", "--name-only", "--diff-filter=U");
  return names.split("\n").filter((name) => name !== "");
};

/** Both sides change the same line of one file, and one side removes what the other changes. */
export async function editIntoConflict(directory: string): Promise<void> {
  await editAsOwner(directory);
  await editLine(directory, "README.md", 22, "The owner's section.");
  await editLine(directory, "docs/old-notes.md", 3, "Still needed.");
}

export function addDoctor(directory: string): Promise<void> {
  return editJson(directory, "package.json", ["scripts", "doctor"], "node doctor.ts");
}
