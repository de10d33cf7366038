import type { Context } from "@netlify/functions";
import * as reasons from "../server/answers/error-catalogue.ts";
import { OAuthError } from "../server/answers/errors.ts";
import type { Endpoint } from "../server/endpoint.ts";
import type { Provider } from "../server/provider/provider.ts";
import { createProvider } from "../server/provider/provider.ts";
import type { Configuration } from "../server/provider/service.ts";
import { serve } from "../server/serve.ts";

/** Written in by `npm run build` (`scripts/build/build-site.ts`). */
declare const CONFIGURATION: Configuration;

/** Makes a Netlify function of an endpoint. All that is Netlify's is in this file and in `netlify/functions`. */
export function onNetlify(endpoint: Endpoint): (request: Request, context: Context) => Promise<Response> {
  return async (request, context) => {
    const service = context.params.service;
    return await serve(endpoint, request, providerFor(request, context), service === undefined ? {} : { service });
  };
}

let provider: Provider | undefined;

/** The provider, or why this request does not get one. Instances are reused, so it is made once. */
function providerFor(request: Request, context: Context): Provider | OAuthError {
  try {
    provider ??= createProvider(CONFIGURATION, process.env);
    return isPublished(context) && isOwnHost(request, provider) ? provider : new OAuthError(reasons.not_here);
  } catch (error) {
    if (error instanceof OAuthError) return error;
    throw error;
  }
}

/**
 * Previews are built from other people's pull requests, and every old deploy stays reachable with its old mistakes: none
 * of them runs a login [A11][A15]. A build for local development runs nowhere but there.
 */
function isPublished({ deploy }: Context): boolean {
  if (CONFIGURATION.localDevelopment) return process.env.NETLIFY_DEV === "true";
  return deploy.context === "production" && deploy.published;
}

/** The address of a single deploy leads to the published one's functions too, but its pages would be another origin. */
function isOwnHost(request: Request, { origin }: Provider): boolean {
  return new URL(request.url).host === new URL(origin).host;
}
