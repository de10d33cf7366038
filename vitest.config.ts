import { spawnSync } from "node:child_process";
import { defineConfig } from "vitest/config";

/** `npm run init-repo` gives a copy this remote. There, README and docs are the owner's to cut and rewrite. */
const remotes = spawnSync("git", ["remote"], { encoding: "utf8" }).stdout ?? "";
const isCopy = remotes.split("\n").includes("template");

/**
 * Browsers and `netlify dev` are many processes, of which one in thousands of logins hangs. Where nobody is there to look,
 * what fails twice has failed; a test that needed a second try says so in the report.
 */
const retry = process.env["CI"] === undefined ? 0 : 1;

/** Fast suites first; of the ones that need a browser or the whole site, two files at a time. */
export default defineConfig({
  test: {
    globalSetup: "test/tools/install-clients.ts",
    projects: [
      {
        test: {
          name: "code",
          include: ["test/**/*.test.ts"],
          exclude: [
            "test/**/*.browser.test.ts",
            "test/**/*.site.test.ts",
            "**/node_modules/**",
            ...(isCopy ? ["test/docs/**"] : []),
          ],
          // Properties run a thousand times, and machines that run tests are busy.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: "browser",
          include: ["test/**/*.browser.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          retry,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: "site",
          include: ["test/**/*.site.test.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 90_000,
          hookTimeout: 180_000,
          maxWorkers: 2,
          retry,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
