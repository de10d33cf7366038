/** Makes the servers of a foreign program reachable from this computer only. */

import { type AddressInfo, createServer, type ListenOptions, Server } from "node:net";

/** The error codes of a computer without IPv6. */
export const NO_SUCH_ADDRESS = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;

/** From now on, a server in this process that listens on no host, or on one that others can reach, listens on loopback. */
export function listenOnLoopbackOnly(): void {
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    const options = addressIn(args);
    if (options === undefined || isLoopback(options.host)) return listen.apply(this, args);

    // "localhost" means IPv4 or IPv6, depending on the computer and the browser.
    this.once("listening", () => listenOnIPv6Too(this));
    return listen.call(
      this,
      { ...options, host: "127.0.0.1" },
      args.findLast((arg) => typeof arg === "function"),
    );
  };
}

/** Reads all forms of `server.listen()` that open a port; `undefined` for a path or a handle. */
function addressIn([first, second]: unknown[]): ListenOptions | undefined {
  if (typeof first === "object" && first !== null) return "port" in first ? (first as ListenOptions) : undefined;
  if (typeof first === "string" && !/^\d+$/.test(first)) return undefined;

  const port = typeof first === "function" ? 0 : Number(first ?? 0);
  return typeof second === "string" ? { port, host: second } : { port };
}

function isLoopback(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|::1|127(\.\d{1,3}){3})$/.test(host);
}

/** Node cannot listen on both loopback addresses, so a second server passes its connections to the first. */
function listenOnIPv6Too(server: Server): void {
  const { port } = server.address() as AddressInfo;
  const second = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit("connection", socket));
  second.once("error", (error: NodeJS.ErrnoException) => {
    if (!NO_SUCH_ADDRESS.has(error.code ?? "")) server.emit("error", error);
  });
  second.once("listening", () => {
    if (!server.listening) second.close();
  });
  server.once("close", () => second.close());
  listen.call(second, { port, host: "::1" });
  second.unref();
}
