import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { standardClaims } from "../identity/claims.ts";
import type { IdentityRequest } from "../identity/openid.ts";
import { loadSigningKeys, MAX_IDENTIFIER_BYTES, reasonAgainstIdTokens } from "../identity/openid.ts";
import type { ServiceContext } from "../provider/provider.ts";
import { issuer } from "../provider/provider.ts";
import type { Userinfo } from "../upstream/userinfo.ts";
import { fetchUserinfo } from "../upstream/userinfo.ts";

/** What an app gets to know about its user. */
export interface IssuedIdentity {
  idToken: string;
  sub: string;
  /** Those of ours that the ID token answers. */
  scopes: string[];
}

/**
 * Asks the service who the user of a fresh access token is, and signs the answer. It must be a token that the service has
 * just issued to us: one that an app presents may have been issued to any other client.
 *
 * @param request `undefined`: the app has not asked, so nothing of this is loaded
 * @throws {OAuthError} `not_configured`, `unknown_user`, `other_user`, `service_…`, `openid_…` (the owner has removed the
 *   key since the login)
 */
export async function identify(
  request: IdentityRequest | undefined,
  { clientId, accessToken }: { clientId: string; accessToken: string },
  context: ServiceContext,
): Promise<IssuedIdentity | undefined> {
  if (request === undefined) return undefined;
  const reason = reasonAgainstIdTokens(context);
  if (reason) throw new OAuthError(reason);
  const profile = await readProfile(accessToken, context);
  if (request.sub !== undefined && request.sub !== profile.sub) throw new OAuthError(errors.other_user);
  const [key] = await loadSigningKeys(context.provider);
  const { signIdToken } = await import("../identity/id-token.ts");
  const statement = {
    iss: issuer(context),
    sub: profile.sub,
    aud: clientId,
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    // The owner's come first, so that they replace nothing about the user.
    further: { ...context.service.idTokenClaims, ...standardClaims(profile, request.scopes) },
  };
  return { idToken: signIdToken(statement, accessToken, key), sub: profile.sub, scopes: request.scopes };
}

async function readProfile(accessToken: string, { service }: ServiceContext): Promise<Userinfo & { sub: string }> {
  const profile = await fetchUserinfo(service, accessToken).catch(toTokenError);
  const { sub } = profile;
  if (sub === undefined || !isIdentifier(sub)) throw new OAuthError(errors.unknown_user);
  return { ...profile, sub };
}

/**
 * Core §2: ASCII. A longer one is refused and not cut off. So is one with a space at an end, because some databases ignore
 * that when they compare.
 */
function isIdentifier(sub: string): boolean {
  return /^[\x20-\x7E]+$/.test(sub) && sub.trim() === sub && sub.length <= MAX_IDENTIFIER_BYTES;
}

/** The service has refused its own new token. For the app that is no fault of its request. */
function toTokenError(error: unknown): never {
  const isRefused = error instanceof OAuthError && error.status < 500;
  throw isRefused ? new OAuthError(errors.unknown_user) : error;
}
