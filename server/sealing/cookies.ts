import type { ProviderSettings } from "../provider/provider.ts";
import { COOKIE_LIFETIME_SECONDS } from "./lifetimes.ts";

/** How all our cookies are named, protected, written and read. */

/**
 * The beginning of the names of all our cookies. Browsers accept the prefix `__Host-` only over https, and only from the
 * host itself: a sibling sub-domain cannot plant a value.
 */
export function cookieName(provider: ProviderSettings): string {
  return isSecure(provider) ? "__Host-ap" : "ap-dev";
}

export interface Cookie {
  name: string;
  value: string;
}

/**
 * All cookies, in the order in which the browser sent them. We parse them ourselves: lenient parsers accept names and
 * values other than the ones that the browser protects (quotes, other white space, `$Version`).
 */
export function readCookies(request: Request): Cookie[] {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map(trimSpacesAndTabs);
  return pairs.filter((pair) => pair.includes("=")).map((pair) => splitAt(pair, pair.indexOf("=")));
}

function splitAt(pair: string, index: number): Cookie {
  return { name: pair.slice(0, index), value: pair.slice(index + 1) };
}

/** The value of a cookie that the browser sent exactly once. */
export function readCookie(request: Request, name: string): string | undefined {
  const found = readCookies(request).filter((cookie) => cookie.name === name);
  return found.length === 1 ? found[0]!.value : undefined;
}

/**
 * `trim()` would also remove white space that browsers treat as part of a name. A regular expression would take quadratic
 * time on many spaces.
 */
function trimSpacesAndTabs(text: string): string {
  const isBlank = (index: number): boolean => text[index] === " " || text[index] === "\t";
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** A `Set-Cookie` header. `Lax`, because browsers do not send `Strict` cookies on the way back from the service. */
export function setCookie(
  { name, value }: Cookie,
  provider: ProviderSettings,
  lifetimeSeconds: number = COOKIE_LIFETIME_SECONDS,
): string {
  const secure = isSecure(provider) ? " Secure;" : "";
  return `${name}=${value}; Path=/;${secure} HttpOnly; SameSite=Lax; Max-Age=${lifetimeSeconds}`;
}

/** A `Set-Cookie` header that deletes a cookie. */
export function forgetCookie(name: string, provider: ProviderSettings): string {
  return setCookie({ name, value: "" }, provider, 0);
}

function isSecure({ origin }: ProviderSettings): boolean {
  return origin.startsWith("https://");
}
