import { reportStart, startServerProcess, stopOnSignal } from "../server-process.ts";
import type { Site } from "../site.ts";

interface ServeOptions {
  port: number;
  hostname: string;
  onListen: () => void;
}

/** https://docs.deno.com/api/deno/~/Deno.serve */
declare const Deno: { serve(options: ServeOptions, site: Site): { shutdown(): Promise<void> } };

const settings = startServerProcess();
const { site, port, hostname } = settings;
const server = Deno.serve({ port, hostname, onListen: () => reportStart(settings) }, site);
stopOnSignal(() => server.shutdown());
