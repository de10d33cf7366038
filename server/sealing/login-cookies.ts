import { randomBytes } from "node:crypto";
import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { Provider } from "../provider/provider.ts";
import { cookieName, forgetCookie, readCookie, readCookies, setCookie } from "./cookies.ts";

/**
 * While the person is at the service, the sealed login waits in cookies of its own. What the service gets as `state` is
 * only their handle: 22 characters, since some services refuse longer ones (X more than 500), and nothing that is sealed
 * gets into its logs. Each login has cookies of its own, so that several at once in one browser never mix [A39].
 */

/** 16 random bytes in base64url. */
const HANDLE = /^[A-Za-z0-9_-]{22}$/;

/** Browsers take 4,096 bytes for a cookie, its name and its attributes (RFC 6265 §6.1); those take 90. */
const PART_CHARACTERS = 4_000;

/**
 * Of all logins in a browser, as they stand in its `Cookie` header. Many servers read 8 kB of one header, and Node 16 kB of
 * all of them. The oldest login goes where there would be more.
 */
const BUDGET_CHARACTERS = 7_000;

const MAX_PARTS = Math.ceil(BUDGET_CHARACTERS / PART_CHARACTERS);

/** What a part needs in the header besides its value: `__Host-ap-<handle>-1=` and `; `. */
const NAME_CHARACTERS = 37;

/** The longest sealed login that a browser can keep. */
export const MAX_LOGIN_CHARACTERS = BUDGET_CHARACTERS - MAX_PARTS * NAME_CHARACTERS;

/** What the service gets and gives back, and the cookies that make the browser keep the login meanwhile. */
export interface KeptLogin {
  state: string;
  setCookies: string[];
}

export function keepLogin(sealed: string, request: Request, provider: Provider): KeptLogin {
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
 * The sealed login that a `state` stands for. Whether it opens, and for whom, is not known yet.
 *
 * @throws {OAuthError} `invalid_state`, `other_browser`
 */
export function findLogin(state: string, request: Request, provider: Provider): string {
  if (!HANDLE.test(state)) throw new OAuthError(reasons.invalid_state);
  const parts = Array.from({ length: MAX_PARTS }, (_, index) => readCookie(request, partName(state, index, provider)));
  // Without the first one nothing opens; what is left of others would be reported as damaged.
  if (parts[0] === undefined) throw new OAuthError(reasons.other_browser);
  return parts.join("");
}

/** Makes the browser forget a login that is over. */
export function forgetLogin(handle: string | undefined, request: Request, provider: Provider): string[] {
  const own = loginCookies(request, provider).filter((cookie) => cookie.handle === handle);
  return own.map(({ name }) => forgetCookie(name, provider));
}

/** What has to go, login by login, so that a new one fits in beside the rest. */
function oldestCookies(cookies: LoginCookie[], newCharacters: number): LoginCookie[] {
  // Browsers send the oldest first (RFC 6265 §5.4). From one that does not, another login goes, and no more than otherwise.
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

function loginCookies(request: Request, provider: Provider): LoginCookie[] {
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

function partName(handle: string, index: number, provider: Provider): string {
  return `${cookieName(provider)}-${handle}-${index + 1}`;
}

/** In the `Cookie` header. */
function sizeOf(cookies: { name: string; value: string }[]): number {
  return cookies.reduce((sum, { name, value }) => sum + name.length + value.length + "=; ".length, 0);
}
