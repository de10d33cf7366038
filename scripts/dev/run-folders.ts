/**
 * A folder for each `npm run dev`, which is removed with it because its functions contain the secrets of `.secret.json`.
 * The name contains the process id, so that two runs never share a folder, and leftovers of killed runs are recognized.
 */

import { readdirSync, rmSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isFree } from "../network/free-port.ts";
import { commandOf, isDevelopmentCommand, isRunning } from "./processes.ts";

/** Processes that still write there are about to end. */
const REMOVE_RETRIES = 3;

/** Makes a folder that is removed when this process exits. */
export async function makeRunFolder(runs: string, port: number): Promise<string> {
  const folder = join(runs, `${port}-${process.pid}`);
  await mkdir(folder, { recursive: true });
  process.once("exit", () => removeNow(folder));
  return folder;
}

/** Removes the folders of runs that were killed. @returns the folders that cannot be removed */
export async function removeEndedRuns(runs: string): Promise<string[]> {
  const stuck: string[] = [];
  for (const name of namesIn(runs)) {
    const folder = join(runs, name);
    if (await hasEnded(name)) await rm(folder, { recursive: true, force: true }).catch(() => stuck.push(folder));
  }
  return stuck;
}

/** @param name `<port>-<pid>`, or `<port>` from earlier versions; anything else is not the folder of a run */
async function hasEnded(name: string): Promise<boolean> {
  const [, port, pid] = /^(\d+)(?:-(\d+))?$/.exec(name) ?? [];
  if (port === undefined) return false;
  if (pid === undefined) return isFree(Number(port));
  // Process ids are reused. This process has not made its folder yet, so a folder with its id is an old one.
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
