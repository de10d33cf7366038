import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { PATIENCE_MS, TEST_PATIENCE_MS } from "./test/tools/patience.ts";

/** The time limits of all suites. */
const shared = {
  testTimeout: TEST_PATIENCE_MS,
  hookTimeout: TEST_PATIENCE_MS,
  expect: { poll: { timeout: PATIENCE_MS } },
};
const slow = ["test/**/*.browser.test.ts", "test/**/*.site.test.ts"];
const foreign = ["**/node_modules/**"];

/**
 * Fast suites run first, with one worker per processor. Suites that need a browser get one more worker, because they
 * wait a lot. (A group 0 with a single worker would run last.)
 */
export default defineConfig({
  test: {
    teardownTimeout: TEST_PATIENCE_MS,
    globalSetup: ["test/tools/temporary-folder.ts", "test/tools/install-clients.ts", "test/tools/install-engines.ts"],
    projects: [
      {
        test: {
          ...shared,
          name: "code",
          include: ["test/**/*.test.ts"],
          exclude: [...slow, ...foreign],
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
