import { OAuthError } from "./errors.ts";
import type { Reason } from "./errors.ts";
import { callService, OutboundError } from "./outbound.ts";
import type { OutboundAnswer } from "./outbound.ts";
import type { OfferedService } from "./provider.ts";
import type { Service } from "./service.ts";
import type { ServiceCode } from "./transaction.ts";

/** A service's token response (RFC 6749 §5.1): the members that we understand, and no others. */
export interface TokenResponse {
  accessToken: string;
  tokenType: string;
  expiresInSeconds?: number;
  /** What was granted; absent when the service does not say: then it is what was asked for (RFC 6749 §5.1). */
  scopes?: string[];
}

/** RFC 6749 appendix A.12: visible ASCII and spaces. */
const ACCESS_TOKEN = /^[\x20-\x7E]{1,8192}$/;

/**
 * Redeems a service's code. The service sees to it that this succeeds once [A28].
 *
 * @throws {OAuthError} `service_refused_code`, `service_refused_provider`, `service_unreachable`, `service_too_slow`,
 *   `service_failed`, `service_unintelligible`
 */
export async function exchangeCode(
  service: OfferedService,
  { code, codeVerifier, redirectUri }: ServiceCode,
): Promise<TokenResponse> {
  const { headers, credentials } = clientAuthentication(service);
  const body = new URLSearchParams({
    ...service.tokenParameters,
    grant_type: "authorization_code",
    code,
    redirect_uri: redirectUri,
    ...(codeVerifier === undefined ? {} : { code_verifier: codeVerifier }),
    ...credentials,
  });
  const answer = await ask(service, headers, body);
  return readTokenResponse(answer, service);
}

/** RFC 6749 §2.3.1. Never in the URL, which is logged on the way [A17]. */
function clientAuthentication(service: OfferedService): {
  headers: Record<string, string>;
  credentials: Record<string, string>;
} {
  const { clientId, clientSecret, tokenEndpointAuthMethod } = service;
  if (tokenEndpointAuthMethod === "none" || clientSecret === undefined) {
    return { headers: {}, credentials: { client_id: clientId } };
  }
  if (tokenEndpointAuthMethod === "client_secret_post") {
    return { headers: {}, credentials: { client_id: clientId, client_secret: clientSecret } };
  }
  const userinfo = `${formEncode(clientId)}:${formEncode(clientSecret)}`;
  return { headers: { Authorization: `Basic ${Buffer.from(userinfo).toString("base64")}` }, credentials: {} };
}

/** `application/x-www-form-urlencoded` of one value. */
function formEncode(value: string): string {
  return new URLSearchParams([["", value]]).toString().slice(1);
}

async function ask(service: Service, headers: Record<string, string>, body: URLSearchParams): Promise<OutboundAnswer> {
  try {
    return await callService({
      url: service.tokenEndpoint,
      method: "POST",
      headers: { ...headers, "Content-Type": "application/x-www-form-urlencoded" },
      body: body.toString(),
    });
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    const reasons = { unreachable: "service_unreachable", too_slow: "service_too_slow", too_large: "service_unintelligible" } as const;
    throw new OAuthError(reasons[error.failure]);
  }
}

function readTokenResponse({ status, text }: OutboundAnswer, service: Service): TokenResponse {
  const members = parseObject(text);
  if (status >= 500) throw new OAuthError("service_failed");
  // Some services report errors with status 200, so the member decides, not the status.
  const error = members?.["error"];
  if (error !== undefined && error !== null) throw new OAuthError(reasonOf(error, service));
  if (status >= 400) throw new OAuthError("service_failed");

  const accessToken = members?.["access_token"];
  if (typeof accessToken !== "string" || !ACCESS_TOKEN.test(accessToken)) throw new OAuthError("service_unintelligible");
  const tokenType = members?.["token_type"];
  const expiresInSeconds = Number(members?.["expires_in"]);
  const scopes = readScopes(members?.["scope"], service.tokenResponseScopeSeparator);
  return {
    accessToken,
    tokenType: typeof tokenType === "string" && /^[A-Za-z0-9._~-]{1,32}$/.test(tokenType) ? tokenType : "Bearer",
    ...(expiresInSeconds > 0 && Number.isFinite(expiresInSeconds) ? { expiresInSeconds: Math.floor(expiresInSeconds) } : {}),
    ...(scopes ? { scopes } : {}),
  };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The service's own words stay out of our answers: only its error code is looked at, against a closed list. */
function reasonOf(error: unknown, { tokenErrorCodes }: Service): Reason {
  const known = typeof error === "string" && Object.hasOwn(tokenErrorCodes, error) ? tokenErrorCodes[error] : error;
  switch (known) {
    case "invalid_grant":
      return "service_refused_code";
    case "temporarily_unavailable":
    case "server_error":
      return "service_failed";
    default:
      return "service_refused_provider";
  }
}

function readScopes(value: unknown, separator: string): string[] | undefined {
  if (typeof value !== "string") return undefined;
  return value.split(separator).flatMap((part) => part.split(" ")).filter(Boolean);
}
