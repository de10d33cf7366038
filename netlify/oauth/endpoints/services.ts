import { createHash } from "node:crypto";
import type { Endpoint } from "../endpoint.ts";
import { CORS_JSON_HEADERS } from "../headers.ts";
import { issuer } from "../provider.ts";
import type { OfferedService, Provider } from "../provider.ts";
import { preflight } from "../responses.ts";

/**
 * The public half of the registry: which services this provider offers. Madata's clients read `client_id` and
 * `api_key` from it, keyed by their class name.
 */
export const services: Endpoint = {
  name: "services",
  audience: "app",
  methods: { GET: list, HEAD: list, OPTIONS: preflight },
};

/** A changed client id reaches apps within minutes. */
const CACHE_CONTROL = "public, max-age=300, must-revalidate";

async function list(request: Request, provider: Provider): Promise<Response> {
  const entries = [...provider.services.values()].map((service) => [service.key, publicFields(service, provider)]);
  const body = JSON.stringify(Object.fromEntries(entries), undefined, 2);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  const { Pragma: _, "Netlify-CDN-Cache-Control": __, ...corsHeaders } = CORS_JSON_HEADERS;
  const headers = { ...corsHeaders, "Cache-Control": CACHE_CONTROL, ETag: etag };
  if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : body, { headers });
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
    opener: service.opener,
    madata: service.madata,
    ...(service.manageUrl === undefined ? {} : { manage_url: service.manageUrl }),
  };
}
