import { once } from "node:events";
import { createInterface } from "node:readline/promises";
import type { Environment } from "../../server/provider/environment.ts";
import { PROJECT } from "../files/project.ts";
import { CommandError } from "../terminal/command-error.ts";
import { runNpm } from "../terminal/npm.ts";
import { printableLines } from "../terminal/text.ts";
import { GitError } from "./git.ts";
import type { Visibility } from "./public-repository.ts";

/** What init-repo and update-repo use besides git. It is passed in, so that tests can replace the person and npm. */
export interface CommandContext {
  /** The project's folder. */
  directory: string;
  env: Environment;
  print(text: string): void;
  /** Asks a yes-or-no question. */
  confirm(question: string): Promise<boolean>;
  /** Asks for a line of text. `undefined`: there is nobody to answer. */
  ask(question: string): Promise<string | undefined>;
  /** Runs npm in the project and shows what it prints. `false` means that it failed. */
  npm(...args: string[]): Promise<boolean>;
  /** Whether anybody can read the repository at this address without credentials. */
  visibilityOf(url: string): Promise<Visibility>;
  /** Copies a repository's files into a folder, without its history. */
  copyRepository(source: string, folder: string): Promise<void>;
}

/** Runs a command, prints its CommandError if there is one, and returns the exit code. */
export async function runCommand(context: CommandContext, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    const { message, outcome, advice } = explainFailure(error);
    context.print(`\n${message}\n${outcome}\n\n${advice}`.trimEnd());
    return 1;
  }
}

/** What git and the system report is no error of this program, so it needs no stack trace. */
function explainFailure(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const isForOwner = error instanceof GitError || (error instanceof Error && "syscall" in error);
  if (!isForOwner) throw error;
  return new CommandError(
    `The command failed:\n${printableLines(error.message)}\n`,
    "If an update has begun, go back to the state before it: npm run update-repo -- --abort",
    "To see whether a file was changed: git status",
  );
}

/** Prints the last message of a command that succeeds. */
export function succeedWith(context: CommandContext, text: string): number {
  context.print(text);
  return 0;
}

export function terminalContext(visibilityOf: CommandContext["visibilityOf"]): CommandContext {
  return {
    directory: PROJECT,
    env: process.env,
    print: (text) => console.log(text),
    confirm,
    ask: askForText,
    npm: runNpm,
    visibilityOf,
    async copyRepository(source, folder) {
      // Imported only here, because both commands must also work before the first `npm install`.
      const { default: degit } = await import("degit");
      await degit(source).clone(folder);
    },
  };
}

async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new CommandError(
      "This needs your confirmation, but there is no terminal to ask in.",
      "Add --yes to confirm, or --dry-run to see what would happen.",
    );
  }
  return /^y(es)?$/i.test(await ask(`${question} [y/N] `, process.stdin, process.stdout));
}

async function askForText(question: string): Promise<string | undefined> {
  return process.stdin.isTTY ? ask(question, process.stdin, process.stdout) : undefined;
}

/** @throws {CommandError} after Ctrl-C and Ctrl-D */
export async function ask(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<string> {
  const terminal = createInterface({ input, output });
  const closed = once(terminal, "close").then(() => undefined);
  // Node 24 rejects the question if it is interrupted, and older versions leave it open.
  const answered = terminal.question(question).catch(() => undefined);
  const answer = await Promise.race([answered, closed]);
  terminal.close();
  if (answer === undefined)
    throw new CommandError("\nThe question was not answered.", "To start again, run the same command.");
  return answer.trim();
}
