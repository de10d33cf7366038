import type { Answer, Report } from "../../shared/question.ts";
import { writeQuery } from "../answers/query.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { issuer } from "../provider/provider.ts";
import type {
  AppTransaction,
  KnownCms,
  MadataTransaction,
  OAuthTransaction,
  Transaction,
} from "../sealing/transaction.ts";
import { deliverCmsRefusal, deliverCmsToken, reportToCms } from "./cms.ts";

/** Where and how the result of a login travels to the app. Every address in here was checked before it was sealed. */

/** RFC 6749 §4.1.2 and §4.1.2.1; `state` and `iss` (RFC 9207) are added here. */
export type AuthorizationResponse = { code: string } | { error: string; error_description: string };

/** What delivery needs of a login; an authorization request that fails early has no more than this. */
export type ReturnAddress = Pick<OAuthTransaction, "appOrigin" | "redirectUri" | "responseMode" | "state">;

/**
 * An authorization response on its way: a message to the window that opened us, or an address to navigate to.
 * `undefined`: the opener is lost, and the app named no page of its own for that case.
 */
export function deliverResponse(
  to: ReturnAddress,
  response: AuthorizationResponse,
  openerAlive: boolean,
  provider: Provider,
  service: OfferedService,
): Answer | undefined {
  const parameters = {
    ...response,
    ...(to.state === undefined ? {} : { state: to.state }),
    iss: issuer(provider, service),
  };
  if (to.responseMode === "web_message" && openerAlive) {
    return { message: { type: "authorization_response", response: parameters }, targetOrigin: to.appOrigin };
  }
  if (to.redirectUri === undefined) return undefined;
  // The redirect URI's own query survives as it is (RFC 6749 §3.1.2).
  const separator = to.redirectUri.includes("?") ? "&" : "?";
  return { location: `${to.redirectUri}${separator}${writeQuery(parameters)}` };
}

/** The message that Madata's clients wait for. */
function deliverMadataToken(to: MadataTransaction, accessToken: string): Answer {
  return { message: { backend: to.backend, token: accessToken }, targetOrigin: to.appOrigin };
}

/**
 * A message that makes a waiting client of Madata's reject. Its `backend` must not be the client's own name for the
 * service: then the client would store the missing token.
 */
export function deliverMadataRefusal(to: Pick<MadataTransaction, "appOrigin" | "backend">, error: string): Answer {
  return { message: { backend: `${to.backend}:refused`, error }, targetOrigin: to.appOrigin };
}

/** An access token, for the dialects in which the app's window waits for the token itself. */
export function deliverToken(to: MadataTransaction | KnownCms, accessToken: string): Answer {
  return to.dialect === "cms" ? deliverCmsToken(to, accessToken) : deliverMadataToken(to, accessToken);
}

/** "No", however it came about: the app's own words for it, in its own dialect. */
export function deliverRefusal(
  to: AppTransaction,
  error: { error: string; description: string },
  openerAlive: boolean,
  provider: Provider,
  service: OfferedService,
): Answer | undefined {
  if (to.dialect === "cms") return deliverCmsRefusal(to, error);
  if (to.dialect === "madata") return deliverMadataRefusal(to, error.error);
  const response = { error: error.error, error_description: error.description };
  return deliverResponse(to, response, openerAlive, provider, service);
}

/** The news that a login has failed before anything could be asked. Nobody knows yet whether a window waits for it. */
export function reportRefusal(
  transaction: Transaction,
  error: { error: string; description: string },
  provider: Provider,
  service: OfferedService,
): Report | undefined {
  if (transaction.dialect === "sign-out") return undefined;
  if (transaction.dialect !== "cms") return deliverRefusal(transaction, error, true, provider, service);
  const { appOrigin } = transaction;
  return appOrigin === undefined
    ? reportToCms(transaction.word, error)
    : deliverCmsRefusal({ ...transaction, appOrigin }, error);
}
