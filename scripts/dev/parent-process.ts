import { commandOf, parentOf } from "./processes.ts";

const POLL_INTERVAL_MS = 500;

/** Calls back when the program that started this process has ended, in whatever way. */
export function onParentExit(callback: () => void): void {
  const parent = process.ppid;
  // npm runs a script through a shell. Some shells keep running, and outlive an npm that is killed.
  const grandparent = isWaitingShell(commandOf(parent)) ? parentOf(parent) : undefined;

  const timer = setInterval(() => {
    // A process whose parent ends gets another parent.
    const hasEnded = process.ppid !== parent || (grandparent !== undefined && parentOf(parent) !== grandparent);
    if (!hasEnded) return;
    clearInterval(timer);
    callback();
  }, POLL_INTERVAL_MS);
  timer.unref();
}

function isWaitingShell(command = ""): boolean {
  return /^\S*sh (-\S+ )*-c /.test(command);
}
