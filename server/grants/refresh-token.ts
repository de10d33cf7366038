import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { callbackUri, mayUseProvider } from "../provider/provider.ts";
import { OFFLINE_ACCESS, separateScopes, withAliases } from "../request/scopes.ts";
import { seal, unseal } from "../sealing/seal.ts";
import type { RefreshGrant } from "../sealing/transaction.ts";
import { exchangeRefreshToken } from "../upstream/exchange.ts";
import type { IssuedIdentity } from "./identify.ts";
import { identify } from "./identify.ts";
import type { TokenContext, TokenRequest } from "./token-request.ts";
import { isOtherClient } from "./token-request.ts";
import { tokenResponse } from "./token-response.ts";

/**
 * The refresh token grant (RFC 6749 §6). Of two refreshes at the same time the service may reject one, which then gets
 * `invalid_grant`. Nothing is stored here that could contradict the service.
 */
export async function refreshAccessToken(
  parameters: TokenRequest,
  context: TokenContext,
): Promise<Record<string, unknown>> {
  const { refresh_token: token, client_id: clientId, scope } = parameters;
  if (token === undefined || clientId === undefined) throw new OAuthError(errors.missing_refresh_token);
  const opened = unseal("refresh", token, context);
  if (!opened || opened.expired) throw new OAuthError(errors.invalid_refresh_token);
  const grant = opened.content;

  // The owner may have switched refresh tokens off since the login.
  if (context.service.refreshTokens === "none") throw new OAuthError(errors.invalid_refresh_token);
  if (isOtherClient(parameters, context, grant)) throw new OAuthError(errors.invalid_refresh_token);
  // The owner may have removed the app from the list since the login.
  if (!mayUseProvider(context.provider, grant.appOrigin)) throw new OAuthError(errors.invalid_refresh_token);
  if (!provesKey(grant, context)) throw new OAuthError(errors.invalid_dpop_proof);
  if (asksForMore(scope, grant, context)) throw new OAuthError(errors.invalid_scope);

  const tokens = await exchangeRefreshToken(context.service, grant, callbackUri(context));
  const refreshToken = nextRefreshToken(token, tokens.refreshToken, grant, context);
  const identity = await identifyAgain(tokens.accessToken, grant, context);
  return tokenResponse(tokens, grant.scopes, refreshToken, context.service, identity);
}

/**
 * A new ID token, from a profile that is read again (OpenID Connect Core §12.2). It is optional there, so a profile that
 * cannot be read now costs only the ID token: an error would lose the refresh token that the service has just rotated.
 * Another user's profile is an error, whatever it costs.
 */
async function identifyAgain(
  accessToken: string,
  { identity, clientId }: RefreshGrant,
  context: TokenContext,
): Promise<IssuedIdentity | undefined> {
  if (identity === undefined) return undefined;
  // Without the nonce, which belongs to the login.
  const request = { scopes: identity.scopes };
  const issued = await identify(request, { clientId, accessToken }, context).catch(undefinedForOAuthError);
  if (issued !== undefined && issued.sub !== identity.sub) throw new OAuthError(errors.invalid_refresh_token);
  return issued;
}

function undefinedForOAuthError(error: unknown): undefined {
  if (!(error instanceof OAuthError)) throw error;
  return undefined;
}

/** A token without a key works only as long as the owner allows such tokens. */
function provesKey({ thumbprint }: RefreshGrant, context: TokenContext): boolean {
  if (thumbprint === undefined) return context.service.refreshWithoutDpop;
  return thumbprint === context.thumbprint;
}

/** RFC 6749 §6: at most what was granted. `offline_access` is ours, so the service never grants it. */
function asksForMore(
  scope: string | undefined,
  { scopes, identity }: RefreshGrant,
  { service }: TokenContext,
): boolean {
  // There are no scopes here that could be more. Clients repeat those of their first request.
  if (service.installation !== undefined) return false;
  const allowed = new Set([...withAliases(scopes, service), ...(identity?.scopes ?? []), "openid", OFFLINE_ACCESS]);
  return separateScopes(scope ?? "", service).some((token) => !allowed.has(token));
}

/**
 * The refresh token to use next: a new one if the service has rotated its own, otherwise the same. It is sent in every
 * response, because some clients forget the old one. Its lifetime is never extended.
 */
function nextRefreshToken(
  current: string,
  rotated: string | undefined,
  grant: RefreshGrant,
  context: TokenContext,
): string {
  if (rotated === undefined || rotated === grant.refreshToken) return current;
  return seal("refresh", { ...grant, refreshToken: rotated }, context, grant.expiresAt);
}
