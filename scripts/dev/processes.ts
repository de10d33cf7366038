/** Information about other processes: from /proc on Linux, from `ps` elsewhere. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const PS_TIMEOUT_MS = 5_000;

export interface ProcessTable {
  parentOf(pid: number): number | undefined;
  /** `undefined` if it cannot be found out; empty or a single word if the process has ended and not been collected yet. */
  commandOf(pid: number): string | undefined;
}

export const PROC: ProcessTable = {
  parentOf: (pid) => toPid(/^PPid:\s*(\d+)$/m.exec(readProc(`${pid}/status`) ?? "")?.[1]),
  commandOf: (pid) => readProc(`${pid}/cmdline`)?.replaceAll("\0", " ").trim(),
};

export const PS: ProcessTable = {
  parentOf: (pid) => toPid(ps(pid, "ppid")),
  commandOf: (pid) => ps(pid, "args"),
};

export const { parentOf, commandOf } = process.platform === "linux" ? PROC : PS;

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process exists, but belongs to another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether this is the command line of an `npm run dev`, or of the netlify dev that it started. */
export function isDevelopmentCommand(command: string): boolean {
  return /(^|[\\/ ])dev\.ts( |$)|[\\/]dist[\\/]dev[\\/]/.test(command);
}

function toPid(text = ""): number | undefined {
  return Number(text) || undefined;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, "utf8");
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  const { status, stdout } = spawnSync("ps", ["-ww", "-o", `${column}=`, "-p", String(pid)], {
    encoding: "utf8",
    timeout: PS_TIMEOUT_MS,
  });
  return status === 0 ? stdout.trim() : undefined;
}
