import type { Answer, Decision } from "../../shared/question.ts";
import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { person } from "../answers/page-errors.ts";
import { awake, jsonAnswer } from "../answers/responses.ts";
import { nameCms } from "../dialects/cms.ts";
import { deliverRefusal, deliverResponse, deliverToken } from "../dialects/delivery.ts";
import type { Endpoint } from "../endpoint.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { serviceById } from "../provider/provider.ts";
import { readJson } from "../request/parameters.ts";
import { requireSameOrigin } from "../request/same-origin.ts";
import { forgetLogin } from "../sealing/login-cookies.ts";
import { seal } from "../sealing/seal.ts";
import type {
  AppTransaction,
  CmsTransaction,
  KnownCms,
  MadataTransaction,
  OAuthTransaction,
  Sealed,
  ServiceCode,
} from "../sealing/transaction.ts";
import { openBound, redirectUriOf } from "../sealing/transaction.ts";
import { exchangeCode } from "../upstream/exchange.ts";
import { revokeGrant } from "../upstream/revocation.ts";

/**
 * The one gate: nothing is exchanged or released except by this POST, which our own confirmation page sends after the
 * person's click [A1].
 */
export const confirm: Endpoint = {
  name: "confirm",
  audience: person,
  methods: { POST: decide, OPTIONS: awake },
};

interface Context {
  provider: Provider;
  service: OfferedService;
}

async function decide(request: Request, provider: Provider): Promise<Response> {
  requireSameOrigin(request, provider);
  const decision = readDecision(await readJson(request));
  // The service that was shown; a ticket for another one does not open.
  const service = serviceById(provider, decision.service);
  const { content, expired } = openBound("ticket", decision.ticket, request, { provider, service });
  // A ticket that was made for another window asks about another login than that window's.
  if (decision.holding !== content.holding) throw new OAuthError(reasons.not_what_was_shown);
  const answer = await answerTo(decision, content, expired, { provider, service });
  // Until now whatever the service has sent again, by a double click there or by Back, found the login.
  return jsonAnswer(answer, forgetLogin(content.login, request, provider));
}

async function answerTo(
  decision: Decision,
  { transaction, serviceCode }: Sealed["ticket"],
  expired: boolean,
  context: Context,
): Promise<object> {
  // The whole address, byte for byte, and none where there is none: its origin alone says too little [A21].
  if (decision.redirectUri !== redirectUriOf(transaction)) throw new OAuthError(reasons.not_what_was_shown);
  if (transaction.dialect === "sign-out") return await signOut(decision, expired, serviceCode, context);

  const shown = requireShown(transaction, decision.origin, context.provider);
  if (decision.decision === "no") return refuse(shown, whyNot(serviceCode, expired), decision.opener, context);
  if (expired) throw new OAuthError(reasons.expired);
  if (!serviceCode) throw new OAuthError(reasons.refused_at_service);
  return await release(shown, serviceCode, decision.opener, context);
}

/** The app that the person has read about: the sealed one or, of a CMS, the one that has answered our page [A6][A8]. */
function requireShown(
  transaction: OAuthTransaction | MadataTransaction | CmsTransaction,
  origin: string,
  provider: Provider,
): AppTransaction {
  if (transaction.dialect === "cms") return nameCms(transaction, origin, provider);
  if (transaction.appOrigin !== origin) throw new OAuthError(reasons.not_what_was_shown);
  return transaction;
}

function readDecision(body: Record<string, unknown>): Decision {
  const { ticket, origin, service, redirectUri, decision, opener, holding } = body;
  const isDecision =
    typeof ticket === "string" &&
    typeof origin === "string" &&
    typeof service === "string" &&
    (redirectUri === undefined || typeof redirectUri === "string") &&
    (decision === "yes" || decision === "no") &&
    typeof opener === "boolean" &&
    (holding === undefined || typeof holding === "string");
  if (!isDecision) throw new OAuthError(reasons.unreadable_body);
  return {
    ...{ ticket, origin, service, decision, opener },
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(holding === undefined ? {} : { holding }),
  };
}

/** "No" hands over nothing, so it works after the ticket has expired as well: an app is waiting to hear something. */
function refuse(to: AppTransaction, description: string, opener: boolean, { provider, service }: Context): Answer {
  const answer = deliverRefusal(to, { error: "access_denied", description }, opener, provider, service);
  if (!answer) throw new OAuthError(reasons.opener_lost);
  return answer;
}

function whyNot(serviceCode: ServiceCode | undefined, expired: boolean): string {
  if (!serviceCode) return "The service reports that access was refused.";
  return expired ? "The question was not answered in time." : "The user did not confirm.";
}

async function release(
  to: AppTransaction,
  serviceCode: ServiceCode,
  opener: boolean,
  context: Context,
): Promise<Answer> {
  if (to.dialect === "oauth") return releaseCode(to, serviceCode, opener, context);
  return await releaseToken(to, serviceCode, opener, context);
}

/** The app gets a code of ours that wraps the service's, still unredeemed: redeeming the one redeems the other [A28]. */
function releaseCode(
  transaction: OAuthTransaction,
  serviceCode: ServiceCode,
  opener: boolean,
  { provider, service }: Context,
): Answer {
  const code = seal("code", { transaction, serviceCode }, { provider, service });
  const answer = deliverResponse(transaction, { code }, opener, provider, service);
  if (!answer) throw new OAuthError(reasons.opener_lost);
  return answer;
}

/** Madata's clients and CMSes wait for the access token itself. Without a window to post it to, none is asked for. */
async function releaseToken(
  to: MadataTransaction | KnownCms,
  serviceCode: ServiceCode,
  opener: boolean,
  { provider, service }: Context,
): Promise<Answer> {
  if (!opener) throw new OAuthError(reasons.opener_lost);
  try {
    const { accessToken } = await exchangeCode(service, serviceCode, to.scopes);
    return deliverToken(to, accessToken);
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    throw new OAuthError(error.reason, deliverRefusal(to, error, opener, provider, service));
  }
}

/** Yes to "Sign out everywhere": the token of this login ends the grant, its own included, and goes nowhere else [A44]. */
async function signOut(
  { origin, decision }: Decision,
  expired: boolean,
  serviceCode: ServiceCode | undefined,
  { provider, service }: Context,
): Promise<{ ended: boolean }> {
  // No app was shown, but ourselves.
  if (origin !== provider.origin) throw new OAuthError(reasons.not_what_was_shown);
  if (decision === "no") return { ended: false };
  if (expired) throw new OAuthError(reasons.expired);
  if (!serviceCode) throw new OAuthError(reasons.refused_at_service);
  const { accessToken } = await exchangeCode(service, serviceCode, null);
  await revokeGrant(service, accessToken);
  return { ended: true };
}
