import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gitIn } from "../../../scripts/git/git.ts";
import { installIfNeeded } from "../../../scripts/update-repo/packages.ts";
import { commitAll, createWorld, editJson, everyByte, git, publish, setJson, write } from "../../tools/repositories.ts";
import { addDoctor, bench, linkedCopy, update } from "./linked-copy.ts";

/** The owner uses pnpm. */
async function switchToPnpm(directory: string): Promise<void> {
  await addDoctor(directory);
  await rm(join(directory, "package-lock.json"));
  await write(directory, "pnpm-lock.yaml", "lockfileVersion: 9\n");
}

test("[A56] a copy with pnpm: npm runs nothing, and the update says what to install before the push", async () => {
  const { directory, origin } = await linkedCopy(switchToPnpm);
  const sent = await everyByte(origin);

  const { exitCode, output, npmCalls } = await update(directory);

  expect([exitCode, npmCalls]).toEqual([1, []]);
  expect(output).toContain("Your copy uses pnpm, and the update changes packages.");
  expect(output).toContain("1. pnpm install --ignore-scripts\n");
  expect(output).not.toContain("Nothing was changed");
  expect(await git(directory, "log", "-1", "--format=%s")).toBe("Update from the template");
  expect(await everyByte(origin)).toEqual(sent);
});

test.each<[locks: string[], packageManager: string | undefined, command: string | undefined]>([
  [["pnpm-lock.yaml"], undefined, "pnpm install --ignore-scripts"],
  [["pnpm-lock.yaml", "package-lock.json"], undefined, "pnpm install --ignore-scripts"],
  [["package-lock.json"], "pnpm@10.1.0", "pnpm install --ignore-scripts"],
  [["yarn.lock"], undefined, "yarn install --ignore-scripts"],
  [["yarn.lock"], "yarn@1.22.22", "yarn install --ignore-scripts"],
  [["yarn.lock"], "yarn@4.5.0+sha512.abc", "yarn install --mode=skip-build"],
  [["bun.lock"], undefined, "bun install --ignore-scripts"],
  [["bun.lockb"], undefined, "bun install --ignore-scripts"],
  [[], undefined, "npm install --ignore-scripts"],
  [["package-lock.json", "yarn.lock"], "npm@11.0.0", undefined],
])("[A56] lock files %j, packageManager %s: the owner is to run %s", async (locks, packageManager, command) => {
  const directory = bench.path("packages");
  await git(bench.directory, "init", "--quiet", directory);
  for (const lock of locks) await write(directory, lock, "{}\n");
  await write(directory, "package.json", JSON.stringify({ packageManager }));
  await commitAll(directory, "Before");
  await editJson(directory, "package.json", ["dependencies"], { jose: "^6.0.0" });
  await git(directory, "add", "--all");
  const world = createWorld(directory);

  const left = await installIfNeeded(gitIn(directory), { toAll: false, toNone: false }, world);

  expect(left?.command).toBe(command);
  expect(world.npmCalls).toEqual(command === undefined ? ["install --ignore-scripts --no-audit --no-fund"] : []);
});

test("a copy with pnpm whose packages the update leaves alone is checked and pushed at once", async () => {
  const { directory } = await linkedCopy(switchToPnpm, { now: "1.1.0" });
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
