import { execFile } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import { createInterface } from "node:readline/promises";
import { fileURLToPath } from "node:url";
import { type ParseArgsConfig, parseArgs, stripVTControlCharacters } from "node:util";
import type { Environment } from "../../server/provider/provider.ts";
import { PROJECT } from "../files/project.ts";
import type { Visibility } from "../git/public-repository.ts";

/** Everything that a script may do besides git, handed in, so that a test can stand in for the person and for npm. */
export interface World {
  /** The project's folder. */
  directory: string;
  env: Environment;
  print(text: string): void;
  /** A question to be answered by yes or no. */
  confirm(question: string): Promise<boolean>;
  /** Runs npm in the project and shows what it prints. False: it failed. */
  npm(...args: string[]): Promise<boolean>;
  /** Whether anybody can read the repository at this address, without any credentials. */
  visibilityOf(url: string): Promise<Visibility>;
  /** Puts a repository's files into a folder, without its history. */
  copyRepository(source: string, folder: string): Promise<void>;
}

/** A script cannot do what it was asked for, and has changed nothing. */
export class Refusal extends Error {
  readonly advice: string;

  /** @param advice what to type, or to do, now; empty where the reason says it */
  constructor(reason: string, advice = "") {
    super(reason);
    this.name = "Refusal";
    this.advice = advice;
  }
}

/** Prints how a script ended, and says it as an exit code. */
export async function conclude(world: World, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;

    world.print(`\n${error.message}\nNothing was changed.\n\n${error.advice}`);
    return 1;
  }
}

/** What every script that changes something understands. */
export const COMMON_OPTIONS = {
  "dry-run": { type: "boolean", default: false },
  yes: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** @throws {Refusal} for what the command does not know */
export function readArguments<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  command: string,
  args: string[],
  options: Options,
) {
  try {
    return parseArgs({ args, options }).values;
  } catch (error) {
    throw new Refusal(messageOf(error), `All options: npm run ${command} -- --help`);
  }
}

export function realWorld(visibilityOf: World["visibilityOf"]): World {
  return {
    directory: PROJECT,
    env: process.env,
    print: (text) => console.log(text),
    confirm,
    npm: runNpm,
    visibilityOf,
    async copyRepository(source, folder) {
      // Not above: both scripts work before the first `npm install`, too.
      const { default: degit } = await import("degit");
      await degit(source).clone(folder);
    },
  };
}

/** Whether this module is the script that was started: not every Node that runs TypeScript has `import.meta.main`. */
export function isStarted(moduleUrl: string): boolean {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(moduleUrl);
}

/** The last words of a script that ends well. */
export function say(world: World, text: string): number {
  world.print(text);
  return 0;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A line that somebody else wrote (a commit's subject): without what a terminal would obey. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/\p{C}/gu, "");
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

export function bullets(lines: string[]): string {
  return lines.map((line) => `  - ${line}`).join("\n");
}

/** A path as a shell takes it. */
export function quoted(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Refusal("There is no terminal to ask for your consent.", "Add --yes, or look first with --dry-run.");
  }

  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function runNpm(...args: string[]): Promise<boolean> {
  // Started by npm, we know where it is; as a script for Node it needs no shell, which npm.cmd would on Windows.
  const script = process.env.npm_execpath;
  const isNpm = script !== undefined && /^npm(-cli)?\.c?js$/.test(basename(script));
  // The package that brings our own Node may just be replaced; then npm's own is there, or the next one on the path.
  const node = [process.env.npm_node_execpath, process.execPath].find((path) => path !== undefined && existsSync(path));
  const [program, first] = isNpm && node !== undefined ? [node, [script]] : ["npm", []];
  const child = execFile(program, [...first, ...args], { cwd: PROJECT, maxBuffer: Infinity });
  child.stdout?.pipe(process.stdout);
  child.stderr?.pipe(process.stderr);

  return new Promise((resolve) => {
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
  });
}
