import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Below the ports that systems give to outgoing connections, one of which could take a port before it is used. */
const LOWEST = 20_000;
const HIGHEST = 29_999;

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const port = randomInt(LOWEST, HIGHEST + 1);
  return (await isFree(port)) ? port : await freePort();
}

export async function isFree(port: number): Promise<boolean> {
  // Some systems allow one listener on all addresses beside another on 127.0.0.1.
  return (await canListen(port, "127.0.0.1")) && (await canListen(port));
}

function canListen(port: number, host?: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}
