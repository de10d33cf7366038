import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RUNS, spyOnFetch } from "../attacks/tools.ts";
import type { EndpointName } from "../tools/harness.ts";
import { call, EVIL, GOOD, PROVIDER, testProvider } from "../tools/harness.ts";

const provider = testProvider();

beforeEach(() => void spyOnFetch());
afterEach(() => vi.restoreAllMocks());

/** Who may read the answers of an endpoint, and how it answers a preflight (RFC 9110 §9.3.7, Fetch §3.2.2). */
const TABLE: Record<EndpointName, { path: string; allowOrigin: "*" | null; preflight: 204 | 405 }> = {
  services: { path: "/services.json", allowOrigin: "*", preflight: 204 },
  metadata: { path: "/.well-known/oauth-authorization-server/github", allowOrigin: "*", preflight: 204 },
  jwks: { path: "/github/jwks.json", allowOrigin: "*", preflight: 204 },
  token: { path: "/token/github", allowOrigin: "*", preflight: 204 },
  revoke: { path: "/revoke/github", allowOrigin: "*", preflight: 204 },
  userinfo: { path: "/userinfo/github", allowOrigin: "*", preflight: 204 },
  authorize: { path: "/authorize/github", allowOrigin: null, preflight: 405 },
  "cms-mistake": { path: "/github/auth", allowOrigin: null, preflight: 405 },
  callback: { path: "/callback/github", allowOrigin: null, preflight: 405 },
  decision: { path: "/decision", allowOrigin: null, preflight: 405 },
};

const endpoint = fc.constantFrom(...(Object.keys(TABLE) as EndpointName[]));

/** Any text that is a valid header value, with those that are most likely to be treated differently. */
const origin = fc.option(
  fc.oneof(
    fc.constantFrom(
      PROVIDER,
      GOOD,
      EVIL,
      "null",
      "*",
      "",
      `${PROVIDER}.evil.example`,
      "https://AUTH.example",
      `${GOOD}, ${EVIL}`,
    ),
    fc.webUrl().map((url) => new URL(url).origin),
    fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
  ),
  { nil: undefined },
);

const method = fc.constantFrom("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND");

const preflightHeaders = fc.record({
  "access-control-request-method": fc.constantFrom("GET", "POST", "DELETE", "x"),
  "access-control-request-headers": fc.constantFrom("", "authorization", "dpop, content-type", "cookie", "x-anything"),
  "access-control-request-private-network": fc.constantFrom("true", "false"),
});

/** A header name (RFC 9110 §5.6.2: token) as a browser writes it into a preflight: lower case, sorted, once. */
const headerName = fc.stringMatching(/^[a-z0-9!#$%&'+.^_`|~-]{1,64}$/);

/** The last step of a CORS-preflight fetch without credentials: the headers that the browser would refuse to send. */
function headersRefused(response: Response, wanted: string[]): string[] {
  const allowed = (response.headers.get("access-control-allow-headers") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase());
  return wanted.filter((name) => !allowed.includes(name) && (name === "authorization" || !allowed.includes("*")));
}

/** The headers that could make an answer depend on the requesting origin. */
function corsHeaders(response: Response): string[] {
  return [...response.headers].filter(([name]) => name.startsWith("access-control-")).map((entry) => entry.join(": "));
}

describe("[A2][A30] answers to pages of other origins", () => {
  test("every endpoint answers every origin and every method with the same word: everybody, or nobody", async () => {
    await fc.assert(
      fc.asyncProperty(endpoint, method, origin, preflightHeaders, async (name, verb, from, asked) => {
        const { path, allowOrigin, preflight } = TABLE[name];
        const headers = { ...(verb === "OPTIONS" ? asked : {}), ...(from === undefined ? {} : { origin: from }) };
        const response = await call(name, provider, path, { method: verb, headers });
        expect(response.headers.get("access-control-allow-origin")).toBe(allowOrigin);
        expect(response.headers.has("access-control-allow-credentials")).toBe(false);
        expect(response.headers.has("access-control-allow-private-network")).toBe(false);
        if (verb === "OPTIONS") expect(response.status).toBe(preflight);
        if (allowOrigin === null) expect(corsHeaders(response)).toEqual([]);
      }),
      RUNS,
    );
  });

  test.each([
    ["traceparent", "tracestate"],
    ["baggage", "sentry-trace"],
    ["x-requested-with"],
    ["cache-control", "pragma"],
    ["authorization", "content-type", "dpop", "traceparent", "x-b3-spanid", "x-b3-traceid", "x-datadog-trace-id"],
  ])("where no cookie counts, a preflight allows whatever a page sends: %s, %s", async (...wanted) => {
    for (const [name, { path, allowOrigin }] of Object.entries(TABLE) as [
      EndpointName,
      (typeof TABLE)[EndpointName],
    ][]) {
      const asked = {
        origin: GOOD,
        "access-control-request-method": "POST",
        "access-control-request-headers": wanted.join(","),
      };
      const response = await call(name, provider, path, { method: "OPTIONS", headers: asked });
      expect(headersRefused(response, wanted), name).toEqual(allowOrigin === "*" ? [] : wanted);
    }
  });

  test("any headers, up to 32, whatever stands between their names", async () => {
    const between = fc.constantFrom(",", ", ", " , ", ",\t");
    const names = fc.uniqueArray(headerName, { minLength: 1, maxLength: 32 });
    await fc.assert(
      fc.asyncProperty(names, between, fc.boolean(), async (wanted, by, isLarge) => {
        const list = wanted.join(by);
        const headers = { "access-control-request-headers": isLarge ? list.toUpperCase() : list };
        const response = await call("token", provider, "/token/github", { method: "OPTIONS", headers });
        expect(headersRefused(response, wanted)).toEqual([]);
        expect(headersRefused(response, ["authorization", "content-type", "dpop"])).toEqual([]);
        expect(response.headers.get("vary")).toBe("Access-Control-Request-Headers");
        expect(response.headers.get("cache-control")).toBe("no-store");
      }),
      RUNS,
    );
  });

  test.each([
    ["a hundred headers", Array.from({ length: 100 }, (_, index) => `x-${index}`).join(",")],
    ["a name of a thousand letters", "x".repeat(1_000)],
    ["one such name among others", `x-a,${"x".repeat(65)}`],
    ["a star, which would be all of them", "*"],
    ["a star among names", "x-a,*"],
    ["a name with a space", "x a"],
    ["a name with a colon", "x-a: b"],
    ["markup", "<script>alert(1)</script>"],
    ["a name in quotes", '"x-a"'],
    ["a name in another script", "x-ä"],
    ["an empty name", "x-a,,x-b"],
    ["only commas", ",,,"],
    ["nothing", ""],
  ])("[A46] nothing is repeated of a preflight that asks for %s", async (_, asked) => {
    const headers = { origin: EVIL, "access-control-request-headers": asked };
    const response = await call("token", provider, "/token/github", { method: "OPTIONS", headers });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-headers")).toBe("authorization, content-type, dpop");
  });

  test("who asks changes nothing in the answer to a preflight", async () => {
    await fc.assert(
      fc.asyncProperty(endpoint, origin, preflightHeaders, async (name, from, asked) => {
        const preflight = async (headers: Record<string, string>) => {
          const response = await call(name, provider, TABLE[name].path, { method: "OPTIONS", headers });
          return { status: response.status, headers: [...response.headers], body: await response.text() };
        };
        const headers = { "access-control-request-headers": asked["access-control-request-headers"] };
        expect(await preflight({ ...asked, ...(from === undefined ? {} : { origin: from }) })).toEqual(
          await preflight(headers),
        );
      }),
      RUNS,
    );
  });
});
