import { execFile } from "node:child_process";
import { Agent } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../scripts/network/free-port.ts";
import type { Configuration } from "../../server/provider/service.ts";
import { configurationFor, type Send, sendWith } from "../load/loaded-provider.ts";
import { newLogin, prepareLogin } from "../load/logins.ts";
import { SlowService } from "../load/slow-service.ts";
import { CANARY, PROVIDER, plainService } from "../tools/harness.ts";
import { buildOne, HOSTS, type RunningHost, type TestedHost } from "./hosts.ts";

/** What only hosts with a process of their own have: a start, an end, and a path for health checks. */

const SERVERS = HOSTS.filter(({ name, runtime }) => ["node", "deno", "bun"].includes(name) && runtime !== undefined);
const OPTIONS: Record<string, string[]> = { deno: ["run", "--allow-net", "--allow-env"] };

const run = promisify(execFile);

describe.each(SERVERS)("the server for $name", ({ name, runtime, start }: TestedHost) => {
  const configuration: Configuration = { services: [plainService()], secrets: {}, localDevelopment: false };
  let directory: string;
  beforeAll(async () => void (directory = await buildOne(name, configuration, PROVIDER)));

  test.each<[string, Record<string, string>]>([
    ["URL", {}],
    ["URL", { URL: "auth.example" }],
    ["URL", { URL: "http://auth.example" }],
    ["SEALING_KEY", { URL: PROVIDER, SEALING_KEY: "correct horse" }],
    ["ALLOWED_APPS", { URL: PROVIDER, ALLOWED_APPS: "x" }],
    ["ALLOW_LOOPBACK", { URL: PROVIDER, ALLOW_LOOPBACK: "False" }],
    ["ALLOW_TRY", { URL: PROVIDER, ALLOW_TRY: "no" }],
    ["SIGNING_KEY", { URL: PROVIDER, SIGNING_KEY: "a made-up key" }],
    ["PORT", { URL: PROVIDER, PORT: "http" }],
  ])("does not start without a usable %s, and says so: %j", async (variable, env) => {
    const args = [...(OPTIONS[name] ?? []), join(directory, "server.mjs")];
    const ended = await run(runtime!, args, { env: { PATH: process.env.PATH!, ...env } }).catch((error) => error);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining(`${variable} `) });
    for (const value of Object.values(env).filter((each) => each !== PROVIDER))
      expect(ended.stderr).not.toContain(`"${value}"`);
  });

  test("tells a health check that it runs, under any name, and says at its start what is not offered", async () => {
    const { origin, output, stop } = await start({ directory, port: await freePort(), env: { URL: PROVIDER } });
    const health = await fetch(`${origin}/health`);
    expect([health.status, await health.text()]).toEqual([200, "ok"]);
    expect((await fetch(`${origin}/services.json`)).status).toBe(421);
    expect(output.map((line) => JSON.parse(line))).toEqual(
      expect.arrayContaining([
        { warning: expect.stringContaining("GITHUB_CLIENT_SECRET") },
        expect.objectContaining({ event: "started", address: PROVIDER }),
      ]),
    );
    await stop();
  });

  describe("as strangers reach it, without a server in front", () => {
    let host: RunningHost;
    const own = new URL(PROVIDER).host;
    beforeAll(async () => {
      const env = { URL: PROVIDER, GITHUB_CLIENT_SECRET: CANARY.clientSecret };
      host = await start({ directory, port: await freePort(), env });
    });
    afterAll(() => host.stop());

    test.each([
      ["a path", `Host: ${own}/x?`],
      ["a fragment", `Host: ${own}#`],
      ["somebody's name", `Host: owner@${own}`],
      ["two names", `Host: ${own}, evil.example`],
      ["a backslash", `Host: ${own}\\x`],
      ["a tab", "Host: auth\t.example"],
      ["nothing", "Host: "],
      ["another name", "Host: evil.example"],
      ["no header at all", "X: y"],
    ])("[A16] a Host with %s gets nothing, and no line of code", async (_, header) => {
      for (const version of ["1.0", "1.1"]) {
        const answer = await sendBytes(
          host,
          `GET /services.json HTTP/${version}\r\n${header}\r\nConnection: close\r\n\r\n`,
        );
        expect(answer).toMatch(/^HTTP\/1\.[01] (400|421) /);
        expect(answer.split("\r\n\r\n")[1]!.length).toBeLessThan(60);
      }
      for (const line of host.output) expect(() => JSON.parse(line), line).not.toThrow();
    });

    test("a request that names the whole address is answered (RFC 9112 §3.2.2)", async () => {
      const target = `${PROVIDER.replace("https:", "http:")}/services.json`;
      expect(await sendBytes(host, `GET ${target} HTTP/1.1\r\nHost: ${own}\r\nConnection: close\r\n\r\n`)).toMatch(
        /^HTTP\/1\.1 200 /,
      );
    });

    test.each([
      ["two lengths", "Content-Length: 4\r\nTransfer-Encoding: chunked"],
      ["two contradicting lengths", "Content-Length: 4\r\nContent-Length: 5"],
      ["a coding that is none", "Transfer-Encoding: xchunked"],
      ["a space before the colon", "Transfer-Encoding : chunked"],
    ])("a second request cannot hide in the body of one with %s", async (_, length) => {
      const hidden = `GET /services.json HTTP/1.1\r\nHost: ${own}\r\n\r\n`;
      const answer = await sendBytes(
        host,
        `POST /token/github HTTP/1.1\r\nHost: ${own}\r\n${length}\r\n\r\n0\r\n\r\n${hidden}`,
      );
      expect(answer.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 400"]);
    });

    test("a health check needs no Host", async () => {
      expect(await sendBytes(host, "GET /health HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.[01] 200 /);
    });

    test("[A46] whoever goes away in the middle of a request is no error of the provider's", async () => {
      const type = "Content-Type: application/x-www-form-urlencoded";
      const started = `POST /token/github HTTP/1.1\r\nHost: ${own}\r\n${type}\r\nContent-Length: 10\r\n\r\nx=y`;
      const socket = connect(Number(new URL(host.origin).port), "127.0.0.1", () =>
        socket.write(started, () => setImmediate(() => socket.destroy())),
      );
      await expect.poll(() => host.output.join("\n")).toContain('"unreadable_body"');
      expect(host.output.join("\n")).not.toContain('"broken"');
      expect(await sendBytes(host, `GET /services.json HTTP/1.0\r\nHost: ${own}\r\n\r\n`)).toContain(" 200 ");
    });
  });

  test("on SIGTERM, finishes the logins that are running, accepts no others, and ends", async () => {
    const service = new SlowService(300);
    await service.start();
    const port = await freePort();
    const demo = plainService({
      id: "demo",
      key: "Demo",
      authorizationEndpoint: `${service.origin}/authorize`,
      tokenEndpoint: `${service.origin}/token`,
    });
    const local = { services: [demo], secrets: { demo: CANARY.clientSecret }, localDevelopment: true };
    const built = await buildOne(name, local, PROVIDER);
    const host = await start({ directory: built, port, env: { URL: `http://localhost:${port}` } });
    const provider = {
      origin: host.origin,
      send: async (path: string, init: RequestInit = {}) => {
        const answer = await fetch(host.origin + path, { ...init, redirect: "manual" });
        const cookies = { "set-cookie": answer.headers.getSetCookie() };
        return {
          status: answer.status,
          text: await answer.text(),
          headers: { ...Object.fromEntries(answer.headers), ...cookies },
        };
      },
    };
    const logins = await Promise.all(
      [0, 1, 2].map((index) => prepareLogin(index, newLogin(`${index}`), provider, service)),
    );
    const finished = Promise.all(logins.map((finish) => finish()));
    await expect.poll(() => service.peak, { interval: 5 }).toBe(3);
    expect(await host.end!("SIGTERM")).toBe(0);
    expect((await finished).map(({ accessToken }) => accessToken)).toEqual(
      [0, 1, 2].map((index) => `token-of-user-${index}`),
    );
    await expect(fetch(host.origin)).rejects.toThrow();
    await service.stop();
  });
});

/** Sends bytes that no HTTP client would send. @returns everything until the server closes the connection */
async function sendBytes({ origin }: RunningHost, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(origin).port), "127.0.0.1");
  socket.write(bytes, "latin1");
  return await text(socket);
}

test("a login may be answered by a different host at each step, if all have the same URL and secrets", async () => {
  const service = new SlowService(0);
  await service.start();
  const address = "http://localhost:9";
  const running = await Promise.all(
    HOSTS.filter(({ runtime }) => runtime !== undefined).map(async (host) => {
      const built = await buildOne(host.name, configurationFor(service.origin), address);
      const env = { URL: address, DEMO_CLIENT_SECRET: CANARY.clientSecret, VERCEL_ENV: "production" };
      return await host.start({ directory: built, port: await freePort(), env });
    }),
  );
  let next = 0;
  const agent = new Agent();
  const provider = {
    origin: address,
    send: async (path: string, send: Send = {}) => {
      const { origin } = running[next++ % running.length]!;
      return await sendWith(agent, origin + path, { ...send, headers: { ...send.headers, host: "localhost:9" } });
    },
  };
  for (let index = 0; index < 6; index += 1) {
    const login = newLogin(`${index}`);
    const outcome = await (await prepareLogin(index, login, provider, service))();
    expect(outcome).toEqual({ recipient: login.app, accessToken: `token-of-${login.user}` });
  }
  await Promise.all([...running.map(({ stop }) => stop()), service.stop()]);
});
