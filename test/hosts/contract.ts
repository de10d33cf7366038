import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../netlify/routes.ts";
import { aim, allCases, attempt } from "../../scripts/attack/attack.ts";
import type { Answer, Probe, Send } from "../../scripts/attack/case.ts";
import { sendTo } from "../../scripts/attack/send.ts";
import { headersFor, parseHeaders } from "../../scripts/build/headers-file.ts";
import {
  CORS_JSON_HEADERS,
  PAGE_HEADERS,
  PREFLIGHT_HEADERS,
  PUBLIC_JSON_HEADERS,
} from "../../server/answers/headers.ts";
import { newLogin, prepareLogin } from "../load/logins.ts";
import { SlowService } from "../load/slow-service.ts";
import { PATIENCE_MS } from "../tools/patience.ts";

/** What every host must do, whatever it runs on. Requests are sent byte for byte, over HTTP. */

export interface HostUnderTest {
  origin: string;
  /** The folder of the published files, with `_headers`. */
  published: string;
  output: string[];
  stop(): Promise<void>;
}

export interface ContractOptions {
  name: string;
  /** @param service the simulated service that is configured under the id `demo` */
  start: (service: SlowService) => Promise<HostUnderTest>;
  /** Why the tests are skipped, if they are. */
  skipped?: boolean;
  /**
   * `netlify dev`: its own server answers requests for pages, adds headers, prints addresses, and serves `_headers`. What
   * Netlify itself does is not known here.
   */
  ownFileServer?: boolean;
}

const APP = "https://app.example";
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const LOGIN = new URLSearchParams({
  client_id: `${APP}/`,
  redirect_uri: `${APP}/callback`,
  response_type: "code",
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
});
const START: Probe = { path: `/authorize/demo?${LOGIN}`, headers: { referer: `${APP}/` } };
const DIALECTS = ["a standard client", "Madata", "a CMS"];

/** Headers of the connection and of the date, which servers add to every answer. */
const TRANSPORT = ["connection", "content-length", "date", "keep-alive", "transfer-encoding", "vary"];

export function describeContract({ name, start, skipped = false, ownFileServer = false }: ContractOptions): void {
  describe.skipIf(skipped)(`${name} keeps the contract of a host`, () => {
    const service = new SlowService(0);
    let host: HostUnderTest;
    let send: Send;

    beforeAll(async () => {
      await service.start();
      host = await start(service);
      send = sendTo(host.origin, {
        patienceMs: PATIENCE_MS,
        pauseMs: 0,
        sleep: async () => undefined,
        onWait: () => undefined,
        // Some servers close a connection whose request they have not read to its end.
        agent: false,
      });
    });
    afterAll(async () => {
      await host?.stop();
      await service.stop();
    });

    const get = (path: string, headers: Record<string, string> = {}): Promise<Answer> => send({ path, headers });

    test.each(DIALECTS.map((dialect, index) => [dialect, index] as const))("a whole login of %s", async (_, index) => {
      const login = newLogin(`of-${index}`);
      const provider = { origin: host.origin, send: sendForLogins(send) };
      const finish = await prepareLogin(index, login, provider, service);
      expect(await finish()).toEqual({ recipient: login.app, accessToken: `token-of-${login.user}` });
    });

    test.each(ROUTES.map(({ path, endpoint }) => [path, endpoint] as const))(
      "%s leads to its endpoint, which answers every method",
      async (path, endpoint) => {
        const answer = await send({ method: "PUT", path: path.replace(":service", "demo") });
        expect([answer.status, answer.headers.get("allow")]).toEqual([405, Object.keys(endpoint.methods).join(", ")]);
      },
    );

    test("the service in a path is not decoded, and a slash at the end does no harm", async () => {
      expect((await get("/token/d%65mo")).status).toBe(405);
      expect((await send({ method: "POST", path: "/token/d%65mo", headers: FORM, body: "x=y" })).text).toContain(
        "does not offer that service",
      );
      expect((await get("/.well-known/oauth-authorization-server/demo/")).status).toBe(200);
    });

    test("a CORS preflight is answered by the endpoint", async () => {
      const headers = {
        origin: APP,
        "access-control-request-method": "POST",
        "access-control-request-headers": "dpop",
      };
      const answer = await send({ method: "OPTIONS", path: "/token/demo", headers });
      expect(answer.status).toBe(204);
      const { "Netlify-CDN-Cache-Control": _, ...expected } = PREFLIGHT_HEADERS;
      expectHeaders(answer, expected);
      expect(answer.headers.get("access-control-allow-headers")).toContain("dpop");
    });

    test("[A66] endpoints keep exactly their headers", async () => {
      const page = await send(START);
      const refused = await send({ method: "POST", path: "/token/demo", headers: FORM, body: "grant_type=x" });
      const list = await get("/services.json");
      expect([page.status, refused.status, list.status]).toEqual([302, 400, 200]);
      const added = ownFileServer ? (answer: Answer) => [...answer.headers.keys()] : () => [];
      expectOnly(page, PAGE_HEADERS, ["location", "set-cookie", ...added(page)]);
      expectOnly(refused, CORS_JSON_HEADERS, added(refused));
      expectOnly(list, PUBLIC_JSON_HEADERS, ["etag", ...added(list)]);
    });

    test("cookies stay apart, with all their attributes", async () => {
      const cookies = (await send(START)).headers.getSetCookie();
      expect(cookies.length).toBeGreaterThan(1);
      for (const cookie of cookies)
        expect(cookie).toMatch(/^ap-dev[\w-]*=[\w.-]+; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
    });

    test.each(["/", "/confirm", "/auth.js", "/react-admin.d.ts", "/languages/de/confirm.json", "/no-such-page"])(
      "[A66] the published file %s has the headers of _headers",
      async (path) => {
        const rules = parseHeaders(await readFile(join(host.published, "_headers"), "utf8"));
        const answer = await get(path);
        expect(answer.status).toBe(path === "/no-such-page" ? 404 : 200);
        const { "Content-Type": type, ...headers } = headersFor(rules, path);
        expectHeaders(answer, headers);
        if (type !== undefined && !ownFileServer) expect(answer.headers.get("content-type")).toBe(type);
        if (path === "/" || path === "/no-such-page")
          expect(answer.headers.get("content-type")?.toLowerCase()).toBe("text/html; charset=utf-8");
      },
    );

    test.each(["/", "/confirm", "/services.json"])("HEAD %s is GET without a body", async (path) => {
      const [head, whole] = [await send({ method: "HEAD", path }), await get(path)];
      expect([head.status, head.text]).toEqual([200, ""]);
      for (const name of ["content-type", "cache-control", "content-security-policy"])
        expect(head.headers.get(name), name).toBe(whole.headers.get(name));
    });

    test("what has not changed is not sent again", async () => {
      const etag = (await get("/services.json")).headers.get("etag")!;
      const again = await get("/services.json", { "if-none-match": etag });
      expect([again.status, again.text]).toEqual([304, ""]);
    });

    test.each([
      ["/token/demo", FORM],
      ["/decision", { "content-type": "application/json" }],
    ])("a body of more than 16 KiB is refused at %s", async (path, headers) => {
      const own = { ...headers, "sec-fetch-site": "same-origin", origin: host.origin };
      expect((await send({ method: "POST", path, headers: own, body: "x".repeat(17_000) })).status).toBe(413);
      expect((await get("/services.json")).status).toBe(200);
    });

    test("POST to a page and to no page is answered by nobody", async () => {
      for (const path of ["/", "/confirm", "/no-such-page"]) {
        const { status } = await send({ method: "POST", path, headers: FORM, body: "x=y" });
        expect(ownFileServer ? [404, 405] : [404], path).toContain(status);
      }
    });

    test("the root leads Madata's answers on, with every parameter", async () => {
      for (const query of ["code=a&state=b&iss=c", "error=a&state=b&error_description=c"]) {
        const answer = await get(`/?${query}`);
        expect(answer.status).toBe(302);
        const location = new URL(answer.headers.get("location")!, host.origin);
        expect([location.origin, location.pathname]).toEqual([host.origin, "/callback"]);
        expect(Object.fromEntries(location.searchParams)).toEqual(Object.fromEntries(new URLSearchParams(query)));
        // `Referer` must still say which page led the browser here.
        if (!ownFileServer) expect(answer.headers.get("referrer-policy")).toBeNull();
      }
      expect((await get("/?code=a")).status).toBe(200);
    });

    test.each([
      ...(ownFileServer ? [] : ["/_headers"]),
      "/.secret.json",
      "/../.secret.json",
      "/%2e%2e/.secret.json",
      "/..%2f.secret.json",
      "/package.json",
      "/wrangler.jsonc",
      "/worker.mjs",
      "/server.mjs",
    ])("[A10] %s is not served", async (path) => expect([400, 404]).toContain((await get(path)).status));

    test("[A16] under another name no login runs", async () => {
      const elsewhere = { host: "old-version.example" };
      const form = { method: "POST", body: "x=y", headers: { ...FORM, ...elsewhere } };
      const login = await get(START.path, { ...START.headers, ...elsewhere });
      const answers = [
        login,
        await send({ ...form, path: "/token/demo" }),
        await send({ ...form, path: "/decision" }),
        await get("/services.json", elsewhere),
        await get(`/callback/demo?code=x&state=y`, elsewhere),
        ...(ownFileServer ? [] : [await get("/", elsewhere), await get("/confirm", elsewhere)]),
      ];
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 421));
      expect(login.headers.has("set-cookie")).toBe(false);
    });

    test("[A16] headers that name another address change nothing", async () => {
      const headers = {
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        forwarded: "host=evil.example;proto=https",
        "x-original-url": "/confirm",
        "x-rewrite-url": "/confirm",
        "x-http-method-override": "DELETE",
      };
      const path = "/.well-known/oauth-authorization-server/demo";
      const [with_, without] = [await get(path, headers), await get(path)];
      expect([with_.status, with_.text]).toEqual([200, without.text]);
      expect(without.text).toContain(`"${host.origin}/demo"`);
      const started = await get(START.path, { ...START.headers, ...headers });
      expect(started.status).toBe(302);
      expect(started.headers.getSetCookie().join()).not.toMatch(/Secure|__Host-/);
    });

    test
      .skipIf(ownFileServer)
      .each([
        "//confirm",
        "///",
        "/confirm/",
        "/CONFIRM",
        "/confirm;x=1",
        "/confirm%00",
        "/%63onfirm",
        "/%",
        "/%zz",
        "//authorize/demo",
        "/authorize//demo",
        "/Authorize/demo",
        `/${"a".repeat(9_000)}`,
      ])("a path in another spelling is no path of ours: %s", async (path) => {
      const { status, headers } = await get(`${path}?${LOGIN}`, START.headers);
      expect([status, headers.get("location"), headers.getSetCookie()]).toEqual([404, null, []]);
    });

    test("a part, or another version, of a page or an answer is the whole of it", async () => {
      for (const path of ["/confirm", "/auth.js", "/services.json"]) {
        const whole = await get(path);
        const part = await get(path, { range: "bytes=0-9", "if-modified-since": "Wed, 01 Jan 2020 00:00:00 GMT" });
        expect([part.status, part.text === whole.text], path).toEqual([200, true]);
      }
    });

    test.each(["/authorize/demo", "/callback/demo?code=x&state=y", "/token/demo", "/userinfo/demo", "/decision"])(
      "HEAD %s begins nothing and has no body",
      async (path) => {
        const { status, text, headers } = await send({ ...START, method: "HEAD", path });
        expect([status, text, headers.getSetCookie()]).toEqual([405, "", []]);
      },
    );

    test("withstands the attacks that stand for all others", async () => {
      const target = await aim(host.origin, send, { app: "https://good.example" });
      const cases = allCases(target).filter(({ smoke }) => smoke);
      expect(cases.length).toBeGreaterThan(15);
      for (const attack of cases) expect(await attempt(attack, target, send), attack.title).toEqual([]);
    });

    test("[A9] the log is one line of JSON for each answer, and repeats nothing of a request", async () => {
      await get("/callback/demo?code=canary-of-the-code&state=canary-of-the-state");
      await expect.poll(() => host.output.join("\n")).toMatch(/"endpoint":"callback"[^\n]*"status":400/);
      const lines = host.output.filter((line) => line.includes('"endpoint"'));
      if (!ownFileServer)
        for (const line of lines) expect(JSON.parse(line)).toMatchObject({ status: expect.any(Number) });
      expect((ownFileServer ? lines : host.output).join("\n")).not.toMatch(/canary|token-of-|code-of-|client-secret/);
    });
  });
}

function sendForLogins(send: Send) {
  return async (path: string, init: Omit<Probe, "path"> = {}) => {
    const { status, headers, text } = await send({ path, ...init });
    return { status, text, headers: { ...Object.fromEntries(headers), "set-cookie": headers.getSetCookie() } };
  };
}

function expectHeaders({ headers }: Answer, expected: Record<string, string>): void {
  for (const [name, value] of Object.entries(expected)) expect(headers.get(name), name).toBe(value);
}

/** @param further headers that this answer has besides, with other values each time */
function expectOnly(answer: Answer, expected: Record<string, string>, further: string[]): void {
  expectHeaders(answer, expected);
  const known = [...Object.keys(expected).map((name) => name.toLowerCase()), ...TRANSPORT, ...further];
  expect([...answer.headers.keys()].filter((name) => !known.includes(name))).toEqual([]);
}
