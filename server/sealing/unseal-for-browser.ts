import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import type { ServiceContext } from "../provider/provider.ts";
import { isBoundTo } from "./browser-binding.ts";
import { unseal } from "./seal.ts";
import type { Sealed } from "./transaction.ts";

/**
 * Opens a value that belongs to this browser. This comes before anything else is done with the value: a sealed value
 * alone proves only that somebody started a login, and an attacker could have put their own into the user's browser.
 *
 * @throws {OAuthError} `invalid_state`, `other_browser`
 */
export function unsealForBrowser<Kind extends "request" | "state" | "ticket">(
  kind: Kind,
  value: unknown,
  request: Request,
  context: ServiceContext,
): { content: Sealed[Kind]; expired: boolean } {
  const opened = typeof value === "string" ? unseal(kind, value, context) : undefined;
  if (!opened) throw new OAuthError(errors.invalid_state);
  if (!isBoundTo(request, context.provider, opened.content.browser)) throw new OAuthError(errors.other_browser);
  return opened;
}
