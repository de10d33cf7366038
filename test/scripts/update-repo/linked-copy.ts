/** Prepares copies of the template for the tests of update-repo: edited, linked and pushed. */

import { beforeAll, expect } from "vitest";
import { initRepo } from "../../../scripts/init-repo.ts";
import { updateRepo } from "../../../scripts/update-repo.ts";
import {
  type Bench,
  type Copy,
  commitAll,
  copyFolder,
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

/** A copy that others are made from. */
interface Made extends Copy {
  template: Pick<Template, "directory">;
}

/** A copy of release 1.0.0 that was linked, pushed and edited. The template has had newer releases since. */
export async function linkedCopy(
  edit = editAsOwner,
  { way = "Use this template" as Way, now = "2.0.0" as Release } = {},
): Promise<Linked> {
  // The key contains the source code of `edit`, which may mean something else in another file.
  const once = edit === editAsOwner ? bench.onceInRun : bench.once;
  const edited = await once(`${way} ${edit}`, async (): Promise<Made> => {
    const copy = await copyLinked(await bench.onceInRun(`linked ${way}`, (): Promise<Made> => linkCopy(way)));
    await edit(copy.directory);
    await commitAll(copy.directory, "My settings");
    return copy;
  });
  const copy = await copyLinked(edited);
  await copy.template.release(now);
  return copy;
}

/** A linked copy whose update has stopped at a conflict that the owner must resolve. */
export async function stoppedCopy(edit = editIntoConflict): Promise<Linked> {
  const stopped = await bench.once(`stopped ${edit}`, async () => {
    const copy = await linkedCopy(edit);
    expect((await update(copy.directory)).exitCode).toBe(1);
    return copy;
  });
  return copyLinked(stopped);
}

/** Resolves the conflict as an owner would. */
export async function decide(directory: string): Promise<void> {
  await write(directory, "README.md", "Decided.\n");
  await git(directory, "add", "--all");
}

export async function copyLinked(existing: Made): Promise<Linked> {
  const [directory, origin, folder] = [bench.path("copy"), bench.path("origin.git"), bench.path("template.git")];
  copyFolder(existing.directory, directory);
  copyFolder(existing.origin, origin);
  copyFolder(existing.template.directory, folder);
  const configuration = (await read(directory, ".git/config")).replaceAll(existing.origin, origin);
  await write(directory, ".git/config", configuration.replaceAll(existing.template.directory, folder));
  return { directory, origin, template: bench.open(folder) };
}

async function linkCopy(way: Way): Promise<Linked> {
  const template = await bench.template("1.0.0");
  const copy = await makeCopy(bench, template, way, RELEASES["1.0.0"]);
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

/** Causes two conflicts: both sides change the same line, and the template removes a file that the owner changes. */
export async function editIntoConflict(directory: string): Promise<void> {
  await editAsOwner(directory);
  await editLine(directory, "README.md", 22, "The owner's section.");
  await editLine(directory, "docs/old-notes.md", 3, "Still needed.");
}

export function addDoctor(directory: string): Promise<void> {
  return editJson(directory, "package.json", ["scripts", "doctor"], "node doctor.ts");
}
