import { jsonErrors } from "../answers/json-errors.ts";
import { answerPreflight, cacheableResponse } from "../answers/responses.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Provider, ServiceContext } from "../provider/provider.ts";
import { issuer } from "../provider/provider.ts";
import type { Service } from "../provider/service.ts";
import { isTrialOffered } from "./trial.ts";

/**
 * The list of services that this provider offers, with their public fields. Madata's clients read `client_id` and
 * `api_key` from it, under the name of their class.
 */
export const services: Endpoint = {
  name: "services",
  errorFormat: jsonErrors,
  methods: { GET: listServices, HEAD: listServices, OPTIONS: answerPreflight },
};

async function listServices(request: Request, provider: Provider): Promise<Response> {
  const entries = [...provider.services.values()].map((service) => [service.key, publicFields({ provider, service })]);
  return cacheableResponse(request, Object.fromEntries(entries));
}

/** Field by field, so that a field that is added to services does not become public by accident. */
function publicFields(context: ServiceContext): Record<string, unknown> {
  const { service } = context;
  return {
    id: service.id,
    name: service.name,
    client_id: service.clientId,
    ...(service.apiKey === undefined ? {} : { api_key: service.apiKey }),
    ...(service.icon === undefined ? {} : { icon: service.icon }),
    ...(service.authorizationEndpoint === undefined ? {} : { issuer: issuer(context) }),
    default_scopes: service.defaultScopes,
    ...(service.allowedScopes === undefined ? {} : { allowed_scopes: service.allowedScopes }),
    refresh: service.refreshTokens !== "none",
    revocation: revocationOf(service),
    opener: service.opener,
    madata: service.madata,
    try: isTrialOffered(context.provider, service),
    ...(service.manageUrl === undefined ? {} : { manage_url: service.manageUrl }),
  };
}

/**
 * What an app can revoke at the service when its user logs out: its access token, only its refresh token, or nothing.
 * `grant`: only everything at once, which apps may not do because it would log the user out of every other app.
 */
function revocationOf({
  revocation,
  grantRevocation,
}: Pick<Service, "revocation" | "grantRevocation">): "token" | "refresh_token" | "grant" | "none" {
  if (revocation) return revocation.tokenKind === "refresh_token" ? "refresh_token" : "token";
  return grantRevocation ? "grant" : "none";
}
