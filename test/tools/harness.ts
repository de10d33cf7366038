import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import { ROUTES } from "../../netlify/routes.ts";
import type { Endpoint } from "../../server/endpoint.ts";
import { authorize } from "../../server/endpoints/authorize.ts";
import { callback } from "../../server/endpoints/callback.ts";
import { cmsMistake } from "../../server/endpoints/cms-mistake.ts";
import { decision } from "../../server/endpoints/decision.ts";
import { jwks } from "../../server/endpoints/jwks.ts";
import { metadata } from "../../server/endpoints/metadata.ts";
import { revoke } from "../../server/endpoints/revoke.ts";
import { services } from "../../server/endpoints/services.ts";
import { token } from "../../server/endpoints/token.ts";
import { userinfo } from "../../server/endpoints/userinfo.ts";
import { findRoute } from "../../server/find-route.ts";
import type { Environment } from "../../server/provider/environment.ts";
import type { Provider } from "../../server/provider/provider.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";
import { serve } from "../../server/serve.ts";
import type { Decision, Question, StartQuestion } from "../../shared/page-messages.ts";
import type { EndpointName } from "./invariants.ts";
import { CANARY, checked } from "./invariants.ts";

export type { EndpointName } from "./invariants.ts";
export { CANARY, checked } from "./invariants.ts";

/** The honest app, the attacker's app, and the provider of every test. */
export const PROVIDER = "https://auth.example";
export const GOOD = "https://good.example";
export const EVIL = "https://evil.example";

const ENDPOINTS: Record<EndpointName, Endpoint> = {
  "cms-mistake": cmsMistake,
  authorize,
  callback,
  decision,
  jwks,
  metadata,
  revoke,
  services,
  token,
  userinfo,
};

/** A service without special features. A test overrides what it is about. */
export function plainService(overrides: Partial<Service> = {}): Service {
  return {
    id: "github",
    key: "Github",
    name: "GitHub",
    clientId: "client-of-github",
    authorizationEndpoint: "https://github.example/login/oauth/authorize",
    tokenEndpoint: "https://github.example/login/oauth/access_token",
    tokenEndpointAuthMethod: "client_secret_post",
    codeChallengeMethod: "S256",
    issuerRequired: false,
    defaultScopes: ["read:user"],
    scopeSeparator: " ",
    scopeDescriptions: { "read:user": "Read your profile" },
    authorizationParameters: {},
    tokenParameters: {},
    tokenResponseScopeSeparator: ",",
    tokenErrorCodes: {},
    scopesMerged: false,
    scopeAliases: {},
    identityScopes: [],
    refreshTokens: "none",
    offlineParameters: {},
    offlineScopes: [],
    refreshWithoutDpop: false,
    refreshForEveryApp: false,
    opener: "kept",
    madata: true,
    ...overrides,
  };
}

/** A provider with GitHub and a second service, "Other", for which Madata's dialect is off. */
export function testProvider(
  options: { github?: Partial<Service>; other?: Partial<Service>; env?: Environment } = {},
): Provider {
  const other = plainService({
    id: "other",
    key: "Other",
    name: "Other",
    clientId: "client-of-other",
    authorizationEndpoint: "https://other.example/authorize",
    tokenEndpoint: "https://other.example/token",
    madata: false,
    ...options.other,
  });
  return createProvider(
    {
      services: [plainService(options.github), other],
      secrets: { github: CANARY.clientSecret, other: CANARY.otherSecret },
      localDevelopment: false,
    },
    { URL: PROVIDER, ...options.env },
  );
}

/**
 * A browser's cookie jar, as far as these tests need one. It keeps our cookies until they expire and sends the oldest
 * first (RFC 6265 §5.3, §5.4).
 */
export class Jar {
  #cookies = new Map<string, { pair: string; endMs: number }>();

  /** The binding cookie, whether or not it has expired. */
  get cookie(): string | undefined {
    return ["__Host-ap", "ap-dev"].map((name) => this.#cookies.get(name)?.pair).find((pair) => pair !== undefined);
  }

  set cookie(pair: string) {
    this.put(pair);
  }

  /** The cookies of logins in progress. */
  get logins(): string[] {
    return this.#alive().filter((pair) => pair !== this.cookie);
  }

  put(pair: string, lifetimeSeconds = Infinity): void {
    this.#cookies.set(pair.slice(0, pair.indexOf("=")), { pair, endMs: Date.now() + lifetimeSeconds * 1_000 });
  }

  headers(): Record<string, string> {
    const alive = this.#alive();
    return alive.length === 0 ? {} : { cookie: alive.join("; ") };
  }

  keep(response: Response): void {
    for (const set of response.headers.getSetCookie()) {
      this.put(set.split(";", 1)[0]!, Number(/; Max-Age=(\d+)/.exec(set)?.[1] ?? Infinity));
    }
  }

  #alive(): string[] {
    const alive = [...this.#cookies.values()].filter(({ endMs }) => Date.now() < endMs);
    return alive.map(({ pair }) => pair);
  }
}

/** Stores a sealed login in a browser, as it is when the service answers. Returns the `state` that refers to it. */
export function keepSealed(sealed: string, jar: Jar, state: string = randomBytes(16).toString("base64url")): string {
  const parts = sealed.match(/.{1,4000}/g) ?? [];
  parts.forEach((part, index) => jar.put(`__Host-ap-${state}-${index + 1}=${part}`));
  return state;
}

/** Sends one `Request` to an endpoint and asserts the invariants of every answer, whatever the test is about. */
export async function call(
  endpoint: EndpointName,
  provider: Provider,
  pathAndQuery: string,
  { jar, ...init }: RequestInit & { jar?: Jar } = {},
): Promise<Response> {
  const url = new URL(pathAndQuery, provider.origin);
  const service = serviceIn(url.pathname);
  const request = new Request(url, {
    ...init,
    headers: { ...jar?.headers(), ...(init.headers as Record<string, string>) },
  });
  const body = typeof init.body === "string" ? init.body : "";
  const answer = () => serve(ENDPOINTS[endpoint], request, provider, service ? { service } : {});
  const response = await checked({ endpoint, provider, request, body }, answer);
  jar?.keep(response);
  return response;
}

/** The path parameter, as the platform derives it from the function's `path`. */
function serviceIn(pathname: string): string | undefined {
  const route = findRoute(ROUTES, pathname);
  if (route) return route.parameters.service;
  const [, first, second, third] = pathname.split("/");
  if (first === ".well-known") return third;
  return second === ".well-known" || second === "jwks.json" ? first : second;
}

/** `serve` with the same assertions, for requests that `call` cannot make. */
export async function serveChecked(
  ...[endpoint, request, provider, path]: Parameters<typeof serve>
): Promise<Response> {
  const configured = "services" in provider ? provider : undefined;
  const asked = { endpoint: endpoint.name as EndpointName, provider: configured, request };
  return await checked(asked, () => serve(endpoint, request, provider, path));
}

/** An app's PKCE pair (RFC 7636 §4). */
export function pkcePair(): { verifier: string; challenge: string } {
  const verifier = randomBytes(32).toString("base64url");
  return { verifier, challenge: createHash("sha256").update(verifier).digest("base64url") };
}

/** Parameters of a valid authorization request from the honest app. */
export function authorizationRequest(challenge: string, overrides: Record<string, string | undefined> = {}): string {
  const parameters = {
    client_id: `${GOOD}/`,
    redirect_uri: `${GOOD}/callback`,
    response_type: "code",
    code_challenge: challenge,
    code_challenge_method: "S256",
    state: "state-of-the-app",
    ...overrides,
  };
  const present = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new URLSearchParams(present).toString();
}

/** The data that one of our pages received in its fragment. */
export function readFragment<T = Question & StartQuestion>(response: Response): T {
  const { hash } = new URL(response.headers.get("location") ?? "", PROVIDER);
  return JSON.parse(Buffer.from(hash.slice(1), "base64url").toString()) as T;
}

/** Headers of a fetch from our own page. */
export const OWN_PAGE = { origin: PROVIDER, "sec-fetch-site": "same-origin", "content-type": "application/json" };

/**
 * Takes the honest app's login from its own page through the service and back. Returns what the confirmation page
 * receives.
 */
export async function reachConfirmation(
  provider: Provider,
  options: {
    jar?: Jar;
    challenge?: string;
    overrides?: Record<string, string | undefined>;
    service?: string;
    answer?: Record<string, string>;
  } = {},
): Promise<{ question: Question; jar: Jar; toService: URL; callbackUrl: string }> {
  const jar = options.jar ?? new Jar();
  const service = options.service ?? "github";
  const query = authorizationRequest(options.challenge ?? pkcePair().challenge, options.overrides);
  const started = await call("authorize", provider, `/authorize/${service}?${query}`, {
    jar,
    headers: { referer: `${GOOD}/` },
  });
  expect(started.status, await started.clone().text()).toBeOneOf([302, 303]);
  const toService =
    started.status === 302 ? new URL(started.headers.get("location")!) : await pressContinue(provider, started, jar);
  const answer = new URLSearchParams({
    ...(options.answer ?? { code: CANARY.serviceCode }),
    state: toService.searchParams.get("state")!,
  });
  const callbackUrl = `/callback/${service}?${answer}`;
  const returned = await call("callback", provider, callbackUrl, { jar });
  expect(returned.status, await returned.clone().text()).toBe(303);
  return { question: readFragment<Question>(returned), jar, toService, callbackUrl };
}

/** The start page's POST after a click. Returns the address that it leads to. */
export async function pressContinue(provider: Provider, started: Response, jar: Jar): Promise<URL> {
  const { request, service } = readFragment<StartQuestion>(started);
  const init = { method: "POST", jar, headers: OWN_PAGE, body: JSON.stringify({ request }) };
  const answer = (await (await call("authorize", provider, `/authorize/${service}`, init)).json()) as {
    location: string;
  };
  return new URL(answer.location);
}

/** The confirmation page's POST after a click. */
export async function decide(
  provider: Provider,
  question: Question,
  jar: Jar,
  overrides: Partial<Decision> = {},
  headers: Record<string, string> = OWN_PAGE,
): Promise<Response> {
  const decision: Decision = {
    ticket: question.ticket,
    origin: question.origin,
    service: question.service,
    ...(question.redirectUri === undefined ? {} : { redirectUri: question.redirectUri }),
    decision: "yes",
    opener: false,
    ...overrides,
  };
  return await call("decision", provider, "/decision", {
    method: "POST",
    jar,
    headers,
    body: JSON.stringify(decision),
  });
}

/** The app's token request. */
export async function redeem(
  provider: Provider,
  parameters: Record<string, string | undefined>,
  { headers = {}, service = "github" }: { headers?: Record<string, string>; service?: string } = {},
): Promise<Response> {
  const form = {
    grant_type: "authorization_code",
    client_id: `${GOOD}/`,
    redirect_uri: `${GOOD}/callback`,
    ...parameters,
  };
  const present = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return await call("token", provider, `/token/${service}`, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", origin: GOOD, ...headers },
    body: new URLSearchParams(present).toString(),
  });
}

/** The code in the answer of the confirmation endpoint. */
export function codeIn(answer: { location?: string; message?: { response?: { code?: string } } }): string {
  const code = answer.location ? new URL(answer.location).searchParams.get("code") : answer.message?.response?.code;
  if (!code) throw new Error("no code in the answer");
  return code;
}
