import { clientError } from "./errors.ts";

/** Longer than the request under the lock may take. */
const lockTimeoutMs = 45_000;

/**
 * Runs one at a time in all tabs of the app. Browsers without Web Locks do not wait, and nor do those that deny them to a
 * page that may store nothing: no other tab shares its login.
 */
export async function withLock<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
  const locks = lockManager();
  if (locks === undefined) return await run();
  let hasLock = false;
  const waiting = AbortSignal.timeout(lockTimeoutMs);
  try {
    return await locks.request(name, { signal: waiting }, () => {
      hasLock = true;
      return run();
    });
  } catch (error) {
    if (waiting.aborted && error === waiting.reason) throw clientError("timeout", error);
    if (hasLock) throw error;
    return await run();
  }
}

function lockManager(): LockManager | undefined {
  try {
    return navigator.locks;
  } catch {
    return undefined;
  }
}
