import { withQuery } from "../answers/query.ts";
import type { FieldOf } from "../provider/endpoint-fields.ts";
import type { ServiceContext } from "../provider/provider.ts";
import { callbackUri } from "../provider/provider.ts";
import type { Service } from "../provider/service.ts";
import { codeChallengeOf, newCodeVerifier } from "../request/pkce.ts";
import { keepLogin } from "../sealing/login-cookies.ts";
import { seal } from "../sealing/seal.ts";
import type { BrowserBound, Transaction } from "../sealing/transaction.ts";
import { withHints } from "./hints.ts";
import { renameParameters } from "./service-request.ts";

/** A request to the authorization endpoint, and what its login is about. */
export interface LoginContext extends ServiceContext<FieldOf<"authorize">> {
  request: Request;
}

/** Where the browser goes to log in, and the cookies that the login needs. */
export interface AuthorizationRedirect {
  location: string;
  setCookies: string[];
}

/**
 * Our own authorization request to the service (RFC 6749 §4.1.1). It has its own PKCE pair, so that a code that somebody
 * puts into another login is not accepted.
 *
 * @param bound the browser, and the window in it, that must receive the answer
 */
export function authorizationRequest(
  transaction: Transaction,
  bound: BrowserBound,
  context: LoginContext,
): AuthorizationRedirect {
  const { request, provider, service } = context;
  const codeVerifier = service.codeChallengeMethod === "none" ? undefined : newCodeVerifier();
  const content = { transaction, ...bound, ...(codeVerifier === undefined ? {} : { codeVerifier }) };
  const { state, setCookies } = keepLogin(seal("state", content, context), request, provider);
  const offline = needsRefreshToken(transaction, service);
  const parameters = {
    response_type: "code",
    ...(service.responseMode === undefined ? {} : { response_mode: service.responseMode }),
    client_id: service.clientId,
    redirect_uri: callbackUri(context),
    state,
    ...scopeParameter([...(transaction.scopes ?? []), ...(offline ? service.offlineScopes : [])], service),
    ...challengeParameters(codeVerifier, service),
  };

  const constant = { ...service.authorizationParameters, ...(offline ? service.offlineParameters : {}) };
  const location = withQuery(service.authorizationEndpoint!, {
    ...withHints(constant, hintsOf(transaction)),
    ...renameParameters(parameters, service.authorizationParameterNames),
  });
  return { location, setCookies };
}

/** An app needs one to stay logged in, and "Sign out everywhere" if only a refresh token revokes the grant. */
function needsRefreshToken(transaction: Transaction, { grantRevocation }: Pick<Service, "grantRevocation">): boolean {
  if (transaction.dialect === "sign-out") return grantRevocation?.tokenKind === "refresh_token";
  return transaction.dialect === "oauth" && transaction.offline !== undefined;
}

function hintsOf(transaction: Transaction): Record<string, string> {
  return transaction.dialect === "oauth" ? (transaction.hints ?? {}) : {};
}

function scopeParameter(scopes: string[], { scopeSeparator }: Pick<Service, "scopeSeparator">): { scope?: string } {
  // An empty parameter is not the same as none (RFC 6749 §3.3).
  return scopes.length === 0 ? {} : { scope: [...new Set(scopes)].join(scopeSeparator) };
}

function challengeParameters(
  codeVerifier: string | undefined,
  { codeChallengeMethod }: Pick<Service, "codeChallengeMethod">,
): Record<string, string> {
  if (codeVerifier === undefined) return {};
  const challenge = codeChallengeMethod === "plain" ? codeVerifier : codeChallengeOf(codeVerifier);
  return { code_challenge: challenge, code_challenge_method: codeChallengeMethod };
}
