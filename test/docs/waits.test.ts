import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT } from "../../scripts/files/project.ts";

/** Enforces a rule from CONTRIBUTING.md: no test states how long something takes. */

const TIMES = [
  /\bwaitForTimeout\(/,
  /"node:timers\/promises"/,
  /\bsetTimeout\(.*, *(?!PATIENCE_MS)[\w.]+\)/,
  /[tT]imeout(?:MS)?: *\d/,
  /\bAbortSignal\.timeout\(\d/,
  // The timeout of a test or a hook.
  /^\s*\}, *\d[\d_]*\);?$/,
];

/** Files where a time does not decide a result. */
const REASONS: Record<string, string> = {
  "test/attacks/invariants.test.ts": "limits of a call are what it is about",
  "test/client/pages/accessibility.browser.test.ts": "an answer that comes late comes late on any machine",
  "test/clients/recipe.ts": "how often it looks",
  "test/clients/recipes/own-sessions.js": "a program for readers",
  "test/faults/service.test.ts": "a limit passes; whatever has arrived by then, it ends the same way",
  "test/load/scenarios.ts": "it measures, and offers so many requests in a second",
  "test/load/soak.ts": "how often it looks and measures",
  "test/tools/engines/engine.ts": "how often it looks",
  "test/tools/local-server.ts": "how often it looks",
  "test/load/slow-service.ts": "how slow the service is",
  "test/mutation/run.ts": "how long a mutant may go round in circles",
  "test/mutation/vitest.config.ts": "the same",
  "test/scripts/dev/run-folders.test.ts": "a process that runs for ever",
  "test/properties/tab.ts": "timers of a pretended page, which a test moves on",
};

const files = globSync("test/**/*.{ts,js,jsx}", {
  cwd: PROJECT,
  exclude: ["**/node_modules/**", "test/docs/waits.test.ts"],
});

async function timesIn(file: string): Promise<string[]> {
  const lines = (await readFile(join(PROJECT, file), "utf8")).split("\n");
  return lines.filter((line) => TIMES.some((time) => time.test(line))).map((line) => `${file}: ${line.trim()}`);
}

test("no test waits for a time of its own, on which a busy machine could fail", async () => {
  const judged = files.filter((file) => REASONS[file] === undefined);
  expect(judged.length).toBeGreaterThan(100);
  expect((await Promise.all(judged.map(timesIn))).flat()).toEqual([]);
});

test("whoever may have one still has one", async () => {
  for (const file of Object.keys(REASONS)) expect(await timesIn(file), file).not.toEqual([]);
});
