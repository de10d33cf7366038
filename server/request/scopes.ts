import type { Service } from "../provider/service.ts";

/**
 * A scope that an app may ask for although no setting of the service names it. Our page shows an unknown scope as it is, so
 * it must be too short and too plain to carry a message. The scopes of the catalogue need letters and `- . / : [ ] _`;
 * others also have digits. The longest in the catalogue has 48 characters, the longest of Google and Microsoft about 80.
 */
const USUAL_SCOPE = /^[\w\-./:[\]]{1,100}$/;

/** Asks us for a refresh token. The service does not get it: what it needs instead differs from service to service. */
export const OFFLINE_ACCESS = "offline_access";

/** What names the scopes of a service. */
type ScopeSettings = Pick<
  Service,
  "defaultScopes" | "allowedScopes" | "scopesWithoutLimit" | "offlineScopes" | "scopeDescriptions"
>;

/**
 * The scopes to ask the service for: those of the app, or the service's default. No scope is added, except where it limits.
 * `undefined`: a scope looks like no service's scope, or the owner does not allow it, or the service would take it for all.
 */
export function readScopes(
  scope: string | undefined,
  service: ScopeSettings & Pick<Service, "installation">,
): string[] | undefined {
  if (scope === undefined) return service.defaultScopes;
  const { defaultScopes, allowedScopes, scopesWithoutLimit } = service;
  const named = namedScopes(service);
  const tokens = separateScopes(scope, service);
  const mayBeScope = (token: string): boolean =>
    named.includes(token) || (scopesWithoutLimit === undefined && USUAL_SCOPE.test(token));
  if (tokens.length === 0 || !tokens.every(mayBeScope)) return undefined;
  const scopes = [...new Set(tokens)].filter((token) => token !== OFFLINE_ACCESS);
  if (allowedScopes && !scopes.every((token) => allowedScopes.includes(token))) return undefined;
  // The service would ignore them, so the user must not read that the app gets them.
  if (service.installation !== undefined) return defaultScopes;
  const limited = scopes.some((token) => !scopesWithoutLimit?.includes(token));
  return limited ? scopes : [...new Set([...scopes, ...defaultScopes])];
}

export function asksForOfflineAccess(scope: string | undefined): boolean {
  return splitScopes(scope ?? "").includes(OFFLINE_ACCESS);
}

/** RFC 6749 §3.3 separates scopes by spaces. Many services use commas, and no known scope contains one. */
export function splitScopes(text: string): string[] {
  return text.split(/[ ,]/).filter(Boolean);
}

/**
 * The scopes in a request of an app. Some CMSes separate them by commas, because the service that they were written for
 * does. A scope that the owner has named may contain commas, because some owners have written several as one.
 */
export function separateScopes(scope: string, service: ScopeSettings): string[] {
  const named = namedScopes(service);
  return scope.split(" ").flatMap((token) => (named.includes(token) ? token : splitScopes(token)));
}

/** The scopes that the settings or we ourselves name, whatever they look like. */
function namedScopes(service: ScopeSettings): string[] {
  const { defaultScopes, allowedScopes = [], scopesWithoutLimit = [], offlineScopes, scopeDescriptions } = service;
  const described = Object.keys(scopeDescriptions);
  return [...defaultScopes, ...allowedScopes, ...scopesWithoutLimit, ...offlineScopes, ...described, OFFLINE_ACCESS];
}

/**
 * The granted scopes that the user was not shown. Not counted: `openid`, which grants nothing by itself and is never
 * passed on, and scopes that the service adds to every grant and that only say who the user is. A service that merges
 * earlier grants into every new one cannot be checked; for such a service, the question says so.
 */
export function scopesBeyond(
  shown: string[],
  granted: string[],
  service: Pick<Service, "scopesMerged" | "offlineScopes" | "identityScopes" | "scopeAliases">,
): string[] {
  if (service.scopesMerged) return [];
  // An owner may have written several scopes as one, with commas.
  const asked = withAliases(shown.flatMap(splitScopes), service);
  const known = new Set(["openid", ...service.offlineScopes, ...service.identityScopes, ...asked]);
  return granted.filter((scope) => withAliases([scope], service).every((spelling) => !known.has(spelling)));
}

/** The scopes, and those that some of them are called in authorization requests. */
export function withAliases(scopes: string[], { scopeAliases }: Pick<Service, "scopeAliases">): string[] {
  return [...scopes, ...scopes.flatMap((scope) => (Object.hasOwn(scopeAliases, scope) ? [scopeAliases[scope]!] : []))];
}
