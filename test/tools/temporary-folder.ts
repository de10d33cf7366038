/**
 * One temporary folder for a whole run, which everything that a test or its programs make in "the" temporary folder goes
 * into: repositories, copies, browsers' profiles. It is removed once, in the end, however the run has ended, so no test
 * has to clean up, and none can fail while it does.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { readdir, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning } from "../../scripts/dev/processes.ts";

/** The process that made a folder stands in its name, so that the next run finds what a killed one has left. */
const PREFIX = "auth-provider-tests-";

const NEEDED_MB = 500;

export default async function setup(): Promise<() => void> {
  const parent = tmpdir();
  await requireRoom(parent);
  await removeLeftOvers(parent);
  const folder = mkdtempSync(join(parent, `${PREFIX}${process.pid}-`));
  // Workers and the programs that they start inherit it; tmpdir() reads it.
  process.env.TMPDIR = folder;
  const remove = (): void => removeFolder(folder);
  process.once("exit", remove);
  return remove;
}

/** @throws one sentence that says what to do */
export async function requireRoom(folder: string, neededMb: number = NEEDED_MB): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / 1_000_000);
  if (freeMb >= neededMb) return;
  const error = new Error(
    `The tests need ${neededMb} MB in ${folder}, where ${freeMb} MB are free. Make room there, or set TMPDIR to a folder on another disk.`,
  );
  // Nobody has to read our code to understand that.
  error.stack = error.message;
  throw error;
}

async function removeLeftOvers(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) removeFolder(join(parent, name));
  }
}

/** Processes that are just ending may still write into it. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  } catch {
    // The next run tries again.
  }
}
