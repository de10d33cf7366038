import { commandOf, parentOf } from "./processes.ts";

const POLL_INTERVAL_MS = 500;

/** Calls back when whoever started this process has ended, in whatever way. */
export function onStarterEnd(callback: () => void): void {
  const parent = process.ppid;
  // npm runs a script by a shell, of which some stay. Such a shell outlives an npm that is killed.
  const starter = isWaitingShell(commandOf(parent)) ? parentOf(parent) : undefined;

  const timer = setInterval(() => {
    // Who loses the parent gets another one.
    const hasEnded = process.ppid !== parent || (starter !== undefined && parentOf(parent) !== starter);
    if (!hasEnded) return;
    clearInterval(timer);
    callback();
  }, POLL_INTERVAL_MS);
  timer.unref();
}

function isWaitingShell(command = ""): boolean {
  return /^\S*sh (-\S+ )*-c /.test(command);
}
