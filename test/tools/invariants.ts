import { expect } from "vitest";
import {
  CORS_JSON_HEADERS,
  JSON_HEADERS,
  NOT_MODIFIED_HEADERS,
  PAGE_HEADERS,
  PREFLIGHT_HEADERS,
  PUBLIC_JSON_HEADERS,
} from "../../server/answers/headers.ts";
import type { Provider } from "../../server/provider/provider.ts";
import type { Observation, ObservedRequest } from "./observation.ts";
import { observe } from "./observation.ts";

/** The invariants of SECURITY.md, asserted for every answer that a test receives. */

export type EndpointName =
  | "authorize"
  | "callback"
  | "cms-mistake"
  | "decision"
  | "jwks"
  | "metadata"
  | "revoke"
  | "services"
  | "token"
  | "userinfo";

/** Values that may appear only in certain places. The harness looks for them in every answer and log line. */
export const CANARY = {
  clientSecret: "canary-client-secret-0123456789abcdef",
  otherSecret: "canary-other-secret-0123456789abcdef0",
  serviceCode: "canary-service-code-0123456789",
  accessToken: "canary-access-token-0123456789",
};

/** Endpoints that every origin may read, without credentials. */
const CORS_ENDPOINTS: EndpointName[] = ["jwks", "metadata", "revoke", "services", "token", "userinfo"];
/** Endpoints whose answer is the same for everybody, so it may be cached. */
const PUBLIC_ENDPOINTS: EndpointName[] = ["jwks", "metadata", "services"];

/** One request, and the provider that it was sent to. */
interface Asked {
  endpoint: EndpointName;
  /** `undefined`: the instance has no valid configuration. */
  provider: Provider | undefined;
  request: Request;
  /** The body of `request`, if it is text. */
  body?: string;
}

/** Runs `run` and asserts the invariants of its answer. */
export async function checked(asked: Asked, run: () => Promise<Response>): Promise<Response> {
  const { result: response, ...observation } = await observe(run);
  await assertInvariants(asked, response.clone(), observation);
  return response;
}

/**
 * The global invariants of SECURITY.md. Two limits cannot be checked here: how long hostile input takes (I7) and how
 * much of a service's answer is read (I6). `bad-input.test.ts` and `service-answers.test.ts` check those.
 */
async function assertInvariants(asked: Asked, response: Response, { lines, requests }: Observation): Promise<void> {
  const body = await response.text();
  assertDestination(asked, response);
  assertSecrecy(asked, response, body, lines.join("\n"));
  assertCookie(asked, response);
  assertHeaders(asked, response);
  assertNoEcho(asked, response, body);
  for (const request of requests) assertOutbound(asked, request);
  assertBounded(asked, response, requests);
  expect(inheritedNames(), "what every object inherits (I8)").toEqual(INHERITED_NAMES);
}

/**
 * I1: an answer leads only to this provider, to a configured service, or back to the page that asked with
 * `prompt=none`.
 */
function assertDestination(asked: Asked, response: Response): void {
  const { provider } = asked;
  const location = response.headers.get("location");
  if (location === null || isSilentRefusal(asked, location)) return;
  const { origin, pathname } = URL.parse(location) ?? { origin: location, pathname: "" };
  const endpoints = [...(provider?.services.values() ?? [])].map((service) => service.authorizationEndpoint ?? "");
  const services = endpoints
    .filter(Boolean)
    .map((endpoint) => new URL(endpoint))
    .map((url) => url.origin + url.pathname);
  expect([provider?.origin, ...services], `Location ${location} (I1)`).toContain(
    origin === provider?.origin ? origin : origin + pathname,
  );
}

/**
 * The redirect goes to a plain page of the same app, named in a request with `prompt=none`, and carries only the
 * refusal.
 */
function isSilentRefusal({ endpoint, request }: Asked, location: string): boolean {
  const asked = new URL(request.url).searchParams;
  const [page, query] = location.split("?");
  if (
    endpoint !== "authorize" ||
    !asked.get("prompt")?.split(" ").includes("none") ||
    page !== asked.get("redirect_uri")
  )
    return false;
  const answer = new URLSearchParams(query);
  const isAskersOwn = URL.parse(request.headers.get("referer") ?? "")?.origin === new URL(location).origin;
  return isAskersOwn && answer.get("error") === "login_required" && !answer.has("code");
}

/** I2: no secret, code or token in a log line, header or page. Tokens belong in the JSON of /token and /decision. */
function assertSecrecy({ endpoint }: Asked, response: Response, body: string, log: string): void {
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  const mayHoldToken = endpoint === "token" || endpoint === "decision";
  for (const [name, canary] of Object.entries(CANARY)) {
    expect(log, `${name} in the log (I2)`).not.toContain(canary);
    expect(headers, `${name} in a header (I2)`).not.toContain(canary);
    if (!(mayHoldToken && name === "accessToken")) expect(body, `${name} in the body (I2)`).not.toContain(canary);
  }
  expect(log, "URL in the log (I2)").not.toMatch(/https?:\/\//);
}

/** Headers that some answers have in addition to those of their kind. */
const FURTHER_HEADERS = ["allow", "content-type", "dpop-nonce", "etag", "location", "set-cookie", "www-authenticate"];

/** I3: exactly the headers of this kind of answer. */
function assertHeaders(asked: Asked, response: Response): void {
  const expected = new Headers(expectedHeaders(asked, response));
  for (const [name, value] of expected) expect(response.headers.get(name), `${name} (I3)`).toBe(value);
  for (const [name] of response.headers)
    expect([...expected.keys(), ...FURTHER_HEADERS], "header (I3)").toContain(name);
}

function expectedHeaders({ endpoint, request }: Asked, response: Response): Record<string, string> {
  const isPreflight = request.method === "OPTIONS" && CORS_ENDPOINTS.includes(endpoint);
  if (response.status === 204 && isPreflight) return { ...PREFLIGHT_HEADERS, ...boundedAllowedHeaders(response) };
  const isPage = response.headers.get("content-type")?.startsWith("text/html") || response.headers.has("location");
  if (isPage || response.status === 204) return PAGE_HEADERS;
  if (PUBLIC_ENDPOINTS.includes(endpoint) && response.status === 304) return NOT_MODIFIED_HEADERS;
  if (PUBLIC_ENDPOINTS.includes(endpoint) && response.status < 400) return PUBLIC_JSON_HEADERS;
  return CORS_ENDPOINTS.includes(endpoint) ? CORS_JSON_HEADERS : JSON_HEADERS;
}

/** The answer repeats part of the request here: a few header names, and nothing else. */
function boundedAllowedHeaders(response: Response): Record<string, string> {
  const value = response.headers.get("access-control-allow-headers") ?? "";
  expect(value, "allowed headers (I3)").toMatch(
    /^authorization, content-type, dpop(, [a-z0-9!#$%&'+.^_`|~-]{1,64}){0,32}$/,
  );
  return { "Access-Control-Allow-Headers": value };
}

/** The longest cookie that browsers accept, with its name and attributes (RFC 6265 §6.1). */
const MAX_COOKIE = 4_096;

/**
 * I4: an answer sets only the browser's own cookie and those of the new login, and expires those of other logins. Each
 * occurs once and is no longer than browsers accept. An answer that may be stored has no cookies.
 */
function assertCookie({ provider }: Asked, response: Response): void {
  const cookies = response.headers.getSetCookie();
  if (cookies.length === 0) return;
  const [name, attributes] = provider?.origin.startsWith("https:")
    ? ["__Host-ap", "Path=/; Secure; HttpOnly; SameSite=Lax"]
    : ["ap-dev", "Path=/; HttpOnly; SameSite=Lax"];
  const login = `${name}-[\\w-]{22}-[12]`;
  const ours = new RegExp(
    `^(?:${name}=[\\w-]{43}; ${attributes}; Max-Age=4380|${login}=[\\w.-]+; ${attributes}; Max-Age=4380|${login}=; ${attributes}; Max-Age=0)$`,
  );
  for (const cookie of cookies) {
    expect(cookie, "cookie (I4)").toMatch(ours);
    expect(Buffer.byteLength(cookie), "size of a cookie (I4)").toBeLessThanOrEqual(MAX_COOKIE);
  }
  const begun = cookies
    .filter((cookie) => !cookie.endsWith("Max-Age=0"))
    .map((cookie) => cookie.split(/-\d=|=/, 1)[0]!);
  expect(new Set(begun).size, `one browser and one login (I4): ${begun.join()}`).toBeLessThanOrEqual(2);
  const names = cookies.map((cookie) => cookie.split("=", 1)[0]);
  expect(new Set(names).size, "each once (I4)").toBe(names.length);
  expect(response.headers.get("cache-control"), "with a cookie (I4)").toBe("no-store");
}

/** I5: markup never comes back: in a page, none from anywhere in the request; elsewhere, none from its address. */
function assertNoEcho({ request, body: sent = "" }: Asked, response: Response, body: string): void {
  const isPage = response.headers.get("content-type")?.startsWith("text/html");
  const address = [...new URL(request.url).searchParams.values()];
  const others = [...request.headers.values(), sent, ...new URLSearchParams(sent).values()];
  for (const value of isPage ? [...address, ...others] : address) {
    if (value.length > 3 && /[<>"]/.test(value)) expect(body, "echo (I5)").not.toContain(value);
  }
}

const MAX_OUTBOUND_MS = 8_000;

/** I6: we send requests only to configured services, follow no redirects, and always have a time limit. */
function assertOutbound({ provider }: Asked, { url, redirect, timeLimitMs }: ObservedRequest): void {
  expect(endpointOrigins(provider), `request to ${url} (I6)`).toContain(new URL(url).origin);
  expect(redirect, "redirect (I6)").toBe("manual");
  expect(timeLimitMs ?? Infinity, "time limit (I6)").toBeLessThanOrEqual(MAX_OUTBOUND_MS);
  for (const secret of [CANARY.clientSecret, CANARY.otherSecret])
    expect(url, "secret in a URL (I2)").not.toContain(secret);
}

function endpointOrigins(provider: Provider | undefined): string[] {
  return [...(provider?.services.values() ?? [])]
    .flatMap(({ tokenEndpoint, refreshRequest, revocation, grantRevocation, userinfo }) => [
      tokenEndpoint,
      refreshRequest?.endpoint,
      revocation?.endpoint,
      grantRevocation?.endpoint,
      userinfo?.endpoint,
    ])
    .filter((endpoint) => endpoint !== undefined)
    .map((endpoint) => new URL(endpoint).origin);
}

const MAX_INPUT = 16_384;

/** I7: a request larger than 16 KiB is refused before it is processed. */
function assertBounded({ request, body = "" }: Asked, { status }: Response, requests: ObservedRequest[]): void {
  if (request.url.length <= MAX_INPUT && Buffer.byteLength(body) <= MAX_INPUT) return;
  expect(status, "answer to more than 16 KiB (I7)").toBeGreaterThanOrEqual(400);
  expect(requests, "done about more than 16 KiB (I7)").toEqual([]);
}

function inheritedNames(): PropertyKey[] {
  return [Object, Array, Function, String].flatMap(({ prototype }) => Reflect.ownKeys(prototype));
}

const INHERITED_NAMES = inheritedNames();
