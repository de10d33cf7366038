import { randomBytes } from "node:crypto";
import type { LoadedProvider, Send } from "./loaded-provider.ts";
import { cookieHeader } from "./logins.ts";

/** A request that no honest client sends, and the expected status. */
export interface HostileRequest {
  name: string;
  pathAndQuery: string;
  send: Send;
  status: number;
}

const EVIL = "https://evil.example";
const FORM = { "content-type": "application/x-www-form-urlencoded" };
const cookie = `ap-dev=${randomBytes(32).toString("base64url")}`;

/** Five parts in the right format (RFC 7516 §7.1), but not encrypted with any key. */
function forgeJwe(header: object, characters: number): string {
  const parts = [
    Buffer.from(JSON.stringify(header)),
    Buffer.alloc(0),
    randomBytes(12),
    randomBytes(characters),
    randomBytes(16),
  ];
  return parts.map((part) => part.toString("base64url")).join(".");
}

function post(body: Record<string, string> | string, headers: Record<string, string> = FORM): Send {
  return { method: "POST", headers, body: typeof body === "string" ? body : new URLSearchParams(body).toString() };
}

/** Covers each kind of cost: decryption, parsing, a call to the service, memory for logins that are never finished. */
export async function hostileRequests(provider: LoadedProvider): Promise<HostileRequest[]> {
  const ownPage = {
    cookie,
    origin: provider.origin,
    "sec-fetch-site": "same-origin",
    "content-type": "application/json",
  };
  const forged = forgeJwe({ alg: "dir", enc: "A256GCM", typ: "auth-provider-code" }, 6_000);
  const yes = JSON.stringify({ ticket: forged, origin: EVIL, service: "demo", decision: "yes", opener: true });
  const proof = forgeJwe({ alg: "ES256", typ: "dpop+jwt" }, 4_000);
  const slowToDerive = forgeJwe({ alg: "PBES2-HS256+A128KW", enc: "A256GCM", p2c: 1e9, p2s: "AAAA" }, 100);
  const grant = { grant_type: "authorization_code", client_id: `${EVIL}/`, code_verifier: "v".repeat(43) };
  const evilLogin = {
    client_id: `${EVIL}/`,
    redirect_uri: `${EVIL}/callback`,
    response_type: "code",
    code_challenge: "c".repeat(43),
    code_challenge_method: "S256",
  };
  const madataState = JSON.stringify({ url: `${EVIL}/`, backend: "Demo" });
  const query = (parameters: Record<string, string>): string => new URLSearchParams(parameters).toString();
  const fromEvil = { headers: { referer: `${EVIL}/` } };
  const begun = await provider.send(`/authorize/demo?${query(evilLogin)}`, fromEvil);
  const state = new URL(begun.headers.location!).searchParams.get("state")!;
  const [browser = "", ...logins] = cookieHeader(begun).split("; ");
  const own = [browser, ...logins].join("; ");
  const foreign = [cookie, ...logins].join("; ");

  const requests: [string, string, Send, number][] = [
    ["a code that is none", "/token/demo", post({ ...grant, code: "x".repeat(200) }), 400],
    ["a forged code", "/token/demo", post({ ...grant, code: forged }), 400],
    ["a code that is slow to open", "/token/demo", post({ ...grant, code: slowToDerive }), 400],
    [
      "a refresh token that is none",
      "/token/demo",
      post({ ...grant, grant_type: "refresh_token", refresh_token: forged }),
      400,
    ],
    ["a proof that is none", "/token/demo", post({ ...grant, code: "x" }, { ...FORM, dpop: proof }), 400],
    ["a thousand parameters", "/token/demo", post("code=x&".repeat(1_000)), 400],
    ["a body that is too large", "/token/demo", post("x".repeat(200_000)), 413],
    ["a method of its own", "/token/demo", { headers: { cookie } }, 405],
    ["a login that is begun and dropped", `/authorize/demo?${query(evilLogin)}`, fromEvil, 302],
    ["a login that nobody started", `/authorize/demo?${query(evilLogin)}`, {}, 303],
    ["a script for an app", `/authorize/demo?${query({ ...evilLogin, client_id: "javascript:alert(1)" })}`, {}, 400],
    ["an address of 12 KB", `/authorize/demo?${query({ ...evilLogin, state: "%".repeat(4_000) })}`, {}, 400],
    ["an inherited service", `/authorize/__proto__?${query(evilLogin)}`, {}, 404],
    ["a forged state", `/callback/demo?${query({ code: "x", state: forged })}`, { headers: { cookie } }, 400],
    [
      "a damaged login",
      `/callback/demo?code=x&state=${state}`,
      { headers: { cookie: `${own.slice(0, -4)}AAAA` } },
      400,
    ],
    ["another browser's login", `/callback/demo?code=x&state=${state}`, { headers: { cookie: foreign } }, 400],
    ["a bomb for a state", `/callback?${query({ code: "x", state: "[".repeat(4_000) })}`, { headers: { cookie } }, 400],
    ["an app that it made up", `/callback?${query({ code: "x", state: madataState })}`, {}, 303],
    ["a Yes from another site", "/decision", post(yes, { ...ownPage, origin: EVIL }), 403],
    ["a Yes to a forged ticket", "/decision", post(yes, ownPage), 400],
    ["brackets", "/decision", post("[".repeat(16_000), ownPage), 400],
    ["a cookie of 5 KB", "/callback/demo?code=x&state=x", { headers: { cookie: `${cookie}; `.repeat(100) } }, 400],
    ["a stolen token's profile", "/userinfo/demo", { headers: { authorization: `Bearer ${"x".repeat(200)}` } }, 401],
    ["a revocation of nothing", "/revoke/demo", post({ token: "x".repeat(200) }), 200],
  ];
  return requests.map(([name, pathAndQuery, send, status]) => ({ name, pathAndQuery, send, status }));
}
