import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { ProviderSettings } from "../provider/provider.ts";

/**
 * Accepts only what one of our own pages sent by `fetch`. Browsers write both headers: a page of another origin cannot
 * forge them, and cannot leave out Origin on a POST. A program can forge them, but it has no cookie.
 *
 * @throws {OAuthError} `foreign_request`
 */
export function requireSameOrigin(request: Request, provider: ProviderSettings): void {
  if (request.headers.get("origin") !== provider.origin) throw new OAuthError(errors.foreign_request);
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") throw new OAuthError(errors.foreign_request);
}
