import * as errors from "../answers/error-catalogue.ts";
import type { ErrorDefinition } from "../answers/errors.ts";
import { OAuthError } from "../answers/errors.ts";
import {
  hintedUser,
  openidScopesOf,
  reasonAgainstAudience,
  reasonAgainstIdTokens,
  withServiceScopes,
} from "../identity/openid.ts";
import type { OfferedService } from "../provider/provider.ts";
import { isOwnOrigin, readApp } from "../provider/provider.ts";
import type { OpenidScope } from "../provider/service.ts";
import { MAX_URL_CHARACTERS, pickParameters } from "../request/parameters.ts";
import { isCodeChallenge, isThumbprint } from "../request/pkce.ts";
import { checkRedirectUri, mayCarryAddress } from "../request/redirect-uri.ts";
import { readReferer } from "../request/referer.ts";
import { asksForOfflineAccess, readScopes } from "../request/scopes.ts";
import { fitsIntoCookies } from "../sealing/login-cookies.ts";
import type { OAuthTransaction } from "../sealing/transaction.ts";
import type { LoginContext } from "../upstream/authorization-request.ts";
import { readHints } from "../upstream/hints.ts";
import type { ReturnAddress } from "./delivery.ts";
import { deliverResponse } from "./delivery.ts";

/** Reads the authorization requests of standard OAuth clients. */

export const OAUTH_PARAMETERS = [
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
  "nonce",
  "max_age",
  "request",
  "request_uri",
] as const;

/** Longer than what apps write themselves: the app repeats an ID token. */
const LONG_PARAMETERS = ["id_token_hint"] as const;

/** An authorization request (RFC 6749 §4.1.1), as an app sent it. */
export type AuthorizationRequest = Partial<
  Record<(typeof OAUTH_PARAMETERS)[number] | (typeof LONG_PARAMETERS)[number], string>
>;

/** @throws {OAuthError} `duplicate_parameter`, `oversized_parameter` */
export function pickOAuthParameters(search: URLSearchParams): AuthorizationRequest {
  return {
    ...pickParameters(search, OAUTH_PARAMETERS),
    ...pickParameters(search, LONG_PARAMETERS, MAX_URL_CHARACTERS),
  };
}

/**
 * Reads an authorization request. It first checks where an answer may go: only then can the app get the later errors.
 *
 * @param forResource whether the app asks for a token for another server
 */
export function readOAuthRequest(
  parameters: AuthorizationRequest,
  forResource: boolean,
  context: LoginContext,
): OAuthTransaction {
  const { service } = context;
  const returnAddress = readReturnAddress(parameters, context);
  const fail = (definition: ErrorDefinition): OAuthError => appError(definition, returnAddress, context);

  if (parameters.response_type !== "code") throw fail(errors.unsupported_response_type);
  if (forResource) throw fail(errors.invalid_target);
  const { code_challenge: codeChallenge, code_challenge_method: method, dpop_jkt: thumbprint } = parameters;
  // Always required, and never plain: whoever sees the code could redeem it.
  if (codeChallenge === undefined || !isCodeChallenge(codeChallenge) || method !== "S256") {
    throw fail(errors.invalid_code_challenge);
  }
  if (thumbprint !== undefined && !isThumbprint(thumbprint)) throw fail(errors.invalid_dpop_jkt);
  const identityScopes = openidScopesOf(parameters.scope, context);
  const reason = identityScopes.length === 0 ? undefined : reasonAgainstIdentity(parameters, returnAddress, context);
  if (reason) throw fail(reason);
  const scopes = readScopes(withServiceScopes(parameters.scope, identityScopes, service), service);
  if (!scopes) throw fail(errors.invalid_scope);
  const transaction: OAuthTransaction = {
    dialect: "oauth",
    ...returnAddress,
    clientId: parameters.client_id!,
    codeChallenge,
    scopes,
    ...(thumbprint === undefined ? {} : { thumbprint }),
    ...(wantsRefreshToken(parameters, service) ? { offline: true } : {}),
    ...identityOf(identityScopes, parameters, context),
    hints: readHints(parameters, service),
  };
  // Checked now, and not when the service has sent the user back.
  if (!fitsIntoCookies(transaction)) throw fail(errors.oversized_login);
  return transaction;
}

/** Why an app that asks for `openid` gets no ID token. */
function reasonAgainstIdentity(
  parameters: AuthorizationRequest,
  { appOrigin }: ReturnAddress,
  context: LoginContext,
): ErrorDefinition | undefined {
  const {
    client_id: clientId = "",
    max_age: maxAge,
    request,
    request_uri: requestUri,
    id_token_hint: hint,
  } = parameters;
  const reason = reasonAgainstIdTokens(context) ?? reasonAgainstAudience({ clientId, appOrigin }, context.provider);
  if (reason) return reason;
  // Ignored, each of these would let the app believe something that is not so.
  if (request !== undefined) return errors.request_not_supported;
  if (requestUri !== undefined) return errors.request_uri_not_supported;
  if (maxAge !== undefined) return errors.unsupported_max_age;
  const isUnusable = hint !== undefined && hintedUser(hint, context) === undefined;
  return isUnusable ? errors.unusable_id_token_hint : undefined;
}

function identityOf(
  scopes: OpenidScope[],
  { nonce, id_token_hint: hint }: AuthorizationRequest,
  context: LoginContext,
): Pick<OAuthTransaction, "identity"> {
  if (scopes.length === 0) return {};
  const sub = hint === undefined ? undefined : hintedUser(hint, context);
  return { identity: { scopes, ...(nonce === undefined ? {} : { nonce }), ...(sub === undefined ? {} : { sub }) } };
}

/** Who is asking, and where the answer goes. Errors here have no safe address yet, so the app does not get them. */
function readReturnAddress(parameters: AuthorizationRequest, { provider }: LoginContext): ReturnAddress {
  const app = readApp(provider, parameters.client_id);
  const { redirect_uri: redirectUri, response_mode: responseMode = "query", state } = parameters;
  if (responseMode !== "query" && responseMode !== "web_message") {
    throw new OAuthError(errors.unsupported_response_mode);
  }
  if (redirectUri === undefined && responseMode === "query") throw new OAuthError(errors.invalid_redirect_uri);
  const appOrigin =
    redirectUri === undefined ? app.origin : checkRedirectUri(redirectUri, parameters.client_id!).origin;
  // On loopback addresses the port may differ from that of client_id, and it could be ours.
  if (isOwnOrigin(provider, appOrigin)) throw new OAuthError(errors.invalid_redirect_uri);
  // The owner's list of apps applies to where the answer goes, and the port of client_id may be another one.
  readApp(provider, appOrigin);
  // A message goes to the origin of client_id, so its port must be the same.
  if (responseMode === "web_message" && appOrigin !== app.origin) throw new OAuthError(errors.invalid_redirect_uri);
  return {
    appOrigin,
    responseMode,
    ...(redirectUri === undefined ? {} : { redirectUri }),
    ...(state === undefined ? {} : { state }),
  };
}

/**
 * Whether the login is for a refresh token, too. Apps ask by `dpop_jkt` (RFC 9449 §10) or, if the owner allows refresh tokens
 * without a key, by `offline_access`. RFC 6749 §5.1 lets us decide, so the owner can include apps that ask for nothing.
 */
function wantsRefreshToken({ dpop_jkt: thumbprint, scope }: AuthorizationRequest, service: OfferedService): boolean {
  if (service.refreshTokens === "none") return false;
  if (service.refreshForEveryApp) return true;
  return thumbprint !== undefined || (service.refreshWithoutDpop && asksForOfflineAccess(scope));
}

/** Browsers write Referer. A page can leave it out, but it cannot claim another origin. */
export function isStartedByApp(appOrigin: string, request: Request): boolean {
  return readReferer(request)?.origin === appOrigin;
}

/** A page of the app started the login, and its redirect URI cannot contain another address. */
export function isSafeReturn({ appOrigin, redirectUri }: ReturnAddress, request: Request): boolean {
  return isStartedByApp(appOrigin, request) && (redirectUri === undefined || !mayCarryAddress(redirectUri));
}

/** An error that the app gets as well, unless somebody could use that to send users to another site. */
export function appError(definition: ErrorDefinition, to: ReturnAddress, context: LoginContext): OAuthError {
  const byMessage = to.responseMode === "web_message";
  if (!byMessage && !isSafeReturn(to, context.request)) return new OAuthError(definition);
  const { error, description } = new OAuthError(definition);
  const response = { error, error_description: description };
  return new OAuthError(definition, deliverResponse(to, response, byMessage, context));
}
