import * as errors from "../answers/error-catalogue.ts";
import type { ErrorDefinition } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import { cmsError } from "./cms.ts";

/**
 * Mistakes in the configuration of a CMS. Whoever wrote it reads our error page and knows neither OAuth nor its parameters,
 * so the page names the setting.
 */

/**
 * A CMS that speaks its popup dialect (`cms.ts`) at an address with a service in its path: it names a service in the query,
 * and it has no client_id. The path is from its `base_url`, which it also takes for the origin of our messages.
 */
export function popupCmsAtService(search: URLSearchParams): OAuthError | undefined {
  if (search.has("client_id") || !search.has("provider")) return undefined;
  return cmsError(search, errors.base_url_with_path);
}

/** A CMS that uses PKCE, at an address without a service: it has a client_id, and names no service in the query. */
export function pkceCmsWithoutService(search: URLSearchParams): OAuthError | undefined {
  if (search.has("provider") || !search.has("client_id")) return undefined;
  return new OAuthError(errors.base_url_without_service);
}

/** The errors that a wrong setting causes in an authorization request. */
const MISTAKES = new Map<ErrorDefinition, ErrorDefinition>([
  [errors.unknown_service, errors.base_url_without_service],
  [errors.invalid_client_id, errors.invalid_app_id],
  [errors.unsupported_response_type, errors.auth_type_without_pkce],
]);

/** The error in the words of the configuration, if the request came to an address that only CMSes use. */
export function inWordsOfCms(thrown: unknown, request: Request): unknown {
  if (!(thrown instanceof OAuthError) || new URL(request.url).pathname.startsWith("/authorize/")) return thrown;
  const mistake = MISTAKES.get(thrown.definition);
  return mistake === undefined ? thrown : new OAuthError(mistake, thrown.answer);
}
