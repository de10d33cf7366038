// @ts-check
/** Nothing here runs: it is checked by tsc against react-admin's own types (see tsconfig.json). */

import { Auth, AuthError } from "https://auth.example.com/auth.js";
import { createAuthProvider } from "https://auth.example.com/react-admin.js";

/** @type {import("react-admin").AuthProvider} */
export const fromOptions = createAuthProvider(
  { service: "github" },
  { errors: { 403: { logoutUser: false, message: false } } },
);

/** @type {import("react-admin").AuthProvider} */
export const fromAuth = createAuthProvider(new Auth({ service: "github" }), { afterLogout: false });

/** @type {import("react-admin").UserIdentity} */
export const identity = (await fromOptions.getIdentity?.()) ?? { id: 0 };

/** @type {Required<Pick<import("react-admin").AuthProvider, "login" | "logout" | "checkAuth" | "checkError" | "getIdentity" | "getPermissions" | "handleCallback">>} */
export const complete = createAuthProvider({ service: "github" });

/** @type {string} */
export const code = new AuthError("closed", "").code;

// @ts-expect-error The service is needed.
createAuthProvider({});
