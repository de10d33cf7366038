import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { NO_SUCH_ADDRESS } from "./loopback-only.ts";

/** Below the ports that systems give to outgoing connections, one of which could take a port before it is used. */
const LOWEST = 20_000;
const HIGHEST = 29_999;

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const port = randomInt(LOWEST, HIGHEST + 1);
  return (await isFree(port)) ? port : await freePort();
}

export async function isFree(port: number): Promise<boolean> {
  return (await listenFault(port)) === undefined;
}

/** Why nobody can listen on this port now, as the system's word for it; undefined: it is free. */
export async function listenFault(port: number): Promise<string | undefined> {
  // Some systems allow one listener on all addresses beside another on one of them.
  for (const host of ["127.0.0.1", "::1", undefined]) {
    const fault = await tryToListen(port, host);
    if (fault !== undefined && !NO_SUCH_ADDRESS.has(fault)) return fault;
  }
  return undefined;
}

function tryToListen(port: number, host?: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}
