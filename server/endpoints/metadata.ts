import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { jsonErrors } from "../answers/json-errors.ts";
import { answerPreflight, cacheableResponse } from "../answers/responses.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import { PROTOCOL_CLAIMS, profileClaimsOf } from "../identity/claims.ts";
import { loadSigningKeys, reasonAgainstIdTokens } from "../identity/openid.ts";
import type { Provider, ServiceContext } from "../provider/provider.ts";
import {
  authorizationEndpoint,
  issuer,
  jwksUri,
  revocationEndpoint,
  serviceById,
  tokenEndpoint,
  userinfoEndpoint,
} from "../provider/provider.ts";
import type { Service } from "../provider/service.ts";
import { DPOP_ALGORITHMS } from "../request/dpop-algorithms.ts";

/** Authorization server metadata (RFC 8414), from which a client that knows the issuer learns everything else. */
export const metadata: Endpoint = {
  name: "metadata",
  errorFormat: jsonErrors,
  methods: { GET: answerMetadata, HEAD: answerMetadata, OPTIONS: answerPreflight },
};

async function answerMetadata(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  if (service.authorizationEndpoint === undefined) throw new OAuthError(errors.service_without_authorization_endpoint);
  const context = { provider, service };
  const document = { ...metadataOf(context), ...(reasonAgainstIdTokens(context) ? {} : await openidMetadata(context)) };
  return cacheableResponse(request, document);
}

/** Apps are public clients. Tools that insist on a client secret use a word that everybody knows. */
const CLIENT_AUTHENTICATION = ["none", "client_secret_post", "client_secret_basic"];

/** Without ID tokens there is neither `jwks_uri` nor `openid`: an access token is no proof of identity. */
function metadataOf(context: ServiceContext): Record<string, unknown> {
  const { provider, service } = context;
  return {
    issuer: issuer(context),
    authorization_endpoint: authorizationEndpoint(context),
    token_endpoint: tokenEndpoint(context),
    ...(service.revocation ? { revocation_endpoint: revocationEndpoint(context) } : {}),
    ...(service.userinfo ? { userinfo_endpoint: userinfoEndpoint(context) } : {}),
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
    scopes_supported: scopesOf(service),
    service_documentation: `${provider.origin}/`,
  };
}

/** The service's own scopes. */
function scopesOf({ allowedScopes, defaultScopes, scopeDescriptions }: Service): string[] {
  const scopes = allowedScopes ?? [...defaultScopes, ...Object.keys(scopeDescriptions)];
  return [...new Set(scopes)].filter((scope) => scope !== "openid");
}

/** OpenID Connect Discovery §3. The keys are read here as well, so that no key is promised that cannot be used. */
async function openidMetadata(context: ServiceContext): Promise<Record<string, unknown>> {
  const [signing] = await loadSigningKeys(context.provider);
  return {
    jwks_uri: jwksUri(context),
    // `sub` is the service's own identifier, the same for every app.
    subject_types_supported: ["public"],
    // Only what a client gets. §3 demands RS256, but without an RSA key that would be a false promise.
    id_token_signing_alg_values_supported: [signing.algorithm],
    claims_supported: [...PROTOCOL_CLAIMS, ...profileClaimsOf(context.service)],
    scopes_supported: [...new Set(["openid", "profile", "email", ...scopesOf(context.service)])],
    // Without this, it would count as supported.
    request_uri_parameter_supported: false,
  };
}
