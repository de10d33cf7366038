/**
 * A folder for each `npm run dev`, for as long as it runs: functions in there contain the secrets of `.secret.json`.
 * The name says whose it is, so that two runs never share one, and what a killed run has left is known as such.
 */

import { readdirSync, rmSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isFree } from "../network/free-port.ts";
import { commandOf, isDevelopmentCommand, isRunning } from "./processes.ts";

/** Whoever still writes there is just ending. */
const REMOVE_RETRIES = 3;

/** Removed when this process exits. */
export async function makeRunFolder(runs: string, port: number): Promise<string> {
  const folder = join(runs, `${port}-${process.pid}`);
  await mkdir(folder, { recursive: true });
  process.once("exit", () => removeNow(folder));
  return folder;
}

/** Removes what runs have left that could not: they were killed. Returns the folders that cannot be removed. */
export async function removeEndedRuns(runs: string): Promise<string[]> {
  const stuck: string[] = [];
  for (const name of namesIn(runs)) {
    const folder = join(runs, name);
    if (await hasEnded(name)) await rm(folder, { recursive: true, force: true }).catch(() => stuck.push(folder));
  }
  return stuck;
}

/** @param name `<port>-<pid>`, or `<port>` as former versions named them; anything else is nobody's run */
async function hasEnded(name: string): Promise<boolean> {
  const [, port, pid] = /^(\d+)(?:-(\d+))?$/.exec(name) ?? [];
  if (port === undefined) return false;
  if (pid === undefined) return isFree(Number(port));
  // Process ids are given anew after a while. Ours has no folder yet.
  return Number(pid) === process.pid || !isDevelopmentRun(Number(pid));
}

function isDevelopmentRun(pid: number): boolean {
  if (!isRunning(pid)) return false;

  const command = commandOf(pid);
  return command === undefined || isDevelopmentCommand(command);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function removeNow(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: REMOVE_RETRIES });
  } catch {
    // The next run tries again.
  }
}
