import { explainSystemError } from "../files/file-errors.ts";
import { CommandError, textOf } from "./command-error.ts";
import { isStarted } from "./command-line.ts";

/**
 * Runs a command if its file is the program that was started. What a person can mend is said in a sentence. Anything else is
 * a bug, and keeps its stack.
 *
 * @param run returns the exit status
 */
export function start(moduleUrl: string, run: () => Promise<number>): void {
  if (!isStarted(moduleUrl)) return;
  // Node ends when nothing is left to wait for, even if the command still waits for an answer.
  process.exitCode = 1;
  process.once("beforeExit", explainEnd);
  run()
    .then((status) => {
      process.exitCode = status;
    }, explainFailure)
    .finally(() => process.off("beforeExit", explainEnd));
}

function explainEnd(): void {
  console.error("\nThe command has stopped, because the input ended before its last question was answered.");
}

function explainFailure(error: unknown): void {
  const explanation = error instanceof CommandError ? textOf(error) : explainSystemError(error);
  if (explanation === undefined) throw error;
  console.error(`\n${explanation}`);
}
