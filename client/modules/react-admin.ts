import type { AuthOptions, UserInfo } from "./auth.ts";
import { Auth, AuthError } from "./auth.ts";

/**
 * `react-admin.js`: an `authProvider` for react-admin 5 (https://marmelab.com/react-admin/AuthProviderWriting.html).
 */

/** What `checkAuth` and `checkError` reject with; react-admin acts on it. */
export interface AuthRejection {
  /** Where to go. Default: the login page. */
  redirectTo?: string;
  /** `false`: the user stays logged in. */
  logoutUser?: boolean;
  /** What to show the user; `false`: nothing. */
  message?: string | false;
}

export interface ReactAdminOptions {
  /**
   * What to do for each HTTP status of the data provider that concerns authentication, in addition to the defaults: 401
   * logs out, and 403 only shows that the action is not allowed.
   */
  errors?: Record<number, AuthRejection | undefined>;
  /** Where to go after a login. Default: where the user wanted to go. */
  afterLogin?: string;
  /** Where to go after a logout; `false`: nowhere. Default: the login page. */
  afterLogout?: string | false;
  /** The result of `usePermissions()`. Default: the granted scopes. */
  permissions?: (auth: Auth) => unknown;
}

/** Fits `AuthProvider` of react-admin 5. */
export interface ReactAdminAuthProvider {
  /** Talks to the auth provider; `auth.token()` is what the data provider sends. */
  readonly auth: Auth;
  login(params?: unknown): Promise<{ redirectTo: string } | void>;
  logout(params?: unknown): Promise<string | false | void>;
  checkAuth(params?: unknown): Promise<void>;
  checkError(error: unknown): Promise<void>;
  getIdentity(): Promise<Identity>;
  getPermissions(params?: unknown): Promise<any>;
  handleCallback(): Promise<{ redirectTo: string } | void>;
  /** As in react-admin's own type. */
  [other: string]: any;
}

export interface Identity {
  id: string;
  fullName: string;
  avatar?: string;
  [other: string]: any;
}

const defaultErrors: NonNullable<ReactAdminOptions["errors"]> = { 401: {}, 403: { logoutUser: false } };

const text = {
  nothing: "There is no login to finish. Log in again.",
  elsewhere: "The login continues in the window where it began. You can close this window.",
};

/**
 * If nobody is logged in, react-admin clears its cache and requests the permissions again until it has opened the login
 * page. Without a delay, it would repeat this for seconds.
 */
const loggedOutDelayMs = 100;

/** How long the other window may take to finish the login. */
const otherWindowTimeoutMs = 10_000;

/** @param auth an `Auth` that the app uses elsewhere as well, or the options for one */
export function createAuthProvider(auth: Auth | AuthOptions, options: ReactAdminOptions = {}): ReactAdminAuthProvider {
  const client = auth instanceof Auth ? auth : new Auth(auth);
  const errors = { ...defaultErrors, ...options.errors };
  const afterLogin = options.afterLogin === undefined ? undefined : { redirectTo: options.afterLogin };
  /** Decides whether react-admin says that the login has ended. */
  let hasLoggedIn = client.user !== null;
  client.addEventListener("mv-login", () => (hasLoggedIn = true));

  return {
    auth: client,

    /** Called in the handler of a click: the window opens before the first `await`. */
    async login() {
      await client.login();
      return afterLogin;
    },

    async logout() {
      hasLoggedIn = false;
      // The login is forgotten here even if the tokens could not be revoked.
      await client.logout().catch(ignore);
      return options.afterLogout;
    },

    async checkAuth() {
      const user = await client.login({ passive: true }).catch(reject);
      if (user === null) throw { message: hasLoggedIn ? "ra.notification.logged_out" : false } satisfies AuthRejection;
    },

    async checkError(error) {
      const rejection = errors[statusOf(error)];
      if (rejection !== undefined) throw rejection;
    },

    getIdentity: async () => identityOf(await requireUser(client, "Nobody is logged in.")),
    getPermissions: () => readPermissions(client, options),

    /** For apps that set `redirectUri` to react-admin's `/auth-callback`. */
    async handleCallback() {
      if ((await Auth.relay()) === "relayed") await loginInOtherWindow(client);
      await requireUser(client, text.nothing);
      return afterLogin;
    },
  };
}

async function requireUser(client: Auth, message: string): Promise<UserInfo> {
  const user = await client.login({ passive: true });
  if (user === null) throw new AuthError("logged_out", message);
  return user;
}

async function readPermissions(client: Auth, { permissions }: ReactAdminOptions): Promise<unknown> {
  if (client.user === null) await new Promise((resolve) => setTimeout(resolve, loggedOutDelayMs));
  return permissions === undefined ? client.scopes : await permissions(client);
}

/** The waiting window has the code now. If the browser has not closed this window, the login appears here as well. */
async function loginInOtherWindow(client: Auth): Promise<void> {
  if (client.user !== null) return;
  const finished = new AbortController();
  await new Promise<void>((resolve, fail) => {
    client.addEventListener("mv-login", () => resolve(), { signal: finished.signal });
    setTimeout(() => fail(new AuthError("timeout", text.elsewhere)), otherWindowTimeoutMs);
  }).finally(() => finished.abort());
}

function identityOf(user: UserInfo): Identity {
  const { id, sub, username, name, avatar } = user;
  return {
    ...user,
    id: String(id ?? sub ?? username),
    fullName: name ?? username,
    ...(avatar !== undefined && { avatar }),
  };
}

/** Only an error with a `status`, such as react-admin's `HttpError`, can be about authentication. */
function statusOf(error: unknown): number {
  const { status } = (error ?? {}) as { status?: unknown };
  return typeof status === "number" ? status : 0;
}

/** For a login that came back with an error: react-admin shows the message and the login page. */
function reject(error: unknown): never {
  throw { message: error instanceof Error ? error.message : String(error) } satisfies AuthRejection;
}

function ignore(): void {}
