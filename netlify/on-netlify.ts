import type { Context } from "@netlify/functions";
import * as errors from "../server/answers/error-catalogue.ts";
import { OAuthError } from "../server/answers/errors.ts";
import type { Endpoint, PathParameters } from "../server/endpoint.ts";
import type { Provider, ProviderSettings } from "../server/provider/provider.ts";
import { createProvider } from "../server/provider/provider.ts";
import type { Configuration } from "../server/provider/service.ts";
import { serve } from "../server/serve.ts";

/** `npm run build` replaces it by the configuration (`scripts/build/build-functions.ts`). */
declare const CONFIGURATION: Configuration;

/** Made once, because processes are reused. */
let provider: Provider | undefined;

/** Runs an endpoint where logins may run. */
export async function serveOnNetlify(
  endpoint: Endpoint,
  request: Request,
  context: Context,
  path: PathParameters,
): Promise<Response> {
  return await serve(endpoint, request, providerFor(request, context), path);
}

/** The provider, or why this request does not get one. */
function providerFor(request: Request, context: Context): Provider | OAuthError {
  try {
    provider ??= createProvider(CONFIGURATION, process.env);
    return isPublished(context) && isOwnHost(request, provider) ? provider : new OAuthError(errors.not_here);
  } catch (error) {
    if (error instanceof OAuthError) return error;
    throw error;
  }
}

/**
 * Only the published deploy runs logins. Previews are built from other people's pull requests, and old deploys stay
 * reachable with their old mistakes. A build for local development runs only on the developer's computer.
 */
function isPublished({ deploy }: Context): boolean {
  if (CONFIGURATION.localDevelopment) return process.env.NETLIFY_DEV === "true";
  return deploy.context === "production" && deploy.published;
}

/** The address of a single deploy also leads to the published functions, but its pages would have another origin. */
function isOwnHost(request: Request, { origin }: ProviderSettings): boolean {
  return new URL(request.url).host === new URL(origin).host;
}
