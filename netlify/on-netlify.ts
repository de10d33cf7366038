import type { Context } from "@netlify/functions";
import * as errors from "../server/answers/error-catalogue.ts";
import { OAuthError } from "../server/answers/errors.ts";
import type { Endpoint } from "../server/endpoint.ts";
import type { CommonField } from "../server/provider/endpoint-fields.ts";
import type { Provider, ProviderSettings } from "../server/provider/provider.ts";
import { createProvider } from "../server/provider/provider.ts";
import type { Configuration, Service } from "../server/provider/service.ts";
import { serve } from "../server/serve.ts";

/** `npm run build` replaces it by the configuration of the function (`scripts/build/function-configuration.ts`). */
declare const CONFIGURATION: Configuration<CommonField>;

/** Makes a Netlify function of an endpoint. Everything about Netlify is in this file and in `netlify/functions`. */
export function onNetlify<Field extends keyof Service>(
  endpoint: Endpoint<Field>,
): (request: Request, context: Context) => Promise<Response> {
  let provider: Provider<Field> | undefined;

  /** The provider, or why this request does not get one. It is made once, because instances are reused. */
  function providerFor(request: Request, context: Context): Provider<Field> | OAuthError {
    try {
      // The build includes the fields that the endpoint is typed with.
      provider ??= createProvider<Field>(CONFIGURATION as Configuration<CommonField | Field>, process.env);
      return isPublished(context) && isOwnHost(request, provider) ? provider : new OAuthError(errors.not_here);
    } catch (error) {
      if (error instanceof OAuthError) return error;
      throw error;
    }
  }

  return async (request, context) => {
    const service = context.params.service;
    return await serve(endpoint, request, providerFor(request, context), service === undefined ? {} : { service });
  };
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
