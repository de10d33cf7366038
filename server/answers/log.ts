/**
 * The one logger. Its fields are an allow-list of words that we choose ourselves: never a URL, a header, a body, a code,
 * a token or a secret [A48].
 */
export interface LogEntry {
  endpoint: string;
  /** Canonical id of a configured service, never what the caller wrote. */
  service?: string;
  status: number;
  /** Its name in the closed list. */
  reason?: string;
  /** The class of an unforeseen error and the place it was thrown at, without its message, which may quote input. */
  failure?: string;
}

export function log(entry: LogEntry): void {
  console.log(JSON.stringify(entry));
}

/** Describes an unforeseen error by its class and the places it came from. Its message may quote input, in any number of
 * lines, and stands at the beginning of the stack: it is cut off, not searched. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { message, stack = "" } = error;
  const frames = stack.slice(stack.indexOf(message) + message.length).split("\n");
  return [error.constructor.name, ...frames.slice(1, 5).map((frame) => frame.trim())].join(" ");
}
