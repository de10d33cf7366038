import { errorPage } from "./error-page.ts";
import type { Endpoint, PathParameters } from "./oauth/endpoint.ts";
import { OAuthError } from "./oauth/errors.ts";
import { CORS_JSON_HEADERS, JSON_HEADERS, PAGE_HEADERS } from "./oauth/headers.ts";
import { describeFailure, log } from "./oauth/log.ts";
import { MAX_URL_CHARACTERS } from "./oauth/parameters.ts";
import type { Provider } from "./oauth/provider.ts";
import * as reasons from "./oauth/reasons.ts";

/**
 * Runs one endpoint: `Request` in, `Response` out, on any host that speaks web standards. Whatever goes wrong ends here,
 * in the form that whoever asked can read; nothing is thrown, and no detail of a failure gets out.
 */
export async function serve(
  endpoint: Endpoint,
  request: Request,
  provider: Provider | OAuthError,
  path: PathParameters,
): Promise<Response> {
  try {
    if (provider instanceof OAuthError) throw provider;
    const response = await run(endpoint, request, provider, path);
    log({ endpoint: endpoint.name, ...serviceField(provider, path), status: response.status });
    return response;
  } catch (thrown) {
    const error = thrown instanceof OAuthError ? thrown : new OAuthError(reasons.broken);
    log({
      endpoint: endpoint.name,
      ...(provider instanceof OAuthError ? {} : serviceField(provider, path)),
      status: error.status,
      reason: error.reason.name,
      ...(thrown === error ? {} : { failure: describeFailure(thrown) }),
    });
    return errorResponse(endpoint, request, error);
  }
}

async function run(endpoint: Endpoint, request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const handler = Object.hasOwn(endpoint.methods, request.method)
    ? endpoint.methods[request.method as keyof Endpoint["methods"]]
    : undefined;
  if (!handler) throw new OAuthError(reasons.wrong_method);
  if (request.url.length > MAX_URL_CHARACTERS) throw new OAuthError(reasons.too_large);
  // A page that is only fetched in advance must set no cookie and use up no code [A62].
  if (isPrefetch(request)) return new Response(null, { status: 204, headers: PAGE_HEADERS });
  return await handler(request, provider, path);
}

function isPrefetch(request: Request): boolean {
  return /\bprefetch\b/.test(request.headers.get("sec-purpose") ?? request.headers.get("purpose") ?? "");
}

function errorResponse(endpoint: Endpoint, request: Request, error: OAuthError): Response {
  const allow = error.reason === reasons.wrong_method ? { Allow: Object.keys(endpoint.methods).join(", ") } : {};
  // Our own pages post by fetch; a service that posts its answer navigates.
  const isOwnPost = request.method === "POST" && request.headers.get("sec-fetch-mode") !== "navigate";
  const isNavigation = endpoint.audience === "person" && !isOwnPost;
  if (isNavigation) {
    const headers = { ...PAGE_HEADERS, "Content-Type": "text/html; charset=utf-8", ...allow };
    return new Response(request.method === "HEAD" ? null : errorPage(error.reason, error.answer), { status: error.status, headers });
  }
  const body = {
    error: error.error,
    error_description: error.description,
    ...(endpoint.audience === "person" ? { reason: error.reason.name } : {}),
    ...(endpoint.audience === "person" && error.answer ? { answer: error.answer } : {}),
  };
  // RFC 6750 §3.1. Not at the token endpoint, where clients would then show the challenge in place of the error.
  const challenge = error.status === 401 ? { "WWW-Authenticate": `Bearer error="${error.error}"` } : {};
  const headers = { ...(endpoint.audience === "app" ? CORS_JSON_HEADERS : JSON_HEADERS), ...allow, ...challenge };
  return new Response(JSON.stringify(body), { status: error.status, headers });
}

/** Only ids of configured services are logged, never what stood in the path. */
function serviceField(provider: Provider, path: PathParameters): { service?: string } {
  return path.service !== undefined && provider.services.has(path.service) ? { service: path.service } : {};
}
