/** `npm test`: the types, then every suite, whatever the ones before it have said. The last line counts all of them. */

import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseCLI, startVitest, type TestModule, type Vitest } from "vitest/node";
import { PROJECT } from "./files/project.ts";

const HELP = `npm test [-- PART … FLAG …]

Checks the types and runs every test. With a PART, only what belongs to it:

  npm test -- test/server      files whose path has this in it
  npm test -- gate.test        the same
  npm test -- A13              tests whose name has this in it
  npm test -- --project code   any flag of vitest: a kind of test (code, browser, site), -t, …

  --help                       show this text`;

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

// Whoever stops the run gets the temporary folder removed as well, when the process ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(1));

const args = process.argv.slice(2);
if (args.includes("--help")) console.log(HELP);
else process.exitCode = await main(args);

async function main(args: string[]): Promise<number> {
  if (!isInstalled("git"))
    return refuse(
      "The tests make git repositories, and there is no git on this computer. Install it: https://git-scm.com/downloads",
    );

  const types = args.length === 0 ? checkTypes() : { passed: 0, failed: 0, skipped: 0 };
  const tests = await runTests(args);
  if (tests.passed + tests.failed === 0) return refuse(whyNone(args));

  const passed = types.passed + tests.passed;
  const failed = types.failed + tests.failed;
  console.log(`\n${passed} passed, ${failed} failed, ${tests.skipped} skipped`);
  return failed === 0 ? 0 : 1;
}

/** vitest has set the exit code, and said why, where it could not begin. */
function whyNone(args: string[]): string {
  return process.exitCode ? "No test was run: what is above came before." : `No test belongs to ${args.join(" ")}.`;
}

function refuse(sentence: string): number {
  console.error(sentence);
  return 1;
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

/** One test more, in the count. */
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
    ...(names.length === 0 ? {} : { testNamePattern: new RegExp(names.map(escape).join("|")) }),
    ...options,
  });
  const counts = count(vitest);
  await vitest.close();
  return counts;
}

/** Brackets of `[A13]` are no pattern here. */
function escape(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function count(vitest: Vitest): Counts {
  const counts = { passed: 0, failed: vitest.state.getUnhandledErrors().length, skipped: 0 };
  for (const module of vitest.state.getTestModules()) {
    const tests = [...module.children.allTests()].map((test) => test.result().state);
    for (const state of tests) counts[state === "pending" ? "skipped" : state] += 1;
    if (hasFailedOutsideTests(module, tests)) counts.failed += 1;
  }
  return counts;
}

/** A file that cannot be loaded, or a hook that fails, has no failed test to count. */
function hasFailedOutsideTests(module: TestModule, tests: string[]): boolean {
  return module.state() === "failed" && !tests.includes("failed");
}
