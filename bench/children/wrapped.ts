/** Makes a function's first call in a fresh process, through Netlify's wrapper. */
import type { Call } from "../setup/call.ts";
import { loadWrapper } from "./netlify.ts";
import { cpuMs, report } from "./report.ts";

const [entryPoint, file, route, serializedCall] = process.argv.slice(2) as [string, string, string, string];
const invoke = await loadWrapper(entryPoint, route);

// The wrapper imports the function at the first call. Loading it just before lets us measure the loading separately.
const beforeMs = cpuMs();
await import(file);
const importMs = cpuMs() - beforeMs;

report({ importMs, reply: await invoke(JSON.parse(serializedCall) as Call) });
