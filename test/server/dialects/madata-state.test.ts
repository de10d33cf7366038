import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OAuthError } from "../../../server/answers/errors.ts";
import { isMadataRequest, readMadataState } from "../../../server/dialects/madata.ts";
import { serviceByKey } from "../../../server/provider/provider.ts";
import { RUNS, serviceOf } from "../../attacks/tools.ts";
import { GOOD, PROVIDER, testProvider } from "../../tools/harness.ts";

const provider = testProvider();

function read(state: unknown): { appOrigin: string; backend: string } | undefined {
  const text = typeof state === "string" ? state : JSON.stringify(state);
  try {
    return readMadataState(text, provider);
  } catch (error) {
    if (error instanceof OAuthError && error.definition.name === "invalid_app_state") return undefined;
    throw error;
  }
}

describe("Madata's state", () => {
  test("[A68] is cut to the origin of the app", () => {
    expect(read({ url: `${GOOD}/doc?secret=canary#private`, backend: "Github" })).toEqual({
      appOrigin: GOOD,
      backend: "Github",
    });
    expect(read({ backend: "Github", url: GOOD, more: 1 })).toEqual({ appOrigin: GOOD, backend: "Github" });
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "url=https://good.example/"],
    ["a sealed value", "eyJhbGciOiJkaXIifQ..a.b.c"],
    ["null", "null"],
    ["an array", '["https://good.example/","Github"]'],
    ["a string", '"https://good.example/"'],
    ["JSON twice over", JSON.stringify(JSON.stringify({ url: `${GOOD}/`, backend: "Github" }))],
    ["no url", '{"backend":"Github"}'],
    ["no backend", `{"url":"${GOOD}/"}`],
    ["an empty backend", `{"url":"${GOOD}/","backend":""}`],
    ["a backend of 65 characters", JSON.stringify({ url: `${GOOD}/`, backend: "x".repeat(65) })],
    ["a list of urls", `{"url":["${GOOD}/"],"backend":"Github"}`],
    ["a url in an object", `{"url":{"href":"${GOOD}/"},"backend":"Github"}`],
    ["a number as backend", `{"url":"${GOOD}/","backend":1}`],
    ["a list of backends", `{"url":"${GOOD}/","backend":["Github"]}`],
    ["an inherited url", `{"__proto__":{"url":"https://evil.example/","backend":"Github"}}`],
    ["an inherited url only", `{"__proto__":{"url":"https://evil.example/"},"backend":"Github"}`],
    ["a constructor", `{"constructor":{"prototype":{"url":"https://evil.example/"}},"backend":"Github"}`],
    ["text after the JSON", `{"url":"${GOOD}/","backend":"Github"}x`],
    ["4,097 characters", JSON.stringify({ url: `${GOOD}/`, backend: "Github", padding: "x".repeat(4_097) })],
  ])("[A41][A42] is refused with %s", (_, state) => {
    expect(read(state)).toBeUndefined();
  });

  test("[A42] is refused when there is none", () => {
    expect(() => readMadataState(undefined, provider)).toThrow(
      expect.objectContaining({ message: "invalid_app_state" }),
    );
  });

  test.each([
    "*",
    "/",
    "null",
    "javascript:alert(1)",
    "data:text/html,x",
    "blob:https://evil.example/x",
    "https://good.example@evil.example/",
    "https://good.example\\@evil.example/",
    "http://good.example/",
    "https://good.example.",
    "https://good",
    "//evil.example/",
    " https://good.example/",
    "file:///etc/passwd",
    "ftp://good.example/",
  ])("[A4] is refused with the url %j", (url) => {
    expect(read({ url, backend: "Github" })).toBeUndefined();
  });

  test("[A58] names apps below localhost as themselves, and the owner can refuse them", () => {
    const strict = testProvider({ env: { ALLOW_LOOPBACK: "false" } });
    const listed = testProvider({ env: { ALLOWED_APPS: "http://b.localhost:3000 http://localhost:*" } });
    for (const origin of ["http://app.localhost:3000", "http://tauri.localhost", "https://tauri.localhost"]) {
      const state = JSON.stringify({ url: `${origin}/index.html`, backend: "Github" });
      expect(readMadataState(state, provider).appOrigin).toBe(origin);
      for (const by of [strict, listed]) {
        expect(() => readMadataState(state, by)).toThrow(expect.objectContaining({ message: "app_not_allowed" }));
      }
    }
  });

  test("[A4] obeys the owner's list of apps", () => {
    const closed = testProvider({ env: { ALLOWED_APPS: GOOD } });
    expect(readMadataState(JSON.stringify({ url: `${GOOD}/x`, backend: "Github" }), closed).appOrigin).toBe(GOOD);
    expect(() => readMadataState('{"url":"https://evil.example/","backend":"Github"}', closed)).toThrow(
      expect.objectContaining({ message: "app_not_allowed" }),
    );
  });

  test("[A4][A41] any JSON gives the origin that a browser would see in its own url, or a refusal", () => {
    const url = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.constantFrom(`${GOOD}/`, "https://evil.example/?x", "*", "__proto__"),
    );
    const state = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({ url, backend: fc.oneof(fc.string(), fc.constantFrom("Github", "__proto__")) }, { requiredKeys: [] })
        .map((value) => JSON.stringify(value)),
      fc
        .tuple(url, fc.string())
        .map(
          ([value, backend]) => `{"__proto__":{"url":${JSON.stringify(value)}},"backend":${JSON.stringify(backend)}}`,
        ),
    );
    fc.assert(
      fc.property(state, (text) => {
        const result = read(text);
        if (!result) return;
        const own = JSON.parse(text) as { url: string; backend: string };
        expect(Object.hasOwn(own, "url")).toBe(true);
        expect(result).toEqual({ appOrigin: new URL(own.url).origin, backend: own.backend });
      }),
      RUNS,
    );
  });
});

describe("the name that Madata's clients have for a service", () => {
  test.each([
    "github",
    "GITHUB",
    "Github ",
    " Github",
    "__proto__",
    "constructor",
    "toString",
    "",
    "G\u0131thub",
    "Github\0",
  ])("[A23][A41] %j is none", (key) => {
    expect(serviceByKey(provider, key)).toBeUndefined();
  });

  test("[A23] any other text than the exact names is none", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom("Github", "Other", ...Object.getOwnPropertyNames(Object.prototype))),
        (key) => {
          const service = serviceByKey(provider, key);
          expect(service?.key).toBe(key === "Github" || key === "Other" ? key : undefined);
        },
      ),
      RUNS,
    );
  });
});

describe("a Madata client that was pointed at our authorization endpoint", () => {
  const service = serviceOf(provider);
  test.each([
    ["our root without a slash", { client_id: service.clientId, redirect_uri: PROVIDER }, true],
    ["our root", { client_id: service.clientId, redirect_uri: `${PROVIDER}/` }, true],
    ["another page of ours", { client_id: service.clientId, redirect_uri: `${PROVIDER}/callback/github` }, false],
    ["a query", { client_id: service.clientId, redirect_uri: `${PROVIDER}/?x` }, false],
    ["a site of its own", { client_id: service.clientId, redirect_uri: `${GOOD}/` }, false],
    ["the client id of another service", { client_id: "client-of-other", redirect_uri: PROVIDER }, false],
    ["no client id", { redirect_uri: PROVIDER }, false],
    // Some of the clients send no redirect URI, and the service then uses the registered one.
    ["no redirect URI", { client_id: service.clientId }, true],
    ["nothing", {}, false],
  ])("[A14] is recognised by the service's own client id and our root, both exact: %s", (_, parameters, expected) => {
    expect(isMadataRequest(parameters, { provider, service })).toBe(expected);
  });
});
