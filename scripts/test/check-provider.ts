import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { styleText } from "node:util";
import { unreadableColours } from "../build/theme.ts";
import { PROJECT } from "../files/project.ts";
import { indent, plural } from "../terminal/text.ts";

/** `npm test` in a copy: whether the owner's provider is all right, whatever the owner has changed. */

/** One thing that must be right. */
interface Step {
  title: string;
  /** @returns what is wrong; `undefined` if nothing is */
  run(): Promise<string | undefined>;
}

const STEPS: Step[] = [
  {
    title: "The types fit",
    run: () => runProgram(fileURLToPath(import.meta.resolve("typescript/bin/tsc")), "-p", TYPES),
  },
  { title: "The build succeeds", run: () => runScript("build.ts") },
  { title: "The configuration is valid", run: () => runScript("doctor.ts", "--offline") },
  { title: "The colours of theme.css can be read", run: checkColours },
  { title: "A login on this computer succeeds", run: () => runScript("test/log-in.ts") },
];

/** Checks what a provider consists of, and forgives in an owner's own files what only concerns style. */
const TYPES = fileURLToPath(new URL("tsconfig.json", import.meta.url));

/** @returns the exit status. Every step runs, whatever the others find. */
export async function checkProvider(steps = STEPS): Promise<number> {
  console.log("Checking your provider. (To run the tests of the template instead: npm run test:all)\n");
  let failed = 0;
  for (const { title, run } of steps) {
    const startedAtMs = performance.now();
    const fault = await run().catch(messageOf);
    const seconds = `${((performance.now() - startedAtMs) / 1_000).toFixed(1)} s`;
    console.log(`${fault === undefined ? styleText("green", "✓") : styleText("red", "✗")} ${title} (${seconds})`);
    if (fault === undefined) continue;
    failed += 1;
    console.log(indent(indent(fault.trim())));
  }
  console.log(failed === 0 ? "\nYour provider is all right." : `\n${plural(failed, "check")} failed.`);
  return failed === 0 ? 0 : 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function checkColours(): Promise<string | undefined> {
  const unreadable = await unreadableColours(PROJECT);
  return unreadable.length === 0 ? undefined : unreadable.join("\n");
}

function runScript(name: string, ...args: string[]): Promise<string | undefined> {
  return runProgram(join(PROJECT, "scripts", name), ...args);
}

/** @returns what the program has printed if it fails */
function runProgram(file: string, ...args: string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], { cwd: PROJECT, maxBuffer: Infinity }, (error, stdout, stderr) => {
      resolve(error === null ? undefined : `${stdout}${stderr}` || error.message);
    });
  });
}
