/**
 * One temporary folder for a whole test run. Everything that the tests and their programs create in the system's
 * temporary folder goes into it: repositories, copies, browser profiles. It is removed once, at the end, however the
 * run ended. So no test has to clean up, and no test can fail while cleaning up.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { readdir, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning } from "../../scripts/dev/processes.ts";

/** The folder's name contains the process id, so that the next run finds what a killed run has left. */
const PREFIX = "auth-provider-tests-";

const NEEDED_MB = 500;

export default async function setup(): Promise<() => void> {
  const parent = tmpdir();
  await requireRoom(parent);
  await removeLeftOvers(parent);
  const folder = mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
  // Workers and the programs that they start inherit this variable. tmpdir() reads it.
  process.env.TMPDIR = folder;
  // Node then compiles each script once in a run, instead of in each program that a test starts.
  process.env.NODE_COMPILE_CACHE = join(folder, "compile-cache");
  const remove = (): void => removeFolder(folder);
  process.once("exit", remove);
  return remove;
}

/** @throws an error whose message says in one sentence what to do */
export async function requireRoom(folder: string, neededMb: number = NEEDED_MB): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / 1_000_000);
  if (freeMb >= neededMb) return;
  const error = new Error(
    `The tests need ${neededMb} MB in ${folder}, where ${freeMb} MB are free. Make room there, or set TMPDIR to a folder on another disk.`,
  );
  // A stack trace would not help the user.
  error.stack = error.message;
  throw error;
}

async function removeLeftOvers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) removeFolder(join(parent, name));
  }
}

/** Processes that are about to end may still write to the folder. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  } catch {
    // The next run tries again.
  }
}
