import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, Server } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../../../scripts/network/free-port.ts";
import { listenOnLoopbackOnly } from "../../../scripts/network/loopback-only.ts";

/** netlify dev asks to listen on all interfaces. With this module, its servers listen on loopback addresses only. */

const listen = Server.prototype.listen;
const interfaces = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
const hasIPv6 = interfaces.some(({ address }) => address === "::1");
const foreign = interfaces.find(({ internal, family }) => !internal && family === "IPv4")?.address;

beforeAll(listenOnLoopbackOnly);
afterAll(() => {
  Server.prototype.listen = listen;
});

type Listen = (server: Server, done: () => void) => unknown;

const FORMS: Record<string, Listen> = {
  "listen(callback)": (server, done) => server.listen(done),
  "listen(port, callback)": (server, done) => server.listen(0, done),
  "listen(port, backlog, callback)": (server, done) => server.listen(0, 10, done),
  "listen(port as text, callback)": (server, done) => server.listen("0" as unknown as number, done),
  "listen(undefined, callback)": (server, done) => server.listen(undefined, done),
  "listen(port, host, callback)": (server, done) => server.listen(0, "0.0.0.0", done),
  "listen(port, host, backlog, callback)": (server, done) => server.listen(0, "::", 10, done),
  "listen({ port }, callback)": (server, done) => server.listen({ port: 0 }, done),
  "listen({ port, host }, callback)": (server, done) => server.listen({ port: 0, host: "::0" }, done),
  "listen({ port: null })": (server, done) =>
    server.once("listening", done).listen({ port: null as unknown as number }),
};

test.each(Object.entries(FORMS))("%s listens on loopback", async (_form, start) => {
  const server = createServer((socket) => socket.end("heard"));
  await new Promise<void>((resolve) => start(server, resolve));
  const { address, port } = server.address() as AddressInfo;

  expect(address).toBe("127.0.0.1");
  expect(await read(port, "127.0.0.1")).toBe("heard");
  if (hasIPv6) await expect.poll(() => read(port, "::1")).toBe("heard");
  if (foreign) await expect(read(port, foreign)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await close(server);
});

test.skipIf(!hasIPv6)(
  "an HTTP server answers whatever localhost stands for, and its port is free when it has closed",
  async () => {
    const server = createHttpServer((request, response) => request.pipe(response));
    const port = await freePort();
    for (const _time of ["first", "second"]) {
      await new Promise<void>((resolve) => server.listen(port, resolve));
      for (const host of ["127.0.0.1", "[::1]", "localhost"]) {
        const ask = () =>
          fetch(`http://${host}:${port}`, { method: "POST", body: host }).then((response) => response.text());
        await expect.poll(ask).toBe(host);
      }
      server.closeAllConnections();
      await close(server);
      await expect.poll(() => read(port, "::1").catch(({ code }) => code)).toBe("ECONNREFUSED");
    }
  },
);

test.skipIf(!hasIPv6)("a server whose port another one has on ::1 fails: a browser could mean either", async () => {
  const other = createServer((socket) => socket.end("other"));
  await new Promise<void>((resolve) => listen.call(other, { port: 0, host: "::1" }, resolve));
  const server = createServer();
  const failed = new Promise((resolve) => server.once("error", resolve));
  server.listen((other.address() as AddressInfo).port);
  expect(await failed).toMatchObject({ code: "EADDRINUSE" });
  await Promise.all([close(server), close(other)]);
});

test("what others cannot reach stays as it is: a loopback address, and a path", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.2", resolve));
  expect(server.address()).toMatchObject({ address: "127.0.0.2" });
  await close(server);

  const path =
    process.platform === "win32" ? `\\\\.\\pipe\\listen-${process.pid}` : join(tmpdir(), `listen-${process.pid}`);
  await new Promise<void>((resolve) => server.listen(path, resolve));
  expect(server.address()).toBe(path);
  await close(server);
});

function read(port: number, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, host);
    socket.on("data", (data) => (text += data));
    socket.once("error", reject);
    socket.once("end", () => resolve(text));
  });
}

function close(server: Server): Promise<unknown> {
  return new Promise((resolve) => server.close(resolve));
}
