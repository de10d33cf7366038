import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { codeChallengeOf, isCodeVerifier } from "../request/pkce.ts";
import { equalSecrets } from "../sealing/constant-time.ts";
import { expiryOf, seal, unseal } from "../sealing/seal.ts";
import type { OAuthTransaction } from "../sealing/transaction.ts";
import type { TokenResponse } from "../upstream/exchange.ts";
import { exchangeCode } from "../upstream/exchange.ts";
import type { TokenContext, TokenRequest } from "./token-request.ts";
import { isOtherClient } from "./token-request.ts";
import { tokenResponse } from "./token-response.ts";

/**
 * The authorization code grant (RFC 6749 §4.1.3). Everything that can be refused is refused before the service is asked
 * for anything: its code works only once.
 */
export async function redeemCode(parameters: TokenRequest, context: TokenContext): Promise<Record<string, unknown>> {
  const { code, client_id: clientId, redirect_uri: redirectUri, code_verifier: codeVerifier } = parameters;
  if (code === undefined || clientId === undefined || codeVerifier === undefined) {
    throw new OAuthError(reasons.missing_token_parameter);
  }
  const opened = unseal("code", code, context);
  if (!opened || opened.expired) throw new OAuthError(reasons.invalid_code);
  const { transaction, serviceCode } = opened.content;

  if (isOtherClient(parameters, context, transaction)) throw new OAuthError(reasons.code_of_other_client);
  // Repeated whenever the authorization request had one.
  if (transaction.redirectUri !== undefined && redirectUri !== transaction.redirectUri) {
    throw new OAuthError(reasons.code_of_other_client);
  }
  // RFC 7636 §4.6.
  if (!isCodeVerifier(codeVerifier) || !equalSecrets(codeChallengeOf(codeVerifier), transaction.codeChallenge)) {
    throw new OAuthError(reasons.invalid_code_verifier);
  }
  // RFC 9449 §10: whoever announced a key redeems the code with that key.
  const announced = transaction.thumbprint;
  if (announced !== undefined && announced !== context.thumbprint) throw new OAuthError(reasons.invalid_dpop_proof);

  const tokens = await exchangeCode(context.service, serviceCode, transaction.scopes);
  const response = tokenResponse(
    tokens,
    transaction.scopes,
    newRefreshToken(tokens, transaction, context),
    context.service,
  );
  return { ...serviceCode.parameters, ...response };
}

/**
 * The service's refresh token, sealed to the app and to the key it has just proved. It is handed out only if the person
 * has read that the app stays logged in, and without a key only where the owner allows that. Many services issue one
 * unasked: that is forgotten here, not revoked, since at many of them the access token would end with it [A29].
 */
function newRefreshToken(
  { refreshToken, scopes }: TokenResponse,
  transaction: OAuthTransaction,
  context: TokenContext,
): string | undefined {
  const { service, thumbprint } = context;
  if (refreshToken === undefined || transaction.offline === undefined) return undefined;
  if (thumbprint === undefined && !service.refreshWithoutDpop) return undefined;
  const expiresAt = expiryOf("refresh");
  const grant = {
    refreshToken,
    clientId: transaction.clientId,
    appOrigin: transaction.appOrigin,
    scopes: scopes ?? transaction.scopes,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    expiresAt,
  };
  return seal("refresh", grant, context, expiresAt);
}
