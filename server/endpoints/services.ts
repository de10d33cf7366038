import { app } from "../answers/json-errors.ts";
import { cacheableAnswer, preflight } from "../answers/responses.ts";
import type { Endpoint } from "../endpoint.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { issuer } from "../provider/provider.ts";

/**
 * The public half of the registry: which services this provider offers. Madata's clients read `client_id` and
 * `api_key` from it, keyed by their class name.
 */
export const services: Endpoint = {
  name: "services",
  audience: app,
  methods: { GET: list, HEAD: list, OPTIONS: preflight },
};

async function list(request: Request, provider: Provider): Promise<Response> {
  const entries = [...provider.services.values()].map((service) => [service.key, publicFields(service, provider)]);
  return cacheableAnswer(request, Object.fromEntries(entries));
}

/** An allow-list, field by field: nothing gets out because it was added to a service [A55]. */
function publicFields(service: OfferedService, provider: Provider): Record<string, unknown> {
  return {
    id: service.id,
    name: service.name,
    client_id: service.clientId,
    ...(service.apiKey === undefined ? {} : { api_key: service.apiKey }),
    ...(service.icon === undefined ? {} : { icon: service.icon }),
    ...(service.authorizationEndpoint === undefined ? {} : { issuer: issuer(provider, service) }),
    default_scopes: service.defaultScopes,
    ...(service.allowedScopes === undefined ? {} : { allowed_scopes: service.allowedScopes }),
    refresh: service.refreshTokens !== "none",
    revocation: revocationOf(service),
    opener: service.opener,
    madata: service.madata,
    ...(service.manageUrl === undefined ? {} : { manage_url: service.manageUrl }),
  };
}

/** What an app's logout can end at the service: its own token, only its refresh token, or nothing without ending
 * everybody else's access as well [A44]. */
function revocationOf({ revocation, grantRevocation }: OfferedService): "token" | "refresh_token" | "grant" | "none" {
  if (revocation) return revocation.tokenKind === "refresh_token" ? "refresh_token" : "token";
  return grantRevocation ? "grant" : "none";
}
