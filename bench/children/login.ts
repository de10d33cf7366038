/** Makes all calls of a login in one fresh process, through Netlify's wrapper. The parent process sends one at a time. */
import type { Call, Reply } from "../setup/call.ts";
import { loadWrapper } from "./netlify.ts";
import { cpuMs } from "./report.ts";

/** What the process reports after each call. */
export interface CallReport {
  reply: Reply;
  /** How long the caller waited. The first call waits for the start of the process. */
  waitMs: number;
  /** User and system time of the whole process so far. */
  cpuMs: number;
}

const [entryPoint, route] = process.argv.slice(2) as [string, string];
const invoke = await loadWrapper(entryPoint, route);
let isFirst = true;

process.on("message", async (call: Call) => {
  const startedAtMs = isFirst ? 0 : performance.now();
  isFirst = false;
  const reply = await invoke(call);
  process.send!({ reply, waitMs: performance.now() - startedAtMs, cpuMs: cpuMs() } satisfies CallReport);
});
