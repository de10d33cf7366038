import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  commitAll,
  editJson,
  everyByte,
  git,
  publish,
  type Release,
  setJson,
  write,
} from "../../tools/repositories.ts";
import { addDoctor, type Linked, linkedCopy, update } from "./linked-copy.ts";

/** A copy with other lock files than npm's. */
async function copyWith(locks: string[], packageManager?: string, now: Release = "2.0.0"): Promise<Linked> {
  const copy = await linkedCopy(addDoctor, { now });
  const { directory } = copy;
  await rm(join(directory, "package-lock.json"));
  for (const lock of locks) await write(directory, lock, "lockfileVersion: 9\n");
  if (packageManager !== undefined) await editJson(directory, "package.json", ["packageManager"], packageManager);
  await commitAll(directory, "Another package manager");
  return copy;
}

test.each<[name: string, locks: string[], packageManager: string | undefined, command: string]>([
  ["pnpm", ["pnpm-lock.yaml"], undefined, "pnpm install --ignore-scripts"],
  ["pnpm", [], "pnpm@10.1.0", "pnpm install --ignore-scripts"],
  ["yarn", ["yarn.lock"], undefined, "yarn install --ignore-scripts"],
  ["yarn", ["yarn.lock"], "yarn@4.5.0+sha512.abc", "yarn install --mode=skip-build"],
  ["bun", ["bun.lock"], undefined, "bun install --ignore-scripts"],
  ["no package-lock.json", [], undefined, "npm install --ignore-scripts"],
])(
  "[A56] a copy with %s (%j, %s): npm runs nothing, and the update says what to install",
  async (name, locks, manager, command) => {
    const { directory, origin } = await copyWith(locks, manager);
    const sent = await everyByte(origin);

    const { exitCode, output, npmCalls } = await update(directory);

    expect([exitCode, npmCalls]).toEqual([1, []]);
    expect(output).toMatch(new RegExp(`Your copy (uses|has) ${name}, and the update changes packages`));
    expect(output).toContain(`1. ${command}\n`);
    expect(output).not.toContain("Nothing was changed");
    expect(await git(directory, "log", "-1", "--format=%s")).toBe("Update from the template");
    expect(await everyByte(origin)).toEqual(sent);
  },
);

test("a copy with pnpm whose packages the update leaves alone is checked and pushed at once", async () => {
  const { directory } = await copyWith(["pnpm-lock.yaml"], undefined, "1.1.0");
  const { exitCode, npmCalls } = await update(directory);
  expect([exitCode, npmCalls]).toEqual([0, ["run doctor"]]);
});

test("npm installs what the update changes in package.json alone", async () => {
  const { directory, template } = await linkedCopy(addDoctor, { now: "1.1.0" });
  expect((await update(directory)).exitCode).toBe(0);
  await template.release("2.0.0");
  publish(template, (files) => setJson(files, "package.json", ["devDependencies"], { zod: "^4.0.0" }));
  const { npmCalls } = await update(directory);
  expect(npmCalls).toEqual(["install --ignore-scripts --no-audit --no-fund", "run doctor"]);
});
