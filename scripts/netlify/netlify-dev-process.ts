/**
 * The process of `netlify dev`, started by netlify-dev.ts. It runs Netlify's program unchanged, but reachable from this
 * computer only, and ends with the process that started it.
 */

import { listenOnLoopbackOnly } from "../network/loopback-only.ts";

const PROGRAM = new URL("../../node_modules/netlify-cli/bin/run.js", import.meta.url);

// The channel closes however the other process ends, even by SIGKILL.
if (!process.connected) endNow();
process.on("disconnect", endNow);
process.channel?.unref();

listenOnLoopbackOnly();
await import(PROGRAM.href);

/** Ends this process and those that it has started. */
function endNow(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    // There is no process group, as on Windows.
  }
  process.exit(1);
}
