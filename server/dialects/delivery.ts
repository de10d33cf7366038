import type { Answer, Report } from "../../shared/page-messages.ts";
import type { AppError } from "../answers/errors.ts";
import { writeQuery } from "../answers/query.ts";
import type { ServiceContext } from "../provider/provider.ts";
import { issuer } from "../provider/provider.ts";
import type {
  AppTransaction,
  KnownCms,
  MadataTransaction,
  OAuthTransaction,
  Transaction,
} from "../sealing/transaction.ts";
import { deliverCmsError, deliverCmsToken, reportCmsError } from "./cms.ts";

/** Where the result of a login goes, and in what form. Every address was checked before it was sealed. */

/** RFC 6749 §4.1.2 and §4.1.2.1. `deliverResponse` adds `state` and `iss` (RFC 9207). */
export type AuthorizationResponse = { code: string } | { error: string; error_description: string };

/** Where an authorization response goes. A request that fails early has only this part of a transaction. */
export type ReturnAddress = Pick<OAuthTransaction, "appOrigin" | "redirectUri" | "responseMode" | "state">;

/**
 * Delivers an authorization response: as a message to the window that opened ours, or as an address to navigate to.
 * `undefined`: the window has lost its opener, and the app has no redirect URI.
 */
export function deliverResponse(
  to: ReturnAddress,
  response: AuthorizationResponse,
  openerAlive: boolean,
  context: ServiceContext,
): Answer | undefined {
  const parameters = {
    ...response,
    ...(to.state === undefined ? {} : { state: to.state }),
    iss: issuer(context),
  };
  if (to.responseMode === "web_message" && openerAlive) {
    return { message: { type: "authorization_response", response: parameters }, targetOrigin: to.appOrigin };
  }
  if (to.redirectUri === undefined) return undefined;
  // RFC 6749 §3.1.2: the query of the redirect URI stays as it is.
  const separator = to.redirectUri.includes("?") ? "&" : "?";
  return { location: `${to.redirectUri}${separator}${writeQuery(parameters)}` };
}

/** The message that Madata's clients wait for. */
function deliverMadataToken(to: MadataTransaction, accessToken: string): Answer {
  return { message: { backend: to.backend, token: accessToken }, targetOrigin: to.appOrigin };
}

/**
 * A message that makes the login of one of Madata's clients fail. Its `backend` must differ from the client's name for the
 * service: otherwise the client would store a missing token.
 */
export function deliverMadataError(to: Pick<MadataTransaction, "appOrigin" | "backend">, error: string): Answer {
  return { message: { backend: `${to.backend}:refused`, error }, targetOrigin: to.appOrigin };
}

/** Delivers an access token, in the dialects whose apps get the token itself. */
export function deliverToken(to: MadataTransaction | KnownCms, accessToken: string): Answer {
  return to.dialect === "cms" ? deliverCmsToken(to, accessToken) : deliverMadataToken(to, accessToken);
}

/** Delivers an error in the dialect of the app. `undefined`: as for `deliverResponse`. */
export function deliverError(
  to: AppTransaction,
  error: AppError,
  openerAlive: boolean,
  context: ServiceContext,
): Answer | undefined {
  if (to.dialect === "cms") return deliverCmsError(to, error);
  if (to.dialect === "madata") return deliverMadataError(to, error.reason ?? error.error);
  if (to.dialect === "trial") return { location: `${to.redirectUri}#${context.service.id}` };
  const response = { error: error.error, error_description: error.description };
  return deliverResponse(to, response, openerAlive, context);
}

/** Reports an error before the question. It is not known yet whether a window is waiting. */
export function reportError(transaction: Transaction, error: AppError, context: ServiceContext): Report | undefined {
  if (transaction.dialect === "sign-out") return undefined;
  if (transaction.dialect !== "cms") return deliverError(transaction, error, true, context);
  const { appOrigin } = transaction;
  return appOrigin === undefined
    ? reportCmsError(transaction.word, error)
    : deliverCmsError({ ...transaction, appOrigin }, error);
}
