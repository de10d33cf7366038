import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { TokenRequestField } from "../provider/endpoint-fields.ts";
import type { OfferedService } from "../provider/provider.ts";
import type { RefreshRequest } from "../provider/service.ts";
import { scopesBeyond } from "../request/scopes.ts";
import type { RefreshGrant, ServiceCode } from "../sealing/transaction.ts";
import { authenticateClient } from "./client-authentication.ts";
import { callService } from "./fetch.ts";
import { revokeToken } from "./revocation.ts";
import { fillClientId, renameParameters, writeRequest } from "./service-request.ts";
import type { TokenResponse } from "./token-response.ts";
import { readTokenResponse } from "./token-response.ts";

/**
 * Redeems a service's code. The service makes sure that this works only once.
 *
 * @param shownScopes what the user has read and confirmed; `null` if nobody could know it (Madata)
 * @throws {OAuthError} `service_…`, `granted_too_much`
 */
export async function exchangeCode(
  service: OfferedService<TokenRequestField>,
  { code, codeVerifier, redirectUri, parameters }: ServiceCode,
  shownScopes: string[] | null,
): Promise<TokenResponse> {
  const tokens = await requestTokens(service, {
    ...parameters,
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
  });
  await requireShownScopes(tokens, shownScopes, service);
  return tokens;
}

/**
 * Asks for a new access token (RFC 6749 §6). A service that rotates refresh tokens answers with a new one as well.
 *
 * @throws {OAuthError} as `exchangeCode`
 */
export async function exchangeRefreshToken(
  service: OfferedService<TokenRequestField | "refreshRequest">,
  { refreshToken, parameters, scopes }: Pick<RefreshGrant, "refreshToken" | "parameters" | "scopes">,
  redirectUri: string,
): Promise<TokenResponse> {
  const grant = {
    ...parameters,
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    ...(service.refreshRequest?.redirectUri ? { redirect_uri: redirectUri } : {}),
  };
  const tokens = await requestTokens(service, grant, service.refreshRequest);
  await requireShownScopes(tokens, scopes, service);
  return tokens;
}

/** @param refresh how a refresh differs from the service's token request */
async function requestTokens(
  service: OfferedService<TokenRequestField>,
  grant: Record<string, string>,
  refresh: RefreshRequest = {},
): Promise<TokenResponse> {
  const { method = "POST", body = "form", headers, parameterNames } = service.tokenRequest ?? {};
  const credentials = authenticateClient(service, service.tokenEndpointAuthMethod);
  const standard = { ...grant, ...credentials.parameters };
  const request = writeRequest({
    url: refresh.endpoint ?? service.tokenEndpoint,
    method,
    headers: { ...fillClientId(headers, service.clientId), ...credentials.headers },
    format: method === "GET" ? "query" : body,
    parameters: {
      ...service.tokenParameters,
      ...refresh.parameters,
      ...renameParameters(standard, { ...parameterNames, ...refresh.parameterNames }),
    },
  });
  return readTokenResponse(await callService(request), service);
}

/** A token that can do more than the user was shown is not handed over, and is revoked if possible. */
async function requireShownScopes(
  { accessToken, scopes }: TokenResponse,
  shownScopes: string[] | null,
  service: OfferedService<TokenRequestField>,
): Promise<void> {
  if (shownScopes === null || scopes === undefined || scopesBeyond(shownScopes, scopes, service).length === 0) return;
  // The token is dropped even if it cannot be revoked.
  await revokeToken(service, accessToken).catch(() => undefined);
  throw new OAuthError(errors.granted_too_much);
}
