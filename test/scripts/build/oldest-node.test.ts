import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { buildChildren, buildProvider, functionEnvironment, PROVIDER } from "../../../bench/setup/build.ts";
import { startHost } from "../../../bench/setup/host.ts";
import { logIn } from "../../../bench/setup/journey.ts";
import { startService } from "../../../bench/setup/service.ts";

/**
 * The tests run in the Node version that the project installs, but platforms may run the functions in older versions.
 * This test runs them in all other versions that are installed on this computer.
 */
const others = findNodes().filter((node) => versionOf(node) !== process.version);

/** Calls that are no part of a login, and the status of the answer. */
const OTHER_CALLS: ["GET" | "POST", path: string, status: number][] = [
  ["GET", "/services.json", 200],
  ["GET", "/.well-known/oauth-authorization-server/bench", 200],
  ["GET", "/userinfo/bench", 401],
  ["POST", "/revoke/bench", 400],
];

test.skipIf(others.length === 0)(
  "the function runs a whole login, and answers at its other paths, in the other versions of Node that are installed here",
  async () => {
    for (const node of others) {
      const [folder, service] = [await mkdtemp(join(tmpdir(), "oldest-node-")), await startService()];
      await Promise.all([buildProvider(folder, service.origin), buildChildren(join(folder, "children"))]);
      const [file, child, env] = [
        join(folder, "dist/functions/provider.mjs"),
        join(folder, "children/host.mjs"),
        functionEnvironment(service.origin),
      ];

      const host = await startHost({ child, file, env, node });
      await logIn(async (call) => (await host.call(call)).reply);
      for (const [method, path, status] of OTHER_CALLS) {
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        const { reply } = await host.call({ method, url: PROVIDER + path, headers: method === "POST" ? headers : {} });
        expect(reply.status, path).toBe(status);
      }
      await host.stop();
      await service.stop();
    }
  },
);

/** Skips node_modules folders, because npm puts the project's own Node first in PATH. */
function findNodes(): string[] {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const found = folders.map((folder) => join(folder, "node")).filter((path) => existsSync(path));
  return [...new Set(found.map((path) => realpathSync(path)))].filter(isForFunctions);
}

/** The functions support Node 20 and later (see package.json). */
function isForFunctions(node: string): boolean {
  return Number(/^v(\d+)/.exec(versionOf(node))?.[1] ?? 0) >= 20;
}

function versionOf(node: string): string {
  return spawnSync(node, ["--version"], { encoding: "utf8" }).stdout?.trim() ?? "";
}
