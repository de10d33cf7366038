import type { IdentityRequest } from "../identity/openid.ts";

/**
 * A transaction is one login in progress. The server stores nothing: the transaction travels, sealed, from step to step.
 *
 *     authorize ──state──▶ cookies ──state──▶ callback ──ticket──▶ confirm ──code──▶ token
 *         └──request──▶ start page ──request──▶ authorize
 *
 * The service receives and returns only the handle of those cookies (`login-cookies.ts`).
 *
 * Some services separate their windows from ours. A page of ours then stays open as the *waiting window*, and the service
 * gets a window of its own. The ticket comes back from there with the id of the waiting window.
 */

/** A login that a standard OAuth client asked for. */
export interface OAuthTransaction {
  dialect: "oauth";
  /** The one value that is shown, sealed, posted to and compared. */
  appOrigin: string;
  scopes: string[];
  /** As the app wrote it: the token request must repeat it exactly. */
  clientId: string;
  /** Checked: it has the same origin as the client_id. Always present in mode `query`. */
  redirectUri?: string;
  responseMode: "query" | "web_message";
  /** The app's own state, returned byte for byte. */
  state?: string;
  /** S256 (RFC 7636). */
  codeChallenge: string;
  /** The DPoP key that the code must be redeemed with (RFC 9449 §10). */
  thumbprint?: string;
  /** The app gets a refresh token, and the question says so. Without it, no login ends in a refresh token. */
  offline?: true;
  /** The app gets an ID token, and the question says so. Without it, no login ends in an ID token. */
  identity?: IdentityRequest;
  /** Parameters that ask the service for an account or a page, as far as the service's record allows them. */
  hints?: Record<string, string>;
}

/** A login that one of Madata's clients asked for. The app's window gets the access token itself. */
export interface MadataTransaction {
  dialect: "madata";
  appOrigin: string;
  /** `null`: unknown, because the app named no scopes or opened the service itself. */
  scopes: string[] | null;
  /** The client's name for the service. The message to the client must repeat it. */
  backend: string;
}

/** A login that a CMS asked for. Which app it is becomes known when it answers our page's handshake. */
export interface CmsTransaction {
  dialect: "cms";
  scopes: string[];
  /** The CMS's own word for the service. Every message repeats it. */
  word: string;
  /** The host that the CMS claims to be on. Anybody can write it, so it only leads to a warning if it is another one. */
  claimedHost?: string;
  /** Known if the user has started the login again: a CMS answers the handshake only once. */
  appOrigin?: string;
}

/** A CMS that has answered the handshake. */
export type KnownCms = CmsTransaction & { appOrigin: string };

/** The user wants to revoke everything that they have allowed at the service. No app takes part. */
export interface SignOutTransaction {
  dialect: "sign-out";
  scopes: string[];
}

/**
 * A login that somebody tries on our own page. It is asked for like any other, with us in the place of the app, and its
 * token is used once, for the user's name, and leaves us only to be revoked.
 */
export interface TrialTransaction {
  dialect: "trial";
  /** Our own origin, and our own page: the user reads both, and No leads back there. */
  appOrigin: string;
  redirectUri: string;
  scopes: string[];
}

export type Transaction = OAuthTransaction | MadataTransaction | CmsTransaction | TrialTransaction | SignOutTransaction;

/** A login whose app is known, so that the app can get an answer. */
export type AppTransaction = OAuthTransaction | MadataTransaction | KnownCms | TrialTransaction;

/** Where the result may go by navigation, if anywhere. */
export function redirectUriOf(transaction: Transaction): string | undefined {
  return "redirectUri" in transaction ? transaction.redirectUri : undefined;
}

/** A code of the service that nobody has redeemed yet, with everything that is needed to redeem it. */
export interface ServiceCode {
  code: string;
  /** Our own, for the service. */
  codeVerifier?: string;
  /** As sent to the service's authorization endpoint (RFC 6749 §4.1.3). */
  redirectUri: string;
  /** What the service added to its response and wants repeated. */
  parameters?: Record<string, string>;
}

/** A service's refresh token, sealed for the app that may use it and the key that the app must prove. */
export interface RefreshGrant {
  refreshToken: string;
  clientId: string;
  appOrigin: string;
  scopes: string[];
  /** What the app may know about the user, and who that was: another user's profile never replaces it. */
  identity?: Pick<IdentityRequest, "scopes"> & { sub: string };
  /** The thumbprint of the DPoP key (RFC 7638). */
  thumbprint?: string;
  /** What the service added to its authorization response and wants repeated in every refresh. */
  parameters?: Record<string, string>;
  /** The end of its life, in seconds since 1970. Use and rotation never move it. */
  expiresAt: number;
}

/** What ties a value to one browser and, if there is one, to the waiting window in it. */
export interface BrowserBound {
  /** The digest of the binding cookie. */
  browser: string;
  /** The id of the window that waits while the service has a window of its own. */
  waitingWindow?: string;
}

/** The content of each kind of sealed value. Their lifetimes are in `lifetimes.ts`. */
export interface Sealed {
  /** On the start page, until the user clicks. */
  request: BrowserBound & { transaction: Transaction };
  /** In the browser's cookies, while the user is at the service. */
  state: BrowserBound & { transaction: Transaction; codeVerifier?: string };
  /** On the confirmation page, until the user decides. */
  ticket: BrowserBound & {
    transaction: Transaction;
    /** Absent if the service has refused. */
    serviceCode?: ServiceCode;
    /** The handle of the login's cookies; absent if the app opened the service itself (Madata). */
    login?: string;
  };
  /** The authorization code that the app gets. */
  code: { transaction: OAuthTransaction; serviceCode: ServiceCode };
  /** The refresh token that the app gets. */
  refresh: RefreshGrant;
  /** The nonce of a DPoP proof (RFC 9449 §8). Only the time of its sealing matters. */
  nonce: Record<string, never>;
}

export type SealedKind = keyof Sealed;
