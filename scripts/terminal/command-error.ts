/** A command cannot do what it was asked to do. */
export class CommandError extends Error {
  readonly advice: string;
  readonly outcome: string;

  /**
   * @param advice what to type or do next; empty if the message already says it
   * @param outcome what the command has changed
   */
  constructor(message: string, advice = "", outcome = "Nothing was changed.") {
    super(message);
    this.name = "CommandError";
    this.advice = advice;
    this.outcome = outcome;
  }
}

/** The person pressed Ctrl-C, Ctrl-D or Escape at a question, or said No to the last one. */
export class CancelledError extends Error {}

/**
 * Runs a command, and prints why it could not do its work.
 *
 * @returns the exit status
 */
export async function printFailure(print: (text: string) => void, run: () => Promise<number>): Promise<number> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof CommandError || error instanceof CancelledError)) throw error;
    print(error instanceof CancelledError ? "Nothing was changed." : textOf(error));
    return 1;
  }
}

/** The whole text of the error, as a command prints it. */
export function textOf({ message, advice }: CommandError): string {
  return advice === "" ? message : `${message}\n\n${advice}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
