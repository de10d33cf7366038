import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { describeException } from "../../server/answers/log.ts";
import { pageErrors } from "../../server/answers/page-errors.ts";
import type { Endpoint } from "../../server/endpoint.ts";
import type { Question } from "../../shared/page-messages.ts";
import type { EndpointName } from "../tools/harness.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  codeIn,
  decide,
  EVIL,
  GOOD,
  Jar,
  keepSealed,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  reachConfirmation,
  readFragment,
  redeem,
  serveChecked,
  testProvider,
} from "../tools/harness.ts";
import { boundJar, expectRefused, sealOne, spyOnFetch } from "./tools.ts";

const provider = testProvider();

beforeEach(() => void spyOnFetch());
afterEach(() => vi.restoreAllMocks());

/** Every endpoint, with an answer of each sort that it gives. */
async function everyAnswer(): Promise<[string, Response][]> {
  const { jar, browser } = boundJar();
  const query = authorizationRequest(pkcePair().challenge);
  const state = keepSealed(sealOne("state", provider, { browser }), jar);
  const json = encodeURIComponent(JSON.stringify({ url: `${GOOD}/`, backend: "Github" }));
  const { verifier, challenge } = pkcePair();
  const { question, jar: asked } = await reachConfirmation(provider, { challenge });
  const confirmed = await decide(provider, question, asked);
  const code = codeIn((await confirmed.clone().json()) as { location: string });
  return [
    [
      "302 to the service",
      await call("authorize", provider, `/authorize/github?${query}`, { headers: { referer: `${GOOD}/` } }),
    ],
    ["303 to the start page", await call("authorize", provider, `/authorize/github?${query}`)],
    ["an error page of /authorize", await call("authorize", provider, "/authorize/github")],
    [
      "303 to the confirmation page",
      await call("callback", provider, `/callback/github?code=x&state=${state}`, { jar }),
    ],
    ["303 from the root", await call("callback", provider, `/callback?code=x&state=${json}`)],
    ["an error page of /callback", await call("callback", provider, "/callback/github?code=x&state=y")],
    [
      "a prefetched page",
      await call("callback", provider, "/callback/github", { headers: { "sec-purpose": "prefetch" } }),
    ],
    ["the gate's answer", confirmed],
    ["the gate's refusal", await decide(provider, question, new Jar())],
    ["the token", await redeem(provider, { code, code_verifier: verifier })],
    ["a refused token", await redeem(provider, { code: "x", code_verifier: verifier })],
    ["a preflight", await call("token", provider, "/token/github", { method: "OPTIONS" })],
    ["a wrong method", await call("token", provider, "/token/github")],
    ["an unknown service", await call("token", provider, "/token/nobody", { method: "POST" })],
  ];
}

describe("[A35][A36] nothing that is made for one person is kept by anybody", () => {
  test("every answer but the list of services is no-store, for browsers and for the CDN", async () => {
    for (const [name, response] of await everyAnswer()) {
      expect(response.headers.get("cache-control"), name).toBe("no-store");
      expect(response.headers.get("netlify-cdn-cache-control"), name).toBe("no-store");
      expect([...response.headers].flat().join(" "), name).not.toMatch(/s-maxage|durable|cache-control, public|stale/);
    }
  });

  test("no page hands its address on as Referer", async () => {
    for (const [name, response] of await everyAnswer()) {
      if (response.headers.get("content-type") === null && response.headers.get("location") === null) continue;
      expect(response.headers.get("referrer-policy"), name).toBe("no-referrer");
    }
  });

  test("the service's code is in no address that we send a browser to, nor is the app's own state", async () => {
    const { callbackUrl, jar } = await reachConfirmation(provider);
    const response = await call("callback", provider, callbackUrl, { jar });
    const location = response.headers.get("location")!;
    const readable = location + Buffer.from(new URL(location).hash.slice(1), "base64url").toString();
    expect(readable).not.toContain(CANARY.serviceCode);
    expect(readable).not.toContain("state-of-the-app");
    expect(new URL(location).search).toBe("");
  });

  test("two browsers at one address get two tickets", async () => {
    const json = encodeURIComponent(JSON.stringify({ url: `${GOOD}/`, backend: "Github" }));
    const path = `/callback?code=x&state=${json}`;
    const [left, right] = [await call("callback", provider, path), await call("callback", provider, path)];
    expect(readFragment<Question>(left).ticket).not.toBe(readFragment<Question>(right).ticket);
    expect(left.headers.get("set-cookie")).not.toBe(right.headers.get("set-cookie"));
  });

  test.each([
    "github.css",
    "github%2ex.css",
    "github%2F",
    "GITHUB",
    "github;x.css",
    "github.json",
    "%67ithub",
    "github%00",
    "github%20",
  ])("%s is no service, whatever file it looks like", async (name) => {
    await expectRefused(await call("callback", provider, `/callback/${name}?code=x&state=y`), "unknown_service");
    await expectRefused(
      await call("authorize", provider, `/authorize/${name}?${authorizationRequest(pkcePair().challenge)}`),
      "unknown_service",
    );
    await expectRefused(
      await redeem(provider, { code: "x", code_verifier: "y" }, { service: name }),
      "unknown_service",
    );
  });
});

describe("[A37] cross-origin answers", () => {
  const origins = [GOOD, EVIL, "null", PROVIDER, "https://good.example.evil.example", "nonsense", ""];
  const places: [EndpointName, string, string][] = [
    ["authorize", "GET", "/authorize/github"],
    ["authorize", "POST", "/authorize/github"],
    ["authorize", "OPTIONS", "/authorize/github"],
    ["callback", "GET", "/callback/github"],
    ["callback", "OPTIONS", "/callback"],
    ["decision", "POST", "/decision"],
    ["decision", "OPTIONS", "/decision"],
    ["token", "POST", "/token/github"],
    ["token", "OPTIONS", "/token/github"],
    ["token", "GET", "/token/github"],
    ["token", "POST", "/token/nobody"],
    ["revoke", "POST", "/revoke/github"],
    ["revoke", "OPTIONS", "/revoke/github"],
    ["userinfo", "GET", "/userinfo/github"],
    ["userinfo", "POST", "/userinfo/github"],
    ["metadata", "GET", "/metadata/github"],
    ["services", "GET", "/services.json"],
    ["services", "OPTIONS", "/services.json"],
    ["services", "DELETE", "/services.json"],
  ];
  test.each(places)(
    "%s by %s %s: the same for every origin, never with credentials",
    async (endpoint, method, path) => {
      const open = ["token", "services", "revoke", "userinfo", "metadata"].includes(endpoint);
      for (const origin of origins) {
        const response = await call(endpoint, provider, path, { method, headers: { origin } });
        expect(response.headers.get("access-control-allow-origin")).toBe(open ? "*" : null);
        expect(response.headers.get("access-control-allow-credentials")).toBeNull();
        expect(response.headers.get("access-control-allow-private-network")).toBeNull();
        if (!open)
          expect([...response.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
      }
    },
  );

  test("the preflight allows what apps send, and an answer shows what they must read", async () => {
    const response = await call("token", provider, "/token/github", {
      method: "OPTIONS",
      headers: { origin: GOOD, "access-control-request-headers": "dpop,traceparent" },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-headers")).toBe("authorization, content-type, dpop, traceparent");
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    const answer = await redeem(provider, { code: "x", code_verifier: "y" });
    expect(answer.headers.get("access-control-expose-headers")).toBe("www-authenticate, dpop-nonce");
  });
});

describe("[A61] methods", () => {
  const allowed: Record<EndpointName, [path: string, methods: string[]]> = {
    jwks: ["/github/jwks.json", ["GET", "HEAD", "OPTIONS"]],
    metadata: ["/metadata/github", ["GET", "HEAD", "OPTIONS"]],
    revoke: ["/revoke/github", ["POST", "OPTIONS"]],
    userinfo: ["/userinfo/github", ["GET", "POST", "OPTIONS"]],
    authorize: ["/authorize/github", ["GET", "POST"]],
    "cms-mistake": ["/github/auth", ["GET"]],
    callback: ["/callback/github", ["GET", "POST"]],
    decision: ["/decision", ["POST"]],
    services: ["/services.json", ["GET", "HEAD", "OPTIONS"]],
    token: ["/token/github", ["POST", "OPTIONS"]],
  };
  const methods = [
    "GET",
    "HEAD",
    "POST",
    "OPTIONS",
    "PUT",
    "PATCH",
    "DELETE",
    "PROPFIND",
    "__proto__",
    "constructor",
    "toString",
    "get",
    "valueOf",
  ];
  const pairs = Object.keys(allowed).flatMap((endpoint) =>
    methods.map((method): [EndpointName, string] => [endpoint as EndpointName, method]),
  );

  test.each(pairs)("%s by %s", async (endpoint, method) => {
    const [path, own] = allowed[endpoint];
    const response = await call(endpoint, provider, path, { method });
    // `Request` itself turns the common methods into upper case.
    // POST is allowed only for services that use it. This one does not (see test/login/service-answers.test.ts).
    const isRefused = endpoint === "callback" && method === "POST";
    if (own.includes(method.toUpperCase()) && !isRefused) return expect(response.status).not.toBe(405);
    await expectRefused(response, "wrong_method");
    expect(response.headers.get("allow")!.split(", ").sort()).toEqual([...own].sort());
  });

  test("HEAD has no side effects", async () => {
    const response = await call(
      "authorize",
      provider,
      `/authorize/github?${authorizationRequest(pkcePair().challenge)}`,
      { method: "HEAD" },
    );
    expect(response.status).toBe(405);
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(await response.text()).toBe("");
  });
});

describe("[A55] the list of services", () => {
  const full = testProvider({
    github: {
      apiKey: "public-api-key",
      icon: "/services/github.svg",
      allowedScopes: ["gist"],
      manageUrl: "https://github.example/settings",
      tokenParameters: { secret_parameter: "canary-parameter" },
      authorizationParameters: { secret_parameter: "canary-parameter" },
      issuer: "https://github.example",
    },
    env: {
      GITHUB_CLIENT_SECRET_PREVIOUS: "canary-previous-secret-0123456789",
      SEALING_KEY: "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV",
    },
  });
  const ALLOWED = [
    "allowed_scopes",
    "api_key",
    "client_id",
    "default_scopes",
    "icon",
    "id",
    "issuer",
    "madata",
    "manage_url",
    "name",
    "opener",
    "refresh",
    "revocation",
    "try",
  ];

  test("says of a service what is on this list and no more: no secret, no key, no parameter", async () => {
    const response = await call("services", full, "/services.json");
    const body = await response.text();
    const services = JSON.parse(body) as Record<string, Record<string, unknown>>;
    expect(Object.keys(services)).toEqual(["Github", "Other"]);
    for (const service of Object.values(services)) {
      for (const field of Object.keys(service)) expect(ALLOWED).toContain(field);
    }
    expect(services.Github).toMatchObject({
      id: "github",
      client_id: "client-of-github",
      api_key: "public-api-key",
      issuer: `${PROVIDER}/github`,
    });
    expect(body).not.toContain("canary");
    expect(body).not.toMatch(/secret|token_endpoint|access_token/);
  });

  test("leaves out a service without a secret", async () => {
    const halfway = testProvider({ env: { OTHER_CLIENT_SECRET: "YOUR_OTHER_CLIENT_SECRET" } });
    expect(Object.keys((await (await call("services", halfway, "/services.json")).json()) as object)).toEqual([
      "Github",
    ]);
  });

  test("is kept for minutes, then asked for again", async () => {
    const response = await call("services", provider, "/services.json");
    expect(response.headers.get("cache-control")).toBe("public, max-age=300, must-revalidate");
    expect(response.headers.get("set-cookie")).toBeNull();
    expect(response.headers.get("content-type")).toBe("application/json");
  });

  test("[A36] the CDN keeps the list itself until the next deploy, whatever is appended to its address; no other answer", async () => {
    const list = await call("services", provider, "/services.json?utm=1");
    expect(list.headers.get("netlify-cdn-cache-control")).toContain("durable");
    expect(list.headers.get("netlify-vary")).toBe("query=none");
    const unchanged = await call("services", provider, "/services.json", {
      headers: { "if-none-match": list.headers.get("etag")! },
    });
    const unknown = await call("metadata", provider, "/.well-known/oauth-authorization-server/nobody");
    for (const { headers } of [unchanged, unknown]) expect(headers.get("netlify-cdn-cache-control")).toBe("no-store");
  });

  test("is not sent again to whoever has it (RFC 9110 §13.1.2)", async () => {
    const etag = (await call("services", provider, "/services.json")).headers.get("etag")!;
    const ask = (ifNoneMatch: string) =>
      call("services", provider, "/services.json", { headers: { "if-none-match": ifNoneMatch } });
    expect(etag).toMatch(/^"[A-Za-z0-9_-]+"$/);
    const unchanged = await ask(etag);
    expect(unchanged.status).toBe(304);
    expect(await unchanged.text()).toBe("");
    expect(unchanged.headers.get("etag")).toBe(etag);
    for (const other of ['"another"', etag.slice(1, -1), ""]) expect((await ask(other)).status).toBe(200);
    const changed = await call("services", testProvider({ env: { GITHUB_CLIENT_ID: "another" } }), "/services.json");
    expect(changed.headers.get("etag")).not.toBe(etag);
  });

  test("is not sent again if the CDN has weakened its tag, or knows several (RFC 9110 §13.1.2: weak comparison)", async () => {
    const etag = (await call("services", provider, "/services.json")).headers.get("etag")!;
    for (const header of [`W/${etag}`, `"another", ${etag}`]) {
      expect(
        (await call("services", provider, "/services.json", { headers: { "if-none-match": header } })).status,
      ).toBe(304);
    }
  });

  test("has the same headers for HEAD, and no body", async () => {
    const get = await call("services", provider, "/services.json");
    const head = await call("services", provider, "/services.json", { method: "HEAD" });
    expect(head.status).toBe(200);
    expect([...head.headers]).toEqual([...get.headers]);
    expect(await head.text()).toBe("");
  });
});

/* ---- The log ---- */

describe("[A48] the log", () => {
  async function logOf(run: () => Promise<unknown>): Promise<string> {
    const lines: string[] = [];
    const spies = (["log", "error", "warn", "info", "debug"] as const).map((level) =>
      vi
        .spyOn(console, level)
        .mockImplementation((...parts: unknown[]) => void lines.push(parts.map(String).join(" "))),
    );
    const streams = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, "write").mockImplementation((chunk) => (lines.push(String(chunk)), true)),
    );
    await run();
    for (const spy of [...spies, ...streams]) spy.mockRestore();
    return lines.join("\n");
  }

  const throwing = (thrown: unknown): Endpoint => ({
    name: "authorize",
    errorFormat: pageErrors,
    methods: { GET: async () => Promise.reject(thrown), POST: async () => Promise.reject(thrown) },
  });
  const url = `${PROVIDER}/authorize/github?code=canary-code&state=canary-state`;

  const failures: [string, () => unknown][] = [
    ["a message with a URL", () => new Error(`cannot read https://evil.example/?code=canary-code`)],
    [
      "a message of several lines that look like a stack",
      () => new Error("x\n    at https://evil.example/?code=canary-code\n    at canary-state"),
    ],
    ["a TypeError that quotes input", () => new TypeError("canary-code is not a function")],
    ["a cause", () => new Error("x", { cause: new Error("canary-code") })],
    ["a text", () => "canary-code"],
    ["an object", () => ({ message: "canary-code", toString: () => "canary-code" })],
    ["nothing", () => undefined],
    ["null", () => null],
  ];

  test.each(failures)("an unforeseen error leaves its class and place, never its words: %s", async (_, thrown) => {
    for (const method of ["GET", "POST"]) {
      let response: Response | undefined;
      const log = await logOf(async () => {
        response = await serveChecked(throwing(thrown()), new Request(url, { method }), provider, {
          service: "github",
        });
      });
      await expectRefused(response!, "broken");
      const entry = JSON.parse(log) as Record<string, unknown>;
      expect(entry).toMatchObject({ endpoint: "authorize", service: "github", status: 500, reason: "broken" });
      expect(log).not.toMatch(/canary|https?:\/\//);
      expect(await response!.text()).not.toContain("canary");
    }
  });

  test("an unforeseen error does say where it happened", () => {
    expect(describeException(new RangeError("x"))).toMatch(/^RangeError at .*responses\.test\.ts/);
  });

  test("an entry has these fields and no others", async () => {
    const fields = ["endpoint", "service", "status", "reason", "failure"];
    const log = await logOf(async () => {
      for (const [endpoint, path] of [
        ["authorize", "/authorize/github?code=x"],
        ["callback", "/callback/evil.example?x"],
      ] as const) {
        await serveChecked(throwing(new Error("x")), new Request(`${PROVIDER}${path}`), provider, {
          service: path.split(/[/?]/)[2]!,
        });
        expect(endpoint).toBeTruthy();
      }
    });
    for (const line of log.split("\n"))
      for (const field of Object.keys(JSON.parse(line) as object)) expect(fields).toContain(field);
    expect(log).not.toContain("evil.example");
  });

  test.each(["evil.example", "__proto__", "canary-code", "github%0Ainjected", "x".repeat(5_000)])(
    "a service that nobody configured is not named: %s",
    async (service) => {
      const log = await logOf(() => serveChecked(throwing(new Error("x")), new Request(url), provider, { service }));
      expect(Object.hasOwn(JSON.parse(log) as object, "service")).toBe(false);
      expect(log.length).toBeLessThan(2_000);
    },
  );

  test("holds nothing of a whole login, and nothing of one that fails: one line each", async () => {
    const log = await logOf(async () => {
      const { verifier, challenge } = pkcePair();
      const { question, jar } = await reachConfirmation(provider, {
        challenge,
        overrides: { state: "canary-state", scope: "canary-scope" },
      });
      const answer = (await (await decide(provider, question, jar)).json()) as { location: string };
      await redeem(provider, { code: codeIn(answer), code_verifier: verifier });
      await redeem(provider, { code: "canary-code", code_verifier: verifier });
      await call("authorize", provider, "/authorize/canary-service?client_id=canary-client", {
        headers: { "user-agent": "canary-agent", referer: "https://canary.example/" },
      });
    });
    expect(log).not.toContain("canary");
  });
});

describe("[I3] the gate answers only to a page of ours, in a form that no page can be", () => {
  test("its JSON cannot be framed, sniffed or run", async () => {
    const { question, jar } = await reachConfirmation(provider);
    const response = await decide(provider, question, jar, {}, OWN_PAGE);
    expect(response.headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("cross-origin-resource-policy")).toBe("same-origin");
  });

  test("[A59] no hop of a login cuts the popup from the app that opened it", async () => {
    for (const [name, response] of await everyAnswer()) {
      if (!response.headers.has("location") && !response.headers.get("content-type")?.startsWith("text/html")) continue;
      expect(response.headers.get("cross-origin-opener-policy"), name).toBe("unsafe-none");
    }
  });

  test("[A66] no page of ours can be framed", async () => {
    for (const [name, response] of await everyAnswer()) {
      if (!response.headers.get("content-type")?.startsWith("text/html")) continue;
      expect(response.headers.get("content-security-policy"), name).toContain("frame-ancestors 'none'");
      expect(response.headers.get("x-frame-options"), name).toBe("DENY");
    }
  });
});
