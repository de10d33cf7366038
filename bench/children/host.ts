/** Keeps one function loaded, calls it as often as requested, and reports how long each call took. */

import type { Call, PlatformFunction, Reply } from "../setup/call.ts";
import { callFunction } from "../setup/call.ts";

export interface Order {
  call: Call;
  times: number;
}

export interface Batch {
  /** The reply to the last call. */
  reply: Reply;
  /** One per call, in microseconds. */
  us: number[];
  /** Measured after garbage collection if the process was started with --expose-gc. */
  memory: { rssBytes: number; heapUsedBytes: number };
}

const { default: run } = (await import(process.argv[2]!)) as { default: PlatformFunction };

process.on("message", (order: Order) => void runBatch(order));
process.send!("ready");

async function runBatch({ call, times }: Order): Promise<void> {
  const us: number[] = [];
  let reply: Reply | undefined;
  for (let count = 0; count < times; count += 1) {
    const startedAtMs = performance.now();
    reply = await callFunction(run, call);
    us.push((performance.now() - startedAtMs) * 1_000);
  }
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  process.send!({ reply: reply!, us, memory: { rssBytes: rss, heapUsedBytes: heapUsed } } satisfies Batch);
}
