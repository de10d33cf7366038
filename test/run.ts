/** `npm run test:all`: checks the types, then runs every test of the template. The last line counts all results. */

import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseCLI, startVitest, type TestModule, type Vitest } from "vitest/node";
import { PROJECT } from "../scripts/files/project.ts";

const HELP = `npm run test:all [-- PART … FLAG …]

Checks the types and runs every test of the template. With a PART, runs only the tests that match it. In the template,
and with a PART also in a copy, npm test does the same:

  npm test -- test/server      the files whose path contains this
  npm test -- gate.test        the same
  npm test -- A13              the tests whose name contains this
  npm test -- --project code   any option of vitest: a kind of test (code, browser, site), -t, …

  --help                       show this text`;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

// The temporary folder is removed when the process exits, so a signal must end it by exit().
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

const args = process.argv.slice(2);
if (args.includes("--help")) console.log(HELP);
else process.exitCode = await main(args);

async function main(args: string[]): Promise<number> {
  if (!isInstalled("git"))
    return failWith("The tests need git, which is not installed on this computer: https://git-scm.com/downloads");

  const types = args.length === 0 ? checkTypes() : { passed: 0, failed: 0, skipped: 0 };
  const tests = await runTests(args);
  if (tests.passed + tests.failed === 0) return failWith(noTestsMessage(args));

  const passed = types.passed + tests.passed;
  const failed = types.failed + tests.failed;
  console.log(`\n${passed} passed, ${failed} failed, ${tests.skipped} skipped`);
  return failed === 0 ? 0 : 1;
}

/** If vitest could not start, it has set the exit code and printed why. */
function noTestsMessage(args: string[]): string {
  return process.exitCode ? "No test was run. The reason is printed above." : `No test matches ${args.join(" ")}.`;
}

function failWith(message: string): number {
  console.error(message);
  return 1;
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

/** The type check counts as one test. */
function checkTypes(): Counts {
  console.log("Checking the types …");
  const compiler = fileURLToPath(import.meta.resolve("typescript/bin/tsc"));
  const { status } = spawnSync(process.execPath, [compiler, "-p", PROJECT], { stdio: "inherit" });
  return status === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 };
}

async function runTests(args: string[]): Promise<Counts> {
  const { filter: parts, options } = parseCLI(["vitest", ...args]);
  const files = globSync("test/**/*.test.ts", { cwd: PROJECT, exclude: ["**/node_modules/**"] });
  const isPath = (part: string): boolean => files.some((file) => file.includes(part));
  const names = parts.filter((part) => !isPath(part));
  const vitest = await startVitest(parts.filter(isPath), {
    root: PROJECT,
    watch: false,
    passWithNoTests: true,
    ...(names.length === 0 ? {} : { testNamePattern: new RegExp(names.map(escapePattern).join("|")) }),
    ...options,
  });
  const counts = countResults(vitest);
  await vitest.close();
  return counts;
}

/** Names such as `[A13]` are matched as they are, not as a pattern. */
function escapePattern(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function countResults(vitest: Vitest): Counts {
  const counts = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: 0 };
  for (const module of vitest.state.getTestModules()) {
    const tests = [...module.children.allTests()].map((test) => test.result().state);
    for (const state of tests) counts[state === "pending" ? "skipped" : state] += 1;
    if (hasFailedOutsideTests(module, tests)) counts.failed += 1;
  }
  return counts;
}

/** A file that cannot be loaded, or whose hook fails, has no failed test to count. */
function hasFailedOutsideTests(module: TestModule, tests: string[]): boolean {
  return module.state() === "failed" && !tests.includes("failed");
}
