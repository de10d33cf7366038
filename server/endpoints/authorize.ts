import { randomBytes } from "node:crypto";
import type { HoldingQuestion } from "../../shared/question.ts";
import { asksForOfflineAccess, readScopes } from "../../shared/scopes.ts";
import * as reasons from "../answers/error-catalogue.ts";
import type { Reason } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import { person } from "../answers/page-errors.ts";
import { jsonAnswer, pageAddress, redirectToApp, redirectToPage, redirectToService } from "../answers/responses.ts";
import { nameCms, readCmsRequest } from "../dialects/cms.ts";
import type { ReturnAddress } from "../dialects/delivery.ts";
import { deliverResponse, reportRefusal } from "../dialects/delivery.ts";
import { isMadataRequest, madataRefusal, readMadataState } from "../dialects/madata.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { isOwnAddress, readApp, serviceById } from "../provider/provider.ts";
import { namesResource, pickParameters, readJson } from "../request/parameters.ts";
import { isCodeChallenge, isThumbprint } from "../request/pkce.ts";
import { checkRedirectUri, mayCarryAddress } from "../request/redirect-uri.ts";
import { readReferer } from "../request/referer.ts";
import { requireSameOrigin } from "../request/same-origin.ts";
import { bindBrowser } from "../sealing/browser-binding.ts";
import { forgetLogin } from "../sealing/login-cookies.ts";
import { seal } from "../sealing/seal.ts";
import type {
  CmsTransaction,
  MadataTransaction,
  OAuthTransaction,
  Sealed,
  SignOutTransaction,
  Transaction,
} from "../sealing/transaction.ts";
import { fitsIntoCookies, openBound } from "../sealing/transaction.ts";
import { authorizationRequest } from "../upstream/authorization-request.ts";
import { forbidsPages, readHints } from "../upstream/hints.ts";

/** The authorization endpoint (RFC 6749 §3.1): starts a login and sends the browser to the service. */
export const authorize: Endpoint = {
  name: "authorize",
  audience: person,
  methods: { GET: begin, POST: continueFromOurPage },
};

const PARAMETERS = [
  "client_id",
  "redirect_uri",
  "response_type",
  "response_mode",
  "scope",
  "state",
  "code_challenge",
  "code_challenge_method",
  "dpop_jkt",
  "prompt",
  "login_hint",
] as const;

type AuthorizationRequest = Partial<Record<(typeof PARAMETERS)[number], string>>;

interface Context {
  request: Request;
  provider: Provider;
  service: OfferedService;
}

async function begin(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  // `/auth`, where a CMS names the service in the query.
  if (path.service === undefined) return beginForCms(request, provider);
  const service = serviceById(provider, path.service);
  if (service.authorizationEndpoint === undefined) throw new OAuthError(reasons.service_without_authorization_endpoint);
  const context = { request, provider, service };

  const search = new URL(request.url).searchParams;
  // A service with a loose redirect URI rule could be made to send its code here [A9].
  if (search.has("code")) throw new OAuthError(reasons.unexpected_parameter);
  const parameters = pickParameters(search, PARAMETERS);

  if (isMadataRequest(parameters, provider, service))
    return goToService(readMadataRequest(parameters, context), context);

  const transaction = readOAuthRequest(parameters, namesResource(search), context);
  if (forbidsPages(parameters.prompt)) return refuseSilently(transaction, context);
  if (transaction.redirectUri === undefined || isVouchedFor(transaction, request)) {
    return goToService(transaction, context);
  }

  // The start rule: nobody registered this redirect URI, so a person looks at it first, unless a page of the app is known
  // to have started this. A redirector of the app is such a page as well, so one that may carry another address never
  // goes on by itself; and where nobody is known to have started this, it does not go on at all [A18][A21].
  if (!isStartedBy(transaction.appOrigin, request) && mayCarryAddress(transaction.redirectUri)) {
    throw refusal(reasons.unattested_redirect_uri, transaction, context);
  }
  const { browser, setCookie } = bindBrowser(request, provider);
  const question = {
    request: seal("request", { transaction, browser }, context),
    origin: transaction.appOrigin,
    redirectUri: transaction.redirectUri,
    service: service.id,
  };
  return redirectToPage(provider, "/start", question, [setCookie]);
}

/**
 * Nobody is logged in without a click here, so `prompt=none` has one answer (OpenID Connect Core §3.1.2.6). Mostly a hidden
 * frame waits for it, where there is nobody to click: it goes by itself, but only to a plain page of the app whose page is
 * known to have asked, and everybody else sees why [A43].
 */
function refuseSilently(transaction: OAuthTransaction, context: Context): Response {
  const refused = refusal(reasons.login_required, transaction, context);
  if (refused.answer === undefined || !("location" in refused.answer)) throw refused;
  return redirectToApp(refused.answer.location);
}

function beginForCms(request: Request, provider: Provider): Response {
  const search = new URL(request.url).searchParams;
  if (search.has("code")) throw new OAuthError(reasons.unexpected_parameter);
  const { service, transaction } = readCmsRequest(search, provider);
  // Nothing to ask before: a message to its window is all that this can end in.
  return goToService(transaction, { request, provider, service });
}

/** To the service: in this window or, where the service would cut it off from the waiting app, in one of its own. */
function goToService(transaction: Transaction, context: Context): Response {
  const { request, provider, service } = context;
  const { browser, setCookie } = bindBrowser(request, provider);
  if (needsHoldingWindow(transaction, service)) {
    return redirectToPage(provider, "/waiting", holdingQuestion(transaction, browser, context), [setCookie]);
  }
  const { location, setCookies } = authorizationRequest(transaction, { browser }, context);
  return redirectToService(location, [setCookie, ...setCookies]);
}

function needsHoldingWindow(transaction: Transaction, { opener }: OfferedService): boolean {
  return opener === "cut" && needsOpener(transaction);
}

function holdingQuestion(transaction: Transaction, browser: string, context: Context): HoldingQuestion {
  const holding = randomBytes(16).toString("base64url");
  const origin = "appOrigin" in transaction ? transaction.appOrigin : undefined;
  return {
    request: seal("request", { transaction, browser, holding }, context),
    holding,
    service: context.service.id,
    ...(origin === undefined ? {} : { origin }),
  };
}

/** The result can travel in no other way than by a message to the window that opened ours. */
function needsOpener(transaction: Transaction): boolean {
  if (transaction.dialect === "oauth") return transaction.redirectUri === undefined;
  return transaction.dialect !== "sign-out";
}

/** What our own pages send: the start page, the holding window, the question, and "Sign out everywhere" on the home page. */
async function continueFromOurPage(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  requireSameOrigin(request, provider);
  const service = serviceById(provider, path.service);
  const context = { request, provider, service };
  const body = await readJson(request);
  if (body.signOut === true) return beginSignOut(context);
  if (body.ticket !== undefined) return startAgain(body, context);
  const { content, expired } = openBound("request", body.request, request, context);
  if (body.cancel === true) return cancel(content, context);
  if (expired) throw new OAuthError(reasons.expired);
  const { transaction, ...bound } = content;
  const { location, setCookies } = authorizationRequest(transaction, bound, context);
  return jsonAnswer({ location }, setCookies);
}

/** The person has thought better of it in the holding window, and an app waits to hear that. */
function cancel({ transaction, holding }: Sealed["request"], { provider, service }: Context): Response {
  // On the start page nobody has attested yet that the redirect URI is the app's.
  if (holding === undefined) throw new OAuthError(reasons.invalid_state);
  const refused = { error: "access_denied", description: "The user did not log in." };
  return jsonAnswer(reportRefusal(transaction, refused, provider, service) ?? {});
}

/**
 * The time to answer the question is over, or nearly, because the service's code lives no longer: the same login once more.
 * It ends in the same question, so this releases nothing, and an old ticket is good for no more than this.
 */
function startAgain({ ticket, origin }: Record<string, unknown>, context: Context): Response {
  const { request, provider, service } = context;
  const { content } = openBound("ticket", ticket, request, context);
  // What an app has asked the service for by itself, nobody here can ask for (root Madata).
  if (content.login === undefined) throw new OAuthError(reasons.invalid_state);
  const transaction =
    content.transaction.dialect === "cms" ? nameAgain(content.transaction, origin, provider) : content.transaction;
  const { browser, setCookie } = bindBrowser(request, provider);
  const over = forgetLogin(content.login, request, provider);
  if (needsHoldingWindow(transaction, service)) {
    const location = pageAddress(provider, "/waiting", holdingQuestion(transaction, browser, context));
    return jsonAnswer({ location }, [setCookie, ...over]);
  }
  const { location, setCookies } = authorizationRequest(transaction, { browser }, context);
  // The login that is over may be the oldest as well, which makes room for the new one.
  return jsonAnswer({ location }, [...new Set([setCookie, ...over, ...setCookies])]);
}

/** The CMS as the page knows it from the handshake; of one that has not answered yet, nothing was shown. */
function nameAgain(transaction: CmsTransaction, origin: unknown, provider: Provider): CmsTransaction {
  if (typeof origin !== "string") throw new OAuthError(reasons.not_what_was_shown);
  return nameCms(transaction, origin, provider);
}

/**
 * "Sign out everywhere": the person logs in once more, so that there is a token to end the grant with. Only a page of
 * ours can begin this, and no app is told anything [A44].
 */
function beginSignOut(context: Context): Response {
  const { request, provider, service } = context;
  if (!canEndGrant(service)) return jsonAnswer(service.manageUrl === undefined ? {} : { manageUrl: service.manageUrl });
  const transaction: SignOutTransaction = { dialect: "sign-out", scopes: service.defaultScopes };
  const { browser, setCookie } = bindBrowser(request, provider);
  const { location, setCookies } = authorizationRequest(transaction, { browser }, context);
  return jsonAnswer({ location }, [setCookie, ...setCookies]);
}

/** With an access token, which is all that such a login brings. */
function canEndGrant({ authorizationEndpoint, grantRevocation }: OfferedService): boolean {
  return (
    authorizationEndpoint !== undefined &&
    grantRevocation !== undefined &&
    grantRevocation.tokenKind !== "refresh_token"
  );
}

/** Guards in the order that makes later errors safe to report: first who asks and where to answer, then the rest. */
function readOAuthRequest(parameters: AuthorizationRequest, forResource: boolean, context: Context): OAuthTransaction {
  const { provider, service } = context;
  const app = readApp(provider, parameters.client_id);
  const clientId = parameters.client_id!;
  const { redirect_uri: redirectUri, response_mode: responseMode = "query", state } = parameters;
  if (responseMode !== "query" && responseMode !== "web_message")
    throw new OAuthError(reasons.unsupported_response_mode);
  if (redirectUri === undefined && responseMode === "query") throw new OAuthError(reasons.invalid_redirect_uri);
  const appOrigin = redirectUri === undefined ? app.origin : checkRedirectUri(redirectUri, clientId).origin;
  // On loopback the ports may differ, and one of them may be ours.
  if (isOwnAddress(provider, appOrigin)) throw new OAuthError(reasons.invalid_redirect_uri);
  // The owner's list is about where the answer goes: of a program, that need not be the port of client_id [A58].
  readApp(provider, appOrigin);
  // A message goes to the origin of client_id, so there the port is not free.
  if (responseMode === "web_message" && appOrigin !== app.origin) throw new OAuthError(reasons.invalid_redirect_uri);

  const returnAddress: ReturnAddress = {
    appOrigin,
    responseMode,
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(state === undefined ? {} : { state }),
  };
  if (parameters.response_type !== "code") throw refusal(reasons.unsupported_response_type, returnAddress, context);
  if (forResource) throw refusal(reasons.invalid_target, returnAddress, context);
  const { code_challenge: codeChallenge, code_challenge_method: method } = parameters;
  // Always, and never plain: a downgrade would hand the code to whoever sees it [A24].
  if (codeChallenge === undefined || !isCodeChallenge(codeChallenge) || method !== "S256") {
    throw refusal(reasons.invalid_code_challenge, returnAddress, context);
  }
  const { dpop_jkt: thumbprint } = parameters;
  if (thumbprint !== undefined && !isThumbprint(thumbprint))
    throw refusal(reasons.invalid_dpop_jkt, returnAddress, context);
  const scopes = readScopes(parameters.scope, service);
  if (!scopes) throw refusal(reasons.invalid_scope, returnAddress, context);
  const transaction: OAuthTransaction = {
    dialect: "oauth",
    ...returnAddress,
    clientId,
    codeChallenge,
    scopes,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(wantsRefreshToken(parameters, service) ? { offline: true } : {}),
    hints: readHints(parameters, service),
  };
  // Before the person logs in, not when the service has sent it back.
  if (!fitsIntoCookies(transaction)) throw refusal(reasons.oversized_login, returnAddress, context);
  return transaction;
}

/**
 * With `dpop_jkt` (RFC 9449 §10), or with the scope `offline_access` where the owner allows refresh tokens that are bound
 * to no key [A29].
 */
function wantsRefreshToken({ dpop_jkt: thumbprint, scope }: AuthorizationRequest, service: OfferedService): boolean {
  if (service.refreshTokens === "none") return false;
  return thumbprint !== undefined || (service.refreshWithoutDpop && asksForOfflineAccess(scope));
}

/** Madata's clients with their `oAuth` pointed at us: their parameters, our cookie and our PKCE. */
function readMadataRequest(parameters: AuthorizationRequest, { provider, service }: Context): MadataTransaction {
  const { appOrigin, backend } = readMadataState(parameters.state, provider);
  // One switch for both ways of that dialect [A23].
  if (!service.madata) throw madataRefusal(reasons.unknown_service, { appOrigin, backend });
  if (backend !== service.key) throw new OAuthError(reasons.invalid_app_state);
  // Some of its clients name no scope and count on what the service then gives, which need not be our default.
  const scopes = parameters.scope === undefined ? null : readScopes(parameters.scope, service);
  if (scopes === undefined) throw new OAuthError(reasons.invalid_scope);
  return { dialect: "madata", appOrigin, backend, scopes };
}

/** Browsers write Referer; a page can leave it out, but it cannot claim another origin's. */
function isStartedBy(appOrigin: string, request: Request): boolean {
  return readReferer(request)?.origin === appOrigin;
}

/** A page of the app started this, and its redirect URI is a plain page. */
function isVouchedFor({ appOrigin, redirectUri }: ReturnAddress, request: Request): boolean {
  return isStartedBy(appOrigin, request) && (redirectUri === undefined || !mayCarryAddress(redirectUri));
}

/** An error that the app is told about as well, where that cannot be used to send people somewhere [A43]. */
function refusal(reason: Reason, to: ReturnAddress, { request, provider, service }: Context): OAuthError {
  const byMessage = to.responseMode === "web_message";
  if (!byMessage && !isVouchedFor(to, request)) return new OAuthError(reason);
  const { error, description } = new OAuthError(reason);
  const response = { error, error_description: description };
  return new OAuthError(reason, deliverResponse(to, response, byMessage, provider, service));
}
