import { existsSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { installFolder } from "../../../scripts/files/install-folder.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "auth-provider-install-"));
  await mkdir(join(folder, "inside"));
  await writeFile(join(folder, "inside/package.json"), JSON.stringify({ name: "inside", version: "1.0.0" }));
  await writeFile(join(folder, "package.json"), JSON.stringify({ dependencies: { inside: "file:inside" } }));
  await lock("1.0.0");
});

/** Writes a lock file whose only package is in the folder itself, so npm downloads nothing. */
async function lock(version: string): Promise<void> {
  const packages = {
    "": { dependencies: { inside: "file:inside" } },
    inside: { version },
    "node_modules/inside": { resolved: "inside", link: true },
  };
  await writeFile(join(folder, "package-lock.json"), JSON.stringify({ lockfileVersion: 3, requires: true, packages }));
}

test("a folder is installed once, and again when its lock file has changed", async () => {
  const onInstall = vi.fn();
  await installFolder(folder, onInstall);
  expect(existsSync(join(folder, "node_modules/inside/package.json"))).toBe(true);
  await installFolder(folder, onInstall);
  expect(onInstall).toHaveBeenCalledTimes(1);
  await lock("1.0.1");
  await installFolder(folder, onInstall);
  expect(onInstall).toHaveBeenCalledTimes(2);
});

test("an installation that fails says what to look at, and counts for nothing", async () => {
  await writeFile(join(folder, "package.json"), "no JSON");
  const onInstall = vi.fn();
  for (let time = 0; time < 2; time += 1)
    await expect(installFolder(folder, onInstall)).rejects.toThrow("Is this computer online");
  expect(onInstall).toHaveBeenCalledTimes(2);
});
