import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { Provider } from "../provider/provider.ts";

/**
 * Lets through only what one of our own pages sent by `fetch`. Browsers write both headers; a page of another origin
 * can neither forge them nor leave out Origin on a POST [A2]. What is no browser can forge them, but has no cookie.
 *
 * @throws {OAuthError} `foreign_request`
 */
export function requireSameOrigin(request: Request, provider: Provider): void {
  if (request.headers.get("origin") !== provider.origin) throw new OAuthError(reasons.foreign_request);
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") throw new OAuthError(reasons.foreign_request);
}
