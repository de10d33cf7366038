import { notAnsweredInTime } from "../../shared/expiry.ts";
import type { Answer, Decision, TrialResult } from "../../shared/page-messages.ts";
import * as errors from "../answers/error-catalogue.ts";
import type { AppError } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import { pageErrors } from "../answers/page-errors.ts";
import { answerPrefetch, jsonResponse } from "../answers/responses.ts";
import { identifyCms } from "../dialects/cms.ts";
import { deliverError, deliverResponse, deliverToken } from "../dialects/delivery.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Provider, ProviderSettings, ServiceContext } from "../provider/provider.ts";
import { serviceById } from "../provider/provider.ts";
import { readJson } from "../request/parameters.ts";
import { requireSameOrigin } from "../request/same-origin.ts";
import { forgetLogin } from "../sealing/login-cookies.ts";
import { seal } from "../sealing/seal.ts";
import type {
  AppTransaction,
  KnownCms,
  MadataTransaction,
  OAuthTransaction,
  Sealed,
  ServiceCode,
  SignOutTransaction,
  Transaction,
} from "../sealing/transaction.ts";
import { redirectUriOf } from "../sealing/transaction.ts";
import { unsealForBrowser } from "../sealing/unseal-for-browser.ts";
import { exchangeCode } from "../upstream/exchange.ts";
import { requireInstallation } from "../upstream/installation.ts";
import { revokeGrant } from "../upstream/revocation.ts";
import { finishTrial } from "./trial.ts";

/**
 * The only way to get anything out of a login: nothing is exchanged or released except by this POST, which our own
 * confirmation page sends after the user's click.
 */
export const decision: Endpoint = {
  name: "decision",
  errorFormat: pageErrors,
  answerBefore: answerPrefetch,
  methods: { POST: handleDecision },
};

async function handleDecision(request: Request, provider: Provider): Promise<Response> {
  requireSameOrigin(request, provider);
  const decision = readDecision(await readJson(request));
  // The service that was shown. A ticket for another service does not open.
  const service = serviceById(provider, decision.service);
  const context = { provider, service };
  const { content, expired } = unsealForBrowser("ticket", decision.ticket, request, context);
  // A ticket that was made for another window belongs to another login than the one in this window.
  if (decision.waitingWindow !== content.waitingWindow) throw new OAuthError(errors.not_what_was_shown);
  const answer = await answerDecision(decision, content, expired, context);
  // Not earlier: the service may send its response twice (a double click, or Back), and each must find the login.
  return jsonResponse(answer, forgetLogin(content.login, request, provider));
}

async function answerDecision(
  decision: Decision,
  { transaction, serviceCode }: Sealed["ticket"],
  expired: boolean,
  context: ServiceContext,
): Promise<object> {
  // The whole address, byte for byte: its origin alone does not show an open redirector.
  if (decision.redirectUri !== redirectUriOf(transaction)) throw new OAuthError(errors.not_what_was_shown);
  if (transaction.dialect === "sign-out") return await signOut(decision, expired, serviceCode, context);

  const app = requireShownApp(transaction, decision.origin, context.provider);
  const isLate = expired || decision.decision === "expired";
  if (decision.decision !== "yes") return denyAccess(app, denialOf(serviceCode, isLate), decision.opener, context);
  if (expired) throw new OAuthError(errors.expired);
  if (!serviceCode) throw new OAuthError(errors.refused_at_service);
  return await release(app, serviceCode, decision.opener, context);
}

/** The app must be the one that the user was shown: the sealed one or, for a CMS, the one that answered our page. */
function requireShownApp(
  transaction: Exclude<Transaction, SignOutTransaction>,
  origin: string,
  provider: ProviderSettings,
): AppTransaction {
  if (transaction.dialect === "cms") return identifyCms(transaction, origin, provider);
  if (transaction.appOrigin !== origin) throw new OAuthError(errors.not_what_was_shown);
  return transaction;
}

function readDecision(body: Record<string, unknown>): Decision {
  const { ticket, origin, service, redirectUri, decision, opener, waitingWindow } = body;
  const isDecision =
    typeof ticket === "string" &&
    typeof origin === "string" &&
    typeof service === "string" &&
    (redirectUri === undefined || typeof redirectUri === "string") &&
    (decision === "yes" || decision === "no" || decision === "expired") &&
    typeof opener === "boolean" &&
    (waitingWindow === undefined || typeof waitingWindow === "string");
  if (!isDecision) throw new OAuthError(errors.unreadable_body);
  return {
    ...{ ticket, origin, service, decision, opener },
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(waitingWindow === undefined ? {} : { waitingWindow }),
  };
}

/** Hands over nothing, so it also works with an expired ticket: the app needs an answer. */
function denyAccess(to: AppTransaction, denial: AppError, opener: boolean, context: ServiceContext): Answer {
  const answer = deliverError(to, denial, opener, context);
  if (!answer) throw new OAuthError(errors.opener_lost);
  return answer;
}

/** RFC 6749 §4.1.2.1 has one code for all of these. */
function denialOf(serviceCode: ServiceCode | undefined, isLate: boolean): AppError {
  const error = "access_denied";
  if (!serviceCode) return { error, description: "The service reports that access was refused." };
  if (isLate) return { error, description: notAnsweredInTime, reason: errors.expired.name };
  return { error, description: "The user did not confirm." };
}

async function release(
  to: AppTransaction,
  serviceCode: ServiceCode,
  opener: boolean,
  context: ServiceContext,
): Promise<Answer | TrialResult> {
  if (to.dialect === "oauth") return releaseCode(to, serviceCode, opener, context);
  if (to.dialect === "trial") return await finishTrial(to, serviceCode, context);
  return await releaseToken(to, serviceCode, opener, context);
}

/** The app gets our code, which contains the service's. Redeeming ours redeems the service's, which works only once. */
function releaseCode(
  transaction: OAuthTransaction,
  serviceCode: ServiceCode,
  opener: boolean,
  context: ServiceContext,
): Answer {
  const code = seal("code", { transaction, serviceCode }, context);
  const answer = deliverResponse(transaction, { code }, opener, context);
  if (!answer) throw new OAuthError(errors.opener_lost);
  return answer;
}

/** Madata's clients and CMSes get the access token itself. Without a window to send it to, none is requested. */
async function releaseToken(
  to: MadataTransaction | KnownCms,
  serviceCode: ServiceCode,
  opener: boolean,
  context: ServiceContext,
): Promise<Answer> {
  if (!opener) throw new OAuthError(errors.opener_lost);
  try {
    const { accessToken } = await exchangeCode(context.service, serviceCode, to.scopes);
    // A CMS can do nothing without a repository, and would only say that something is "not found".
    if (to.dialect === "cms") await requireInstallation(context.service, accessToken);
    return deliverToken(to, accessToken);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    throw new OAuthError(error.definition, deliverError(to, error, opener, context));
  }
}

/** "Sign out everywhere": the token of this login revokes the grant, which includes the token itself. No app gets it. */
async function signOut(
  { origin, decision }: Decision,
  expired: boolean,
  serviceCode: ServiceCode | undefined,
  { provider, service }: ServiceContext,
): Promise<{ ended: boolean }> {
  // The page shows no app, but our own origin.
  if (origin !== provider.origin) throw new OAuthError(errors.not_what_was_shown);
  if (decision !== "yes") return { ended: false };
  if (expired) throw new OAuthError(errors.expired);
  if (!serviceCode) throw new OAuthError(errors.refused_at_service);
  const { accessToken, refreshToken } = await exchangeCode(service, serviceCode, null);
  const kind = service.grantRevocation?.tokenKind ?? "access_token";
  const token = kind === "refresh_token" ? refreshToken : accessToken;
  if (token === undefined) throw new OAuthError(errors.service_unintelligible);
  await revokeGrant(service, token, kind);
  return { ended: true };
}
