import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { codeChallengeOf, isCodeVerifier } from "../request/pkce.ts";
import { equalSecrets } from "../sealing/constant-time.ts";
import { expiryOf } from "../sealing/lifetimes.ts";
import { seal, unseal } from "../sealing/seal.ts";
import type { Sealed, ServiceCode } from "../sealing/transaction.ts";
import { exchangeCode } from "../upstream/exchange.ts";
import type { TokenResponse } from "../upstream/token-response.ts";
import type { IssuedIdentity } from "./identify.ts";
import { identify } from "./identify.ts";
import type { TokenContext, TokenRequest } from "./token-request.ts";
import { isOtherClient } from "./token-request.ts";
import { tokenResponse } from "./token-response.ts";

/**
 * The authorization code grant (RFC 6749 §4.1.3). All checks come before the request to the service, because its code
 * works only once.
 */
export async function redeemCode(parameters: TokenRequest, context: TokenContext): Promise<Record<string, unknown>> {
  const { code, client_id: clientId, redirect_uri: redirectUri, code_verifier: codeVerifier } = parameters;
  if (code === undefined || clientId === undefined || codeVerifier === undefined) {
    throw new OAuthError(errors.missing_token_parameter);
  }
  const opened = unseal("code", code, context);
  if (!opened || opened.expired) throw new OAuthError(errors.invalid_code);
  const { transaction, serviceCode } = opened.content;

  if (isOtherClient(parameters, context, transaction)) throw new OAuthError(errors.code_of_other_client);
  // RFC 6749 §4.1.3: required if the authorization request had one.
  if (transaction.redirectUri !== undefined && redirectUri !== transaction.redirectUri) {
    throw new OAuthError(errors.code_of_other_client);
  }
  // RFC 7636 §4.6.
  if (!isCodeVerifier(codeVerifier) || !equalSecrets(codeChallengeOf(codeVerifier), transaction.codeChallenge)) {
    throw new OAuthError(errors.invalid_code_verifier);
  }
  // RFC 9449 §10: if the authorization request named a key, the code must be redeemed with it.
  const announced = transaction.thumbprint;
  if (announced !== undefined && announced !== context.thumbprint) throw new OAuthError(errors.invalid_dpop_proof);

  const tokens = await exchangeCode(context.service, serviceCode, transaction.scopes);
  const identity = await identify(transaction.identity, { clientId, accessToken: tokens.accessToken }, context);
  const refreshToken = newRefreshToken(tokens, opened.content, identity, context);
  const response = tokenResponse(tokens, transaction.scopes, refreshToken, context.service, identity);
  return { ...serviceCode.parameters, ...response };
}

/**
 * The service's refresh token, sealed for the app and the key that it has proved. The app gets it only if the user has
 * read that the app stays logged in, and without a key only if the owner allows that. Many services issue a refresh token
 * without being asked. It is then dropped and not revoked, because that would often revoke the access token as well.
 */
function newRefreshToken(
  { refreshToken, scopes }: TokenResponse,
  { transaction, serviceCode }: Sealed["code"],
  identity: IssuedIdentity | undefined,
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
    ...(identity && transaction.identity
      ? { identity: { scopes: transaction.identity.scopes, sub: identity.sub } }
      : {}),
    ...repeatedParameters(serviceCode, service),
    expiresAt,
  };
  return seal("refresh", grant, context, expiresAt);
}

/** Only what the service's record names, so that nothing else from an authorization response lives on. */
function repeatedParameters(
  { parameters = {} }: ServiceCode,
  { refreshRequest }: TokenContext["service"],
): { parameters?: Record<string, string> } {
  const names = refreshRequest?.callbackParameters ?? [];
  const repeated = Object.entries(parameters).filter(([name]) => names.includes(name));
  return repeated.length === 0 ? {} : { parameters: Object.fromEntries(repeated) };
}
