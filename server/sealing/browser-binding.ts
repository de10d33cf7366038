import { createHash, randomBytes } from "node:crypto";
import type { ProviderSettings } from "../provider/provider.ts";
import { equalSecrets } from "./constant-time.ts";
import { cookieName, readCookie, setCookie } from "./cookies.ts";

/**
 * The binding cookie: a random value that ties every login to the browser it was started in, so that nobody can finish
 * their own login in another person's browser. All logins of a browser share one value, so that parallel logins do not
 * replace each other and cookies do not pile up. Sealed values contain only its digest.
 */

const BINDING = /^[A-Za-z0-9_-]{43}$/;

/** The browser's binding, if it sent exactly one well-formed value. */
export function readBinding(request: Request, provider: ProviderSettings): string | undefined {
  const value = readCookie(request, cookieName(provider));
  return value !== undefined && BINDING.test(value) ? value : undefined;
}

export function newBinding(): string {
  return randomBytes(32).toString("base64url");
}

export function bindingCookie(binding: string, provider: ProviderSettings): string {
  return setCookie({ name: cookieName(provider), value: binding }, provider);
}

/** The browser that a login starts in: what to seal, and the cookie to set. */
export interface BoundBrowser {
  browser: string;
  setCookie: string;
}

/**
 * A browser keeps its value, because other logins may be in progress. The cookie is set again for its full lifetime:
 * otherwise this login could outlive it. A value that is not well-formed is not ours and is replaced.
 */
export function bindBrowser(request: Request, provider: ProviderSettings): BoundBrowser {
  const binding = readBinding(request, provider) ?? newBinding();
  return { browser: bindingDigest(binding), setCookie: bindingCookie(binding, provider) };
}

export function bindingDigest(binding: string): string {
  return createHash("sha256").update(binding).digest("base64url");
}

export function isBoundTo(request: Request, provider: ProviderSettings, digest: string): boolean {
  const binding = readBinding(request, provider);
  return binding !== undefined && equalSecrets(bindingDigest(binding), digest);
}
