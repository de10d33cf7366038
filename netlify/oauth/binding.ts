import { createHash, randomBytes } from "node:crypto";
import { equalSecrets } from "./equal.ts";
import type { Provider } from "./provider.ts";
import { LONGEST_LOGIN_SECONDS } from "./seal.ts";

/**
 * The binding cookie: one random value per browser that ties every login to the browser it was started in [A13].
 * One value for all logins, so that parallel logins do not evict each other and cookies cannot pile up [A39].
 * It is random and means nothing by itself; sealed values carry its digest.
 */

/**
 * Every beginning of a login sets it anew, so no later step has to. Twice the longest login: an answer that comes too
 * late is then refused as that, which the waiting app is told, and not as another browser's.
 */
const COOKIE_LIFETIME_SECONDS = 2 * LONGEST_LOGIN_SECONDS;

const BINDING = /^[A-Za-z0-9_-]{43}$/;

/** Only the prefix stops a sibling sub-domain from planting its own value [A38]; browsers grant it only over https. */
function cookieName(provider: Provider): string {
  return provider.origin.startsWith("https://") ? "__Host-ap" : "ap-dev";
}

/**
 * The browser's binding, if it sent exactly one well-formed value. Own parser, because lenient ones accept names and
 * values that differ from what the browser protected (quotes, other white space, `$Version`) [A38].
 */
export function readBinding(request: Request, provider: Provider): string | undefined {
  const prefix = `${cookieName(provider)}=`;
  const values = (request.headers.get("cookie") ?? "")
    .split(";")
    .map(trimSpacesAndTabs)
    .filter((pair) => pair.startsWith(prefix))
    .map((pair) => pair.slice(prefix.length));
  const [value] = values;
  if (values.length !== 1 || value === undefined || !BINDING.test(value)) return undefined;
  return value;
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

export function newBinding(): string {
  return randomBytes(32).toString("base64url");
}

/** `Lax`, because `Strict` cookies stay away on the way back from the service. */
export function bindingCookie(binding: string, provider: Provider): string {
  const secure = provider.origin.startsWith("https://") ? " Secure;" : "";
  return `${cookieName(provider)}=${binding}; Path=/;${secure} HttpOnly; SameSite=Lax; Max-Age=${COOKIE_LIFETIME_SECONDS}`;
}

/** The browser that a login begins in: what to seal, and the cookie to set. */
export interface BoundBrowser {
  browser: string;
  setCookie: string;
}

/**
 * A browser keeps the value that it has, for logins beside this one [A39], and gets it for a full lifetime again: with
 * what is left of an earlier login's, this one could outlive it. What does not count as ours is not renewed [A38].
 */
export function bindBrowser(request: Request, provider: Provider): BoundBrowser {
  const binding = readBinding(request, provider) ?? newBinding();
  return { browser: bindingDigest(binding), setCookie: bindingCookie(binding, provider) };
}

/** What sealed values carry in place of the cookie itself. */
export function bindingDigest(binding: string): string {
  return createHash("sha256").update(binding).digest("base64url");
}

export function isBoundTo(request: Request, provider: Provider, digest: string): boolean {
  const binding = readBinding(request, provider);
  return binding !== undefined && equalSecrets(bindingDigest(binding), digest);
}
