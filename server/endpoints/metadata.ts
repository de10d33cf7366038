import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { app } from "../answers/json-errors.ts";
import { cacheableAnswer, preflight } from "../answers/responses.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import {
  authorizationEndpoint,
  issuer,
  revocationEndpoint,
  serviceById,
  tokenEndpoint,
  userinfoEndpoint,
} from "../provider/provider.ts";
import { DPOP_ALGORITHMS } from "../request/dpop-algorithms.ts";

/** Authorization server metadata (RFC 8414): with the issuer alone, any OAuth client finds everything else. */
export const metadata: Endpoint = {
  name: "metadata",
  audience: app,
  methods: { GET: describe, HEAD: describe, OPTIONS: preflight },
};

async function describe(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  if (service.authorizationEndpoint === undefined) throw new OAuthError(reasons.service_without_authorization_endpoint);
  return cacheableAnswer(request, metadataOf(provider, service));
}

/** Apps are public clients. The secret of a tool that insists on one is a word that everybody knows. */
const CLIENT_AUTHENTICATION = ["none", "client_secret_post", "client_secret_basic"];

/** No `jwks_uri`, no `openid`: there are no ID tokens here, and an access token proves nobody's identity [A32]. */
function metadataOf(provider: Provider, service: OfferedService): Record<string, unknown> {
  const scopes = service.allowedScopes ?? [...service.defaultScopes, ...Object.keys(service.scopeDescriptions)];
  return {
    issuer: issuer(provider, service),
    authorization_endpoint: authorizationEndpoint(provider, service),
    token_endpoint: tokenEndpoint(provider, service),
    ...(service.revocation ? { revocation_endpoint: revocationEndpoint(provider, service) } : {}),
    ...(service.userinfo ? { userinfo_endpoint: userinfoEndpoint(provider, service) } : {}),
    response_types_supported: ["code"],
    response_modes_supported: ["query", "web_message"],
    grant_types_supported: ["authorization_code", ...(service.refreshTokens === "none" ? [] : ["refresh_token"])],
    token_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION,
    ...(service.revocation ? { revocation_endpoint_auth_methods_supported: CLIENT_AUTHENTICATION } : {}),
    code_challenge_methods_supported: ["S256"],
    authorization_response_iss_parameter_supported: true,
    dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
    // Initiating User Registration via OpenID Connect §4.
    prompt_values_supported: ["none", ...Object.keys(service.promptParameters ?? {})],
    scopes_supported: [...new Set(scopes)].filter((scope) => scope !== "openid"),
    service_documentation: `${provider.origin}/`,
  };
}
