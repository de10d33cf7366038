import { withQuery } from "../answers/query.ts";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { callbackUri } from "../provider/provider.ts";
import type { Service } from "../provider/service.ts";
import { codeChallengeOf, newCodeVerifier } from "../request/pkce.ts";
import { keepLogin } from "../sealing/login-cookies.ts";
import { seal } from "../sealing/seal.ts";
import type { Sealed, Transaction } from "../sealing/transaction.ts";
import { withHints } from "./hints.ts";
import { renameParameters } from "./service-request.ts";

/** Where a login goes on, and the cookies that the browser needs there. */
export interface Onward {
  location: string;
  setCookies: string[];
}

/**
 * Our own authorization request to the service (RFC 6749 §4.1.1), with our own PKCE pair [A25].
 *
 * @param bound the browser, and the window in it, that the answer must come back to
 */
export function authorizationRequest(
  transaction: Transaction,
  bound: Pick<Sealed["state"], "browser" | "holding">,
  { request, provider, service }: { request: Request; provider: Provider; service: OfferedService },
): Onward {
  const codeVerifier = service.codeChallengeMethod === "none" ? undefined : newCodeVerifier();
  const content = { transaction, ...bound, ...(codeVerifier === undefined ? {} : { codeVerifier }) };
  const { state, setCookies } = keepLogin(seal("state", content, { provider, service }), request, provider);
  const offline = transaction.dialect === "oauth" && transaction.offline !== undefined;
  const parameters = {
    response_type: "code",
    ...(service.responseMode === undefined ? {} : { response_mode: service.responseMode }),
    client_id: service.clientId,
    redirect_uri: callbackUri(provider, service),
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

function hintsOf(transaction: Transaction): Record<string, string> {
  return transaction.dialect === "oauth" ? (transaction.hints ?? {}) : {};
}

function scopeParameter(scopes: string[], { scopeSeparator }: Service): { scope?: string } {
  // An empty parameter is not the same as none (RFC 6749 §3.3).
  return scopes.length === 0 ? {} : { scope: [...new Set(scopes)].join(scopeSeparator) };
}

function challengeParameters(
  codeVerifier: string | undefined,
  { codeChallengeMethod }: Service,
): Record<string, string> {
  if (codeVerifier === undefined) return {};
  const challenge = codeChallengeMethod === "plain" ? codeVerifier : codeChallengeOf(codeVerifier);
  return { code_challenge: challenge, code_challenge_method: codeChallengeMethod };
}
