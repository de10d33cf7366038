import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../scripts/network/free-port.ts";
import type { Configuration } from "../../server/provider/service.ts";
import { CANARY, PROVIDER, plainService } from "../tools/harness.ts";
import { buildOne } from "./hosts.ts";
import { type RunningWorker, readWranglerSettings, startWorker } from "./platforms/workerd.ts";

/** What only Cloudflare's platform has: names of versions, secrets in bindings, its own rate limit and file server. */

const CONFIGURATION: Configuration = { services: [plainService()], secrets: {}, localDevelopment: false };
const SECRETS = { GITHUB_CLIENT_SECRET: CANARY.clientSecret };
const START = `/authorize/github?${new URLSearchParams({
  client_id: "https://app.example/",
  redirect_uri: "https://app.example/callback",
  response_type: "code",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
})}`;
const FROM_APP = { headers: { referer: "https://app.example/" } };

let directory: string;
let worker: RunningWorker;
beforeAll(async () => void (directory = await buildOne("cloudflare", CONFIGURATION, PROVIDER)));

async function start(env: Record<string, unknown>): Promise<RunningWorker> {
  worker = await startWorker({ directory, port: await freePort(), env: env as Record<string, string> });
  return worker;
}

describe("on Cloudflare", () => {
  beforeAll(() => start({ URL: PROVIDER, ...SECRETS }));
  afterAll(() => worker.stop());

  test("the published Worker begins a login, with a cookie for https", async () => {
    const answer = await worker.fetch(PROVIDER + START, FROM_APP);
    expect([answer.status, new URL(answer.headers.get("location")!).host]).toEqual([302, "github.example"]);
    expect(answer.headers.getSetCookie()[0]).toMatch(/^__Host-ap=.*; Secure;/);
  });

  test.each([
    ["a version", "https://0a1b2c3d-auth-provider.owner.workers.dev"],
    ["an alias of a version", "https://staging-auth-provider.owner.workers.dev"],
    ["the Worker's name at workers.dev", "https://auth-provider.owner.workers.dev"],
    ["a preview", "https://feature-auth-provider.owner.workers.dev"],
    ["a name that begins like ours", `${PROVIDER}.evil.example`],
  ])("[A15] under the name of %s, nobody is answered", async (_, origin) => {
    for (const path of [START, "/", "/confirm", "/services.json", "/callback/github?code=x&state=y"]) {
      const answer = await worker.fetch(origin + path, FROM_APP);
      expect(answer.status, path).toBe(421);
      expect(answer.headers.has("set-cookie"), path).toBe(false);
    }
  });

  test("plain http leads to https", async () => {
    const answer = await worker.fetch(PROVIDER.replace("https:", "http:") + START);
    expect([answer.status, answer.headers.get("location")]).toEqual([301, PROVIDER + START]);
  });

  test.each(["//evil.example/", "/%2f%2fevil.example", "/\\evil.example/", "/confirm.html", "/confirm/", "/..%2fx"])(
    "[A21] the platform's file server redirects nobody: %s",
    async (path) => {
      const answer = await worker.fetch(`${PROVIDER}${path}`);
      expect([answer.status, answer.headers.get("location")]).toEqual([404, null]);
    },
  );

  test("[A46] one address may make 360 requests in a minute to the endpoints, and others are not affected", async () => {
    const from = (address: string) => ({ headers: { "cf-connecting-ip": address } });
    const list = (address: string) => worker.fetch(`${PROVIDER}/services.json`, from(address));
    for (let count = 0; count < 360; count += 1) expect((await list("192.0.2.1")).status).toBe(200);
    const refused = await list("192.0.2.1");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    expect((await worker.fetch(`${PROVIDER}/confirm`, from("192.0.2.1"))).status).toBe(200);
    expect((await list("192.0.2.2")).status).toBe(200);
  });
});

describe("a Worker with variables that cannot be used answers nobody, and says which", () => {
  afterEach(() => worker.stop());

  test.each<[string, Record<string, unknown>]>([
    ["URL", {}],
    ["URL", { URL: "auth.example" }],
    ["SEALING_KEY", { URL: PROVIDER, SEALING_KEY: "short" }],
    ["ALLOWED_APPS", { URL: PROVIDER, ALLOWED_APPS: "x" }],
    ["ALLOWED_APPS", { URL: PROVIDER, ALLOWED_APPS: { apps: ["https://app.example"] } }],
    ["ALLOW_LOOPBACK", { URL: PROVIDER, ALLOW_LOOPBACK: 0 }],
  ])("%s in %j", async (name, env) => {
    const { fetch, output } = await start({ ...SECRETS, ...env });
    for (const path of [START, "/", "/services.json"]) expect((await fetch(PROVIDER + path)).status).toBe(503);
    await expect.poll(() => output.join("\n")).toContain(`${name} `);
    expect(output.join("\n")).not.toContain(CANARY.clientSecret);
  });

  test("a switch that is written as JSON counts", async () => {
    const { fetch } = await start({ ...SECRETS, URL: PROVIDER, ALLOW_LOOPBACK: false });
    const path = START.replaceAll("https%3A%2F%2Fapp.example", "http%3A%2F%2Flocalhost");
    expect((await fetch(PROVIDER + path)).status).toBe(403);
  });

  test("a service without its secret is not offered, and the log says what is missing", async () => {
    const { fetch, output } = await start({ URL: PROVIDER });
    expect(await (await fetch(`${PROVIDER}/services.json`)).json()).toEqual({});
    await expect.poll(() => output.join("\n")).toContain("GITHUB_CLIENT_SECRET is missing");
  });
});

describe("wrangler.jsonc", () => {
  test("has what logins need, and no address for versions", async () => {
    expect(await readWranglerSettings(directory)).toMatchObject({
      compatibility_flags: ["nodejs_compat", "global_fetch_strictly_public"],
      vars: { URL: PROVIDER },
      routes: [{ pattern: "auth.example", custom_domain: true }],
      workers_dev: false,
      preview_urls: false,
      keep_vars: true,
      observability: { logs: { invocation_logs: false } },
    });
  });

  test("for a name at workers.dev, takes that name", async () => {
    const built = await buildOne("cloudflare", CONFIGURATION, "https://logins.owner.workers.dev");
    const settings = await readWranglerSettings(built);
    expect(settings).toMatchObject({ name: "logins", workers_dev: true, preview_urls: false });
    expect(settings).not.toHaveProperty("routes");
  });
});
