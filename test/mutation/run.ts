/**
 * Mutation testing: makes one small change at a time to the modules that the project's promises depend on, and checks
 * whether a test notices.
 *
 *     npm run test:mutation
 *     npm run test:mutation -- --mutate server/sealing/seal.ts
 *
 * Ends with exit code 1 if fewer than 85 % of a module's mutants are noticed, or if more mutants of a kind survive than
 * `survivors.md` explains. The tool has a separate lock file, so that owners never download it.
 */

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { installFolder } from "../../scripts/files/install-folder.ts";
import { PROJECT } from "../../scripts/files/project.ts";
import type { Module } from "./modules.ts";
import { MODULES } from "./modules.ts";
import type { MutantResult } from "./survivors.ts";
import { hasSurvived, unexplainedSurvivors } from "./survivors.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const LEAST_PERCENT = 85;

const HELP = `npm run test:mutation [-- --mutate <file>] [--concurrency <processes>]

Changes the modules of test/mutation/modules.ts, or one file of them, and runs their tests on every change.`;

const options = readOptions();
if (options.help) console.log(HELP);
else await testMutations(options.mutate);

function readOptions(): { mutate?: string; concurrency?: string; help?: boolean } {
  try {
    const text = { type: "string" } as const;
    return parseArgs({ options: { mutate: text, concurrency: text, help: { type: "boolean" } } }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(1);
  }
}

async function testMutations(file: string | undefined): Promise<void> {
  const chosen = choose(file);
  if (chosen.length === 0) return fail(`${file} is in no module of test/mutation/modules.ts.`);
  await installFolder(HERE, () => console.log("Installing the tool (once, about 65 MB) …"));
  const scores: Record<string, Score> = {};
  for (const module of chosen) {
    scores[module.name] = await testModule(module);
    console.table(scores);
  }
  const isGood = Object.values(scores).every(
    ({ percent, unexplained }) => percent >= LEAST_PERCENT && unexplained === 0,
  );
  process.exitCode = isGood ? 0 : 1;
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 1;
}

/** With a file, only the modules that contain it, reduced to that file. Without one, all modules. */
function choose(file: string | undefined): Module[] {
  if (file === undefined) return MODULES;
  return MODULES.filter(({ mutate }) => mutate.includes(file)).map((module) => ({ ...module, mutate: [file] }));
}

interface Score {
  mutants: number;
  killed: number;
  timeouts: number;
  survived: number;
  unexplained: number;
  percent: number;
}

async function testModule({ name, mutate, tests }: Module): Promise<Score> {
  console.log(`\n${name}: ${mutate.join(", ")}`);
  const mutants = await runStryker(mutate, tests);
  const unexplained = await unexplainedSurvivors(mutants);
  for (const survivor of unexplained) console.log(`Survived, and not explained: ${survivor}`);
  const count = (status: MutantResult["status"]) => mutants.filter((mutant) => mutant.status === status).length;
  const [killed, timeouts] = [count("Killed"), count("Timeout")];
  return {
    mutants: mutants.length,
    killed,
    timeouts,
    survived: mutants.filter(hasSurvived).length,
    unexplained: unexplained.length,
    percent: Math.round((1_000 * (killed + timeouts)) / mutants.length) / 10,
  };
}

interface StrykerClass {
  new (options: object): { runMutationTest(): Promise<MutantResult[]> };
}

/** Runs in a copy of the project, where the tests import the changed modules. */
async function runStryker(mutate: string[], tests: string[]): Promise<MutantResult[]> {
  process.chdir(PROJECT);
  process.env.MUTATION_TESTS = tests.join(" ");
  // Imported late, because it may have been installed only just before.
  const { Stryker } = createRequire(import.meta.url)("@stryker-mutator/core") as { Stryker: StrykerClass };
  const stryker = new Stryker({
    mutate,
    testRunner: "vitest",
    plugins: ["@stryker-mutator/vitest-runner"],
    vitest: { configFile: "test/mutation/vitest.config.ts", related: false },
    coverageAnalysis: "perTest",
    // A long limit, because a mutant that is only slow on a busy machine must not count as noticed.
    timeoutMS: 60_000,
    ignorePatterns: ["/dist", "/docs", "/public", "/.netlify", "/test/clients"],
    tempDirName: "dist/mutation",
    reporters: ["progress-append-only"],
    logLevel: "warn",
    warnings: { slow: false },
    ...(options.concurrency === undefined ? {} : { concurrency: Number(options.concurrency) }),
  });
  return await stryker.runMutationTest();
}
