import * as errors from "./answers/error-catalogue.ts";
import { OAuthError } from "./answers/errors.ts";
import { describeException, log } from "./answers/log.ts";
import type { Endpoint, PathParameters } from "./endpoint.ts";
import type { Provider } from "./provider/provider.ts";
import { MAX_URL_CHARACTERS } from "./request/parameters.ts";

/**
 * Runs one endpoint: it takes a `Request` and returns a `Response`, on any host with web standards. Every error ends here,
 * in the endpoint's format. Nothing is thrown, and no detail of an exception gets out.
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
    const error = thrown instanceof OAuthError ? thrown : new OAuthError(errors.broken);
    log({
      endpoint: endpoint.name,
      ...(provider instanceof OAuthError ? {} : serviceField(provider, path)),
      status: error.status,
      reason: error.definition.name,
      ...(thrown === error ? {} : { failure: describeException(thrown) }),
    });
    const allow = error.definition === errors.wrong_method ? { Allow: Object.keys(endpoint.methods).join(", ") } : {};
    return endpoint.errorFormat.toResponse(error, request, allow);
  }
}

async function run(endpoint: Endpoint, request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const handler = Object.hasOwn(endpoint.methods, request.method)
    ? endpoint.methods[request.method as keyof Endpoint["methods"]]
    : undefined;
  if (!handler) throw new OAuthError(errors.wrong_method);
  if (request.url.length > MAX_URL_CHARACTERS) throw new OAuthError(errors.too_large);
  const early = endpoint.answerBefore?.(request);
  if (early) return early;
  return await handler(request, provider, path);
}

/** Only ids of configured services are logged, never what the caller wrote in the path. */
function serviceField(provider: Provider, path: PathParameters): { service?: string } {
  return path.service !== undefined && provider.services.has(path.service) ? { service: path.service } : {};
}
