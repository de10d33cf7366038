import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PATIENCE_MS } from "./patience.ts";

export interface LocalServer {
  origin: string;
  /** Also closes open connections. */
  stop(): Promise<void>;
}

/** An HTTP server on a free port of this computer. Every `host` is a separate origin, and usually a separate site. */
export async function startLocalServer(listener: RequestListener, host = "127.0.0.1"): Promise<LocalServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${port}`,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Resolves when the server of another process answers, whatever it says. */
export async function untilItAnswers(origin: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await fetch(origin, { redirect: "manual" }).catch(() => undefined))) {
    if (Date.now() > deadline) throw new Error(`${origin} does not answer.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
