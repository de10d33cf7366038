import type { Question, UnnamedQuestion } from "../../shared/page-messages.ts";
import * as errors from "../answers/error-catalogue.ts";
import type { ErrorDefinition } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import { pageErrors } from "../answers/page-errors.ts";
import { writeQuery } from "../answers/query.ts";
import { answerPrefetch, redirectToCallback, redirectToPage } from "../answers/responses.ts";
import { handshakeFor } from "../dialects/cms.ts";
import { reportError } from "../dialects/delivery.ts";
import { handleRootCallback } from "../dialects/madata.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import type { OfferedService, Provider, ServiceContext } from "../provider/provider.ts";
import { callbackUri, serviceById } from "../provider/provider.ts";
import { pickParameters, readForm } from "../request/parameters.ts";
import { ticketLifetimeSeconds } from "../sealing/lifetimes.ts";
import { findLogin } from "../sealing/login-cookies.ts";
import { MAX_SEALED_CHARACTERS, seal } from "../sealing/seal.ts";
import type { Sealed, ServiceCode, SignOutTransaction, Transaction } from "../sealing/transaction.ts";
import { redirectUriOf } from "../sealing/transaction.ts";
import { unsealForBrowser } from "../sealing/unseal-for-browser.ts";
import { errorReportedByService } from "../upstream/service-errors.ts";

/**
 * The redirection endpoint (RFC 6749 §3.1.2): the user comes back from the service. Nothing is exchanged here. The code
 * waits, sealed, until the user has answered the question.
 */
export const callback: Endpoint = {
  name: "callback",
  errorFormat: pageErrors,
  answerBefore: answerPrefetch,
  methods: { GET: handleResponse, POST: handlePostedResponse },
};

const RESPONSE_PARAMETERS = ["code", "state", "iss", "error"] as const;

/** An authorization response (RFC 6749 §4.1.2, RFC 9207). Anybody can write it. */
type AuthorizationResponse = Partial<Record<(typeof RESPONSE_PARAMETERS)[number], string>>;

async function handleResponse(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  if (path.service === undefined) return handleRootCallback(request, provider);

  const service = serviceById(provider, path.service);
  const context = { provider, service };
  const search = new URL(request.url).searchParams;
  const response: AuthorizationResponse = pickParameters(search, RESPONSE_PARAMETERS, MAX_SEALED_CHARACTERS);
  const { code, state = "" } = response;
  // Sealed for the service in the path, so a code of another service does not find a login here.
  const { content, expired } = unsealForBrowser("state", findLogin(state, request, provider), request, context);
  const definition = findError(response, expired, service);
  if (definition) throw loginError(definition, content, context);

  const added = pickParameters(search, service.callbackParameters ?? []);
  const serviceCode = code === undefined ? undefined : toServiceCode(code, added, content, context);
  return goToPage(content, serviceCode, state, context);
}

/**
 * A service posts its response. A POST from another site has none of our cookies. The GET that we redirect to has them, so
 * the response is checked there, like any other.
 */
async function handlePostedResponse(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  if (service.responseMode !== "form_post") throw new OAuthError(errors.wrong_method);
  const names = [...RESPONSE_PARAMETERS, ...(service.callbackParameters ?? [])];
  const parameters = pickParameters(await readForm(request), names, MAX_SEALED_CHARACTERS);
  return redirectToCallback(
    `${callbackUri({ provider, service })}?${writeQuery(parameters as Record<string, string>)}`,
  );
}

function findError(
  { code, iss, error }: AuthorizationResponse,
  expired: boolean,
  service: OfferedService,
): ErrorDefinition | undefined {
  if (!isExpectedIssuer(iss, service)) return errors.wrong_issuer;
  if (expired) return errors.expired;
  if (code !== undefined) return undefined;
  return error === undefined ? errors.no_code : errorReportedByService(error);
}

/** RFC 9207 §2.4: rejects a code that another authorization server issued. */
function isExpectedIssuer(iss: string | undefined, { issuer, issuerRequired }: OfferedService): boolean {
  if (iss === undefined) return !issuerRequired;
  return issuer === undefined || iss === issuer;
}

/** The app gets the error as well, unless the service has a window of its own, which cannot reach the app. */
function loginError(
  definition: ErrorDefinition,
  { transaction, waitingWindow }: Sealed["state"],
  context: ServiceContext,
): OAuthError {
  if (waitingWindow !== undefined) return new OAuthError(definition);
  return new OAuthError(definition, reportError(transaction, new OAuthError(definition), context));
}

function toServiceCode(
  code: string,
  added: Partial<Record<string, string>>,
  { codeVerifier }: Sealed["state"],
  context: ServiceContext,
): ServiceCode {
  return {
    code,
    redirectUri: callbackUri(context),
    ...(codeVerifier === undefined ? {} : { codeVerifier }),
    ...(Object.keys(added).length === 0 ? {} : { parameters: added as Record<string, string> }),
  };
}

/** On to the page with the question, by way of the waiting window if there is one. */
function goToPage(
  { transaction, browser, waitingWindow }: Sealed["state"],
  serviceCode: ServiceCode | undefined,
  login: string,
  context: ServiceContext,
): Response {
  const { provider, service } = context;
  const content: Sealed["ticket"] = {
    transaction,
    browser,
    login,
    ...(serviceCode === undefined ? {} : { serviceCode }),
    ...(waitingWindow === undefined ? {} : { waitingWindow }),
  };
  const shared = {
    ticket: seal("ticket", content, context),
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
    ...identityOf(transaction),
    ...deliveryOf(transaction),
    unknownStart: false,
    canStartAgain: true,
  };
  if (waitingWindow === undefined) return redirectToPage(provider, "/confirm", question);
  return redirectToPage(provider, "/returned", { waitingWindow: waitingWindow, service: shared.service, question });
}

/** Which app is asking or, if only the browser can tell, how our page finds out. */
function appOf(
  transaction: Exclude<Transaction, SignOutTransaction>,
): Pick<Question, "origin" | "claimedHost"> | Pick<UnnamedQuestion, "handshake" | "claimedHost"> {
  if (transaction.dialect !== "cms") return { origin: transaction.appOrigin };
  const { claimedHost, appOrigin, word } = transaction;
  const app = appOrigin === undefined ? { handshake: handshakeFor(word) } : { origin: appOrigin };
  return { ...app, ...(claimedHost === undefined ? {} : { claimedHost }) };
}

/** What the app will know about the user, if it gets an ID token. */
function identityOf(transaction: Transaction): Pick<Question, "identity"> {
  const isAsked = transaction.dialect === "oauth" && transaction.identity !== undefined;
  return isAsked ? { identity: transaction.identity!.scopes } : {};
}

function deliveryOf(transaction: Transaction): Pick<Question, "delivery" | "redirectUri"> {
  const byNavigation =
    transaction.dialect === "oauth" ? transaction.responseMode === "query" : transaction.dialect === "trial";
  const redirectUri = redirectUriOf(transaction);
  return { delivery: byNavigation ? "navigation" : "message", ...(redirectUri === undefined ? {} : { redirectUri }) };
}
