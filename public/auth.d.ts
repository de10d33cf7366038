/**
 * Types of `auth.js`, which every auth provider serves. To use them, save this file in your project and say so in its
 * tsconfig.json:
 *
 *     "paths": { "https://auth.example.com/auth.js": ["./types/auth.d.ts"] }
 */

export interface AuthOptions {
  /** The service's id at the auth provider: `github`, `google`, … */
  service: string;
  /** What the app needs, in the service's words, separated by spaces. Default: the least that identifies the user. */
  scope?: string;
  /** Origin of the auth provider. Default: where the module was loaded from. */
  authProvider?: string;
  /** A page of the app that loads the module. Default: the page where `login()` is called. */
  redirectUri?: string;
  /** Default: `popup`, but `redirect` on phones and in installed web apps, where popups get lost. */
  mode?: LoginMode;
  /** `false`: no refresh token, so the login ends with its access token. */
  refresh?: boolean;
  /** A name for the app, where several share an origin (`name.github.io/a`, `/b`) but not a login. */
  app?: string;
}

export interface LoginOptions {
  /** Shows nothing. */
  passive?: boolean;
  /** For this login. Default: as for the object. */
  mode?: LoginMode;
  /** What the service is to show, where it can: `select_account`, `login` or `consent` (OpenID Connect Core §3.1.2.1). */
  prompt?: string;
  /** Whom the app expects, for services that take a hint: a user name or an email address. */
  loginHint?: string;
}

export interface TokenOptions {
  /** The access token that `token()` gave before is dead, whatever its time says: the service has refused it. */
  refresh?: boolean;
}

/** In a window of its own, or by leaving the page and coming back. */
export type LoginMode = "popup" | "redirect";

/** The same words for every service. Whatever else the auth provider tells (`id`, `email`, …) is there as well. */
export interface UserInfo {
  /** Never missing; empty only where the service tells nothing at all about its users. */
  username: string;
  name?: string;
  /** http(s) address of a picture. */
  avatar?: string;
  /** http(s) address of the profile page. */
  url?: string;
  [other: string]: any;
}

/**
 * One login of one service. Fires `mv-login` and `mv-logout` (CustomEvent, `detail.user`), also for what happens in
 * other tabs. A login that this browser remembers is there as soon as the object is.
 */
export declare class Auth extends EventTarget {
  constructor(options: AuthOptions);

  /** Pages that are only redirect pages call this; on all others, importing the module is enough. */
  static relay(): Promise<RelayOutcome>;

  readonly service: string;
  readonly scope: string | undefined;
  /** Origin of the auth provider; empty while it is not known. */
  get authProvider(): string;
  set authProvider(value: string);
  /** Who is logged in. */
  get user(): UserInfo | null;
  /** Why the user has no name: the service has not told their profile. The access token is good all the same. */
  get userError(): AuthError | null;
  /** What the user has allowed, in the service's words. */
  get scopes(): string[];
  /** When the access token ends; `null` where it has no known end. `token()` gets a new one where it can. */
  get expiresAt(): Date | null;

  /**
   * Asks the user to log in; call it straight from a click. With `passive`, nothing is shown: a login that this browser
   * remembers, or that has just come back to this page, is used, and otherwise the answer is `null`.
   *
   * @throws {AuthError}
   */
  login(options?: LoginOptions & { passive?: false }): Promise<UserInfo>;
  login(options: LoginOptions & { passive: true }): Promise<UserInfo | null>;
  login(options?: LoginOptions): Promise<UserInfo | null>;

  /**
   * Forgets the login in all tabs at once, and ends its tokens at the service where the service can do that.
   *
   * @throws {AuthError} `revocation_failed`: the login is forgotten, but the tokens are still good
   */
  logout(): Promise<void>;

  /**
   * An access token for the service's API that is good now, refreshed if need be.
   *
   * @throws {AuthError} `logged_out`, `session_expired`: the user has to log in (again); others: try again later
   */
  token(options?: TokenOptions): Promise<string>;
}

/**
 * - `none`: the address carries no response of ours
 * - `returned`: a login that left this tab is back; the `Auth` object that started it finishes it
 * - `relayed`: the page that waits has the response, and this window may be closed
 * - `unclaimed`: nobody waits for it any more
 */
export type RelayOutcome = "none" | "returned" | "relayed" | "unclaimed";

/** Every failure: `code` for programs, `message` for people. */
export declare class AuthError extends Error {
  readonly name: "AuthError";
  readonly code: AuthErrorCode;
  /** The HTTP status of the auth provider's answer, where there was one. */
  readonly status: number | undefined;
  constructor(code: AuthErrorCode, message: string, options?: ErrorOptions & { status?: number });
}

export type ClientErrorCode =
  | "closed"
  | "popup_blocked"
  | "superseded"
  | "timeout"
  | "unreachable"
  | "no_provider"
  | "unknown_service"
  | "invalid_response"
  | "wrong_issuer"
  | "insecure_context"
  | "storage_unavailable"
  | "logged_out"
  | "session_expired"
  | "use_dpop_nonce"
  | "revocation_failed";

/** A code of this client, or one that the auth provider sent (`access_denied`, `temporarily_unavailable`, …). */
export type AuthErrorCode = ClientErrorCode | "access_denied" | (string & {});
