import * as errors from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { pageErrors } from "../answers/page-errors.ts";
import {
  answerPrefetch,
  jsonResponse,
  redirectToApp,
  redirectToPage,
  redirectToService,
} from "../answers/responses.ts";
import { readCmsRequest } from "../dialects/cms.ts";
import { inWordsOfCms, pkceCmsWithoutService, popupCmsAtService } from "../dialects/cms-settings.ts";
import { reportError } from "../dialects/delivery.ts";
import { isMadataRequest, readMadataRequest } from "../dialects/madata.ts";
import { appError, isSafeReturn, isStartedByApp, pickOAuthParameters, readOAuthRequest } from "../dialects/oauth.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { serviceById } from "../provider/provider.ts";
import { namesResource, readJson } from "../request/parameters.ts";
import { mayCarryAddress } from "../request/redirect-uri.ts";
import { requireSameOrigin } from "../request/same-origin.ts";
import { bindBrowser } from "../sealing/browser-binding.ts";
import { seal } from "../sealing/seal.ts";
import type { OAuthTransaction, Sealed, SignOutTransaction, Transaction } from "../sealing/transaction.ts";
import { unsealForBrowser } from "../sealing/unseal-for-browser.ts";
import type { LoginContext } from "../upstream/authorization-request.ts";
import { authorizationRequest } from "../upstream/authorization-request.ts";
import { forbidsPages } from "../upstream/hints.ts";
import { mayMissOpener, needsWaitingWindow, waitingQuestion } from "../upstream/waiting-window.ts";
import { startAgain } from "./start-again.ts";
import { startTrial } from "./trial.ts";

/**
 * The authorization endpoint (RFC 6749 §3.1): starts a login and sends the browser to the service. Our own pages post to it
 * to continue, cancel or restart a login, or to start one of their own: to try it, or to sign out everywhere.
 */
export const authorize: Endpoint = {
  name: "authorize",
  errorFormat: pageErrors,
  answerBefore: answerPrefetch,
  methods: { GET: startLogin, POST: handlePageRequest },
};

async function startLogin(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  // `/auth`: a CMS names the service in the query.
  if (path.service === undefined) return startCmsLogin(request, provider);
  try {
    return await startLoginAt(request, provider, path);
  } catch (thrown) {
    throw inWordsOfCms(thrown, request);
  }
}

async function startLoginAt(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const search = new URL(request.url).searchParams;
  const mistake = popupCmsAtService(search);
  if (mistake) throw mistake;
  const service = serviceById(provider, path.service);
  if (service.authorizationEndpoint === undefined) throw new OAuthError(errors.service_without_authorization_endpoint);
  const context = { request, provider, service };

  // A service with a loose rule for redirect URIs could be made to send its code here.
  if (search.has("code")) throw new OAuthError(errors.unexpected_parameter);
  const parameters = pickOAuthParameters(search);
  if (isMadataRequest(parameters, context)) return goToService(readMadataRequest(parameters, context), context);

  const transaction = readOAuthRequest(parameters, namesResource(search), context);
  if (forbidsPages(parameters.prompt)) return answerWithoutPage(transaction, context);
  if (transaction.redirectUri === undefined || isSafeReturn(transaction, request)) {
    return goToService(transaction, context);
  }
  return askBeforeLogin(transaction, transaction.redirectUri, context);
}

/**
 * Nobody has registered this redirect URI, so the user looks at it first, unless a page of the app is known to have
 * started the login. An open redirector of the app counts as such a page, so a redirect URI that may contain another
 * address is never followed without a click. If it is also unknown who started the login, the login is refused.
 */
function askBeforeLogin(transaction: OAuthTransaction, redirectUri: string, context: LoginContext): Response {
  const { request, provider, service } = context;
  if (!isStartedByApp(transaction.appOrigin, request) && mayCarryAddress(redirectUri)) {
    throw appError(errors.unattested_redirect_uri, transaction, context);
  }
  const { browser, setCookie } = bindBrowser(request, provider);
  const question = {
    request: seal("request", { transaction, browser }, context),
    origin: transaction.appOrigin,
    redirectUri,
    service: service.id,
    ...(mayMissOpener(transaction, context) ? { inWaitingWindow: waitingQuestion(transaction, browser, context) } : {}),
  };
  return redirectToPage(provider, "/start", question, [setCookie]);
}

/**
 * The answer to `prompt=none`, which is always the same because nobody can log in here without a click (OpenID Connect
 * Core §3.1.2.6). A hidden frame usually waits for it, so the browser is redirected without a page, but only to a plain
 * page of the app that is known to have asked. Everybody else sees the error page, so that this is no open redirector.
 */
function answerWithoutPage(transaction: OAuthTransaction, context: LoginContext): Response {
  const error = appError(errors.login_required, transaction, context);
  if (error.answer === undefined || !("location" in error.answer)) throw error;
  return redirectToApp(error.answer.location);
}

function startCmsLogin(request: Request, provider: Provider): Response {
  const search = new URL(request.url).searchParams;
  if (search.has("code")) throw new OAuthError(errors.unexpected_parameter);
  const mistake = pkceCmsWithoutService(search);
  if (mistake) throw mistake;
  const { service, transaction } = readCmsRequest(search, provider);
  // No redirect URI to show first: the result can only be a message to the CMS's window.
  return goToService(transaction, { request, provider, service });
}

/** To the service or, if the login needs a waiting window, to the page of that window first. */
function goToService(transaction: Transaction, context: LoginContext): Response {
  const { request, provider } = context;
  const { browser, setCookie } = bindBrowser(request, provider);
  if (needsWaitingWindow(transaction, context)) {
    return redirectToPage(provider, "/waiting", waitingQuestion(transaction, browser, context), [setCookie]);
  }
  const { location, setCookies } = authorizationRequest(transaction, { browser }, context);
  return redirectToService(location, [setCookie, ...setCookies]);
}

/** A POST from one of our own pages: the start page, the waiting window, the question, the home page, or the one to try. */
async function handlePageRequest(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  requireSameOrigin(request, provider);
  const service = serviceById(provider, path.service);
  const context = { request, provider, service };
  const body = await readJson(request);
  if (body.signOut === true) return startSignOut(context);
  if (body.trial === true) return startTrial(context);
  if (body.ticket !== undefined) return startAgain(body, context);
  const { content, expired } = unsealForBrowser("request", body.request, request, context);
  if (body.cancel === true) return cancelLogin(content, context);
  if (expired) throw new OAuthError(errors.expired);
  const { transaction, ...bound } = content;
  const { location, setCookies } = authorizationRequest(transaction, bound, context);
  return jsonResponse({ location }, setCookies);
}

/** The user has cancelled the login in the waiting window, and an app needs an answer. */
function cancelLogin({ transaction, waitingWindow }: Sealed["request"], context: LoginContext): Response {
  // On the start page it is not known yet whether the redirect URI is the app's.
  if (waitingWindow === undefined) throw new OAuthError(errors.invalid_state);
  const cancelled = { error: "access_denied", description: "The user did not log in." };
  return jsonResponse(reportError(transaction, cancelled, context) ?? {});
}

/**
 * "Sign out everywhere": the user logs in once more, because a token is needed to revoke the grant. Only our own pages can
 * start this, and no app gets an answer.
 */
function startSignOut(context: LoginContext): Response {
  const { request, provider, service } = context;
  if (!canRevokeGrant(service)) {
    return jsonResponse(service.manageUrl === undefined ? {} : { manageUrl: service.manageUrl });
  }
  const transaction: SignOutTransaction = { dialect: "sign-out", scopes: service.defaultScopes };
  const { browser, setCookie } = bindBrowser(request, provider);
  const { location, setCookies } = authorizationRequest(transaction, { browser }, context);
  return jsonResponse({ location }, [setCookie, ...setCookies]);
}

function canRevokeGrant({ authorizationEndpoint, grantRevocation }: OfferedService): boolean {
  return authorizationEndpoint !== undefined && grantRevocation !== undefined;
}
