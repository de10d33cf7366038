import type { Case, Expectation, Probe, Target } from "./case.ts";
import { CANARY, EVIL, queryOf, VERIFIER } from "./case.ts";

const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** Attacks on the endpoints that apps call: token, revocation and userinfo. */
export function appCases(target: Target): Case[] {
  return [
    ...codes(target),
    ...tokenRequests(target),
    ...refreshes(target),
    ...crossOrigin(target),
    ...revocations(target),
    ...profiles(target),
  ];
}

function post(
  path: string,
  parameters: Record<string, string | string[] | undefined> | string,
  headers: Record<string, string> = {},
): Probe {
  const body = typeof parameters === "string" ? parameters : queryOf(parameters);
  return { method: "POST", path, headers: { ...FORM, ...headers }, body };
}

function tokenPath({ service }: Target): string {
  return `/token/${service}`;
}

function tokenRequest({ app }: Target, overrides: Record<string, string | string[] | undefined> = {}) {
  return {
    grant_type: "authorization_code",
    code: CANARY,
    client_id: `${app}/`,
    redirect_uri: `${app}/callback`,
    code_verifier: VERIFIER,
    ...overrides,
  };
}

function refused(error: string): Expectation {
  return { status: [400], leadsTo: "nobody", cookie: "none", error };
}

/** A compact JWE or JWS with this header. Its other parts were not made with any of our keys. */
function forged(header: object, parts = ["", "AAAAAAAAAAAAAAAA", "AAAA", "AAAAAAAAAAAAAAAAAAAAAA"]): string {
  return [Buffer.from(JSON.stringify(header)).toString("base64url"), ...parts].join(".");
}

function codes(target: Target): Case[] {
  const attempts: [Case["row"], string, string][] = [
    ["A26", "the service's own code", CANARY],
    ["A26", "a JWE with a key of nobody's", forged({ alg: "dir", enc: "A256GCM", typ: "auth-provider-code" })],
    ["A27", "alg none", forged({ alg: "none" }, ["e30", ""])],
    [
      "A27",
      "a password that takes for ever",
      forged({ alg: "PBES2-HS512+A256KW", enc: "A256GCM", p2c: 2_000_000_000, p2s: "AAAA" }),
    ],
    ["A27", "compressed", forged({ alg: "dir", enc: "A256GCM", zip: "DEF" })],
    ["A27", "another cipher", forged({ alg: "dir", enc: "A128CBC-HS256" })],
    ["A27", "an extension that must be understood", forged({ alg: "dir", enc: "A256GCM", crit: ["x"], x: 1 })],
    [
      "A27",
      "a key of the sender's",
      forged({ alg: "ECDH-ES", enc: "A256GCM", jwk: { kty: "oct", k: "AAAA" }, jku: `${EVIL}/keys` }),
    ],
    ["A41", "a name that every object has", "__proto__"],
  ];
  return attempts.map(([row, title, code], index) => ({
    row,
    title: `a code that is none: ${title}`,
    request: post(tokenPath(target), tokenRequest(target, { code })),
    answer: refused("invalid_grant"),
    smoke: index === 0,
  }));
}

function tokenRequests(target: Target): Case[] {
  const path = tokenPath(target);
  const cases: [Case["row"], string, Probe, Expectation][] = [
    [
      "A24",
      "no code_verifier",
      post(path, tokenRequest(target, { code_verifier: undefined })),
      refused("invalid_request"),
    ],
    [
      "A24",
      "an empty code_verifier",
      post(path, tokenRequest(target, { code_verifier: "" })),
      refused("invalid_request"),
    ],
    [
      "A42",
      "grant_type twice",
      post(path, tokenRequest(target, { grant_type: ["authorization_code", "refresh_token"] })),
      refused("invalid_request"),
    ],
    ["A42", "code twice", post(path, tokenRequest(target, { code: [CANARY, "x"] })), refused("invalid_request")],
    [
      "A42",
      "another grant",
      post(path, tokenRequest(target, { grant_type: "client_credentials" })),
      refused("unsupported_grant_type"),
    ],
    [
      "A42",
      "a password",
      post(path, { grant_type: "password", username: "x", password: CANARY }),
      refused("unsupported_grant_type"),
    ],
    [
      "A42",
      "numbers in JSON",
      post(path, '{"grant_type":1,"code":[1]}', { "content-type": "application/json" }),
      refused("invalid_request"),
    ],
    [
      "A42",
      "everything in the address",
      post(`${path}?${queryOf(tokenRequest(target))}`, ""),
      { status: [400], leadsTo: "nobody" },
    ],
    [
      "A42",
      "another type of body",
      post(path, tokenRequest(target), { "content-type": "text/plain" }),
      refused("invalid_request"),
    ],
    [
      "A46",
      "more than 16 KiB",
      post(path, tokenRequest(target, { code: "x".repeat(16_384) })),
      { status: [413], leadsTo: "nobody" },
    ],
    [
      "A41",
      "a service that every object has",
      post("/token/__proto__", tokenRequest(target)),
      { status: [404], leadsTo: "nobody" },
    ],
    [
      "A41",
      "a service by another spelling",
      post(`/token/${target.service}.`, tokenRequest(target)),
      { status: [404], leadsTo: "nobody" },
    ],
    ["A61", "by GET", { path: `${path}?${queryOf(tokenRequest(target))}` }, { status: [404, 405], leadsTo: "nobody" }],
    ["A61", "by PUT", { method: "PUT", path }, { status: [404, 405], leadsTo: "nobody" }],
  ];
  return cases.map(([row, title, request, answer]) => ({ row, title: `a token request: ${title}`, request, answer }));
}

function refreshes(target: Target): Case[] {
  const refresh = { grant_type: "refresh_token", refresh_token: CANARY, client_id: `${target.app}/` };
  const proofs = ["x", "a.b.c", forged({ typ: "dpop+jwt", alg: "none" }, ["e30", ""]), `${"x".repeat(9_000)}`];
  return [
    {
      row: "A26",
      title: "a refresh token that is none",
      request: post(tokenPath(target), refresh),
      answer: refused("invalid_grant"),
    },
    ...proofs.map((dpop) => ({
      row: "A29" as const,
      title: `a DPoP proof that is none: ${dpop.slice(0, 20)}`,
      request: post(tokenPath(target), refresh, { dpop }),
      answer: { status: [400, 431], leadsTo: "nobody" as const },
    })),
  ];
}

function crossOrigin(target: Target): Case[] {
  const { service, origin, app } = target;
  const paths = [
    `/token/${service}`,
    `/revoke/${service}`,
    `/userinfo/${service}`,
    "/services.json",
    `/.well-known/oauth-authorization-server/${service}`,
  ];
  const origins = [EVIL, "null", origin, app, `${app}.evil.example`];
  const preflights = paths.flatMap((path) =>
    origins.map((sender) => ({
      row: "A37" as const,
      title: `OPTIONS ${path} from ${sender}`,
      request: {
        method: "OPTIONS",
        path,
        headers: { origin: sender, "access-control-request-method": "POST", "access-control-request-headers": "dpop" },
      },
      answer: { status: [204], lacks: ["evil.example"] },
      smoke: path === paths[0] && sender === EVIL,
    })),
  );
  const codes = origins.map((sender) => ({
    row: "A30" as const,
    title: `a code from ${sender}`,
    request: post(tokenPath(target), tokenRequest(target), { origin: sender, cookie: `__Host-ap=${"c".repeat(43)}` }),
    answer: refused("invalid_grant"),
  }));
  return [...preflights, ...codes];
}

function revocations({ service }: Target): Case[] {
  const path = `/revoke/${service}`;
  return [
    {
      row: "A44",
      title: "the end of no token",
      request: post(path, {}),
      answer: refused("invalid_request"),
      smoke: true,
    },
    {
      row: "A42",
      title: "the end of two tokens",
      request: post(path, { token: [CANARY, "x"] }),
      answer: refused("invalid_request"),
    },
    {
      row: "A46",
      title: "the end of more than 16 KiB",
      request: post(path, { token: "x".repeat(16_384) }),
      answer: { status: [413] },
    },
    {
      row: "A61",
      title: "a token's end by GET",
      request: { path: `${path}?token=${CANARY}` },
      answer: { status: [404, 405], leadsTo: "nobody" },
    },
    {
      row: "A44",
      title: "the end of a token that nobody has",
      request: post(path, { token: CANARY }),
      answer: { status: [200, 400, 503], cookie: "none" },
      reachesService: true,
    },
  ];
}

function profiles({ service }: Target): Case[] {
  const path = `/userinfo/${service}`;
  const noToken: Expectation = { status: [401, 404], leadsTo: "nobody", cookie: "none" };
  const headers: Record<string, string>[] = [
    {},
    { authorization: CANARY },
    { authorization: `Basic ${CANARY}` },
    { authorization: `Bearer ${CANARY} ${CANARY}` },
    { authorization: `Bearer ${CANARY}, Bearer ${CANARY}` },
    { authorization: `Bearer ${"x".repeat(8_193)}` },
    { cookie: `access_token=${CANARY}` },
  ];
  return [
    {
      row: "A34",
      title: "a profile by a token in the address",
      request: { path: `${path}?access_token=${CANARY}` },
      answer: { status: [400], leadsTo: "nobody" },
      smoke: true,
    },
    ...headers.map((given) => ({
      row: "A54" as const,
      title: `a profile by ${Object.entries(given).join().slice(0, 50) || "nothing"}`,
      request: { path, headers: given },
      answer: { ...noToken, status: [401, 404, 431] },
    })),
    {
      row: "A54",
      title: "a profile by a token that nobody has",
      request: { path, headers: { authorization: `Bearer ${CANARY}` } },
      answer: { status: [401, 403, 404, 502] },
      reachesService: true,
    },
  ];
}
