import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../scripts/network/free-port.ts";
import type { Configuration } from "../../server/provider/service.ts";
import { newLogin, prepareLogin } from "../load/logins.ts";
import { SlowService } from "../load/slow-service.ts";
import { CANARY, PROVIDER, plainService } from "../tools/harness.ts";
import { buildOne, HOSTS, type TestedHost } from "./hosts.ts";

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
