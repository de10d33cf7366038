import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { PATIENCE_MS, TEST_PATIENCE_MS } from "./test/tools/patience.ts";

/** `npm run init-repo` gives a copy this remote. There, README and docs are the owner's to cut and rewrite. */
const remotes = spawnSync("git", ["remote"], { encoding: "utf8" }).stdout ?? "";
const isCopy = remotes.split("\n").includes("template");

/** One answer for all suites to how long to wait. */
const shared = {
  testTimeout: TEST_PATIENCE_MS,
  hookTimeout: TEST_PATIENCE_MS,
  expect: { poll: { timeout: PATIENCE_MS } },
};
const slow = ["test/**/*.browser.test.ts", "test/**/*.site.test.ts"];
const foreign = ["**/node_modules/**"];

/**
 * Fast suites first. One file for each processor at a time; of the ones that need a browser one more, since they wait a lot.
 * (A group 0 of a single worker would run last.)
 */
export default defineConfig({
  test: {
    teardownTimeout: TEST_PATIENCE_MS,
    globalSetup: ["test/tools/temporary-folder.ts", "test/tools/install-clients.ts"],
    projects: [
      {
        test: {
          ...shared,
          name: "code",
          include: ["test/**/*.test.ts"],
          exclude: [...slow, ...foreign, ...(isCopy ? ["test/docs/**"] : [])],
          maxWorkers: availableParallelism(),
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: "browser",
          include: ["test/**/*.browser.test.ts"],
          exclude: foreign,
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...shared,
          name: "site",
          include: ["test/**/*.site.test.ts"],
          exclude: foreign,
          maxWorkers: availableParallelism() + 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
