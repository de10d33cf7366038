import { createInterface } from "node:readline/promises";
import type { Environment } from "../../server/provider/environment.ts";
import { PROJECT } from "../files/project.ts";
import { CommandError } from "../terminal/command-error.ts";
import { runNpm } from "../terminal/npm.ts";
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
    if (!(error instanceof CommandError)) throw error;

    context.print(`\n${error.message}\nNothing was changed.\n\n${error.advice}`);
    return 1;
  }
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
    ask,
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

  return /^y(es)?$/i.test((await ask(`${question} [y/N] `)) ?? "");
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  // Ctrl-C and Ctrl-D are no answer.
  const answer = await terminal.question(question).catch(() => "");
  terminal.close();
  return answer.trim();
}
