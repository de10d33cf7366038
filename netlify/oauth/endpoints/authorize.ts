import { bindingCookie, bindingDigest, newBinding, readBinding } from "../binding.ts";
import { deliverResponse } from "../delivery.ts";
import type { ReturnAddress } from "../delivery.ts";
import type { Endpoint, PathParameters } from "../endpoint.ts";
import { OAuthError } from "../errors.ts";
import type { Reason } from "../errors.ts";
import { isMadataRequest, readMadataState } from "../madata.ts";
import { pickParameters, readJson } from "../parameters.ts";
import { codeChallengeOf, isCodeChallenge, isThumbprint, newCodeVerifier } from "../pkce.ts";
import { callbackUri, readApp, serviceById } from "../provider.ts";
import type { OfferedService, Provider } from "../provider.ts";
import { showService } from "../question.ts";
import { checkRedirectUri } from "../redirect-uri.ts";
import { jsonAnswer, redirectToPage, redirectToService } from "../responses.ts";
import { requireSameOrigin } from "../same-origin.ts";
import { readScopes } from "../scopes.ts";
import { seal } from "../seal.ts";
import { openBound } from "../transaction.ts";
import type { MadataTransaction, OAuthTransaction, Transaction } from "../transaction.ts";

/** The authorization endpoint (RFC 6749 §3.1): starts a login and sends the browser to the service. */
export const authorize: Endpoint = {
  name: "authorize",
  audience: "person",
  methods: { GET: begin, POST: continueFromStartPage },
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
] as const;

type AuthorizationRequest = Partial<Record<(typeof PARAMETERS)[number], string>>;

interface Context {
  request: Request;
  provider: Provider;
  service: OfferedService;
}

async function begin(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  const service = serviceById(provider, path.service);
  if (service.authorizationEndpoint === undefined) throw new OAuthError("service_without_authorization_endpoint");
  const context = { request, provider, service };

  const search = new URL(request.url).searchParams;
  // A service with a loose redirect URI rule could be made to send its code here [A9].
  if (search.has("code")) throw new OAuthError("unexpected_parameter");
  const parameters = pickParameters(search, PARAMETERS);

  const known = readBinding(request, provider);
  const binding = known ?? newBinding();
  const browser = bindingDigest(binding);
  const setCookie = known === undefined ? bindingCookie(binding, provider) : undefined;

  if (isMadataRequest(parameters, provider, service)) {
    const transaction = readMadataRequest(parameters, context);
    return redirectToService(await authorizationRequestUrl(transaction, browser, context), setCookie);
  }

  const transaction = readOAuthRequest(parameters, context);
  if (transaction.redirectUri === undefined || isStartedBy(transaction.appOrigin, request)) {
    return redirectToService(await authorizationRequestUrl(transaction, browser, context), setCookie);
  }

  // The start rule: nobody registered this redirect URI and no page of the app is known to have started this, so a
  // person looks at the address first, and it may not be one that sends people on to another in its query [A18][A21].
  if (transaction.redirectUri.includes("?")) throw refusal("unattested_redirect_uri", transaction, context);
  const question = {
    request: await seal("request", { transaction, browser }, context),
    origin: transaction.appOrigin,
    redirectUri: transaction.redirectUri,
    service: showService(service),
  };
  return redirectToPage(provider, "/start", question, setCookie);
}

/** The click on the start page. */
async function continueFromStartPage(request: Request, provider: Provider, path: PathParameters): Promise<Response> {
  requireSameOrigin(request, provider);
  const service = serviceById(provider, path.service);
  const context = { request, provider, service };
  const { request: sealedRequest } = await readJson(request);
  const { content, expired } = await openBound("request", sealedRequest, request, context);
  if (expired) throw new OAuthError("expired");
  return jsonAnswer({ location: await authorizationRequestUrl(content.transaction, content.browser, context) });
}

/** Guards in the order that makes later errors safe to report: first who asks and where to answer, then the rest. */
function readOAuthRequest(parameters: AuthorizationRequest, context: Context): OAuthTransaction {
  const { provider, service } = context;
  const app = readApp(provider, parameters.client_id);
  const clientId = parameters.client_id!;
  const { redirect_uri: redirectUri, response_mode: responseMode = "query", state } = parameters;
  if (responseMode !== "query" && responseMode !== "web_message") throw new OAuthError("unsupported_response_mode");
  if (redirectUri === undefined && responseMode === "query") throw new OAuthError("invalid_redirect_uri");
  const appOrigin = redirectUri === undefined ? app.origin : checkRedirectUri(redirectUri, clientId).origin;
  // A message goes to the origin of client_id, so there the port is not free.
  if (responseMode === "web_message" && appOrigin !== app.origin) throw new OAuthError("invalid_redirect_uri");

  const returnAddress: ReturnAddress = {
    appOrigin,
    responseMode,
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(state === undefined ? {} : { state }),
  };
  if (parameters.response_type !== "code") throw refusal("unsupported_response_type", returnAddress, context);
  const { code_challenge: codeChallenge, code_challenge_method: method } = parameters;
  // Always, and never plain: a downgrade would hand the code to whoever sees it [A24].
  if (codeChallenge === undefined || !isCodeChallenge(codeChallenge) || method !== "S256") {
    throw refusal("invalid_code_challenge", returnAddress, context);
  }
  const { dpop_jkt: thumbprint } = parameters;
  if (thumbprint !== undefined && !isThumbprint(thumbprint)) throw refusal("invalid_dpop_jkt", returnAddress, context);
  const requested = readScopes(parameters.scope, service);
  if (!requested) throw refusal("invalid_scope", returnAddress, context);
  const { scopes, offline } = separateOffline(requested, thumbprint, service);
  return { dialect: "oauth", ...returnAddress, clientId, codeChallenge, scopes, ...(offline ? { offline } : {}) };
}

/**
 * Whether a refresh token is wanted: with `dpop_jkt` (RFC 9449 §10), or with the scope `offline_access` where the owner
 * allows refresh tokens that are bound to no key [A29]. What it takes to get one differs between services.
 */
function separateOffline(
  requested: string[],
  thumbprint: string | undefined,
  service: OfferedService,
): Pick<OAuthTransaction, "scopes" | "offline"> {
  const scopes = requested.filter((scope) => scope !== "offline_access");
  if (service.refreshTokens === "none") return { scopes };
  if (thumbprint !== undefined) return { scopes, offline: { thumbprint } };
  const wanted = scopes.length < requested.length;
  return wanted && service.refreshWithoutDpop ? { scopes, offline: {} } : { scopes };
}

/** Madata's clients with their `oAuth` pointed at us: their parameters, our cookie and our PKCE. */
function readMadataRequest(parameters: AuthorizationRequest, { provider, service }: Context): MadataTransaction {
  const { appOrigin, backend } = readMadataState(parameters.state, provider);
  if (backend !== service.key) throw new OAuthError("invalid_app_state");
  const scopes = readScopes(parameters.scope, service);
  if (!scopes) throw new OAuthError("invalid_scope");
  return { dialect: "madata", appOrigin, backend, scopes };
}

/** Browsers write Referer; a page can leave it out, but it cannot claim another origin's. */
function isStartedBy(appOrigin: string, request: Request): boolean {
  const referer = request.headers.get("referer") ?? "";
  return URL.canParse(referer) && new URL(referer).origin === appOrigin;
}

/** An error that the app is told about as well, where that cannot be used to send people somewhere [A43]. */
function refusal(reason: Reason, to: ReturnAddress, { request, provider, service }: Context): OAuthError {
  const byMessage = to.responseMode === "web_message";
  if (!byMessage && !isStartedBy(to.appOrigin, request)) return new OAuthError(reason);
  const { error, description } = new OAuthError(reason);
  const response = { error, error_description: description };
  return new OAuthError(reason, deliverResponse(to, response, byMessage, provider, service));
}

/** Our own authorization request to the service (RFC 6749 §4.1.1), with our own PKCE pair [A25]. */
async function authorizationRequestUrl(transaction: Transaction, browser: string, context: Context): Promise<string> {
  const { provider, service } = context;
  const codeVerifier = service.codeChallengeMethod === "none" ? undefined : newCodeVerifier();
  const content = { transaction, browser, ...(codeVerifier === undefined ? {} : { codeVerifier }) };
  const url = new URL(service.authorizationEndpoint!);
  const offline = transaction.dialect === "oauth" && transaction.offline !== undefined;
  const parameters: Record<string, string> = {
    ...service.authorizationParameters,
    ...(offline ? service.offlineParameters : {}),
    response_type: "code",
    client_id: service.clientId,
    redirect_uri: callbackUri(provider, service),
    state: await seal("state", content, context),
    ...scopeParameter([...(transaction.scopes ?? []), ...(offline ? service.offlineScopes : [])], service),
    ...challengeParameters(codeVerifier, service),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

function scopeParameter(scopes: string[], service: OfferedService): Record<string, string> {
  // An empty parameter is not the same as none (RFC 6749 §3.3).
  return scopes.length === 0 ? {} : { scope: scopes.join(service.scopeSeparator) };
}

function challengeParameters(codeVerifier: string | undefined, service: OfferedService): Record<string, string> {
  if (codeVerifier === undefined) return {};
  const challenge = service.codeChallengeMethod === "plain" ? codeVerifier : codeChallengeOf(codeVerifier);
  return { code_challenge: challenge, code_challenge_method: service.codeChallengeMethod };
}
