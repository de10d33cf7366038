/**
 * Types of `react-admin.js`, which every auth provider serves. To use them, save this file and `auth.d.ts` in one
 * folder of your project and say so in its tsconfig.json:
 *
 *     "paths": { "https://auth.example.com/react-admin.js": ["./types/react-admin.d.ts"] }
 */

import type { Auth, AuthOptions } from "./auth.js";

/** What `checkAuth` and `checkError` reject with; react-admin acts on it. */
export interface AuthRejection {
  /** Where to go. Default: the login page. */
  redirectTo?: string;
  /** `false`: the user stays logged in. */
  logoutUser?: boolean;
  /** What to tell the user; `false`: nothing. */
  message?: string | false;
}

export interface ReactAdminOptions {
  /**
   * Which HTTP statuses of the data provider are about authentication, and what follows from each. What is given here
   * is added to the default: 401 logs out, 403 only says that this is not allowed.
   */
  errors?: Record<number, AuthRejection | undefined>;
  /** Where to go after a login. Default: where the user wanted to go. */
  afterLogin?: string;
  /** Where to go after a logout; `false`: nowhere. Default: the login page. */
  afterLogout?: string | false;
  /** What `usePermissions()` tells. Default: the granted scopes. */
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
  [other: string]: any;
}

export interface Identity {
  id: string;
  fullName: string;
  avatar?: string;
  [other: string]: any;
}

/** @param auth an `Auth` that the app uses elsewhere as well, or the options for one */
export declare function createAuthProvider(
  auth: Auth | AuthOptions,
  options?: ReactAdminOptions,
): ReactAdminAuthProvider;
