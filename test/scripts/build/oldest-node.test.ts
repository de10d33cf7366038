import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { buildChildren, buildProvider, functionEnvironment } from "../../../bench/setup/build.ts";
import { startHost } from "../../../bench/setup/host.ts";
import { isRight, STEPS, startJourney } from "../../../bench/setup/journey.ts";
import { startService } from "../../../bench/setup/service.ts";

/**
 * The tests run in the Node version that the project installs, but platforms may run the functions in older versions.
 * This test runs them in all other versions that are installed on this computer.
 */
const others = findNodes().filter((node) => versionOf(node) !== process.version);

test.skipIf(others.length === 0)(
  "every function, and a whole login, runs in the other versions of Node that are installed here",
  async () => {
    for (const node of others) {
      const [folder, service] = [await mkdtemp(join(tmpdir(), "oldest-node-")), await startService()];
      await Promise.all([buildProvider(folder, service.origin), buildChildren(join(folder, "children"))]);
      const [functions, child, env] = [
        join(folder, "dist/functions"),
        join(folder, "children/host.mjs"),
        functionEnvironment(service.origin),
      ];

      const journey = await startJourney(functions, child, env, node);
      for (const step of STEPS) {
        const host = await startHost({ child, file: join(functions, `${step}.mjs`), env, node });
        const { reply } = await host.call(await journey.callFor(step));
        expect(reply, step).toSatisfy(isRight[step]);
        await host.stop();
      }
      await journey.stop();

      const answers = { services: 200, metadata: 200, userinfo: 401, revoke: 400 };
      for (const [name, status] of Object.entries(answers)) {
        const host = await startHost({ child, file: join(functions, `${name}.mjs`), env, node });
        const method = name === "revoke" ? "POST" : "GET";
        const headers = { "content-type": "application/x-www-form-urlencoded" };
        const { reply } = await host.call({
          method,
          url: `https://auth.example/${name}/bench`,
          headers: method === "POST" ? headers : {},
        });
        expect(reply.status, name).toBe(status);
        await host.stop();
      }
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
