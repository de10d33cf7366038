import * as reasons from "../answers/error-catalogue.ts";
import { OAuthError } from "../answers/errors.ts";
import { isBoundTo } from "./browser-binding.ts";
import { MAX_LOGIN_CHARACTERS } from "./login-cookies.ts";
import type { SealingContext } from "./seal.ts";
import { unseal } from "./seal.ts";

/**
 * A transaction is one login in progress. It lives nowhere on the server: it travels, sealed, from step to step.
 *
 *     authorize ──state──▶ cookies ──state──▶ callback ──ticket──▶ confirm ──code──▶ token
 *         └──request──▶ start page ──request──▶ authorize
 *
 * The service gets and gives back no more than the handle of those cookies (`login-cookies.ts`).
 * Where the service cuts its windows off from ours, the start page stays as the *holding window*: the service gets a
 * window of its own, and the ticket comes back from there under the holding window's id.
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
  /** The DPoP key that the code must be redeemed with (RFC 9449 §10). */
  thumbprint?: string;
  /** The service is asked for a refresh token, and the question says so: no other login ends in one [A29]. */
  offline?: true;
  /** Parameters by which the app asks the service for an account or a page, as far as its record allows them. */
  hints?: Record<string, string>;
}

/** A login that one of Madata's clients asked for: the access token itself goes to the app's window. */
export interface MadataTransaction {
  dialect: "madata";
  appOrigin: string;
  /** `null`: what the service gives to an app that names none, or whatever the app asked for when it opened the service
   * by itself. Nobody here knows what that is. */
  scopes: string[] | null;
  /** The client's name for the service, which its message must repeat. */
  backend: string;
}

/** A login that a CMS asked for. Which app that is turns out only when it answers the page's handshake [A8]. */
export interface CmsTransaction {
  dialect: "cms";
  scopes: string[];
  /** The CMS's own word for the service, which every message repeats. */
  word: string;
  /** The host that the CMS says it is on. Anybody can write it, so it is only ever compared, for a warning. */
  claimedHost?: string;
  /** Known from the first time, where the person has started again: a CMS answers the handshake once. */
  appOrigin?: string;
}

/** A CMS that has answered the handshake. */
export type KnownCms = CmsTransaction & { appOrigin: string };

/** The person wants to end what they have ever allowed at the service. No app takes part [A44]. */
export interface SignOutTransaction {
  dialect: "sign-out";
  scopes: string[];
}

export type Transaction = OAuthTransaction | MadataTransaction | CmsTransaction | SignOutTransaction;

/** A login whose app is known, so that it can be told something. */
export type AppTransaction = OAuthTransaction | MadataTransaction | KnownCms;

/** Where the result may travel by navigation, if it may. */
export function redirectUriOf(transaction: Transaction): string | undefined {
  return transaction.dialect === "oauth" ? transaction.redirectUri : undefined;
}

/** A code that the service issued and that nobody has redeemed yet, with what redeeming it takes. */
export interface ServiceCode {
  code: string;
  /** Ours, towards the service. */
  codeVerifier?: string;
  /** As sent to the service's authorization endpoint (RFC 6749 §4.1.3). */
  redirectUri: string;
  /** What the service added to its answer and wants repeated. */
  parameters?: Record<string, string>;
}

/**
 * What each kind of sealed value holds. `browser` is the digest of the binding cookie, `holding` the id of the window
 * that waits while the service has one of its own.
 */
export interface Sealed {
  /** Waits on the start page for the person's click. */
  request: { transaction: Transaction; browser: string; holding?: string };
  /** Waits in the browser's cookies while the person is at the service. */
  state: { transaction: Transaction; codeVerifier?: string; browser: string; holding?: string };
  /**
   * Waits on the confirmation page for the person's decision. No code: the service has refused. `login` is the handle of the
   * cookies that it was in before; absent where the app opened the service by itself (root Madata).
   */
  ticket: { transaction: Transaction; serviceCode?: ServiceCode; browser: string; holding?: string; login?: string };
  /** The authorization code that the app gets. */
  code: { transaction: OAuthTransaction; serviceCode: ServiceCode };
  /** The refresh token that the app gets. */
  refresh: RefreshGrant;
  /** What a DPoP proof repeats to show that it is new (RFC 9449 §8). When it was made is all that it says. */
  nonce: Record<string, never>;
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

/** What a sealed login holds besides the app's request: header, claims, our code verifier, browser and window. */
const OWN_BYTES = 704;

/** Four characters carry three bytes (base64url). */
const MAX_TRANSACTION_BYTES = Math.floor((MAX_LOGIN_CHARACTERS * 3) / 4) - OWN_BYTES;

/** Whether the app's request, whose parts are limited one by one, is small enough as a whole for the browser to keep. */
export function fitsIntoCookies(transaction: Transaction): boolean {
  return Buffer.byteLength(JSON.stringify(transaction)) <= MAX_TRANSACTION_BYTES;
}

/**
 * Opens a value that this very browser must have been given. This comes before anything else is done with it: a sealed
 * value alone proves only that somebody, somewhere, began a login [A13].
 *
 * @throws {OAuthError} `invalid_state`, `other_browser`
 */
export function openBound<Kind extends "request" | "state" | "ticket">(
  kind: Kind,
  value: unknown,
  request: Request,
  context: SealingContext,
): { content: Sealed[Kind]; expired: boolean } {
  const opened = typeof value === "string" ? unseal(kind, value, context) : undefined;
  if (!opened) throw new OAuthError(reasons.invalid_state);
  if (!isBoundTo(request, context.provider, opened.content.browser)) throw new OAuthError(reasons.other_browser);
  return opened;
}
