import type { Provider } from "../provider/provider.ts";
import { LONGEST_LOGIN_SECONDS } from "./seal.ts";

/** Cookies of ours: what protects them is the same for all, and so is how they are read. */

/**
 * Every beginning of a login sets its cookies anew, so no later step has to. Twice the longest login: an answer that comes
 * too late is then refused as that, which the waiting app is told, and not as another browser's.
 */
const LIFETIME_SECONDS = 2 * LONGEST_LOGIN_SECONDS;

/** What the names of all our cookies begin with. Only the prefix stops a sibling sub-domain from planting its own value
 * [A38]; browsers grant it only over https. */
export function cookieName(provider: Provider): string {
  return isSecure(provider) ? "__Host-ap" : "ap-dev";
}

export interface Cookie {
  name: string;
  value: string;
}

/**
 * All cookies, in the order in which the browser sent them. Own parser, because lenient ones accept names and values that
 * differ from what the browser protected (quotes, other white space, `$Version`) [A38].
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

/** `trim()` would take away white space that browsers count as part of the name; a regular expression takes quadratic
 * time over many spaces [A47]. */
function trimSpacesAndTabs(text: string): string {
  const isBlank = (index: number): boolean => text[index] === " " || text[index] === "\t";
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start += 1;
  while (end > start && isBlank(end - 1)) end -= 1;
  return text.slice(start, end);
}

/** A `Set-Cookie` header. `Lax`, because `Strict` cookies stay away on the way back from the service. */
export function setCookie(
  { name, value }: Cookie,
  provider: Provider,
  lifetimeSeconds: number = LIFETIME_SECONDS,
): string {
  const secure = isSecure(provider) ? " Secure;" : "";
  return `${name}=${value}; Path=/;${secure} HttpOnly; SameSite=Lax; Max-Age=${lifetimeSeconds}`;
}

/** A `Set-Cookie` header that makes the browser forget a cookie. */
export function forgetCookie(name: string, provider: Provider): string {
  return setCookie({ name, value: "" }, provider, 0);
}

function isSecure({ origin }: Provider): boolean {
  return origin.startsWith("https://");
}
