import { randomBytes } from "node:crypto";
import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { ProviderSettings } from "../provider/provider.ts";
import { cookieName, forgetCookie, readCookie, readCookies, setCookie } from "./cookies.ts";
import type { Transaction } from "./transaction.ts";

/**
 * While the user is at the service, the sealed login is kept in cookies. The service gets only their handle as `state`.
 * The handle has 22 characters, because some services reject long states (X: more than 500), and sealed values stay out
 * of the service's logs. Each login has its own cookies, so that parallel logins in one browser do not mix.
 */

/** 16 random bytes in base64url. */
const HANDLE = /^[A-Za-z0-9_-]{22}$/;

/** Browsers accept 4,096 bytes for a cookie with its name and attributes (RFC 6265 §6.1), which take 90. */
const PART_CHARACTERS = 4_000;

/**
 * For all logins of a browser together in its `Cookie` header. Many servers accept 8 kB per header, and Node 16 kB for all
 * headers. If a new login does not fit, the oldest one is deleted.
 */
const BUDGET_CHARACTERS = 7_000;

const MAX_PARTS = Math.ceil(BUDGET_CHARACTERS / PART_CHARACTERS);

/** A part needs this much in the header besides its value: `__Host-ap-<handle>-1=` and `; `. */
const NAME_CHARACTERS = 37;

/** The longest sealed login that a browser can keep. */
export const MAX_LOGIN_CHARACTERS = BUDGET_CHARACTERS - MAX_PARTS * NAME_CHARACTERS;

/** A sealed login holds this much besides the app's request: header, claims, our code verifier, browser and window. */
const OWN_BYTES = 704;

/** Four characters of base64url hold three bytes. */
const MAX_TRANSACTION_BYTES = Math.floor((MAX_LOGIN_CHARACTERS * 3) / 4) - OWN_BYTES;

/** Whether the browser can keep the login. The app's parameters are limited one by one; this limits their sum. */
export function fitsIntoCookies(transaction: Transaction): boolean {
  return Buffer.byteLength(JSON.stringify(transaction)) <= MAX_TRANSACTION_BYTES;
}

/** What the service gets and returns, and the cookies that keep the login meanwhile. */
export interface KeptLogin {
  state: string;
  setCookies: string[];
}

export function keepLogin(sealed: string, request: Request, provider: ProviderSettings): KeptLogin {
  const state = randomBytes(16).toString("base64url");
  const cookies = partsOf(sealed).map((value, index) => ({ name: partName(state, index, provider), value }));
  const evicted = oldestCookies(loginCookies(request, provider), sizeOf(cookies));
  return {
    state,
    setCookies: [
      ...evicted.map(({ name }) => forgetCookie(name, provider)),
      ...cookies.map((cookie) => setCookie(cookie, provider)),
    ],
  };
}

/**
 * Finds the sealed login of a `state`. It is not opened here.
 *
 * @throws {OAuthError} `invalid_state`, `other_browser`
 */
export function findLogin(state: string, request: Request, provider: ProviderSettings): string {
  if (!HANDLE.test(state)) throw new OAuthError(errors.invalid_state);
  const parts = Array.from({ length: MAX_PARTS }, (_, index) => readCookie(request, partName(state, index, provider)));
  // Without its first part a login cannot be opened; the other parts alone would count as damaged.
  if (parts[0] === undefined) throw new OAuthError(errors.other_browser);
  return parts.join("");
}

/** Deletes the cookies of a finished login. */
export function forgetLogin(handle: string | undefined, request: Request, provider: ProviderSettings): string[] {
  const own = loginCookies(request, provider).filter((cookie) => cookie.handle === handle);
  return own.map(({ name }) => forgetCookie(name, provider));
}

/** The cookies to delete, login by login, so that a new login fits. */
function oldestCookies(cookies: LoginCookie[], newCharacters: number): LoginCookie[] {
  // Browsers send the oldest cookies first (RFC 6265 §5.4). With a browser that does not, another login is deleted instead.
  const oldest = cookies[0];
  if (oldest === undefined || sizeOf(cookies) + newCharacters <= BUDGET_CHARACTERS) return [];
  const isOfOldest = ({ handle }: LoginCookie): boolean => handle === oldest.handle;
  const others = cookies.filter((cookie) => !isOfOldest(cookie));
  return [...cookies.filter(isOfOldest), ...oldestCookies(others, newCharacters)];
}

interface LoginCookie {
  handle: string;
  name: string;
  value: string;
}

function loginCookies(request: Request, provider: ProviderSettings): LoginCookie[] {
  const prefix = `${cookieName(provider)}-`;
  return readCookies(request)
    .filter(({ name }) => name.startsWith(prefix))
    .map((cookie) => ({ ...cookie, handle: cookie.name.slice(prefix.length, -2) }))
    .filter(({ name, handle }) => HANDLE.test(handle) && /-\d$/.test(name));
}

function partsOf(sealed: string): string[] {
  const count = Math.ceil(sealed.length / PART_CHARACTERS);
  return Array.from({ length: count }, (_, index) =>
    sealed.slice(index * PART_CHARACTERS, (index + 1) * PART_CHARACTERS),
  );
}

function partName(handle: string, index: number, provider: ProviderSettings): string {
  return `${cookieName(provider)}-${handle}-${index + 1}`;
}

/** The length in the `Cookie` header. */
function sizeOf(cookies: { name: string; value: string }[]): number {
  return cookies.reduce((sum, { name, value }) => sum + name.length + value.length + "=; ".length, 0);
}
