import { reportStart, startServerProcess, stopOnSignal } from "../server-process.ts";
import type { Site } from "../site.ts";

interface ServeOptions {
  port: number;
  hostname: string;
  fetch: Site;
  /** `true`, its default, shows the lines of code around an exception to whoever has caused it. */
  development: boolean;
}

/** https://bun.com/docs/runtime/http/server */
declare const Bun: { serve(options: ServeOptions): { stop(): Promise<void> } };

const settings = startServerProcess();
const { site, port, hostname } = settings;
const server = Bun.serve({ port, hostname, fetch: site, development: false });
reportStart(settings);
stopOnSignal(() => server.stop());
