import { OFFLINE_ACCESS, withAliases } from "../../shared/scopes.ts";
import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { letsIn } from "../provider/provider.ts";
import { seal, unseal } from "../sealing/seal.ts";
import type { RefreshGrant } from "../sealing/transaction.ts";
import { refreshTokens } from "../upstream/exchange.ts";
import type { TokenContext, TokenRequest } from "./token-request.ts";
import { isOtherClient } from "./token-request.ts";
import { tokenResponse } from "./token-response.ts";

/**
 * The refresh token grant (RFC 6749 §6). Two refreshes at once are the service's to judge: whichever it refuses gets a
 * clear `invalid_grant`, and nothing is stored here that could contradict it.
 */
export async function refresh(parameters: TokenRequest, context: TokenContext): Promise<Record<string, unknown>> {
  const { refresh_token: token, client_id: clientId, scope } = parameters;
  if (token === undefined || clientId === undefined) throw new OAuthError(reasons.missing_refresh_token);
  const opened = unseal("refresh", token, context);
  if (!opened || opened.expired) throw new OAuthError(reasons.invalid_refresh_token);
  const grant = opened.content;

  // The owner has switched them off since.
  if (context.service.refreshTokens === "none") throw new OAuthError(reasons.invalid_refresh_token);
  if (isOtherClient(parameters, context, grant)) throw new OAuthError(reasons.invalid_refresh_token);
  // The owner's list may have become shorter since the login.
  if (!letsIn(context.provider, grant.appOrigin)) throw new OAuthError(reasons.invalid_refresh_token);
  if (!provesKey(grant, context)) throw new OAuthError(reasons.invalid_dpop_proof);
  if (asksForMore(scope, grant, context)) throw new OAuthError(reasons.invalid_scope);

  const tokens = await refreshTokens(context.service, grant.refreshToken, grant.scopes);
  const next = nextRefreshToken(token, tokens.refreshToken, grant, context);
  return tokenResponse(tokens, grant.scopes, next, context.service);
}

/** A token that is bound to nothing works only as long as the owner allows such tokens at all. */
function provesKey({ thumbprint }: RefreshGrant, context: TokenContext): boolean {
  if (thumbprint === undefined) return context.service.refreshWithoutDpop;
  return thumbprint === context.thumbprint;
}

/** RFC 6749 §6: at most what was granted. What only we promised (`offline_access`) was never the service's to grant. */
function asksForMore(scope: string | undefined, { scopes }: RefreshGrant, { service }: TokenContext): boolean {
  const allowed = new Set([...withAliases(scopes, service), "openid", OFFLINE_ACCESS]);
  return (scope ?? "").split(" ").some((token) => token !== "" && !allowed.has(token));
}

/**
 * The refresh token to use next: a new one around what the service put in the old one's place, or the same as before.
 * It is always repeated, since some clients forget the one they had. Its end never moves.
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
