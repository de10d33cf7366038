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

/** The whole text of the error, as a command prints it. */
export function textOf({ message, advice }: CommandError): string {
  return advice === "" ? message : `${message}\n\n${advice}`;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
