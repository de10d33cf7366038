import { AsyncLocalStorage } from "node:async_hooks";
import { vi } from "vitest";

/** The side effects of a piece of code, besides its result. */
export interface Observation {
  /** Console output, at any level. */
  lines: string[];
  /** Requests to other servers. */
  requests: ObservedRequest[];
}

export interface ObservedRequest {
  url: string;
  redirect: RequestRedirect | undefined;
  /** `undefined`: without a time limit. */
  timeLimitMs: number | undefined;
}

const LEVELS = ["debug", "error", "info", "log", "warn"] as const;

const observations = new AsyncLocalStorage<Observation>();
let running = 0;
let stopWatching = (): void => {};

/** Runs something and observes only that, not other code that runs at the same time. */
export async function observe<T>(run: () => Promise<T>): Promise<Observation & { result: T }> {
  const observation: Observation = { lines: [], requests: [] };
  if (running === 0) stopWatching = watch();
  running += 1;
  try {
    return { result: await observations.run(observation, run), ...observation };
  } finally {
    running -= 1;
    if (running === 0) stopWatching();
  }
}

/** Wraps the current functions, including a test's own spies, which are still called as before. */
function watch(): () => void {
  const { fetch } = globalThis;
  const { timeout } = AbortSignal;
  const timeLimits = new WeakMap<AbortSignal, number>();
  AbortSignal.timeout = (ms) => {
    const signal = timeout.call(AbortSignal, ms);
    timeLimits.set(signal, ms);
    return signal;
  };
  globalThis.fetch = (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const timeLimitMs = init?.signal ? timeLimits.get(init.signal) : undefined;
    observations.getStore()?.requests.push({ url, redirect: init?.redirect, timeLimitMs });
    return fetch(input, init);
  };
  const stopListening = LEVELS.map(listenTo);
  return () => {
    AbortSignal.timeout = timeout;
    globalThis.fetch = fetch;
    for (const stop of stopListening) stop();
  };
}

function listenTo(level: (typeof LEVELS)[number]): () => void {
  const original = console[level];
  console[level] = (...parts: unknown[]) => {
    observations.getStore()?.lines.push(parts.map(String).join(" "));
    // Keeps the observed code's output out of the test output.
    if (vi.isMockFunction(original) || !observations.getStore()) original(...parts);
  };
  return () => void (console[level] = original);
}
