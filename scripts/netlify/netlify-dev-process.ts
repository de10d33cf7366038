/**
 * The process of `netlify dev`, for netlify-dev.ts: Netlify's program as it is, but heard on this computer only, and
 * ended with whoever started it.
 */

import { listenOnLoopbackOnly } from "../network/loopback-only.ts";

const PROGRAM = new URL("../../node_modules/netlify-cli/bin/run.js", import.meta.url);

// The channel closes when the other process ends, in whatever way: also by SIGKILL, where it can do nothing any more.
if (!process.connected) endNow();
process.on("disconnect", endNow);
process.channel?.unref();

listenOnLoopbackOnly();
await import(PROGRAM.href);

/** With the processes it has started. */
function endNow(): void {
  try {
    process.kill(-process.pid, "SIGKILL");
  } catch {
    // It leads no group, as on Windows.
  }
  process.exit(1);
}
