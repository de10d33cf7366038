import type { Reason } from "./errors.ts";

/**
 * The one logger. Its fields are an allow-list of words that we choose ourselves: never a URL, a header, a body, a code,
 * a token or a secret [A48].
 */
export interface LogEntry {
  endpoint: string;
  /** Canonical id of a configured service, never what the caller wrote. */
  service?: string;
  status: number;
  reason?: Reason;
  /** The class of an unforeseen error and the place it was thrown at, without its message, which may quote input. */
  failure?: string;
}

export function log(entry: LogEntry): void {
  console.log(JSON.stringify(entry));
}

/** Describes an unforeseen error by its class and stack frames only. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 4).map((frame) => frame.trim())].join(" ");
}
