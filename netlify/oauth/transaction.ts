import { isBoundTo } from "./binding.ts";
import { OAuthError } from "./errors.ts";
import { unseal } from "./seal.ts";
import type { SealingContext } from "./seal.ts";

/**
 * A transaction is one login in progress. It lives nowhere on the server: it travels, sealed, from step to step.
 *
 *     authorize ──state──▶ service ──state──▶ callback ──ticket──▶ confirm ──code──▶ token
 *         └──request──▶ start page ──request──▶ authorize
 */

/** A login that a standard OAuth client asked for. */
export interface OAuthTransaction {
  dialect: "oauth";
  /** The one value that is shown, sealed, posted to and compared. */
  appOrigin: string;
  scopes: string[];
  /** As the app wrote it: the token request must repeat it exactly. */
  clientId: string;
  /** Checked: same origin as the client_id. Always there in mode `query`. */
  redirectUri?: string;
  responseMode: "query" | "web_message";
  /** The app's own state, given back byte for byte. */
  state?: string;
  /** S256 (RFC 7636). */
  codeChallenge: string;
  /** A refresh token was asked for: bound to a key (RFC 9449 §10) or, where the owner allows that, to nothing. */
  offline?: { thumbprint?: string };
}

/** A login that one of Madata's clients asked for: the access token itself goes to the app's window. */
export interface MadataTransaction {
  dialect: "madata";
  appOrigin: string;
  /** `null`: the app opened the service by itself, so nobody here knows what it asked for. */
  scopes: string[] | null;
  /** The client's name for the service, which its message must repeat. */
  backend: string;
}

export type Transaction = OAuthTransaction | MadataTransaction;

/** A code that the service issued and that nobody has redeemed yet, with what redeeming it takes. */
export interface ServiceCode {
  code: string;
  /** Ours, towards the service. */
  codeVerifier?: string;
  /** As sent to the service's authorization endpoint (RFC 6749 §4.1.3). */
  redirectUri: string;
}

/** What each kind of sealed value holds. `browser` is the digest of the binding cookie. */
export interface Sealed {
  /** Waits on the start page for the person's click. */
  request: { transaction: OAuthTransaction; browser: string };
  /** Goes to the service and back as `state`. */
  state: { transaction: Transaction; codeVerifier?: string; browser: string };
  /** Waits on the confirmation page for the person's decision. No code: the service has refused. */
  ticket: { transaction: Transaction; serviceCode?: ServiceCode; browser: string; unknownStart?: true };
  /** The authorization code that the app gets. */
  code: { transaction: OAuthTransaction; serviceCode: ServiceCode };
  /** The refresh token that the app gets. */
  refresh: RefreshGrant;
}

/** A service's refresh token, sealed to the app that may use it and to the key that it must prove it has. */
export interface RefreshGrant {
  refreshToken: string;
  clientId: string;
  appOrigin: string;
  scopes: string[];
  /** RFC 7638 thumbprint of the DPoP key. */
  thumbprint?: string;
  /** The end of its life, in seconds since 1970. Using or rotating it never moves this [A29]. */
  expiresAt: number;
}

/**
 * Opens a value that this very browser must have been given. This comes before anything else is done with it: a sealed
 * value alone proves only that somebody, somewhere, began a login [A13].
 *
 * @throws {OAuthError} `invalid_state`, `other_browser`
 */
export async function openBound<Kind extends "request" | "state" | "ticket">(
  kind: Kind,
  value: unknown,
  request: Request,
  context: SealingContext,
): Promise<{ content: Sealed[Kind]; expired: boolean }> {
  const opened = typeof value === "string" ? await unseal(kind, value, context) : undefined;
  if (!opened) throw new OAuthError("invalid_state");
  if (!isBoundTo(request, context.provider, opened.content.browser)) throw new OAuthError("other_browser");
  return opened;
}

