import { spawnSync } from "node:child_process";
import { defineConfig } from "vitest/config";
import { PATIENCE_MS, TEST_PATIENCE_MS } from "./test/tools/patience.ts";

/** `npm run init-repo` gives a copy this remote. There, README and docs are the owner's to cut and rewrite. */
const remotes = spawnSync("git", ["remote"], { encoding: "utf8" }).stdout ?? "";
const isCopy = remotes.split("\n").includes("template");

/** One answer for all suites to how long to wait. */
const shared = {
  testTimeout: TEST_PATIENCE_MS,
  hookTimeout: TEST_PATIENCE_MS,
  teardownTimeout: TEST_PATIENCE_MS,
  expect: { poll: { timeout: PATIENCE_MS } },
};
const slow = ["test/**/*.browser.test.ts", "test/**/*.site.test.ts"];
const foreign = ["**/node_modules/**"];

/** Fast suites first; of the ones that need a browser or the whole site, two files at a time. */
export default defineConfig({
  test: {
    globalSetup: ["test/tools/temporary-folder.ts", "test/tools/install-clients.ts"],
    projects: [
      {
        test: {
          ...shared,
          name: "code",
          include: ["test/**/*.test.ts"],
          exclude: [...slow, ...foreign, ...(isCopy ? ["test/docs/**"] : [])],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: "browser",
          include: ["test/**/*.browser.test.ts"],
          exclude: foreign,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...shared,
          name: "site",
          include: ["test/**/*.site.test.ts"],
          exclude: foreign,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
