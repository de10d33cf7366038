import { PROVIDER } from "../setup/build.ts";
import type { Call, Reply } from "../setup/call.ts";
import { ACCESS_TOKEN } from "../setup/service.ts";

/** A library, and how to log in with it. */
export interface Peer {
  /** Its file in `peers/`. */
  id: string;
  name: string;
  note: string;
  /** A call that must come before the login. */
  before?: Call;
  /** Absent if the page goes to the service without calling the library. */
  login?(before: Reply | undefined): Call;
  /** The service's address in the reply. Default: the redirect target. */
  serviceAddress?(reply: Reply): string;
  /** Default: the service's answer at the redirect URI. */
  exchange?(serviceOrigin: string): Call;
  isExchanged(reply: Reply): boolean;
}

const APP = "https://app.example";
/** The code that the service issues for every login. */
export const CODE = "code-of-the-service-0123456789";

const get = (path: string): Call => ({ method: "GET", url: `${PROVIDER}${path}`, headers: {} });
const hasToken = ({ status, body }: Reply): boolean => status === 200 && body.includes(ACCESS_TOKEN);

export const PEERS: Peer[] = [
  {
    id: "sveltia",
    name: "Sveltia's flow, by hand",
    note: "state in a cookie; no PKCE, no sealing",
    login: () => get("/auth"),
    isExchanged: hasToken,
  },
  {
    id: "upstream",
    name: "auth-serverless, by hand",
    note: "exchange only: the page goes to the service by itself; no state, no PKCE",
    exchange: () => ({
      method: "POST",
      url: `${PROVIDER}/api`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ backend: "Bench", code: CODE, redirectURI: APP }),
    }),
    isExchanged: hasToken,
  },
  {
    id: "oauth-shim",
    name: "oauth-shim",
    note: "exchange only: the page goes to the service by itself; no PKCE",
    exchange: (serviceOrigin) => {
      const oauth = { version: 2, grant: `${serviceOrigin}/token` };
      const state = JSON.stringify({ client_id: "bench", redirect_uri: `${APP}/`, oauth });
      return get(`/shim?${new URLSearchParams({ code: CODE, state })}`);
    },
    isExchanged: ({ headers }) => (headers.location ?? "").includes(ACCESS_TOKEN),
  },
  {
    id: "grant",
    name: "grant",
    note: "PKCE; the session is a signed cookie, not sealed",
    login: () => get("/connect/bench"),
    isExchanged: hasToken,
  },
  {
    id: "openauth",
    name: "OpenAuth",
    note: "PKCE, sealed cookie; a redirect to itself before, keys in a store; ends in its own code, not in the service's token",
    before: get(
      `/authorize?provider=bench&client_id=app&redirect_uri=${encodeURIComponent(`${APP}/`)}&response_type=code`,
    ),
    login: () => get("/bench/authorize"),
    isExchanged: ({ status, headers }) => status === 302 && (headers.location ?? "").startsWith(`${APP}/?code=`),
  },
  {
    id: "auth-js",
    name: "Auth.js",
    note: "PKCE, sealed cookies; a request for its CSRF token before; also asks for the profile, and ends in a session",
    before: get("/auth/csrf"),
    login: (before) => ({
      method: "POST",
      url: `${PROVIDER}/auth/signin/bench`,
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        csrfToken: (JSON.parse(before!.body) as { csrfToken: string }).csrfToken,
      }).toString(),
    }),
    isExchanged: ({ cookies }) => cookies.some((cookie) => /session-token=ey/.test(cookie)),
  },
  {
    id: "better-auth",
    name: "better-auth",
    note: "PKCE, sealed cookies, no database; also asks for the profile, and ends in a session",
    login: () => ({
      method: "POST",
      url: `${PROVIDER}/api/auth/sign-in/social`,
      headers: { "content-type": "application/json", origin: PROVIDER },
      body: JSON.stringify({ provider: "bench", callbackURL: `${PROVIDER}/` }),
    }),
    serviceAddress: ({ body }) => (JSON.parse(body) as { url: string }).url,
    isExchanged: ({ cookies }) => cookies.some((cookie) => /session_token=[^;]/.test(cookie)),
  },
];
