import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { NO_SUCH_ADDRESS } from "./loopback-only.ts";

/** Below the ports that systems use for outgoing connections, which could take a port before it is used here. */
const LOWEST = 20_000;
const HIGHEST = 29_999;

/** Finds a port that nobody listens on. */
export async function freePort(): Promise<number> {
  const port = randomInt(LOWEST, HIGHEST + 1);
  return (await isFree(port)) ? port : await freePort();
}

export async function isFree(port: number): Promise<boolean> {
  return (await listenErrorCode(port)) === undefined;
}

/** The system's error code if this process cannot listen on the port; `undefined` if the port is free. */
export async function listenErrorCode(port: number): Promise<string | undefined> {
  // Some systems allow one listener on all addresses and another on a single address.
  for (const host of ["127.0.0.1", "::1", undefined]) {
    const errorCode = await tryToListen(port, host);
    if (errorCode !== undefined && !NO_SUCH_ADDRESS.has(errorCode)) return errorCode;
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
