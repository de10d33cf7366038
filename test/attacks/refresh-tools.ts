import type { CryptoKey, JWK } from "jose";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, vi } from "vitest";
import * as errors from "../../server/answers/error-catalogue.ts";
import { OAuthError } from "../../server/answers/errors.ts";
import type { Provider } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";
import { seal, unseal } from "../../server/sealing/seal.ts";
import type { RefreshGrant } from "../../server/sealing/transaction.ts";
import type { ErrorName } from "../tools/error-name.ts";
import { CANARY, call, GOOD, PROVIDER, redeem } from "../tools/harness.ts";
import { reachCode, serviceOf } from "./tools.ts";

/** The service's own refresh tokens. Our answers must never contain them. */
export const SERVICE_REFRESH_TOKEN = "canary-refresh-token-0123456789";
export const ROTATED_REFRESH_TOKEN = "canary-rotated-token-0123456789";

export const FORM = "application/x-www-form-urlencoded";
export const LIFE_SECONDS = 90 * 24 * 3_600;
/** The clocks of function instances may differ by this many seconds. */
export const TOLERANCE_SECONDS = 30;

/** A service that issues refresh tokens, and the parameters and scopes that it requires for one. */
export const REFRESHING = {
  refreshTokens: "rotating",
  offlineParameters: { access_type: "offline", prompt: "consent" },
  offlineScopes: ["offline"],
} satisfies Partial<Service>;

/* ---- Services ---- */

export interface SeenCall {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}

type ServiceAnswer = Response | Error | ((seen: SeenCall) => Response | Error);

/**
 * Replaces every service: records requests and returns the configured answers. Requests that the platform's `fetch`
 * would reject, such as those with invalid characters in a header, fail here as well.
 */
export function fakeServices(
  answer: ServiceAnswer = Response.json({ access_token: CANARY.accessToken, token_type: "bearer" }),
): {
  seen: SeenCall[];
  answerWith(next: ServiceAnswer): void;
} {
  const seen: SeenCall[] = [];
  let current = answer;
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    const entry = {
      url: request.url,
      method: request.method,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    };
    seen.push(entry);
    const next = typeof current === "function" ? current(entry) : current;
    if (next instanceof Error) throw next;
    const bytes = await next.clone().arrayBuffer();
    return new Response(next.body === null ? null : bytes, { status: next.status, headers: next.headers });
  });
  return { seen, answerWith: (next) => (current = next) };
}

export function tokenAnswer(members: Record<string, unknown> = {}): Response {
  return Response.json({ access_token: CANARY.accessToken, token_type: "bearer", ...members });
}

/* ---- DPoP (RFC 9449) ---- */

export interface DpopKey {
  alg: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
  privateJwk: JWK;
  thumbprint: string;
}

export async function newDpopKey(alg = "ES256"): Promise<DpopKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = await exportJWK(publicKey);
  return {
    alg,
    privateKey,
    publicJwk,
    privateJwk: await exportJWK(privateKey),
    thumbprint: await calculateJwkThumbprint(publicJwk),
  };
}

export interface ProofChanges {
  header?: Record<string, unknown>;
  claims?: Record<string, unknown>;
}

export function proofHeader(key: DpopKey): Record<string, unknown> {
  return { typ: "dpop+jwt", alg: key.alg, jwk: key.publicJwk };
}

export function proofClaims(): Record<string, unknown> {
  return { jti: "jti-0123456789", htm: "POST", htu: `${PROVIDER}/token/github`, iat: Math.floor(Date.now() / 1_000) };
}

/** A proof for the token endpoint. Members set to `undefined` are left out. */
export async function dpopProof(key: DpopKey, { header = {}, claims = {} }: ProofChanges = {}): Promise<string> {
  return await new SignJWT({ ...proofClaims(), ...claims })
    .setProtectedHeader({ ...proofHeader(key), ...header, alg: key.alg })
    .sign(key.privateKey);
}

/** A JWS with any header and signature, including those that a library would reject. */
export function forgeJws(
  header: unknown,
  claims: unknown,
  sign: (input: string) => Buffer = () => Buffer.alloc(0),
): string {
  const input = [header, claims]
    .map((part) => Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${input}.${sign(input).toString("base64url")}`;
}

/* ---- Our refresh tokens ---- */

/** A refresh token as the honest flow makes it. */
export function sealRefresh(provider: Provider, overrides: Partial<RefreshGrant> = {}, service = "github"): string {
  const expiresAt = overrides.expiresAt ?? Math.floor(Date.now() / 1_000) + LIFE_SECONDS;
  const grant = {
    refreshToken: SERVICE_REFRESH_TOKEN,
    clientId: `${GOOD}/`,
    appOrigin: GOOD,
    scopes: ["read:user"],
    ...overrides,
    expiresAt,
  };
  return seal("refresh", grant, { provider, service: serviceOf(provider, service) }, expiresAt);
}

export function openRefresh(provider: Provider, token: unknown, service = "github"): RefreshGrant | undefined {
  return unseal("refresh", String(token), { provider, service: serviceOf(provider, service) })?.content;
}

/** The app's refresh request. */
export async function refreshWith(
  provider: Provider,
  parameters: Record<string, string | undefined>,
  {
    proof,
    headers = {},
    service = "github",
  }: { proof?: string; headers?: Record<string, string>; service?: string } = {},
): Promise<Response> {
  const form = { grant_type: "refresh_token", client_id: `${GOOD}/`, ...parameters };
  const present = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return await call("token", provider, `/token/${service}`, {
    method: "POST",
    headers: { "content-type": FORM, ...(proof === undefined ? {} : { dpop: proof }), ...headers },
    body: new URLSearchParams(present).toString(),
  });
}

/** Runs the honest app's whole login and returns the token endpoint's answer. */
export async function logIn(
  provider: Provider,
  {
    key,
    proof,
    overrides = {},
  }: { key?: DpopKey; proof?: string; overrides?: Record<string, string | undefined> } = {},
): Promise<Response> {
  const announced = key ? { dpop_jkt: key.thumbprint } : {};
  const { code, verifier } = await reachCode(provider, { overrides: { ...announced, ...overrides } });
  const dpop = proof ?? (key ? await dpopProof(key) : undefined);
  return await redeem(provider, { code, code_verifier: verifier }, { headers: dpop === undefined ? {} : { dpop } });
}

export interface TokenBody {
  access_token: string;
  token_type: string;
  expires_in?: number;
  scope?: string;
  refresh_token?: string;
}

/** Asserts that this is a token response without the service's own refresh tokens. */
export async function tokensIn(response: Response): Promise<TokenBody> {
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(text).not.toContain(SERVICE_REFRESH_TOKEN);
  expect(text).not.toContain(ROTATED_REFRESH_TOKEN);
  return JSON.parse(text) as TokenBody;
}

/** The nonce in a refusal (RFC 9449 §8). */
export function nonceIn(response: Response): string {
  const nonce = response.headers.get("dpop-nonce");
  if (nonce === null) throw new Error("no nonce in the answer");
  return nonce;
}

/** Asserts that the answer is exactly this error from our table, and that the app's origin can read it. */
export async function expectError(response: Response, reason: ErrorName): Promise<void> {
  const expected = new OAuthError(errors[reason]);
  const body: unknown = await response.json();
  expect({ status: response.status, body }).toEqual({
    status: expected.status,
    body: { error: expected.error, error_description: expected.description },
  });
  expect(expected.description).toMatch(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/);
}
