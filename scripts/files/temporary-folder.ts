import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError, messageOf } from "../terminal/command-error.ts";
import { explainWriteError } from "./file-errors.ts";

/** Temporary files and folders that do not outlive the command, even if Ctrl-C or a closed terminal ends it. */

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
/** Programs that this command has started, and that are about to end, may still write there. */
const REMOVE_RETRIES = 10;

const paths = new Set<string>();

export interface TemporaryFolder {
  folder: string;
  remove(): Promise<void>;
}

export async function makeTemporaryFolder(prefix: string): Promise<TemporaryFolder> {
  const folder = await mkdtemp(join(tmpdir(), prefix)).catch((error: unknown) => {
    const message = messageOf(error);
    throw new CommandError(explainWriteError(message, tmpdir()) ?? message, "TMPDIR can name another folder.");
  });
  const forget = removeOnExit(folder);
  return {
    folder,
    async remove() {
      await rm(folder, { recursive: true, force: true, maxRetries: REMOVE_RETRIES });
      forget();
    },
  };
}

/** Removes a file or folder when this process ends. @returns a function to call once it is gone or must stay */
export function removeOnExit(path: string): () => void {
  if (paths.size === 0) {
    process.on("exit", removeAll);
    for (const signal of SIGNALS) process.on(signal, endBySignal);
  }
  paths.add(path);
  return () => forget(path);
}

function forget(path: string): void {
  if (!paths.delete(path) || paths.size > 0) return;
  process.off("exit", removeAll);
  // With a listener left, the signals would no longer end the process.
  for (const signal of SIGNALS) process.off(signal, endBySignal);
}

function endBySignal(signal: NodeJS.Signals): void {
  // As a shell reports it. The listener of "exit" removes everything.
  process.exit(128 + constants.signals[signal]);
}

function removeAll(): void {
  for (const path of paths) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: REMOVE_RETRIES });
    } catch {
      // Nobody is left to tell, and the folder contains no `.secret.json`.
    }
  }
}
