import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { jsonResponse, pageAddress } from "../answers/responses.ts";
import { identifyCms } from "../dialects/cms.ts";
import type { ProviderSettings } from "../provider/provider.ts";
import { bindBrowser } from "../sealing/browser-binding.ts";
import { forgetLogin } from "../sealing/login-cookies.ts";
import type { CmsTransaction } from "../sealing/transaction.ts";
import { unsealForBrowser } from "../sealing/unseal-for-browser.ts";
import type { LoginContext } from "../upstream/authorization-request.ts";
import { authorizationRequest } from "../upstream/authorization-request.ts";
import { needsWaitingWindow, waitingQuestion } from "../upstream/waiting-window.ts";

/**
 * Starts the same login again when the time for the question is over, or nearly over, because the service's code expires.
 * It ends in the same question, so it gives nothing away, and an expired ticket is good for nothing else.
 *
 * @param body of the page's request
 */
export function startAgain({ ticket, origin }: Record<string, unknown>, context: LoginContext): Response {
  const { request, provider } = context;
  const { content } = unsealForBrowser("ticket", ticket, request, context);
  // If the app opened the service itself (Madata), only the app knows what to ask for.
  if (content.login === undefined) throw new OAuthError(errors.invalid_state);
  const transaction =
    content.transaction.dialect === "cms"
      ? identifyCmsAgain(content.transaction, origin, provider)
      : content.transaction;
  const { browser, setCookie } = bindBrowser(request, provider);
  const forgotten = forgetLogin(content.login, request, provider);
  if (needsWaitingWindow(transaction, context)) {
    const location = pageAddress(provider, "/waiting", waitingQuestion(transaction, browser, context));
    return jsonResponse({ location }, [setCookie, ...forgotten]);
  }
  const { location, setCookies } = authorizationRequest(transaction, { browser }, context);
  // The old login may also be the oldest one, which is deleted to make room for the new one.
  return jsonResponse({ location }, [...new Set([setCookie, ...forgotten, ...setCookies])]);
}

/** The page knows the CMS from its handshake. Without a handshake, the user was shown nothing. */
function identifyCmsAgain(transaction: CmsTransaction, origin: unknown, provider: ProviderSettings): CmsTransaction {
  if (typeof origin !== "string") throw new OAuthError(errors.not_what_was_shown);
  return identifyCms(transaction, origin, provider);
}
