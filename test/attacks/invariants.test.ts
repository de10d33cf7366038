import { describe, expect, test } from "vitest";
import { CORS_JSON_HEADERS, JSON_HEADERS, PAGE_HEADERS } from "../../server/answers/headers.ts";
import { CANARY, checked, EVIL, GOOD, PROVIDER, testProvider } from "../tools/harness.ts";
import { observe } from "../tools/observation.ts";
import { spyOnFetch } from "./tools.ts";

/** Proves that the harness's assertions on every answer fail when an answer breaks them. */

const provider = testProvider();

const redirect =
  (location: string, headers: Record<string, string> = {}) =>
  () =>
    new Response(null, { status: 302, headers: { ...PAGE_HEADERS, ...headers, location } });
const page =
  (body: string, headers: Record<string, string> = {}) =>
  () =>
    new Response(body, { headers: { ...PAGE_HEADERS, "content-type": "text/html; charset=utf-8", ...headers } });

/** A page that sets these cookies, valid or not. */
const begins =
  (...cookies: string[]) =>
  () => {
    const response = page("x")();
    for (const cookie of cookies) response.headers.append("Set-Cookie", cookie);
    return response;
  };

/** Sends a request as `server/upstream/fetch.ts` does, with the changes of the case. */
function ask(url: string, init: RequestInit = {}): () => Promise<Response> {
  return async () => {
    await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(8_000), ...init });
    return page("x")();
  };
}

const COOKIE = `__Host-ap=${"a".repeat(43)}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=4380`;
const LOGIN = COOKIE.replace(`ap=${"a".repeat(43)}`, `ap-${"h".repeat(22)}-1=x`);
const OVER = LOGIN.replace("=x", "=").replace("4380", "0");
const TOKEN_ENDPOINT = "https://github.example/login/oauth/access_token";
const MARKUP = "<img src=x onerror=alert(1)>";

const request = new Request(`${PROVIDER}/callback/github?code=${encodeURIComponent(MARKUP)}`, {
  headers: { "user-agent": "<b>agent</b>", cookie: "__Host-ap=x" },
});
const asked = { endpoint: "callback", provider, request, body: "name=<i>body</i>" } as const;

const sound: [string, () => Response | Promise<Response>][] = [
  ["a page", page("<p>Hello</p>", { "set-cookie": COOKIE })],
  [
    "a login that begins, in two cookies, and one that ends",
    begins(COOKIE, LOGIN, LOGIN.replace("-1=", "-2="), OVER.replace(/h{22}/, "i".repeat(22))),
  ],
  ["a redirect to our own page", redirect(`${PROVIDER}/confirm#x`)],
  ["a redirect to the service", redirect("https://github.example/login/oauth/authorize?state=x")],
  ["a call to the service", ask(TOKEN_ENDPOINT)],
];

const broken: [string, () => Response | Promise<Response>][] = [
  ["I1 a redirect to an app", redirect(`${GOOD}/callback?code=x`)],
  ["I1 a redirect to a host that only begins like ours", redirect(`${PROVIDER}.evil.example/`)],
  ["I1 a redirect to another page of the service", redirect("https://github.example/login/oauth/authorize.evil")],
  ["I1 a redirect without a host", redirect("//evil.example/")],
  ["I2 a code in a page", page(CANARY.serviceCode)],
  ["I2 a token in a page", page(CANARY.accessToken)],
  ["I2 a secret in a header", page("x", { etag: CANARY.clientSecret })],
  ["I2 a code in the log", () => (console.error("failed", CANARY.serviceCode), page("x")())],
  ["I2 an address in the log", () => (console.info(`from ${EVIL}`), page("x")())],
  ["I2 a secret in the address of a service", ask(`${TOKEN_ENDPOINT}?client_secret=${CANARY.clientSecret}`)],
  ["I3 a header that is missing", () => new Response("x", { headers: { "content-type": "text/html" } })],
  ["I3 a header with another value", page("x", { "Cross-Origin-Opener-Policy": "same-origin" })],
  ["I3 a header too many", page("x", { "x-powered-by": "x" })],
  ["I3 CORS where none belongs", () => Response.json({}, { headers: CORS_JSON_HEADERS })],
  [
    "I3 CORS with credentials",
    () => Response.json({}, { headers: { ...JSON_HEADERS, "access-control-allow-credentials": "true" } }),
  ],
  ["I4 a cookie that is cached", page("x", { "set-cookie": COOKIE, "Cache-Control": "max-age=60" })],
  ["I4 a cookie for scripts", page("x", { "set-cookie": COOKIE.replace("HttpOnly; ", "") })],
  ["I4 a cookie for other hosts", page("x", { "set-cookie": `${COOKIE}; Domain=auth.example` })],
  ["I4 a login's cookie for scripts", begins(LOGIN.replace("HttpOnly; ", ""))],
  ["I4 a login's cookie that is longer than browsers take", begins(LOGIN.replace("=x", `=${"x".repeat(4_096)}`))],
  ["I4 a login's cookie that outlives the browser's", begins(LOGIN.replace("4380", "4381"))],
  ["I4 a login's cookie under a name that is no handle", begins(LOGIN.replace("-1=", "="))],
  ["I4 cookies of two logins", begins(COOKIE, LOGIN, LOGIN.replace(/h{22}/, "i".repeat(22)))],
  ["I4 the same cookie twice", begins(LOGIN, LOGIN)],
  ["I5 markup of the address", page(`<p>${MARKUP}</p>`)],
  ["I5 markup of a header", page("<b>agent</b>")],
  ["I5 markup of the body", page("<i>body</i>")],
  ["I6 a call to a host that nobody configured", ask(`${EVIL}/token`)],
  ["I6 a call that follows redirects", ask(TOKEN_ENDPOINT, { redirect: "follow" })],
  ["I6 a call that waits for ever", ask(TOKEN_ENDPOINT, { signal: null })],
  ["I6 a call that waits too long", () => ask(TOKEN_ENDPOINT, { signal: AbortSignal.timeout(9_000) })()],
  ["I8 a name that everything inherits", () => (Object.assign(Object.prototype, { planted: 1 }), page("x")())],
];

/** A request with `prompt=none`, by default from a page of the app. */
function silently({ query = "prompt=none", referer = `${GOOD}/` } = {}) {
  const address = `${PROVIDER}/authorize/github?${query}&redirect_uri=${encodeURIComponent(`${GOOD}/callback`)}`;
  return { endpoint: "authorize", provider, request: new Request(address, { headers: { referer } }) } as const;
}
const REFUSAL = redirect(`${GOOD}/callback?error=login_required`);

describe("what holds for every answer", () => {
  test("a refusal to whoever asked to see nothing breaks none of it", async () => {
    await checked(silently(), async () => REFUSAL());
  });

  test.each([
    ["to whoever did not ask for that", silently({ query: "prompt=login" }), REFUSAL],
    ["to an app whose page has not asked", silently({ referer: `${EVIL}/` }), REFUSAL],
    ["to another page", silently(), redirect(`${GOOD}/other?error=login_required`)],
    ["to another app", silently(), redirect(`${EVIL}/callback?error=login_required`)],
    ["with another error", silently(), redirect(`${GOOD}/callback?error=server_error`)],
    ["with a code", silently(), redirect(`${GOOD}/callback?error=login_required&code=x`)],
  ])("I1 a redirect %s is noticed", async (_, silent, answer) => {
    await expect(checked(silent, async () => answer())).rejects.toThrow("(I1)");
  });

  test.each(sound)("%s breaks none of it", async (_, answer) => {
    spyOnFetch();
    await checked(asked, async () => await answer());
  });

  test.each(broken)("%s is noticed", async (name, answer) => {
    spyOnFetch();
    await expect(checked(asked, async () => await answer())).rejects.toThrow(`(${name.slice(0, 2)})`);
    Reflect.deleteProperty(Object.prototype, "planted");
  });

  test.each([
    ["in its body", { ...asked, body: "x".repeat(16_385) }],
    ["in its address", { ...asked, request: new Request(`${PROVIDER}/callback/github?code=${"x".repeat(16_384)}`) }],
  ])("I7 a request of more than 16 KiB %s that is answered is noticed", async (_, large) => {
    await expect(checked(large, async () => page("x")())).rejects.toThrow("(I7)");
  });
});

test("of calls at the same time each has its own log and its own requests", async () => {
  spyOnFetch();
  const line = (text: string) => async () => {
    await new Promise((resolve) => setImmediate(resolve));
    console.log(text);
    await ask(`${TOKEN_ENDPOINT}?${text}`)();
    console.log(text);
  };
  const observed = await Promise.all(["one", "two", "three"].map((text) => observe(line(text))));
  expect(observed.map(({ lines }) => lines)).toEqual([
    ["one", "one"],
    ["two", "two"],
    ["three", "three"],
  ]);
  expect(observed.map(({ requests }) => requests.map(({ url }) => new URL(url).search))).toEqual([
    ["?one"],
    ["?two"],
    ["?three"],
  ]);
});
