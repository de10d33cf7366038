/**
 * The parts that all local stand-ins for git hosts have in common: OAuth with PKCE, tokens that end, refresh tokens, and an
 * API that needs a token. A user who has already allowed this application sees no page.
 */

import { createHash, randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import type { LocalServer } from "../tools/local-server.ts";
import { startLocalServer } from "../tools/local-server.ts";

export interface Registration {
  clientId: string;
  clientSecret: string;
}

/** How one git host differs from the others. */
export interface GitHostKind {
  authorizationPath: string;
  tokenPath: string;
  /** The scheme of the Authorization header, which its CMS backends use. */
  scheme: "Bearer" | "token";
  tokenLifetimeSeconds: number;
  /** Whether a refresh token works only once. */
  rotates: boolean;
  /** What it grants. Absent: it does not say. */
  scope?: string;
  /** The answer of its API to a request without a valid token. */
  unauthorized: unknown;
  /** The answer of its API; `undefined`: not found. */
  api(path: string): unknown;
}

export interface ApiRequest {
  path: string;
  token: string;
  status: number;
}

export interface FakeGitHost extends GitHost, LocalServer {
  /** The entry for `services.json`. */
  record: Record<string, unknown>;
}

export async function startGitHost(registration: Registration, kind: GitHostKind): Promise<FakeGitHost> {
  const host = new GitHost(registration, kind);
  const { origin, stop } = await startLocalServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://git.invalid");
    if (url.pathname === kind.authorizationPath) {
      return response.writeHead(302, { location: host.authorize(url), ...host.openerPolicy() }).end();
    }
    const [status, body] = request.method === "OPTIONS" ? [204, undefined] : await host.answer(url, request);
    response.writeHead(status, HEADERS);
    return response.end(body === undefined ? undefined : JSON.stringify(body));
  });
  const record = {
    client_id: registration.clientId,
    authorization_endpoint: `${origin}${kind.authorizationPath}`,
    token_endpoint: `${origin}${kind.tokenPath}`,
    madata: false,
  };
  return Object.assign(host, { origin, stop, record });
}

const HEADERS = {
  "content-type": "application/json",
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "authorization, content-type, if-none-match, cache-control",
  "x-page": "1",
  "x-total-pages": "1",
  "x-total": "0",
};

class GitHost {
  readonly issuedTokens: string[] = [];
  readonly authorizeRequests: URL[] = [];
  readonly apiRequests: ApiRequest[] = [];
  /** `true`: its pages cut a popup off from the app, like those of Dropbox and Microsoft. */
  cutsOpener = false;

  readonly #registration: Registration;
  readonly #kind: GitHostKind;
  readonly #codes = new Map<string, { redirectUri: string; codeChallenge: string }>();
  readonly #expiries = new Map<string, number>();
  readonly #refreshTokens = new Set<string>();
  #nowSeconds = 0;

  constructor(registration: Registration, kind: GitHostKind) {
    this.#registration = registration;
    this.#kind = kind;
  }

  /** Moves this host's clock. */
  advance(seconds: number): void {
    this.#nowSeconds += seconds;
  }

  openerPolicy(): Record<string, string> {
    return this.cutsOpener ? { "cross-origin-opener-policy": "same-origin" } : {};
  }

  /** @returns the address to which it redirects the browser */
  authorize(url: URL): string {
    this.authorizeRequests.push(url);
    const { searchParams } = url;
    const [redirectUri, state] = [searchParams.get("redirect_uri") ?? "", searchParams.get("state") ?? ""];
    const code = randomBytes(10).toString("hex");
    this.#codes.set(code, { redirectUri, codeChallenge: searchParams.get("code_challenge") ?? "" });
    const isKnown = searchParams.get("client_id") === this.#registration.clientId;
    const target = new URL(redirectUri);
    target.search = new URLSearchParams(isKnown ? { code, state } : { error: "unauthorized_client", state }).toString();
    return target.href;
  }

  async answer(url: URL, request: IncomingMessage): Promise<[number, unknown]> {
    if (url.pathname === this.#kind.tokenPath) return this.#issue(new URLSearchParams(await text(request)), request);
    const path = decodeURIComponent(url.pathname);
    const [scheme, token = ""] = (request.headers.authorization ?? "").split(" ");
    const [status, body] = this.#isValid(scheme, token) ? this.#api(path) : [401, this.#kind.unauthorized];
    this.apiRequests.push({ path, token, status });
    return [status, body];
  }

  #isValid(scheme: string | undefined, token: string): boolean {
    return scheme === this.#kind.scheme && (this.#expiries.get(token) ?? 0) > this.#nowSeconds;
  }

  #api(path: string): [number, unknown] {
    const body = this.#kind.api(path);
    return body === undefined ? [404, { message: "404 Not Found" }] : [200, body];
  }

  #issue(form: URLSearchParams, request: IncomingMessage): [number, unknown] {
    if (!this.#isClient(form, request)) return [401, { error: "invalid_client" }];
    const isRight = form.get("grant_type") === "refresh_token" ? this.#isRefresh(form) : this.#isCode(form);
    if (!isRight) return [400, { error: "invalid_grant" }];
    const { tokenLifetimeSeconds: seconds, scope, rotates } = this.#kind;
    const token = randomBytes(20).toString("hex");
    const refreshToken = randomBytes(20).toString("hex");
    this.issuedTokens.push(token);
    this.#expiries.set(token, this.#nowSeconds + seconds);
    this.#refreshTokens.add(refreshToken);
    if (rotates) this.#refreshTokens.delete(form.get("refresh_token") ?? "");
    const members = { access_token: token, token_type: "bearer", expires_in: seconds, refresh_token: refreshToken };
    return [200, { ...members, ...(scope === undefined ? {} : { scope }) }];
  }

  /** By the body, or by a Basic header. */
  #isClient(form: URLSearchParams, { headers }: IncomingMessage): boolean {
    const { clientId, clientSecret } = this.#registration;
    const basic = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`;
    return (
      headers.authorization === basic ||
      (form.get("client_id") === clientId && form.get("client_secret") === clientSecret)
    );
  }

  #isCode(form: URLSearchParams): boolean {
    const code = form.get("code") ?? "";
    const issued = this.#codes.get(code);
    this.#codes.delete(code);
    const digest = createHash("sha256").update(form.get("code_verifier") ?? "");
    return issued?.redirectUri === form.get("redirect_uri") && issued.codeChallenge === digest.digest("base64url");
  }

  #isRefresh(form: URLSearchParams): boolean {
    return this.#refreshTokens.has(form.get("refresh_token") ?? "");
  }
}
