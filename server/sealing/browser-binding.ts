import { createHash, randomBytes } from "node:crypto";
import type { Provider } from "../provider/provider.ts";
import { equalSecrets } from "./constant-time.ts";
import { cookieName, readCookie, setCookie } from "./cookies.ts";

/**
 * The binding cookie: one random value per browser that ties every login to the browser it was started in [A13].
 * One value for all logins, so that parallel logins do not evict each other and cookies cannot pile up [A39].
 * It is random and means nothing by itself; sealed values carry its digest.
 */

const BINDING = /^[A-Za-z0-9_-]{43}$/;

/** The browser's binding, if it sent exactly one well-formed value. */
export function readBinding(request: Request, provider: Provider): string | undefined {
  const value = readCookie(request, cookieName(provider));
  return value !== undefined && BINDING.test(value) ? value : undefined;
}

export function newBinding(): string {
  return randomBytes(32).toString("base64url");
}

export function bindingCookie(binding: string, provider: Provider): string {
  return setCookie({ name: cookieName(provider), value: binding }, provider);
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
