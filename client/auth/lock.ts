import { clientError } from "./errors.ts";

/** Longer than the request that is made under the lock may take. */
const lockTimeoutMs = 45_000;

/** Runs one at a time across all tabs of the app. Browsers without Web Locks run at once. */
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
