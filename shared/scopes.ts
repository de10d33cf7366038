import type { Service } from "../server/provider/service.ts";

/** RFC 6749 §3.3. */
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

export function isScopeToken(value: string): boolean {
  return SCOPE_TOKEN.test(value);
}

/**
 * What an app may ask for without the owner naming it. An unknown scope stands on our page as it is, so it must not be
 * able to say much: of the characters of RFC 6749, the scopes of the catalogue need letters and `- . / : [ ] _`; digits are
 * in some that it does not list. The longest there has 48 characters, and the longest that Google and Microsoft have for
 * all their interfaces have some 80 [A31].
 */
const USUAL_SCOPE = /^[\w\-./:[\]]{1,100}$/;

/** Asks us for a refresh token, and the service for nothing: what it takes there differs from service to service. */
export const OFFLINE_ACCESS = "offline_access";

/**
 * The scopes to ask the service for: the app's, or the service's default. Nothing is added or silently replaced [A31].
 * `undefined`: like no scope that any service has, or outside the owner's allow-list.
 */
export function readScopes(scope: string | undefined, service: Service): string[] | undefined {
  if (scope === undefined) return service.defaultScopes;
  const tokens = scope.split(" ").filter(Boolean);
  if (tokens.length === 0 || !tokens.every((token) => mayBeScope(token, service))) return undefined;
  const scopes = [...new Set(tokens)].filter((token) => token !== OFFLINE_ACCESS);
  const { allowedScopes } = service;
  if (allowedScopes && !scopes.every((token) => allowedScopes.includes(token))) return undefined;
  return scopes.length === 0 ? service.defaultScopes : scopes;
}

/** What the settings of a service name, its owner has chosen, whatever it looks like. */
function mayBeScope(
  token: string,
  { defaultScopes, allowedScopes = [], offlineScopes, scopeDescriptions }: Service,
): boolean {
  const named = [...defaultScopes, ...allowedScopes, ...offlineScopes, ...Object.keys(scopeDescriptions)];
  return USUAL_SCOPE.test(token) || named.includes(token);
}

export function asksForOfflineAccess(scope: string | undefined): boolean {
  return (scope ?? "").split(" ").includes(OFFLINE_ACCESS);
}

/** RFC 6749 §3.3 knows spaces only. Many services join with commas, and none is known that has one in a scope. */
export function splitScopes(text: string): string[] {
  return text.split(/[ ,]/).filter(Boolean);
}

/**
 * What was granted beyond what was shown. `openid` does not count: it grants nothing by itself, and is never passed on.
 * Nor do scopes that the service adds by itself, where they only tell who the user is. A service that merges earlier
 * grants into every new one cannot be held to this; there the page says so instead.
 */
export function scopesBeyond(shown: string[], granted: string[], service: Service): string[] {
  if (service.scopesMerged) return [];
  // An owner may have written several as one, with the service's comma.
  const asked = withAliases(shown.flatMap(splitScopes), service);
  const known = new Set(["openid", ...service.offlineScopes, ...service.identityScopes, ...asked]);
  return granted.filter((scope) => withAliases([scope], service).every((spelling) => !known.has(spelling)));
}

/** The same scopes in both spellings: the service's own, and the one that apps ask for. */
export function withAliases(scopes: string[], { scopeAliases }: Service): string[] {
  return [...scopes, ...scopes.flatMap((scope) => (Object.hasOwn(scopeAliases, scope) ? [scopeAliases[scope]!] : []))];
}
