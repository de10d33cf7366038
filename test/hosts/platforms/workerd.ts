import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { HostOrder, RunningHost } from "../hosts.ts";

/** Runs a built Worker in workerd, Cloudflare's runtime, with the settings that were built for `wrangler deploy`. */

/** The part of wrangler.jsonc that the runtime needs. */
interface WranglerSettings {
  main: string;
  compatibility_date: string;
  compatibility_flags: string[];
  vars: Record<string, string>;
  assets: { directory: string; binding: string; not_found_handling: string; run_worker_first: string[] };
  ratelimits: { name: string; namespace_id: string; simple: { limit: number; period: number } }[];
}

/** The part of Miniflare that this uses. It is a package of test/clients. */
interface Miniflare {
  ready: Promise<URL>;
  dispatchFetch(url: string, init?: RequestInit): Promise<Response>;
  dispose(): Promise<void>;
}

export interface RunningWorker extends RunningHost {
  /** Sends a request under any address, as the platform would. */
  fetch(url: string, init?: RequestInit): Promise<Response>;
}

export async function readWranglerSettings(directory: string): Promise<WranglerSettings> {
  const text = await readFile(join(directory, "wrangler.jsonc"), "utf8");
  return JSON.parse(text.replace(/^\/\/.*\n/, "")) as WranglerSettings;
}

export async function startWorker({ directory, port, env }: HostOrder): Promise<RunningWorker> {
  const output: string[] = [];
  const settings = await readWranglerSettings(directory);
  const { Miniflare, Log, LogLevel } = await loadMiniflare();
  const miniflare: Miniflare = new Miniflare({
    port,
    host: "127.0.0.1",
    log: new Log(LogLevel.NONE),
    handleRuntimeStdio: (...streams: NodeJS.ReadableStream[]) => {
      for (const stream of streams) stream.on("data", (chunk) => output.push(...String(chunk).trim().split("\n")));
    },
    modules: [
      { type: "ESModule", path: settings.main, contents: await readFile(join(directory, settings.main), "utf8") },
    ],
    compatibilityDate: settings.compatibility_date,
    compatibilityFlags: settings.compatibility_flags,
    bindings: env,
    assets: assetsOf(directory, settings),
    ratelimits: Object.fromEntries(settings.ratelimits.map(({ name, ...limit }) => [name, limit])),
  });
  await miniflare.ready;
  const fetch: RunningWorker["fetch"] = (url, init) => miniflare.dispatchFetch(url, { redirect: "manual", ...init });
  return { origin: `http://localhost:${port}`, output, fetch, stop: () => miniflare.dispose() };
}

function assetsOf(directory: string, { assets }: WranglerSettings): object {
  const { run_worker_first: patterns } = assets;
  return {
    directory: join(directory, assets.directory),
    binding: assets.binding,
    assetConfig: { not_found_handling: assets.not_found_handling },
    routerConfig: {
      has_user_worker: true,
      static_routing: {
        user_worker: patterns.filter((pattern) => !pattern.startsWith("!")),
        asset_worker: patterns.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1)),
      },
    },
  };
}

async function loadMiniflare(): Promise<any> {
  const clients = fileURLToPath(new URL("../../clients/package.json", import.meta.url));
  return createRequire(clients)("miniflare");
}
