/** Makes a function's first call in a fresh process, without a platform. */

import type { Call, PlatformFunction } from "../setup/call.ts";
import { callFunction } from "../setup/call.ts";
import { cpuMs, report } from "./report.ts";

const file = process.argv[2]!;
const call = JSON.parse(process.argv[3]!) as Call;

const beforeMs = cpuMs();
const { default: run } = (await import(file)) as { default: PlatformFunction };
const importMs = cpuMs() - beforeMs;
report({ importMs, reply: await callFunction(run, call) });
