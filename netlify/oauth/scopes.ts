import type { ShownScope } from "./question.ts";
import type { Service } from "./service.ts";

/** RFC 6749 §3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

export function isScopeToken(value: string): boolean {
  return SCOPE_TOKEN.test(value);
}

/**
 * The scopes to ask the service for: the app's, or the service's default. Nothing is added or silently replaced [A31].
 * `undefined`: malformed, or outside the owner's allow-list.
 */
export function readScopes(scope: string | undefined, service: Service): string[] | undefined {
  if (scope === undefined) return service.defaultScopes;
  const scopes = [...new Set(scope.split(" ").filter(Boolean))];
  if (scopes.length === 0 || !scopes.every(isScopeToken)) return undefined;
  const { allowedScopes } = service;
  if (allowedScopes && !scopes.every((token) => allowedScopes.includes(token))) return undefined;
  return scopes;
}

/** Scopes as the confirmation page shows them: in words where the catalogue has them, verbatim in any case. */
export function describeScopes(scopes: string[], service: Service): ShownScope[] {
  return scopes.map((value) => {
    const description = Object.hasOwn(service.scopeDescriptions, value) ? service.scopeDescriptions[value] : undefined;
    return description === undefined ? { value } : { value, description };
  });
}

/**
 * What was granted beyond what was shown. `openid` does not count: it grants nothing by itself, and is never passed on.
 * A service that merges earlier grants into every new one cannot be held to this; there the page says so instead.
 */
export function scopesBeyond(shown: string[], granted: string[], service: Service): string[] {
  if (service.scopesMerged) return [];
  const { scopeAliases } = service;
  const askedAs = (scope: string): string => (Object.hasOwn(scopeAliases, scope) ? scopeAliases[scope]! : scope);
  const known = new Set(["openid", ...service.offlineScopes, ...shown, ...shown.map(askedAs)]);
  return granted.filter((scope) => !known.has(scope) && !known.has(askedAs(scope)));
}
