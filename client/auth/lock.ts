import { clientError } from "./errors.ts";

/** Longer than the request under the lock may take. */
const lockTimeoutMs = 45_000;

/** Runs one at a time in all tabs of the app. Browsers without Web Locks do not wait. */
export async function withLock<Result>(name: string, run: () => Promise<Result>): Promise<Result> {
  const locks = navigator.locks as LockManager | undefined;
  if (locks === undefined) return await run();
  const waiting = AbortSignal.timeout(lockTimeoutMs);
  try {
    return await locks.request(name, { signal: waiting }, run);
  } catch (error) {
    if (waiting.aborted && error === waiting.reason) throw clientError("timeout", error);
    throw error;
  }
}
