import * as errors from "../answers/error-catalogue.ts";
import type { ErrorDefinition } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import type { OfferedService } from "../provider/provider.ts";
import type { RevocationEndpoint } from "../provider/service.ts";
import { parseJsonObject } from "../request/json-object.ts";
import type { ClientAuthentication } from "./client-authentication.ts";
import { authenticateClient } from "./client-authentication.ts";
import type { OutboundRequest } from "./fetch.ts";
import { callService } from "./fetch.ts";
import { hasExpectedValues } from "./json-path.ts";
import { fillClientId, renameParameters, writeRequest } from "./service-request.ts";

export type TokenKind = "access_token" | "refresh_token";

/**
 * Revokes one token at the service (RFC 7009). A token that the service does not know counts as revoked (§2.2).
 *
 * @throws {OAuthError} `unsupported_token_type` if the service cannot revoke a token of this kind by itself: to revoke the
 *   whole grant would log the user out of every other app; `service_…` if it is not known whether it worked
 */
export async function revokeToken(
  service: OfferedService<"revocation">,
  token: string,
  kind: TokenKind = "access_token",
): Promise<void> {
  const error = await requestRevocation(service, service.revocation, token, kind);
  if (error && error !== "unknown_token") throw new OAuthError(error);
}

/**
 * Revokes everything that the user has allowed this provider at the service, which logs them out of every app. Only the
 * user may ask for this, never an app.
 *
 * @throws {OAuthError} as `revokeToken`
 */
export async function revokeGrant(
  service: OfferedService<"grantRevocation">,
  token: string,
  kind: TokenKind = "access_token",
): Promise<void> {
  const error = await requestRevocation(service, service.grantRevocation, token, kind);
  // The token was issued a moment ago. A service that does not know it has revoked nothing.
  if (error) throw new OAuthError(error === "unknown_token" ? errors.service_failed : error);
}

/** `undefined`: revoked. */
async function requestRevocation(
  service: OfferedService<never>,
  revocation: RevocationEndpoint | undefined,
  token: string,
  kind: TokenKind,
): Promise<ErrorDefinition | "unknown_token" | undefined> {
  if (!revocation || !acceptsKind(revocation, kind)) return errors.unsupported_token_type;
  if (!ISSUABLE_TOKEN.test(token)) return "unknown_token";
  const { status, text } = await callService(revocationRequest(service, revocation, token));
  const answer = parseJsonObject(text);
  // Some services report errors with status 200.
  const revoked = status < 300 && hasExpectedValues(answer, revocation.success);
  return revoked ? undefined : revocationError(status, answer?.error, revocation);
}

/** With `bearer`, the token authenticates the request, and only an access token can do that (RFC 6750 §2). */
function acceptsKind({ authMethod, tokenKind }: RevocationEndpoint, kind: TokenKind): boolean {
  if (authMethod === "bearer" && kind === "refresh_token") return false;
  return tokenKind === undefined || tokenKind === kind;
}

/**
 * Other characters are in no token (RFC 6749 appendix A.12), so the service cannot know it. A token in the path must not be
 * `.` or `..`: these would change the address of a request with our credentials.
 */
const ISSUABLE_TOKEN = /^(?!\.{1,2}$)[\x20-\x7E]+$/;

function revocationRequest(
  service: OfferedService<never>,
  revocation: RevocationEndpoint,
  token: string,
): OutboundRequest {
  const { endpoint, method, authMethod, body, tokenParameter, parameters, parameterNames } = revocation;
  const credentials = authenticate(service, authMethod, token);
  return writeRequest({
    url: endpoint
      .replace("{client_id}", () => encodeURIComponent(service.clientId))
      .replace("{token}", () => encodeURIComponent(token)),
    method,
    headers: credentials.headers,
    format: body,
    parameters: {
      ...fillClientId(parameters, service.clientId),
      ...renameParameters(credentials.parameters, parameterNames),
      [tokenParameter]: token,
    },
  });
}

function authenticate(
  service: OfferedService<never>,
  authMethod: RevocationEndpoint["authMethod"],
  token: string,
): ClientAuthentication {
  if (authMethod === "bearer") return { headers: { Authorization: `Bearer ${token}` }, parameters: {} };
  if (authMethod === "none") return { headers: {}, parameters: {} };
  return authenticateClient(service, authMethod);
}

/** The statuses of services that do not know a token. */
const UNKNOWN_TOKEN_STATUSES = [400, 401, 403, 404, 410, 422];

/** What an unsuccessful answer means: the service does not know the token, or could not revoke it. */
function revocationError(
  status: number,
  error: unknown,
  { authMethod }: RevocationEndpoint,
): ErrorDefinition | "unknown_token" {
  switch (error) {
    case "unsupported_token_type":
      return errors.unsupported_token_type;
    case "invalid_client":
    case "invalid_request":
    case "unauthorized_client":
      return errors.service_refused_provider;
    case "server_error":
    case "temporarily_unavailable":
      return errors.service_failed;
  }
  if (!UNKNOWN_TOKEN_STATUSES.includes(status)) return errors.service_failed;
  // With our own credentials in the request, the service rejects us and not the token.
  const usesOurCredentials = authMethod === "client_secret_basic" || authMethod === "client_secret_post";
  return usesOurCredentials && (status === 401 || status === 403) ? errors.service_refused_provider : "unknown_token";
}
