import process from "node:process";
import { startSite } from "./built-site.ts";
import type { Site } from "./site.ts";

/** What the servers for Node, Deno and Bun have in common. */

/** Proxies and containers ask for it under any name, to find out whether the server runs. */
const HEALTH_PATH = "/health";

/** Longer than a request to a service may take. */
const MAX_STOP_MS = 10_000;

export interface ServerSettings {
  site: Site;
  /** The provider's own address. */
  address: string;
  hostname: string;
  port: number;
}

/** Reads the environment. If a variable is missing, says which one and ends the process. */
export function startServerProcess(): ServerSettings {
  const { URL: address = "", PORT: port = "8888", HOST: hostname = "127.0.0.1" } = process.env;
  try {
    const site = startSite(process.env);
    return { site: withHealth(site), address, hostname, port: readPort(port) };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

function readPort(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port > 0 && port < 65_536) return port;
  throw new Error("PORT is not the number of a port.");
}

function withHealth(site: Site): Site {
  return async (request) =>
    isHealthCheck(request) ? new Response("ok", { headers: { "Cache-Control": "no-store" } }) : await site(request);
}

/** Health checks of HTTP/1.0 have no `Host`, and in Bun the URL is only the path then. Node 20 has no `URL.parse`. */
function isHealthCheck({ url }: Request): boolean {
  const base = "http://localhost";
  return URL.canParse(url, base) && new URL(url, base).pathname === HEALTH_PATH;
}

export function reportStart({ address, hostname, port }: ServerSettings): void {
  console.log(JSON.stringify({ event: "started", address, hostname, port }));
}

/**
 * Ends the process on SIGTERM and on Ctrl-C, after the requests that are running.
 *
 * @param stop accepts no more requests, and waits for those that are running
 */
export function stopOnSignal(stop: () => Promise<unknown>): void {
  const end = async (signal: string): Promise<void> => {
    console.log(JSON.stringify({ event: "stopping", signal }));
    setTimeout(() => process.exit(1), MAX_STOP_MS).unref();
    await stop();
    process.exit(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void end(signal));
}
