import { authenticateClient } from "./client-authentication.ts";
import type { ClientAuthentication } from "./client-authentication.ts";
import { OAuthError } from "./errors.ts";
import { callService, parseJsonObject } from "./outbound.ts";
import type { OutboundRequest } from "./outbound.ts";
import type { OfferedService } from "./provider.ts";
import type { RevocationEndpoint } from "./service.ts";

/**
 * Ends one token at the service (RFC 7009). A token that the service no longer knows is as good as ended (§2.2).
 *
 * @throws {OAuthError} `unsupported_token_type` where the service can end only the whole grant, which would log the
 *   person out of every other app [A44], or nothing at all; `service_…` when nobody can say whether it worked
 */
export async function revokeToken(service: OfferedService, token: string): Promise<void> {
  const { revocation } = service;
  if (!revocation) throw new OAuthError("unsupported_token_type");
  const { status, text } = await callService(revocationRequest(service, revocation, token));
  if (status < 300) return;
  if (status >= 500 || status === 429) throw new OAuthError("service_failed");
  if (refusesProvider(status, text, revocation)) throw new OAuthError("service_refused_provider");
}

function revocationRequest(service: OfferedService, revocation: RevocationEndpoint, token: string): OutboundRequest {
  const { endpoint, method, authMethod, body, tokenParameter } = revocation;
  const { headers, parameters } = authenticate(service, authMethod, token);
  const url = endpoint.replace("{client_id}", encodeURIComponent(service.clientId));
  if (body === "empty") return { url, method, headers };
  const members = { ...parameters, [tokenParameter]: token };
  const isJson = body === "json";
  return {
    url,
    method,
    headers: { ...headers, "Content-Type": isJson ? "application/json" : "application/x-www-form-urlencoded" },
    body: isJson ? JSON.stringify(members) : new URLSearchParams(members).toString(),
  };
}

function authenticate(service: OfferedService, authMethod: RevocationEndpoint["authMethod"], token: string): ClientAuthentication {
  if (authMethod === "bearer") return { headers: { Authorization: `Bearer ${token}` }, parameters: {} };
  if (authMethod === "none") return { headers: {}, parameters: {} };
  return authenticateClient(service, authMethod);
}

/** It is us that the service does not accept, not the token: then nothing was ended, and nobody may be told so. */
function refusesProvider(status: number, text: string, { authMethod }: RevocationEndpoint): boolean {
  if (parseJsonObject(text)?.["error"] === "invalid_client") return true;
  const usesOurCredentials = authMethod === "client_secret_basic" || authMethod === "client_secret_post";
  return usesOurCredentials && (status === 401 || status === 403);
}
