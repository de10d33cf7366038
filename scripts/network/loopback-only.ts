/** Keeps the servers of a process that is not ours from being heard outside of this computer. */

import { type AddressInfo, createServer, type ListenOptions, Server } from "node:net";

/** This computer has no IPv6. */
export const NO_SUCH_ADDRESS = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT"]);

const listen = Server.prototype.listen as (this: Server, ...args: unknown[]) => Server;

/** From now on, whoever listens in this process without a host, or on one that others can reach, listens on loopback. */
export function listenOnLoopbackOnly(): void {
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    const options = addressIn(args);
    if (options === undefined || isLoopback(options.host)) return listen.apply(this, args);

    // Which of the two is meant by "localhost" differs between computers, and browsers.
    this.once("listening", () => listenOnIPv6Too(this));
    return listen.call(
      this,
      { ...options, host: "127.0.0.1" },
      args.findLast((arg) => typeof arg === "function"),
    );
  };
}

/** All forms of `server.listen()` that open a port; undefined for a path or a handle. */
function addressIn([first, second]: unknown[]): ListenOptions | undefined {
  if (typeof first === "object" && first !== null) return "port" in first ? (first as ListenOptions) : undefined;
  if (typeof first === "string" && !/^\d+$/.test(first)) return undefined;

  const port = typeof first === "function" ? 0 : Number(first ?? 0);
  return typeof second === "string" ? { port, host: second } : { port };
}

function isLoopback(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|::1|127(\.\d{1,3}){3})$/.test(host);
}

/** Node has no listener for both addresses, so a second one hands over what comes to it. */
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
