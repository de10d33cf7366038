import * as reasons from "../answers/error-catalogue.ts";
import type { Reason } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import type { OfferedService } from "../provider/provider.ts";
import type { RevocationEndpoint } from "../provider/service.ts";
import type { ClientAuthentication } from "./client-authentication.ts";
import { authenticateClient } from "./client-authentication.ts";
import type { OutboundRequest } from "./fetch.ts";
import { callService, parseJsonObject } from "./fetch.ts";
import { fillClientId, renameParameters, writeRequest } from "./service-request.ts";

export type TokenKind = "access_token" | "refresh_token";

/**
 * Ends one token at the service (RFC 7009). A token that the service no longer knows is as good as ended (§2.2).
 *
 * @throws {OAuthError} `unsupported_token_type` where the service can end only the whole grant, which would log the
 *   person out of every other app [A44], or only refresh tokens, or nothing at all; `service_…` when nobody can say
 *   whether it worked
 */
export async function revokeToken(
  service: OfferedService,
  token: string,
  kind: TokenKind = "access_token",
): Promise<void> {
  const refusal = await ask(service, service.revocation, token, kind);
  if (refusal && refusal !== "unknown_token") throw new OAuthError(refusal);
}

/**
 * Ends everything that the user has allowed this provider at the service, and with it every other app's login: only
 * ever on the user's own wish [A44].
 *
 * @throws {OAuthError} as `revokeToken`
 */
export async function revokeGrant(
  service: OfferedService,
  token: string,
  kind: TokenKind = "access_token",
): Promise<void> {
  const refusal = await ask(service, service.grantRevocation, token, kind);
  // The token was issued a moment ago: a service that says it does not know it has ended nothing.
  if (refusal) throw new OAuthError(refusal === "unknown_token" ? reasons.service_failed : refusal);
}

/** `undefined`: ended. */
async function ask(
  service: OfferedService,
  revocation: RevocationEndpoint | undefined,
  token: string,
  kind: TokenKind,
): Promise<Reason | "unknown_token" | undefined> {
  if (!revocation || !endsKind(revocation, kind)) return reasons.unsupported_token_type;
  if (!ISSUABLE_TOKEN.test(token)) return "unknown_token";
  const { status, text } = await callService(revocationRequest(service, revocation, token));
  return status < 300 ? undefined : reasonOf(status, text, revocation);
}

/** A token that is its own proof must be an access token: nothing else is a Bearer (RFC 6750 §2). */
function endsKind({ authMethod, tokenKind }: RevocationEndpoint, kind: TokenKind): boolean {
  if (authMethod === "bearer" && kind === "refresh_token") return false;
  return tokenKind === undefined || tokenKind === kind;
}

/** No service has issued anything else (RFC 6749 appendix A.12), so it is unknown there. Dots alone would change the path
 * of a request that carries our credentials. */
const ISSUABLE_TOKEN = /^(?!\.{1,2}$)[\x20-\x7E]+$/;

function revocationRequest(service: OfferedService, revocation: RevocationEndpoint, token: string): OutboundRequest {
  const { endpoint, method, authMethod, body, tokenParameter, parameters, parameterNames } = revocation;
  const credentials = authenticate(service, authMethod, token);
  return writeRequest({
    url: endpoint
      .replace("{client_id}", () => encodeURIComponent(service.clientId))
      .replace("{token}", () => encodeURIComponent(token)),
    method,
    headers: credentials.headers,
    format: body,
    members: {
      ...fillClientId(parameters, service.clientId),
      ...renameParameters(credentials.parameters, parameterNames),
      [tokenParameter]: token,
    },
  });
}

function authenticate(
  service: OfferedService,
  authMethod: RevocationEndpoint["authMethod"],
  token: string,
): ClientAuthentication {
  if (authMethod === "bearer") return { headers: { Authorization: `Bearer ${token}` }, parameters: {} };
  if (authMethod === "none") return { headers: {}, parameters: {} };
  return authenticateClient(service, authMethod);
}

/** Statuses by which services say that they do not know a token. */
const UNKNOWN_TOKEN_STATUSES = [400, 401, 403, 404, 410, 422];

/** Whether the service does not know the token (any more), or why nobody may be told that it was ended. */
function reasonOf(status: number, text: string, { authMethod }: RevocationEndpoint): Reason | "unknown_token" {
  switch (parseJsonObject(text)?.error) {
    case "unsupported_token_type":
      return reasons.unsupported_token_type;
    case "invalid_client":
    case "invalid_request":
    case "unauthorized_client":
      return reasons.service_refused_provider;
    case "server_error":
    case "temporarily_unavailable":
      return reasons.service_failed;
  }
  if (!UNKNOWN_TOKEN_STATUSES.includes(status)) return reasons.service_failed;
  // It is us that the service does not accept, not the token.
  const usesOurCredentials = authMethod === "client_secret_basic" || authMethod === "client_secret_post";
  return usesOurCredentials && (status === 401 || status === 403) ? reasons.service_refused_provider : "unknown_token";
}
