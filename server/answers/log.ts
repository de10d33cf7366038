/**
 * One line of the log. Every field is a word that we choose ourselves. Nothing from a request may get in here: no URL,
 * header, body, code, token or secret, since logs are read and passed on.
 */
export interface LogEntry {
  endpoint: string;
  /** The canonical id of a configured service, never what the caller wrote. */
  service?: string;
  status: number;
  /** The name of the error in the catalogue. */
  reason?: string;
  /** For an unexpected exception: its class and where it was thrown. */
  failure?: string;
}

export function log(entry: LogEntry): void {
  console.log(JSON.stringify(entry));
}

/**
 * The class of an exception and the first places in its stack. Its message is left out because it may quote input. The
 * stack begins with the message, which may have any number of lines, so it is cut off by its length.
 */
export function describeException(exception: unknown): string {
  if (!(exception instanceof Error)) return typeof exception;
  const { message, stack = "" } = exception;
  const frames = stack.slice(stack.indexOf(message) + message.length).split("\n");
  return [exception.constructor.name, ...frames.slice(1, 5).map((frame) => frame.trim())].join(" ");
}
