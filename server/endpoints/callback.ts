import type { Question, UnnamedQuestion } from "../../shared/question.ts";
import * as reasons from "../answers/error-catalogue.ts";
import type { Reason } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import { person } from "../answers/page-errors.ts";
import { writeQuery } from "../answers/query.ts";
import { redirectToCallback, redirectToPage } from "../answers/responses.ts";
import { handshakeOf } from "../dialects/cms.ts";
import { reportRefusal } from "../dialects/delivery.ts";
import { arriveAtRoot } from "../dialects/madata.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { callbackUri, serviceById } from "../provider/provider.ts";
import { MAX_SEALED_CHARACTERS, pickParameters, readForm } from "../request/parameters.ts";
import { findLogin } from "../sealing/login-cookies.ts";
import { seal, ticketLifetimeSeconds } from "../sealing/seal.ts";
import type {
  CmsTransaction,
  MadataTransaction,
  OAuthTransaction,
  Sealed,
  ServiceCode,
  Transaction,
} from "../sealing/transaction.ts";
import { openBound, redirectUriOf } from "../sealing/transaction.ts";
import { faultAtService } from "../upstream/service-errors.ts";

/**
 * The client redirection endpoint (RFC 6749 §3.1.2): the service comes back. Nothing is exchanged here; the code waits,
 * sealed, for the person's answer on the confirmation page.
 */
export const callback: Endpoint = {
  name: "callback",
  audience: person,
  methods: { GET: arrive, POST: arriveByPost },
};

const RESPONSE_PARAMETERS = ["code", "state", "iss", "error"] as const;

async function arrive(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  if (path.service === undefined) return arriveAtRoot(request, provider);

  const service = serviceById(provider, path.service);
  const search = new URL(request.url).searchParams;
  const { code, state = "", iss, error } = pickParameters(search, RESPONSE_PARAMETERS, MAX_SEALED_CHARACTERS);
  // Sealed for the service of this path: another service's code finds no state here [A22].
  const { content, expired } = openBound("state", findLogin(state, request, provider), request, { provider, service });
  const fault = faultOf({ code, iss, error }, expired, service);
  if (fault) throw failure(fault, content, { provider, service });

  const further = pickParameters(search, service.callbackParameters ?? []);
  const serviceCode = code === undefined ? undefined : toServiceCode(code, further, content, { provider, service });
  return goToPage(content, serviceCode, state, { provider, service });
}

/**
 * The answer of a service that posts it. A POST from another site brings no cookie of ours, and the GET that follows it
 * does, so that the binding is checked there like every other [A13][A39].
 */
async function arriveByPost(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  if (service.responseMode !== "form_post") throw new OAuthError(reasons.wrong_method);
  const names = [...RESPONSE_PARAMETERS, ...(service.callbackParameters ?? [])];
  const parameters = pickParameters(await readForm(request), names, MAX_SEALED_CHARACTERS);
  return redirectToCallback(`${callbackUri(provider, service)}?${writeQuery(parameters as Record<string, string>)}`);
}

interface Context {
  provider: Provider;
  service: OfferedService;
}

function faultOf(
  { code, iss, error }: { code?: string | undefined; iss?: string | undefined; error?: string | undefined },
  expired: boolean,
  service: OfferedService,
): Reason | undefined {
  if (!isExpectedIssuer(iss, service)) return reasons.wrong_issuer;
  if (expired) return reasons.expired;
  if (code !== undefined) return undefined;
  return error === undefined ? reasons.no_code : faultAtService(error);
}

/** RFC 9207 §2.4: against a code that another authorization server issued [A22]. */
function isExpectedIssuer(iss: string | undefined, { issuer, issuerRequired }: OfferedService): boolean {
  if (iss === undefined) return !issuerRequired;
  return issuer === undefined || iss === issuer;
}

/** The app is told as well, unless this window is the service's own: then nothing of the app's can be reached from it. */
function failure(
  reason: Reason,
  { transaction, holding }: Sealed["state"],
  { provider, service }: Context,
): OAuthError {
  if (holding !== undefined) return new OAuthError(reason);
  return new OAuthError(reason, reportRefusal(transaction, new OAuthError(reason), provider, service));
}

function toServiceCode(
  code: string,
  further: Partial<Record<string, string>>,
  { codeVerifier }: Sealed["state"],
  { provider, service }: Context,
): ServiceCode {
  return {
    code,
    redirectUri: callbackUri(provider, service),
    ...(codeVerifier === undefined ? {} : { codeVerifier }),
    ...(Object.keys(further).length === 0 ? {} : { parameters: further as Record<string, string> }),
  };
}

/** On to the page that asks; by way of the holding window, where there is one. */
function goToPage(
  { transaction, browser, holding }: Sealed["state"],
  serviceCode: ServiceCode | undefined,
  login: string,
  { provider, service }: Context,
): Response {
  const content: Sealed["ticket"] = {
    transaction,
    browser,
    login,
    ...(serviceCode === undefined ? {} : { serviceCode }),
    ...(holding === undefined ? {} : { holding }),
  };
  const shared = {
    ticket: seal("ticket", content, { provider, service }),
    service: service.id,
    refused: serviceCode === undefined,
    lifetimeSeconds: ticketLifetimeSeconds(service),
  };
  if (transaction.dialect === "sign-out") return redirectToPage(provider, "/sign-out", shared);

  const question: Question | UnnamedQuestion = {
    ...shared,
    ...appOf(transaction),
    scopes: transaction.scopes,
    scopesMerged: service.scopesMerged,
    offline: transaction.dialect === "oauth" && transaction.offline !== undefined,
    ...deliveryOf(transaction),
    unknownStart: false,
    canStartAgain: true,
  };
  if (holding === undefined) return redirectToPage(provider, "/confirm", question);
  return redirectToPage(provider, "/returned", { holding, service: shared.service, question });
}

/** Which app asks or, where only the browser can tell, how our page finds it out. */
function appOf(
  transaction: OAuthTransaction | MadataTransaction | CmsTransaction,
): Pick<Question, "origin" | "claimedHost"> | Pick<UnnamedQuestion, "handshake" | "claimedHost"> {
  if (transaction.dialect !== "cms") return { origin: transaction.appOrigin };
  const { claimedHost, appOrigin } = transaction;
  const who = appOrigin === undefined ? { handshake: handshakeOf(transaction.word) } : { origin: appOrigin };
  return { ...who, ...(claimedHost === undefined ? {} : { claimedHost }) };
}

function deliveryOf(transaction: Transaction): Pick<Question, "delivery" | "redirectUri"> {
  const byNavigation = transaction.dialect === "oauth" && transaction.responseMode === "query";
  const redirectUri = redirectUriOf(transaction);
  return { delivery: byNavigation ? "navigation" : "message", ...(redirectUri === undefined ? {} : { redirectUri }) };
}
