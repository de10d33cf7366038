import { parseAppUrl } from "../../shared/app-url.ts";
import * as errors from "../answers/error-catalogue.ts";
import type { ErrorDefinition } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import type { ProviderSettings, ServiceContext } from "../provider/provider.ts";
import { issuer } from "../provider/provider.ts";
import type { OpenidScope, Service } from "../provider/service.ts";
import type { SigningKey } from "../provider/signing-key.ts";
import { parseJsonObject } from "../request/json-object.ts";
import { separateScopes } from "../request/scopes.ts";

/**
 * What an app may ask us to say about a user (OpenID Connect Core). The scopes `openid`, `profile` and `email` are ours at
 * every service, because we sign the answer. Every request passes here, so this module knows nothing about keys.
 */

const OPENID_SCOPES: readonly OpenidScope[] = ["openid", "profile", "email"];

/** Some verifiers accept no longer `iss` or `sub` (SpacetimeDB). Cut off, two users could become one. */
export const MAX_IDENTIFIER_BYTES = 128;

/** What an app asks to know about its user. */
export interface IdentityRequest {
  /** Begins with `openid`. */
  scopes: OpenidScope[];
  /** The app's own, returned in the ID token (Core §3.1.2.1). */
  nonce?: string;
  /** The only user whom the app accepts, if it has named one (`id_token_hint`). */
  sub?: string;
}

/**
 * Our scopes among those of a request. None without `openid`: `profile` and `email` are then the service's (Core §5.4). At
 * a provider without a key, a service's own `openid` is only the service's as well: some tell who the user is only for it.
 */
export function openidScopesOf(scope: string | undefined, { provider, service }: ServiceContext): OpenidScope[] {
  const tokens: string[] = separateScopes(scope ?? "", service);
  const isOfService = provider.signingKey === "" && isKnown("openid", service);
  return tokens.includes("openid") && !isOfService ? OPENID_SCOPES.filter((each) => tokens.includes(each)) : [];
}

/** Why there are no ID tokens about the users of this service, whoever asks. */
export function reasonAgainstIdTokens(context: ServiceContext): ErrorDefinition | undefined {
  if (context.provider.signingKey === "") return errors.openid_without_key;
  // A name could later belong to another person.
  const isStable = context.service.userinfo?.claims.sub !== undefined;
  return isStable && Buffer.byteLength(issuer(context)) <= MAX_IDENTIFIER_BYTES ? undefined : errors.openid_without_sub;
}

/**
 * The provider's keys, the one that signs first.
 *
 * @throws {OAuthError} `not_configured`
 */
export async function loadSigningKeys(provider: ProviderSettings): Promise<[SigningKey, ...SigningKey[]]> {
  const { signingKeys } = await import("./signing-keys.ts");
  const [first, ...others] = signingKeys(provider);
  if (first === undefined) throw new OAuthError(errors.not_configured);
  return [first, ...others];
}

/**
 * Why an app gets no ID token. Its client_id is the audience, and must stand for this app alone: every program on every
 * computer can be a client on loopback, and pages of one origin can pass for each other, whatever path their client_id has.
 */
export function reasonAgainstAudience(
  { clientId, appOrigin }: { clientId: string; appOrigin: string },
  provider: ProviderSettings,
): ErrorDefinition | undefined {
  if (isLoopback(appOrigin) && !isLoopback(provider.origin)) return errors.openid_on_loopback;
  return clientId === appOrigin || clientId === `${appOrigin}/` ? undefined : errors.openid_with_path;
}

/**
 * The user whom an `id_token_hint` names: no other may be logged in then (Core §3.1.2.2). Nobody needs its signature, because
 * a forged hint can only keep users out. `undefined`: it is no ID token of this issuer, so it names nobody whom we could find.
 */
export function hintedUser(idTokenHint: string, context: ServiceContext): string | undefined {
  const [, payload = ""] = idTokenHint.split(".");
  const { iss, sub } = parseJsonObject(Buffer.from(payload, "base64url").toString()) ?? {};
  return iss === issuer(context) && typeof sub === "string" ? sub : undefined;
}

/** A provider that is on loopback itself is an issuer that only this computer can ask for keys (`npm run dev`). */
function isLoopback(origin: string): boolean {
  return parseAppUrl(origin)?.loopback === true;
}

/**
 * The request's scopes with ours replaced by what the service needs to tell who the user is. `undefined`: nothing is left,
 * because the service needs no scopes.
 */
export function withServiceScopes(
  scope: string | undefined,
  identity: OpenidScope[],
  service: Service,
): string | undefined {
  if (identity.length === 0) return scope;
  const others = separateScopes(scope!, service).filter((token) => !OPENID_SCOPES.includes(token as OpenidScope));
  const needed = identity.flatMap((each) => service.openidScopes?.[each] ?? usualScopes(each, service));
  return [...needed, ...others].join(" ") || undefined;
}

/** `default_scopes` are the least that identify the user. `profile` and `email` go only to services that know them. */
function usualScopes(scope: OpenidScope, service: Service): string[] {
  if (scope !== "openid") return isKnown(scope, service) ? [scope] : [];
  const { defaultScopes, userinfo } = service;
  // Core §5.3: with `openid` alone, such a service names the user and says no more.
  const isOpenidProvider = defaultScopes.includes("openid") && userinfo?.claims.sub?.[0] === "sub";
  if (isOpenidProvider) return defaultScopes.filter((each) => each !== "profile" && each !== "email");
  return isKnown("openid", service) ? ["openid", ...defaultScopes] : defaultScopes;
}

function isKnown(scope: string, { defaultScopes, allowedScopes = [], scopeDescriptions }: Service): boolean {
  return defaultScopes.includes(scope) || allowedScopes.includes(scope) || Object.hasOwn(scopeDescriptions, scope);
}
