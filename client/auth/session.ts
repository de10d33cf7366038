import { isObject, isText } from "../page/values.ts";
import type { IdToken } from "./id-token.ts";
import { isIdTokenOrNone } from "./id-token.ts";
import { localStore } from "./storage.ts";
import type { Profile } from "./user.ts";

/** A login that this browser remembers, in every tab of the app. */
export interface Session extends Profile, Partial<IdToken> {
  accessToken: string;
  /** Milliseconds since 1970; `null` where the service does not say (then the token usually has no end). */
  expiresAtMs: number | null;
  scopes: string[];
  /** Bound to the key with this thumbprint. */
  refreshToken?: string;
  thumbprint?: string;
}

/** A token that expires on its way to the API is of no use. */
const earlierMs = 10_000;

/** Logins at different providers or services, for different scopes, or of different apps on this origin are separate. */
export function sessionKey(provider: string, service: string, scope: string | undefined, app?: string): string {
  const owner = app === undefined ? "auth-provider" : `auth-provider/${encodeURIComponent(app)}`;
  return [owner, provider, service, ...(scope === undefined ? [] : [scope])].join(" ");
}

/** @returns `undefined` if there is none, or if it can give no token any more */
export function loadSession(key: string): Session | undefined {
  const session = parse(localStore.get(key));
  if (session === undefined) return undefined;
  return isExpired(session) && session.refreshToken === undefined ? undefined : session;
}

export function saveSession(key: string, session: Session): void {
  localStore.set(key, JSON.stringify(session));
}

export function removeSession(key: string): void {
  localStore.remove(key);
}

export function isExpired({ expiresAtMs }: Session): boolean {
  return expiresAtMs !== null && isOver(expiresAtMs);
}

/** The ID token, unless it has expired. */
export function validIdToken({ idToken, idTokenExpiresAtMs = 0 }: Session): string | undefined {
  return isOver(idTokenExpiresAtMs) ? undefined : idToken;
}

function isOver(expiresAtMs: number): boolean {
  return Date.now() >= expiresAtMs - earlierMs;
}

function parse(text: string | null): Session | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return isSession(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isSession(value: unknown): value is Session {
  if (!isObject(value) || !isObject(value.user)) return false;
  const { accessToken, expiresAtMs, scopes, refreshToken, thumbprint, user, userError } = value;
  return (
    isText(accessToken) &&
    (expiresAtMs === null || typeof expiresAtMs === "number") &&
    Array.isArray(scopes) &&
    (refreshToken === undefined || isText(refreshToken)) &&
    (thumbprint === undefined || isText(thumbprint)) &&
    isIdTokenOrNone(value) &&
    typeof user.username === "string" &&
    (userError === undefined || (isObject(userError) && isText(userError.code)))
  );
}
