import { authenticateClient } from "./client-authentication.ts";
import { OAuthError } from "./errors.ts";
import type { Reason } from "./errors.ts";
import { callService, parseJsonObject } from "./outbound.ts";
import type { OutboundAnswer } from "./outbound.ts";
import type { OfferedService } from "./provider.ts";
import { revokeToken } from "./revocation.ts";
import { scopesBeyond } from "./scopes.ts";
import type { Service } from "./service.ts";
import type { ServiceCode } from "./transaction.ts";

/** A service's token response (RFC 6749 §5.1): the members that we understand, and no others. */
export interface TokenResponse {
  accessToken: string;
  tokenType: string;
  expiresInSeconds?: number;
  refreshToken?: string;
  /** What was granted; absent when the service does not say: then it is what was asked for (RFC 6749 §5.1). */
  scopes?: string[];
}

/** RFC 6749 appendix A.12 and A.17: visible ASCII and spaces. */
const TOKEN = /^[\x20-\x7E]{1,8192}$/;

/**
 * Redeems a service's code. The service sees to it that this succeeds once [A28].
 *
 * @param shownScopes what the person has read and confirmed; `null` where nobody could know it (root Madata)
 * @throws {OAuthError} `service_…`, `granted_too_much`
 */
export async function exchangeCode(
  service: OfferedService,
  { code, codeVerifier, redirectUri }: ServiceCode,
  shownScopes: string[] | null,
): Promise<TokenResponse> {
  const tokens = await requestTokens(service, {
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
  });
  await refuseMoreThanShown(tokens, shownScopes, service);
  return tokens;
}

/**
 * Asks for a new access token (RFC 6749 §6). A service that rotates answers with a new refresh token as well.
 *
 * @throws {OAuthError} as `exchangeCode`
 */
export async function refreshTokens(
  service: OfferedService,
  refreshToken: string,
  shownScopes: string[],
): Promise<TokenResponse> {
  const tokens = await requestTokens(service, { grant_type: "refresh_token", refresh_token: refreshToken });
  await refuseMoreThanShown(tokens, shownScopes, service);
  return tokens;
}

async function requestTokens(service: OfferedService, grant: Record<string, string>): Promise<TokenResponse> {
  const { headers, parameters } = authenticateClient(service, service.tokenEndpointAuthMethod);
  const answer = await callService({
    url: service.tokenEndpoint,
    method: "POST",
    headers: { ...headers, "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({ ...service.tokenParameters, ...grant, ...parameters }).toString(),
  });
  return readTokenResponse(answer, service);
}

/** A token that can do more than the person was told is not handed over, and ended where that is possible [A31]. */
async function refuseMoreThanShown(
  { accessToken, scopes }: TokenResponse,
  shownScopes: string[] | null,
  service: OfferedService,
): Promise<void> {
  if (shownScopes === null || scopes === undefined || scopesBeyond(shownScopes, scopes, service).length === 0) return;
  // Whether or not that works, the token goes nowhere from here.
  await revokeToken(service, accessToken).catch(() => undefined);
  throw new OAuthError("granted_too_much");
}

function readTokenResponse({ status, text }: OutboundAnswer, service: Service): TokenResponse {
  const members = parseJsonObject(text);
  if (status >= 500) throw new OAuthError("service_failed");
  // Some services report errors with status 200, so the member decides, not the status.
  const error = members?.["error"];
  if (error !== undefined && error !== null) throw new OAuthError(reasonOf(error, service));
  if (status >= 400) throw new OAuthError("service_failed");

  const accessToken = members?.["access_token"];
  if (!isToken(accessToken)) throw new OAuthError("service_unintelligible");
  const tokenType = members?.["token_type"];
  const refreshToken = members?.["refresh_token"];
  const expiresInSeconds = Math.floor(Number(members?.["expires_in"]));
  const scopes = readGrantedScopes(members?.["scope"], service.tokenResponseScopeSeparator);
  return {
    accessToken,
    tokenType: typeof tokenType === "string" && /^[A-Za-z0-9._~-]{1,32}$/.test(tokenType) ? tokenType : "Bearer",
    ...(Number.isSafeInteger(expiresInSeconds) && expiresInSeconds > 0 ? { expiresInSeconds } : {}),
    ...(isToken(refreshToken) ? { refreshToken } : {}),
    ...(scopes ? { scopes } : {}),
  };
}

function isToken(value: unknown): value is string {
  return typeof value === "string" && TOKEN.test(value);
}

/** The service's own words stay out of our answers: only its error code is looked at, against a closed list. */
function reasonOf(error: unknown, { tokenErrorCodes }: Service): Reason {
  const known = typeof error === "string" && Object.hasOwn(tokenErrorCodes, error) ? tokenErrorCodes[error] : error;
  switch (known) {
    case "invalid_grant":
      return "service_refused_grant";
    case "temporarily_unavailable":
    case "server_error":
      return "service_failed";
    default:
      return "service_refused_provider";
  }
}

function readGrantedScopes(value: unknown, separator: string): string[] | undefined {
  if (typeof value !== "string") return undefined;
  return value.split(separator).flatMap((part) => part.split(" ")).filter(Boolean);
}
