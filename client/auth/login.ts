import { dpopKey } from "./dpop.ts";
import { randomText, sha256 } from "./encoding.ts";
import { clientError } from "./errors.ts";
import type { Address, ServiceInfo } from "./provider.ts";
import { clientId, endpoint, fetchService } from "./provider.ts";

/** What the app asks for. */
export interface LoginRequest extends Address {
  scope?: string;
  /** A page of the app that loads this module. Without one, the answer comes by message. */
  redirectUri?: string;
  /** Which of several apps on this origin logs in. */
  app?: string;
  /** `prompt` and `login_hint` (OpenID Connect Core §3.1.2.1). */
  hints?: Record<string, string>;
  /** Whether to ask for a refresh token, where the service has any. */
  refresh: boolean;
}

/** One login in progress. The code verifier stays in this tab until the code is redeemed. */
export interface Login extends Address {
  state: string;
  codeVerifier: string;
  redirectUri?: string;
  scope?: string;
  app?: string;
  hints?: Record<string, string>;
  /** Of the key that the code is bound to (RFC 9449 §10). */
  thumbprint?: string;
}

/** Made before the click, because hashing is asynchronous and a browser lets a page open a window only during the click. */
export interface PreparedLogin {
  state: string;
  codeVerifier: string;
  codeChallenge: string;
  thumbprint?: string;
  info: ServiceInfo;
}

/** Tells our responses from those of other OAuth clients on the same page. */
const statePrefix = "auth-provider.";

export function isOurState(state: string): boolean {
  return state.startsWith(statePrefix);
}

export async function prepareLogin({ refresh, ...address }: Address & { refresh: boolean }): Promise<PreparedLogin> {
  if (!window.isSecureContext) throw clientError("insecure_context");
  const codeVerifier = randomText();
  const [info, codeChallenge] = await Promise.all([fetchService(address), sha256(codeVerifier)]);
  const key = refresh && info.refresh ? await dpopKey(address.provider) : undefined;
  return {
    state: statePrefix + randomText(),
    codeVerifier,
    codeChallenge,
    ...(key && { thumbprint: key.thumbprint }),
    info,
  };
}

export function startLogin(prepared: PreparedLogin, { refresh: _, ...request }: LoginRequest): Login {
  const { state, codeVerifier, thumbprint } = prepared;
  return { ...request, state, codeVerifier, ...(thumbprint !== undefined && { thumbprint }) };
}

/** The authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3). */
export function authorizationUrl(
  login: Login,
  { codeChallenge }: PreparedLogin,
  responseMode: "query" | "web_message",
): string {
  const url = new URL(endpoint("authorize", login));
  url.search = new URLSearchParams({
    ...login.hints,
    client_id: clientId(),
    ...(login.redirectUri !== undefined && { redirect_uri: login.redirectUri }),
    response_type: "code",
    response_mode: responseMode,
    state: login.state,
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    ...(login.scope !== undefined && { scope: login.scope }),
    ...(login.thumbprint !== undefined && { dpop_jkt: login.thumbprint }),
  }).toString();
  return url.href;
}
