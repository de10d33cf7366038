import { createCipheriv, hkdfSync, randomBytes } from "node:crypto";
import type fc from "fast-check";
import { expect, vi } from "vitest";
import * as errors from "../../server/answers/error-catalogue.ts";
import { OAuthError } from "../../server/answers/errors.ts";
import type { OfferedService, Provider } from "../../server/provider/provider.ts";
import { callbackUri } from "../../server/provider/provider.ts";
import { bindingDigest, newBinding } from "../../server/sealing/browser-binding.ts";
import { seal } from "../../server/sealing/seal.ts";
import type { MadataTransaction, OAuthTransaction, Sealed, SealedKind } from "../../server/sealing/transaction.ts";
import type { Answer } from "../../shared/page-messages.ts";
import type { ErrorName } from "../tools/error-name.ts";
import { CANARY, decide, GOOD, Jar, pkcePair, reachConfirmation } from "../tools/harness.ts";
import { startLocalServer } from "../tools/local-server.ts";

/** A thousand runs; a failure prints the seed and the smallest counterexample. */
export const RUNS = { numRuns: 1_000 } satisfies fc.Parameters<unknown>;

/** RFC 6749 §5.2: printable ASCII without `"` and `\`. */
export const ERROR_DESCRIPTION = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/;

/** The registered error codes that our answers may contain (RFC 6749 §4.1.2.1 and §5.2, RFC 7009 §2.2.1,
 * RFC 8707 §2, OpenID Connect Core §3.1.2.6). */
const ERROR_CODES = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "unsupported_response_type",
  "unsupported_token_type",
  "invalid_scope",
  "invalid_target",
  "request_not_supported",
  "request_uri_not_supported",
  "access_denied",
  "server_error",
  "temporarily_unavailable",
];

/**
 * Asserts what all refusals have in common, as a page or as JSON. They do not redirect or set a cookie. Their text
 * comes only from our error table, so they contain no text from the request and no stack trace.
 */
export async function expectRefused(response: Response, reason: ErrorName): Promise<void> {
  const expected = new OAuthError(errors[reason]);
  const body = await response.clone().text();
  expect({ status: response.status, body }).toMatchObject({ status: expected.status });
  expect(response.headers.get("location")).toBeNull();
  expect(response.headers.get("set-cookie")).toBeNull();
  expect(body).not.toMatch(/\bat .*\.(ts|js|mjs):\d+/);
  if (response.headers.get("content-type") !== "application/json") {
    if (body === "") return;
    expect(body).toContain(escapeHtml(expected.definition.text));
    expect(body).not.toMatch(/http-equiv="?refresh/i);
    return;
  }
  const {
    error,
    error_description: description,
    reason: named,
    answer,
    ...rest
  } = JSON.parse(body) as Record<string, unknown>;
  expect({ error, description }).toEqual({ error: expected.error, description: expected.description });
  expect(ERROR_CODES).toContain(error);
  expect(description).toMatch(ERROR_DESCRIPTION);
  // Only our own pages get the name of the error, so that they can translate its text.
  expect([undefined, reason]).toContain(named);
  expect(rest).toEqual({});
  if (answer !== undefined) expect(Object.keys(answer as object).sort()).toEqual(["message", "targetOrigin"]);
}

function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** An error page's answer to the app, read as the page's script reads it. */
export function answerIn(page: string): Answer | undefined {
  const content = /<meta name="answer" content="([^"]*)">/.exec(page)?.[1];
  if (content === undefined) return undefined;
  const text = content
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&gt;", ">")
    .replaceAll("&lt;", "<")
    .replaceAll("&amp;", "&");
  return JSON.parse(text) as Answer;
}

/** A browser that already holds a binding cookie. */
export function boundJar(): { jar: Jar; browser: string } {
  const binding = newBinding();
  const jar = new Jar();
  jar.cookie = `__Host-ap=${binding}`;
  return { jar, browser: bindingDigest(binding) };
}

export function serviceOf(provider: Provider, id = "github"): OfferedService {
  const service = provider.services.get(id);
  if (!service) throw new Error(`the test's provider has no ${id}`);
  return service;
}

export function oauthTransaction(overrides: Partial<OAuthTransaction> = {}): OAuthTransaction {
  return {
    dialect: "oauth",
    appOrigin: GOOD,
    scopes: ["read:user"],
    clientId: `${GOOD}/`,
    redirectUri: `${GOOD}/callback`,
    responseMode: "query",
    state: "state-of-the-app",
    codeChallenge: pkcePair().challenge,
    ...overrides,
  };
}

export function madataTransaction(overrides: Partial<MadataTransaction> = {}): MadataTransaction {
  return { dialect: "madata", appOrigin: GOOD, scopes: null, backend: "Github", ...overrides };
}

interface SealOptions {
  service?: string;
  browser: string;
  challenge?: string;
  scopes?: string[];
}

/** Seals a value of this kind, as an honest login would for the browser with this binding. */
export function sealOne<Kind extends SealedKind>(
  kind: Kind,
  provider: Provider,
  { service = "github", browser, challenge = pkcePair().challenge, scopes = ["read:user"] }: SealOptions,
): string {
  const transaction = oauthTransaction({ codeChallenge: challenge, scopes });
  const context = { provider, service: serviceOf(provider, service) };
  const redirectUri = callbackUri(context);
  const serviceCode = { code: CANARY.serviceCode, codeVerifier: "v".repeat(43), redirectUri };
  const contents: Sealed = {
    request: { transaction, browser },
    state: { transaction, browser, codeVerifier: serviceCode.codeVerifier },
    ticket: { transaction, browser, serviceCode },
    code: { transaction, serviceCode },
    refresh: {
      refreshToken: "canary-refresh-token-0123456789",
      clientId: transaction.clientId,
      appOrigin: transaction.appOrigin,
      scopes,
      expiresAt: Math.floor(Date.now() / 1_000) + 3_600,
    },
    nonce: {},
  };
  return seal(kind, contents[kind], context);
}

/** Runs the honest app's login up to the code. */
export async function reachCode(
  provider: Provider,
  options: { overrides?: Record<string, string | undefined>; service?: string; opener?: boolean } = {},
): Promise<{ code: string; verifier: string; jar: Jar }> {
  const { verifier, challenge } = pkcePair();
  const { opener = false, ...rest } = options;
  const { question, jar } = await reachConfirmation(provider, { challenge, ...rest });
  const answer = (await (await decide(provider, question, jar, { opener })).json()) as Answer;
  const code =
    "location" in answer
      ? new URL(answer.location).searchParams.get("code")
      : (answer.message as { response: { code: string } }).response.code;
  if (!code) throw new Error("no code in the answer");
  return { code, verifier, jar };
}

/** Records every outgoing request and answers it with a token. */
export function spyOnFetch(json: unknown = { access_token: CANARY.accessToken, token_type: "bearer" }) {
  return vi.spyOn(globalThis, "fetch").mockImplementation(async () => Response.json(json));
}

/** The addresses that the spied-on `fetch` was called with. */
export function fetchedUrls(spy: ReturnType<typeof spyOnFetch>): string[] {
  return spy.mock.calls.map(([input]) => String(input instanceof Request ? input.url : input));
}

/** The least CPU time of up to three runs. This ignores a busy machine but still detects slow code. */
export async function leastCpuMs(run: () => unknown): Promise<number> {
  let least = Infinity;
  for (let attempt = 0; attempt < 3 && least > 25; attempt += 1) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

/**
 * A token endpoint as strict as real ones: a code works once, with its redirect URI and the right credentials.
 *
 * @param atOnce how many requests must arrive before the first one is answered
 */
export async function startStrictService({ atOnce = 1 } = {}): Promise<{
  endpoint: string;
  requests: number;
  issued: number;
  /** Makes a code redeemable. */
  allow(code: string, redirectUri: string): void;
  stop(): Promise<void>;
}> {
  const redeemable = new Map<string, string>();
  const all = Promise.withResolvers<void>();
  const { origin, stop } = await startLocalServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
    service.requests += 1;
    const form = new URLSearchParams(body);
    const code = form.get("code") ?? "";
    const right =
      redeemable.get(code) === form.get("redirect_uri") && form.get("client_secret") === CANARY.clientSecret;
    redeemable.delete(code);
    if (service.requests === atOnce) all.resolve();
    await all.promise;
    if (right) service.issued += 1;
    const answer = right ? { access_token: CANARY.accessToken, token_type: "bearer" } : { error: "invalid_grant" };
    response.writeHead(right ? 200 : 400, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
  const service = {
    endpoint: `${origin}/token`,
    requests: 0,
    issued: 0,
    allow: (code: string, redirectUri: string) => void redeemable.set(code, redirectUri),
    stop,
  };
  return service;
}

/* ---- Sealed values made by hand, by an attacker who knows the key or who changes an existing value ---- */

/** Derives a sealing key as the design specifies, independently of the code under test (RFC 5869). */
export function deriveSealingKey(material: string, kind: string, serviceId: string, origin: string): Buffer {
  const info = [kind, serviceId, origin].map((part) => `${part.length}:${part}`).join("");
  return Buffer.from(hkdfSync("sha256", material, "auth-provider/v1", info, 32));
}

/** A compact JWE (RFC 7516 §7.1) with exactly this header and payload. */
export function forgeJwe(header: object | string, payload: string | Buffer, key: Buffer): string {
  const protectedHeader = Buffer.from(typeof header === "string" ? header : JSON.stringify(header)).toString(
    "base64url",
  );
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, iv);
  cipher.setAAD(Buffer.from(protectedHeader, "ascii"));
  const ciphertext = Buffer.concat([cipher.update(payload), cipher.final()]);
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString("base64url"));
  return [protectedHeader, "", ...parts].join(".");
}
