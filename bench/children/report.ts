import { writeSync } from "node:fs";
import type { Reply } from "../setup/call.ts";

/** What a fresh process reports about itself. */
export interface ColdStart {
  /** User and system time of the whole process so far. */
  cpuMs: number;
  /** Time since the process was started. */
  wallMs: number;
  /** User and system time of loading the function's own file. */
  importMs: number;
  reply?: Reply;
}

/** Prints the report as the last line of standard output, after anything the function logs. */
export function report(result: Pick<ColdStart, "importMs" | "reply">): void {
  const wallMs = performance.now();
  writeSync(1, `\n${JSON.stringify({ cpuMs: cpuMs(), wallMs, ...result })}\n`);
  process.exit();
}

/** User and system time of this process so far. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
