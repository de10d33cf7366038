import { dpopKey } from "../auth/dpop.ts";
import { AuthError, clientError, hasCode } from "../auth/errors.ts";
import { withLock } from "../auth/lock.ts";
import type { Login, LoginRequest, PreparedLogin } from "../auth/login.ts";
import { authorizationUrl, prepareLogin, startLogin } from "../auth/login.ts";
import { findPendingLogin, forgetPendingLogin, savePendingLogin } from "../auth/pending.ts";
import { openPopup, rejectWhenClosed, waitForResponse } from "../auth/popup.ts";
import { Preparation } from "../auth/preparation.ts";
import type { Address } from "../auth/provider.ts";
import { fetchProfile, fetchTokens, revoke } from "../auth/provider.ts";
import type { RelayOutcome } from "../auth/relay.ts";
import { goBack, relayResponse } from "../auth/relay.ts";
import type { AuthorizationResponse } from "../auth/response.ts";
import { readCode } from "../auth/response.ts";
import type { Session } from "../auth/session.ts";
import { isExpired, loadSession, removeSession, saveSession, sessionKey, validIdToken } from "../auth/session.ts";
import type { UserInfo } from "../auth/user.ts";
import { areCookiesBlocked } from "../page/cookies.ts";
import { isFramed } from "../page/framed.ts";

export type { AuthErrorCode, ClientErrorCode } from "../auth/errors.ts";
export { AuthError } from "../auth/errors.ts";
export type { RelayOutcome } from "../auth/relay.ts";
export type { UserInfo } from "../auth/user.ts";

/**
 * `auth.js`: logs the users of a static web app in through an auth provider. Authorization code with PKCE (RFC 7636) in
 * a popup, or by leaving the page and coming back; refresh tokens bound to a key of this browser (RFC 9449).
 */

/** Which login an app wants. */
export interface AuthOptions {
  /** The service's id at the auth provider: `github`, `google`, … */
  service: string;
  /** The service's scopes, separated by spaces. Default: the least that identifies the user. */
  scope?: string;
  /** Origin of the auth provider. Default: where this module was loaded from. */
  authProvider?: string;
  /** A page of the app that loads this module. Default: the page where `login()` is called. */
  redirectUri?: string;
  /** Default: `popup`, but `redirect` on phones and in installed web apps, where popups do not work well. */
  mode?: LoginMode;
  /** `false`: no refresh token, so the login ends with its access token. */
  refresh?: boolean;
  /** A name for the app, if apps that share an origin (`name.github.io/a`, `/b`) should not share a login. */
  app?: string;
}

/** Options for one login. */
export interface LoginOptions {
  /** Opens no window and leaves no page. */
  passive?: boolean;
  /** For this login. Default: as for the object. */
  mode?: LoginMode;
  /** What the service should show, if it can: `select_account`, `login` or `consent` (OpenID Connect Core §3.1.2.1). */
  prompt?: string;
  /** Whom the app expects, for services that take a hint: a user name or an email address. */
  loginHint?: string;
}

/** Options for one access token or ID token. */
export interface TokenOptions {
  /** Gets a new token even if the last one has not expired, because the service has refused it. */
  refresh?: boolean;
}

type Hints = Pick<LoginOptions, "prompt" | "loginHint">;

/** In a window of its own, or by leaving the page and coming back. */
export type LoginMode = "popup" | "redirect";

/** How long the browser may take to leave this page. */
const leavingTimeoutMs = 60_000;
const maximumTimerMs = 2 ** 31 - 1;

/** If this page was loaded as a redirect page, its response is handed over before anything else happens. */
const relayed: Promise<RelayOutcome> = "document" in globalThis ? relayResponse() : Promise.resolve("none");

/**
 * One login of one service. Fires `mv-login` and `mv-logout` (CustomEvent, `detail.user`), also for what happens in
 * other tabs. A login that this browser remembers is available at once.
 */
export class Auth extends EventTarget {
  readonly service: string;
  readonly scope: string | undefined;
  readonly #options: AuthOptions;
  #provider: string | undefined;
  #session: Session | undefined;
  readonly #preparation = new Preparation(async () => {
    const { refresh = true } = this.#options;
    return await prepareLogin({ ...this.#address(), refresh });
  });
  /** Ends the wait of the previous login, whose window may still be open. */
  #waiting = new AbortController();
  /** A login that has come back to this page. */
  #returning: Promise<UserInfo> | undefined;
  #expiryTimer: ReturnType<typeof setTimeout> | undefined;
  /** The request for the profile, while it is running. */
  #profileRequest: Promise<void> | undefined;

  constructor(options: AuthOptions) {
    super();
    this.#options = options;
    this.service = options.service.toLowerCase();
    this.scope = options.scope;
    this.#provider = webOriginOf(options.authProvider ?? import.meta.url);
    this.#restore();
    this.#watchOtherTabs();
  }

  /** Only for pages that do nothing but receive the redirect. On other pages, importing the module is enough. */
  static async relay(): Promise<RelayOutcome> {
    const outcome = await relayed;
    if (outcome === "returned") goBack();
    return outcome;
  }

  /** Origin of the auth provider; empty while it is not known. */
  get authProvider(): string {
    return this.#provider ?? "";
  }

  set authProvider(value: string) {
    const provider = webOriginOf(value);
    if (provider === undefined) throw clientError("no_provider");
    if (provider === this.#provider) return;
    this.#provider = provider;
    this.#restore();
  }

  /** Who is logged in. */
  get user(): UserInfo | null {
    return this.#session?.user ?? null;
  }

  /** Why the profile could not be read, so that the user has no name. The access token works anyway. */
  get userError(): AuthError | null {
    const stored = this.#session?.userError;
    return stored === undefined ? null : new AuthError(stored.code, stored.message, stored);
  }

  /** The scopes that the user has granted. */
  get scopes(): string[] {
    return [...(this.#session?.scopes ?? [])];
  }

  /** When the access token expires; `null` if that is not known. `token()` gets a new one if it can. */
  get expiresAt(): Date | null {
    const expiresAtMs = this.#session?.expiresAtMs ?? null;
    return expiresAtMs === null ? null : new Date(expiresAtMs);
  }

  /**
   * Asks the user to log in. Call it directly in the handler of a click. With `passive`, nothing is shown: the result is
   * the user of a login that this browser remembers or that has just come back to this page, or `null`.
   *
   * @throws {AuthError}
   */
  login(options?: LoginOptions & { passive?: false }): Promise<UserInfo>;
  login(options: LoginOptions & { passive: true }): Promise<UserInfo | null>;
  login(options?: LoginOptions): Promise<UserInfo | null>;
  login({ passive = false, mode, ...hints }: LoginOptions = {}): Promise<UserInfo | null> {
    if (passive) return this.#logInSilently();
    this.#waiting.abort(clientError("superseded"));
    this.#waiting = new AbortController();
    this.#returning = undefined;
    // A frame may be blocked where windows are not.
    if (!isFramed() && areCookiesBlocked()) return Promise.reject(clientError("storage_unavailable"));
    // No `await` before the window is open: browsers allow that only during the click.
    const { signal } = this.#waiting;
    const byRedirect = (mode ?? this.#defaultMode()) === "redirect" && !isFramed();
    return byRedirect ? this.#logInByRedirect(signal, hints) : this.#logInWithPopup(signal, hints);
  }

  /**
   * Forgets the login in all tabs, and revokes its tokens if the service can do that.
   *
   * @throws {AuthError} `revocation_failed`: the login is forgotten, but the tokens still work
   */
  async logout(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    const address = this.#address();
    removeSession(this.#key());
    this.#adopt(undefined);
    await revokeAll(address, session);
  }

  /**
   * A valid access token for the service's API, refreshed if necessary.
   *
   * @throws {AuthError} `logged_out`, `session_expired`: the user has to log in (again); others: try again later
   */
  async token(options: TokenOptions = {}): Promise<string> {
    await this.#returning?.catch(() => {});
    const session = this.#session;
    if (session === undefined) throw clientError("logged_out");
    if (options.refresh !== true && !isExpired(session)) return session.accessToken;
    const { accessToken } = await withLock(`${this.#key()} refresh`, () => this.#refresh(session.accessToken));
    void this.#fetchMissingProfile();
    return accessToken;
  }

  /**
   * A valid ID token, which proves to a server who the user is (OpenID Connect Core §2), renewed if necessary. The app must
   * ask for the scope `openid`.
   *
   * @throws {AuthError} `no_id_token`: the app did not ask for it; `id_token_expired`: the access token still works, but
   *   only another login gives a new ID token; others: as for `token()`
   */
  async idToken(options: TokenOptions = {}): Promise<string> {
    await this.#returning?.catch(() => {});
    const session = this.#session;
    if (session === undefined) throw clientError("logged_out");
    if (session.idToken === undefined) throw clientError("no_id_token");
    const current = validIdToken(session);
    if (options.refresh !== true && current !== undefined) return current;
    if (session.refreshToken === undefined) throw clientError("id_token_expired");
    const renewed = await withLock(`${this.#key()} refresh`, () => this.#refresh(session.accessToken));
    const idToken = validIdToken(renewed);
    if (idToken === undefined) throw clientError("id_token_expired");
    return idToken;
  }

  /* ---- Logging in ---- */

  async #logInSilently(): Promise<UserInfo | null> {
    if (this.#returning !== undefined) return await this.#returned(this.#returning);
    if (this.#session === undefined) return null;
    // Without a connection, the user stays logged in. A login that has ended is removed.
    await this.token().catch(() => {});
    await this.#fetchMissingProfile();
    return this.user;
  }

  /** All callers get the same result. An error is kept until somebody asks, and is thrown once. */
  async #returned(returning: Promise<UserInfo>): Promise<UserInfo> {
    try {
      return await returning;
    } finally {
      if (this.#returning === returning) this.#returning = undefined;
    }
  }

  async #logInWithPopup(signal: AbortSignal, hints: Hints): Promise<UserInfo> {
    const request = this.#request(hints);
    const ready = this.#preparation.take();
    const known = ready instanceof Promise ? undefined : { login: startLogin(ready, request), prepared: ready };
    // If the login is not prepared yet, an empty window is opened during the click.
    const url = known === undefined ? "about:blank" : authorizationUrl(known.login, known.prepared, "web_message");
    const popup = openPopup(url);
    if (popup === null) return await this.#logInByRedirect(signal, hints, ready);
    signal.addEventListener("abort", () => popup.close());

    const { login, prepared } = known ?? (await this.#navigate(popup, request, ready));
    return await this.#finishWithPopup(popup, login, prepared, signal);
  }

  async #navigate(popup: Window, request: LoginRequest, ready: PreparedLogin | Promise<PreparedLogin>) {
    try {
      const prepared = await ready;
      const login = startLogin(prepared, request);
      // Not `replace()`: from an empty window, WebKit would send no `Referer`, and the provider would have to ask first.
      popup.location.href = authorizationUrl(login, prepared, "web_message");
      return { login, prepared };
    } catch (error) {
      popup.close();
      throw error;
    }
  }

  async #finishWithPopup(popup: Window, login: Login, { info }: PreparedLogin, signal: AbortSignal): Promise<UserInfo> {
    const arrived = waitForResponse(popup, login, signal);
    const finished = arrived.then((response) => this.#finish(login, response));
    // After `closed`, a login that still succeeds is reported by `mv-login`, and one that fails is not.
    finished.catch(() => {});
    // Without a redirect URI, the popup stays at the provider, and the service gets another window.
    if (info.openerCut && login.redirectUri !== undefined) return await finished;

    const looking = new AbortController();
    const stopLooking = () => looking.abort();
    arrived.then(stopLooking, stopLooking);
    await Promise.race([arrived, rejectWhenClosed(popup, looking.signal)]);
    return await finished;
  }

  /** The answer comes when this page, or the redirect page, is loaded. */
  async #logInByRedirect(signal: AbortSignal, hints: Hints, ready = this.#preparation.take()): Promise<never> {
    // The provider does not work inside other pages.
    if (isFramed()) throw clientError("popup_blocked");
    const request = this.#request(hints);
    const prepared = await ready;
    signal.throwIfAborted();
    const login = startLogin(prepared, request);
    if (!savePendingLogin({ login, returnTo: location.href })) throw clientError("storage_unavailable");
    location.assign(authorizationUrl(login, prepared, "query"));
    return await new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
      // The browser may show this page again after Back, or the user may have refused to leave it.
      window.addEventListener("pageshow", ({ persisted }) => persisted && reject(clientError("closed")), { signal });
      setTimeout(() => reject(clientError("timeout")), leavingTimeoutMs);
    });
  }

  async #finish(login: Login, response: AuthorizationResponse): Promise<UserInfo> {
    const code = readCode(login, response);
    const { provider, service, scope, app, redirectUri, thumbprint } = login;
    const key = thumbprint === undefined ? undefined : await dpopKey(provider);
    const repeated: Record<string, string> = redirectUri === undefined ? {} : { redirect_uri: redirectUri };
    const parameters = { grant_type: "authorization_code", code, ...repeated, code_verifier: login.codeVerifier };
    const tokens = await fetchTokens(login, parameters, key);
    const profile = await fetchProfile(login, tokens.accessToken);
    const session = { ...tokens, ...profile, ...(thumbprint !== undefined && { thumbprint }) };
    saveSession(sessionKey(provider, service, scope, app), session);
    this.#adopt(session);
    return session.user;
  }

  #request({ prompt, loginHint }: Hints): LoginRequest {
    const { redirectUri = location.origin + location.pathname, refresh = true, app } = this.#options;
    const { scope } = this;
    const hints = {
      ...(prompt !== undefined && { prompt }),
      ...(loginHint !== undefined && { login_hint: loginHint }),
    };
    return {
      ...this.#address(),
      ...(scope !== undefined && { scope }),
      ...(app !== undefined && { app }),
      // Browsers separate the channels of a frame and of a window of the same app (storage partitioning), so a redirect page
      // could not hand its response to this frame.
      ...(!isFramed() && { redirectUri: new URL(redirectUri, location.href).href }),
      hints,
      refresh,
    };
  }

  #defaultMode(): LoginMode {
    return this.#options.mode ?? (prefersRedirect() ? "redirect" : "popup");
  }

  /* ---- The session ---- */

  /** Loads the login that this browser remembers. */
  #restore(): void {
    this.#preparation.reset();
    this.#adopt(this.#provider === undefined ? undefined : loadSession(this.#key()));
    this.#finishReturned();
    // Later, because an app may set `authProvider` right after construction.
    queueMicrotask(() => {
      if (this.#session === undefined && this.#returning === undefined) this.#preparation.start();
    });
  }

  #finishReturned(): void {
    const pending = findPendingLogin();
    if (pending?.response === undefined) return;
    const { login, response } = pending;
    const { provider, service, scope, app } = login;
    if (this.#provider === undefined || sessionKey(provider, service, scope, app) !== this.#key()) return;
    forgetPendingLogin();
    this.#returning = this.#finish(login, response);
  }

  /** Requests the profile again if it could not be read before. All callers wait for the same request. */
  #fetchMissingProfile(): Promise<void> {
    this.#profileRequest ??= this.#refetchProfile().finally(() => (this.#profileRequest = undefined));
    return this.#profileRequest;
  }

  async #refetchProfile(): Promise<void> {
    const asked = this.#session;
    if (asked?.userError === undefined || isExpired(asked)) return;
    const key = this.#key();
    const profile = await fetchProfile(this.#address(), asked.accessToken);
    // Meanwhile, the user may have logged in again or logged out.
    const latest = loadSession(key);
    if (key !== this.#key() || latest?.accessToken !== asked.accessToken) return;
    const session = { ...latest, ...profile };
    saveSession(key, session);
    this.#adopt(session);
  }

  /** Runs under the lock. Another tab may have replaced `deadToken` already. */
  async #refresh(deadToken: string): Promise<Session> {
    const stored = loadSession(this.#key());
    this.#adopt(stored);
    if (stored === undefined) return this.#expire();
    if (stored.accessToken !== deadToken && !isExpired(stored)) return stored;
    const { refreshToken, thumbprint } = stored;
    const key = await dpopKey(this.#address().provider);
    if (refreshToken === undefined || thumbprint !== key.thumbprint) return this.#expire();

    const address = this.#address();
    const parameters = { grant_type: "refresh_token", refresh_token: refreshToken };
    const tokens = await fetchTokens(address, parameters, key).catch((error: unknown) => {
      if (hasCode(error, "invalid_grant")) return undefined;
      throw error;
    });
    const latest = loadSession(this.#key());
    if (latest !== undefined && latest.refreshToken !== refreshToken) return this.#adopt(latest);
    if (tokens === undefined) return this.#expire();
    const session = { ...stored, ...tokens };
    // The user has logged out meanwhile, so the new tokens must not be stored.
    if (latest === undefined) {
      void revokeAll(address, session).catch(() => {});
      throw clientError("logged_out");
    }
    saveSession(this.#key(), session);
    return this.#adopt(session);
  }

  #expire(): never {
    removeSession(this.#key());
    this.#adopt(undefined);
    throw clientError("session_expired");
  }

  /** Makes this the session of this object, and fires an event if the user has changed. */
  #adopt<Adopted extends Session | undefined>(session: Adopted): Adopted {
    const before = this.#session;
    this.#session = session;
    this.#watchExpiry();
    if (before === undefined && session !== undefined) this.#announce("mv-login", session.user);
    if (before !== undefined && session === undefined) this.#announce("mv-logout", before.user);
    if (before !== undefined && session !== undefined && isOtherUser(before.user, session.user)) {
      this.#announce("mv-login", session.user);
    }
    return session;
  }

  #announce(type: "mv-login" | "mv-logout", user: UserInfo): void {
    // The user may click to log in again at any moment.
    if (type === "mv-logout") this.#preparation.start();
    this.dispatchEvent(new CustomEvent(type, { detail: { user } }));
  }

  #watchOtherTabs(): void {
    if (!("document" in globalThis)) return;
    window.addEventListener("storage", ({ key }) => {
      if (this.#provider === undefined || (key !== null && key !== this.#key())) return;
      this.#adopt(loadSession(this.#key()));
    });
    // Timers pause while a computer sleeps.
    document.addEventListener("visibilitychange", () => this.#watchExpiry());
  }

  /** A login without a refresh token ends with its access token. */
  #watchExpiry(): void {
    clearTimeout(this.#expiryTimer);
    const session = this.#session;
    if (session === undefined || session.expiresAtMs === null || session.refreshToken !== undefined) return;
    const remainingMs = session.expiresAtMs - Date.now();
    this.#expiryTimer = setTimeout(() => this.#dropIfExpired(), Math.min(Math.max(remainingMs, 0), maximumTimerMs));
  }

  #dropIfExpired(): void {
    const session = this.#session;
    if (session === undefined || !isExpired(session)) return this.#watchExpiry();
    removeSession(this.#key());
    this.#adopt(undefined);
  }

  #address(): Address {
    if (this.#provider === undefined) throw clientError("no_provider");
    return { provider: this.#provider, service: this.service };
  }

  #key(): string {
    const { provider, service } = this.#address();
    return sessionKey(provider, service, this.scope, this.#options.app);
  }
}

async function revokeAll(address: Address, { accessToken, refreshToken }: Session): Promise<void> {
  const tokens = refreshToken === undefined ? [accessToken] : [refreshToken, accessToken];
  await Promise.all(tokens.map((token) => revoke(address, token)));
}

function isOtherUser(left: UserInfo, right: UserInfo): boolean {
  return JSON.stringify(left) !== JSON.stringify(right);
}

/** Phones may unload the page behind a popup, and installed web apps open a popup in the browser. */
function prefersRedirect(): boolean {
  const isInstalled = ["standalone", "fullscreen", "minimal-ui"].map((mode) => `(display-mode: ${mode})`);
  return [...isInstalled, "(max-width: 640px) and (pointer: coarse)"].some((query) => matchMedia(query).matches);
}

function webOriginOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, origin } = new URL(address);
  return ["https:", "http:"].includes(protocol) ? origin : undefined;
}
