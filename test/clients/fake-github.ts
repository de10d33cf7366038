/**
 * A local GitHub that follows GitHub's documentation. It serves `github.com` and `api.github.com` over TLS for the
 * browser, which is configured to resolve those names to this server. It serves the same over plain loopback http for
 * the provider's token request. It verifies what GitHub verifies and is stricter in one point: it refuses client
 * credentials in the query string, because query strings end up in logs.
 */

import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

const HOSTS = ["github.com", "api.github.com", "raw.githubusercontent.com", "avatars.githubusercontent.com"];

const CODE_LIFETIME_MS = 10 * 60 * 1000;

/** The user who is logged in at this GitHub, as `GET /user` returns it. */
export const USER = {
  login: "mona",
  id: 1,
  name: "Mona Lisa Octocat",
  avatar_url: "https://avatars.githubusercontent.com/u/1?v=4",
  html_url: "https://github.com/mona",
  public_repos: 1,
};

const REPOSITORY = {
  name: "notes",
  full_name: `${USER.login}/notes`,
  owner: { login: USER.login },
  default_branch: "main",
  permissions: { push: true },
  forks: 0,
};

const EMPTY_TREE = { sha: "0".repeat(40), tree: [], truncated: false };

/** The answer to the only GraphQL query that a CMS sends before it shows a repository without files. */
const LAST_COMMIT = {
  data: { repository: { ref: { target: { history: { nodes: [{ oid: "0".repeat(40), message: "first" }] } } } } },
};

const FILE_TEXT = JSON.stringify({ note: "read from the repository" });

/** How the token endpoint answers. Real services have given every one of these answers. */
export type TokenMode = "ok" | "500" | "html" | "empty" | "null" | "error-200" | "no-token" | "hang" | "reset";

export interface FakeGithubRegistration {
  clientId: string;
  clientSecret: string;
  /** The registered "authorization callback URL". */
  callback: string;
  extraRedirectUris?: string[];
}

export interface TokenRequest {
  /** Path and query, as received. */
  url: string;
  parameters: URLSearchParams;
}

export interface FakeGithub extends Github {
  tlsPort: number;
  /** Plain http on loopback, for the provider's own requests. */
  origin: string;
  /** Makes Chromium resolve GitHub's names to this server, and no other name to any server. */
  chromiumArgs: string[];
  stop(): Promise<void>;
}

interface IssuedCode {
  redirectUri: string | undefined;
  codeChallenge: string | undefined;
  issuedAtMs: number;
}

interface Reply {
  status: number;
  headers?: Record<string, string>;
  body?: string;
}

export async function startFakeGithub(registration: FakeGithubRegistration): Promise<FakeGithub> {
  const github = new Github(registration);
  const listener: RequestListener = async (request, response) => {
    const reply = await github.answer(request);
    if (reply === "hang") return;
    if (reply === "reset") return void request.socket.destroy();
    response.writeHead(reply.status, reply.headers).end(reply.body);
  };

  const certificate = await selfSignedCertificate();
  const tlsServer = createTlsServer({ key: certificate.private, cert: certificate.cert }, listener);
  const plainServer = createHttpServer(listener);
  const tlsPort = await listen(tlsServer);
  const plainPort = await listen(plainServer);

  return Object.assign(github, {
    tlsPort,
    origin: `http://127.0.0.1:${plainPort}`,
    chromiumArgs: chromiumArguments(tlsPort, certificate.cert),
    stop: async () => void (await Promise.all([close(tlsServer), close(plainServer)])),
  });
}

/** The state and the checks of this GitHub, shared by both servers. */
class Github {
  readonly counts = { authorize: 0, token: 0, user: 0 };
  readonly authorizeRequests: URL[] = [];
  readonly tokenRequests: TokenRequest[] = [];
  readonly issuedTokens: string[] = [];
  /** Tests may change these while the server runs. */
  readonly options = { mode: "ok" as TokenMode, denied: false, cutOpener: false };

  readonly #registration: FakeGithubRegistration;
  readonly #codes = new Map<string, IssuedCode>();

  constructor(registration: FakeGithubRegistration) {
    this.#registration = registration;
  }

  /** Forgets all requests and tokens, and restores the normal behaviour. */
  reset(): void {
    this.#codes.clear();
    Object.assign(this.counts, { authorize: 0, token: 0, user: 0 });
    Object.assign(this.options, { mode: "ok", denied: false, cutOpener: false });
    for (const list of [this.authorizeRequests, this.tokenRequests, this.issuedTokens]) list.length = 0;
  }

  async answer(request: IncomingMessage): Promise<Reply | "hang" | "reset"> {
    const url = new URL(request.url ?? "/", `https://${request.headers.host}`);
    if (request.method === "OPTIONS") return preflightReply();
    if (url.pathname === "/login/oauth/authorize") return this.#withOpenerPolicy(this.#authorize(url));
    if (url.pathname === "/login/oauth/access_token") return this.#issueToken(url, request);
    if (url.hostname === "raw.githubusercontent.com") return withCors({ status: 200, body: FILE_TEXT });
    if (url.hostname === "avatars.githubusercontent.com") return avatarReply();
    return this.#api(url, request);
  }

  /** Sends the header that Dropbox and Microsoft send. Even on a redirect, it cuts the popup off permanently. */
  #withOpenerPolicy(reply: Reply): Reply {
    if (!this.options.cutOpener) return reply;
    return { ...reply, headers: { ...reply.headers, "cross-origin-opener-policy": "same-origin" } };
  }

  #authorize(url: URL): Reply {
    this.counts.authorize++;
    this.authorizeRequests.push(url);
    const redirectUri = url.searchParams.get("redirect_uri") ?? undefined;
    const state = url.searchParams.get("state") ?? undefined;

    if (url.searchParams.get("client_id") !== this.#registration.clientId) return { status: 404, body: "Not Found" };
    if (!this.#isRegistered(redirectUri)) {
      return redirectReply(this.#registration.callback, {
        error: "redirect_uri_mismatch",
        error_description: "The redirect_uri MUST match the registered callback URL for this application.",
        state,
      });
    }
    if (this.options.denied) {
      return redirectReply(redirectUri ?? this.#registration.callback, {
        error: "access_denied",
        error_description: "The user has denied your application access.",
        error_uri: "https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting",
        state,
      });
    }

    // A user who has already allowed this application sees no page. This makes a silent login possible.
    const code = randomBytes(10).toString("hex");
    const codeChallenge = url.searchParams.get("code_challenge") ?? undefined;
    this.#codes.set(code, { redirectUri, codeChallenge, issuedAtMs: Date.now() });
    return redirectReply(redirectUri ?? this.#registration.callback, { code, state });
  }

  /** Accepts the registered callback, an address below its path, or no address at all. */
  #isRegistered(redirectUri: string | undefined): boolean {
    if (redirectUri === undefined) return true;
    if (this.#registration.extraRedirectUris?.includes(redirectUri)) return true;
    if (!URL.canParse(redirectUri)) return false;

    const asked = new URL(redirectUri);
    const registered = new URL(this.#registration.callback);
    const folder = registered.pathname.endsWith("/") ? registered.pathname : `${registered.pathname}/`;
    return asked.origin === registered.origin && `${asked.pathname}/`.startsWith(folder);
  }

  async #issueToken(url: URL, request: IncomingMessage): Promise<Reply | "hang" | "reset"> {
    this.counts.token++;
    const parameters = new URLSearchParams(await text(request));
    this.tokenRequests.push({ url: url.pathname + url.search, parameters });

    if (request.method !== "POST") return { status: 404, body: "Not Found" };
    if (url.searchParams.has("client_secret")) return { status: 400, body: "Client credentials in the query string" };

    const { mode } = this.options;
    if (mode === "hang" || mode === "reset") return mode;
    if (mode !== "ok") return BROKEN_REPLIES[mode];

    const answer = this.#redeem(parameters, request);
    return acceptsJson(request) ? jsonReply(200, answer) : formReply(answer);
  }

  #redeem(parameters: URLSearchParams, request: IncomingMessage): Record<string, string> {
    const [clientId, clientSecret] = clientCredentials(parameters, request);
    if (clientId !== this.#registration.clientId || clientSecret !== this.#registration.clientSecret) {
      return tokenError("incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect.");
    }

    const code = parameters.get("code") ?? "";
    const issued = this.#codes.get(code);
    if (!issued || Date.now() > issued.issuedAtMs + CODE_LIFETIME_MS) {
      return tokenError("bad_verification_code", "The code passed is incorrect or expired.");
    }

    const redirectUri = parameters.get("redirect_uri");
    if (redirectUri !== null && redirectUri !== (issued.redirectUri ?? this.#registration.callback)) {
      return tokenError(
        "redirect_uri_mismatch",
        "The redirect_uri MUST match the registered callback URL for this application.",
      );
    }
    if (issued.codeChallenge && issued.codeChallenge !== challengeOf(parameters.get("code_verifier"))) {
      return tokenError("bad_verification_code", "The code passed is incorrect or expired.");
    }

    this.#codes.delete(code);
    const accessToken = `gho_${randomBytes(18).toString("hex")}`;
    this.issuedTokens.push(accessToken);
    return { access_token: accessToken, scope: "repo", token_type: "bearer" };
  }

  #api(url: URL, request: IncomingMessage): Reply {
    if (url.pathname === "/user") this.counts.user++;
    const [, token = ""] = /^(?:Bearer|token) (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    if (!this.issuedTokens.includes(token)) {
      return withCors(jsonReply(401, { message: "Bad credentials", status: "401" }));
    }

    if (url.pathname === "/user") return withCors(jsonReply(200, USER));
    if (url.pathname === `/repos/${REPOSITORY.full_name}`) return withCors(jsonReply(200, REPOSITORY));
    if (url.pathname.startsWith(`/repos/${REPOSITORY.full_name}/contents/`)) return withCors(jsonReply(200, file(url)));
    if (url.pathname.startsWith(`/repos/${REPOSITORY.full_name}/git/trees/`))
      return withCors(jsonReply(200, EMPTY_TREE));
    if (url.pathname === `/repos/${REPOSITORY.full_name}/collaborators/${USER.login}`) return withCors({ status: 204 });
    if (url.pathname === "/graphql") return withCors(jsonReply(200, LAST_COMMIT));
    return withCors(jsonReply(404, { message: "Not Found", status: "404" }));
  }
}

const BROKEN_REPLIES: Record<Exclude<TokenMode, "ok" | "hang" | "reset">, Reply> = {
  "500": jsonReply(500, { message: "Server Error" }),
  html: { status: 200, headers: { "content-type": "text/html" }, body: "<!doctype html><title>Unicorn!</title>" },
  empty: { status: 200, headers: { "content-type": "application/json" }, body: "" },
  null: jsonReply(200, null),
  "error-200": jsonReply(200, tokenError("bad_verification_code", "The code passed is incorrect or expired.")),
  "no-token": jsonReply(200, { scope: "repo", token_type: "bearer" }),
};

/** GitHub answers errors of the token endpoint with status 200. */
function tokenError(error: string, description: string): Record<string, string> {
  return { error, error_description: description, error_uri: "https://docs.github.com/apps/oauth-apps" };
}

function clientCredentials(parameters: URLSearchParams, request: IncomingMessage): (string | null)[] {
  const [, basic] = /^Basic (\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  if (!basic) return [parameters.get("client_id"), parameters.get("client_secret")];

  // RFC 6749 §2.3.1: both halves are form-encoded before they are joined.
  const [name, password] = Buffer.from(basic, "base64").toString().split(":");
  return [formDecode(name), formDecode(password)];
}

function formDecode(text = ""): string {
  return decodeURIComponent(text.replaceAll("+", " "));
}

function challengeOf(codeVerifier: string | null): string {
  return createHash("sha256")
    .update(codeVerifier ?? "")
    .digest("base64url");
}

function acceptsJson(request: IncomingMessage): boolean {
  return request.headers.accept?.includes("application/json") ?? false;
}

function file(url: URL) {
  const name = url.pathname.split("/").at(-1);
  return { name, encoding: "base64", content: Buffer.from(FILE_TEXT).toString("base64"), sha: "0".repeat(40) };
}

function jsonReply(status: number, value: unknown): Reply {
  return { status, headers: { "content-type": "application/json; charset=utf-8" }, body: JSON.stringify(value) };
}

/** GitHub's token endpoint answers in this format unless the client asks for JSON. */
function formReply(value: Record<string, string>): Reply {
  return {
    status: 200,
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body: new URLSearchParams(value).toString(),
  };
}

function redirectReply(target: string, parameters: Record<string, string | undefined>): Reply {
  const location = new URL(target);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) location.searchParams.set(name, value);
  }
  return { status: 302, headers: { location: location.href } };
}

function withCors(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, "access-control-allow-origin": "*" } };
}

function preflightReply(): Reply {
  return withCors({
    status: 204,
    headers: {
      "access-control-allow-headers": "Authorization, Content-Type, Accept",
      "access-control-allow-methods": "GET, POST, PATCH, PUT, DELETE",
    },
  });
}

function avatarReply(): Reply {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><circle cx="20" cy="20" r="20"/></svg>`;
  return { status: 200, headers: { "content-type": "image/svg+xml" }, body: svg };
}

/** Gives Chromium the hash of the certificate's key, so that it trusts this server and checks all others as usual. */
function chromiumArguments(tlsPort: number, certificatePem: string): string[] {
  const spki = new X509Certificate(certificatePem).publicKey.export({ type: "spki", format: "der" });
  const spkiHash = createHash("sha256").update(spki).digest("base64");
  const rules = HOSTS.map((host) => `MAP ${host}:443 127.0.0.1:${tlsPort}`);
  const loopback = ["localhost", "*.localhost", "127.0.0.1", "[::1]"].map((host) => `EXCLUDE ${host}`);

  return [
    `--ignore-certificate-errors-spki-list=${spkiHash}`,
    // The real network must not be reachable: its answers may change at any time.
    `--host-resolver-rules=${[...rules, "MAP * ~NOTFOUND", ...loopback].join(",")}`,
  ];
}

/** The package is installed next to this file, not in the project, so the compiler does not find its types. */
interface SelfSigned {
  generate(
    attributes: { name: string; value: string }[],
    options: { algorithm: string; keySize: number; extensions: object[] },
  ): Promise<{ private: string; cert: string }>;
}

async function selfSignedCertificate(): Promise<{ private: string; cert: string }> {
  const { generate } = createRequire(import.meta.url)("selfsigned") as SelfSigned;
  const altNames = HOSTS.map((value) => ({ type: 2, value }));

  return generate([{ name: "commonName", value: "github.com" }], {
    algorithm: "sha256",
    keySize: 2048,
    extensions: [{ name: "subjectAltName", altNames }],
  });
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
