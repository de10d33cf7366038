import { isObject, isText } from "../page/values.ts";
import type { DpopKey } from "./dpop.ts";
import { dpopProof } from "./dpop.ts";
import type { AuthError, StoredError } from "./errors.ts";
import { clientError, hasCode, responseError } from "./errors.ts";
import type { IdToken } from "./id-token.ts";
import { readIdToken } from "./id-token.ts";
import type { Profile } from "./user.ts";
import { readUser } from "./user.ts";

/** The requests to the auth provider, all without cookies. */

/** One service of one auth provider. */
export interface Address {
  /** Origin of the auth provider. */
  provider: string;
  /** The service's id there. */
  service: string;
}

/** What `/services.json` says about a service. */
export interface ServiceInfo {
  /** The service has refresh tokens. */
  refresh: boolean;
  /** The service cuts its window off from the app, so an open window seems closed. */
  openerCut: boolean;
}

export interface Tokens extends Partial<IdToken> {
  accessToken: string;
  expiresAtMs: number | null;
  scopes: string[];
  refreshToken?: string;
}

const requestTimeoutMs = 30_000;

/** An app needs no registration: its client identifier is its own address. */
export function clientId(): string {
  return `${location.origin}/`;
}

export function endpoint(name: "authorize" | "token" | "revoke" | "userinfo", { provider, service }: Address): string {
  return `${provider}/${name}/${service}`;
}

/** RFC 9207. */
export function issuer({ provider, service }: Address): string {
  return `${provider}/${service}`;
}

export async function fetchService({ provider, service }: Address): Promise<ServiceInfo> {
  const body = await request(`${provider}/services.json`);
  const entries = Object.values(body).filter(isObject);
  const entry = entries.find(({ id, issuer }) => id === service && isText(issuer));
  if (entry === undefined) throw clientError("unknown_service");
  return { refresh: entry.refresh === true, openerCut: entry.opener === "cut" };
}

/** Never throws: a token is good for the service's API even if the profile cannot be read. */
export async function fetchProfile(address: Address, accessToken: string): Promise<Profile> {
  const url = endpoint("userinfo", address);
  try {
    const answer = await request(url, { headers: { authorization: `Bearer ${accessToken}` } });
    return { user: readUser(answer), userError: undefined };
  } catch (error) {
    return { user: readUser({}), userError: storedErrorOf(error as AuthError) };
  }
}

/** `undefined` for status 404: the service has no profiles, so a later request would fail as well. */
function storedErrorOf({ code, message, status }: AuthError): StoredError | undefined {
  return status === 404 ? undefined : { code, message, ...(status !== undefined && { status }) };
}

/** The token request (RFC 6749 §4.1.3, §6). */
export async function fetchTokens(
  address: Address,
  parameters: Record<string, string>,
  key: DpopKey | undefined,
): Promise<Tokens> {
  const url = endpoint("token", address);
  const body = new URLSearchParams({ ...parameters, client_id: clientId() });
  const sendWith = async (nonce?: string) => {
    const headers = key === undefined ? {} : { dpop: await dpopProof(key, url, nonce) };
    return await send(url, { method: "POST", headers, body });
  };
  const response = await sendWith();
  const nonce = key === undefined ? undefined : await requestedNonce(response);
  try {
    return readTokens(await readAnswer(nonce === undefined ? response : await sendWith(nonce)), address);
  } catch (error) {
    // The provider has refused its own nonce, or has sent none that a page can read.
    if (hasCode(error, "use_dpop_nonce")) throw clientError("use_dpop_nonce", error);
    throw error;
  }
}

/** RFC 9449 §8: this computer's clock is wrong. The code or refresh token has not been used, so the request may be repeated. */
async function requestedNonce(response: Response): Promise<string | undefined> {
  const nonce = response.headers.get("dpop-nonce");
  if (response.status !== 400 || nonce === null) return undefined;
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined);
  return isObject(body) && body.error === "use_dpop_nonce" ? nonce : undefined;
}

/** Revokes one token (RFC 7009), unless the service can only end the access of every app at once. */
export async function revoke(address: Address, token: string): Promise<void> {
  try {
    const body = new URLSearchParams({ token, client_id: clientId() });
    // The page may be closing.
    await request(endpoint("revoke", address), { method: "POST", body, keepalive: true });
  } catch (error) {
    if (hasCode(error, "unsupported_token_type")) return;
    throw clientError("revocation_failed", error);
  }
}

async function request(url: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  return await readAnswer(await send(url, init));
}

async function readAnswer(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json().catch(() => undefined);
  if (!response.ok && isObject(body) && isText(body.error)) {
    throw responseError(body.error, body.error_description, response.status);
  }
  if (response.status >= 500) throw clientError("unreachable");
  if (!response.ok || !isObject(body)) throw clientError("invalid_response");
  return body;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(requestTimeoutMs);
  try {
    return await fetch(url, { ...init, credentials: "omit", redirect: "error", signal });
  } catch (error) {
    throw clientError(signal.aborted ? "timeout" : "unreachable", error);
  }
}

function readTokens(body: Record<string, unknown>, address: Address): Tokens {
  const {
    access_token: accessToken,
    expires_in: expiresIn,
    scope,
    refresh_token: refreshToken,
    id_token: idToken,
  } = body;
  if (!isText(accessToken)) throw clientError("invalid_response");
  return {
    accessToken,
    expiresAtMs: typeof expiresIn === "number" ? Date.now() + expiresIn * 1_000 : null,
    scopes: isText(scope) ? scope.split(" ") : [],
    ...(isText(refreshToken) && { refreshToken }),
    ...(isText(idToken) && readIdToken(idToken, address)),
  };
}
