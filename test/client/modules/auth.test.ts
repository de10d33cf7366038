import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, EmbeddedJWK, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { dpopKey, dpopProof } from "../../../client/auth/dpop.ts";
import { randomText, sha256 } from "../../../client/auth/encoding.ts";
import { fetchProfile, fetchTokens } from "../../../client/auth/provider.ts";
import { readCode, readResponse, takeResponse } from "../../../client/auth/response.ts";
import { isExpired, loadSession, saveSession, sessionKey } from "../../../client/auth/session.ts";
import { safeStorage } from "../../../client/auth/storage.ts";
import { readUser } from "../../../client/auth/user.ts";
import * as module from "../../../client/modules/auth.ts";
import * as reactAdmin from "../../../client/modules/react-admin.ts";

/** The parts of `auth.js` that need no browser. */

afterEach(() => vi.useRealTimers());

describe("PKCE", () => {
  test("makes the challenge of RFC 7636 appendix B", async () => {
    const challenge = await sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    expect(challenge).toBe("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
  });

  test("verifiers have 43 characters of base64url and are never the same", () => {
    const verifiers = Array.from({ length: 100 }, randomText);
    for (const verifier of verifiers) expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(new Set(verifiers).size).toBe(100);
  });
});

describe("DPoP", () => {
  test("[A29] proofs are what RFC 9449 §4.2 demands, and the key cannot be taken out", async () => {
    const key = await dpopKey("https://auth.example");
    const noon = Date.parse("2026-06-01T12:00:00Z");
    vi.useFakeTimers({ toFake: ["Date"], now: noon });
    const proof = await dpopProof(key, "https://auth.example/token/github");
    const { payload } = await jwtVerify(proof, EmbeddedJWK, { typ: "dpop+jwt", algorithms: ["ES256"] });
    vi.useRealTimers();
    expect(payload).toMatchObject({ htm: "POST", htu: "https://auth.example/token/github", iat: noon / 1_000 });
    const { jwk } = decodeProtectedHeader(proof);
    expect(jwk).not.toHaveProperty("d");
    expect(await calculateJwkThumbprint(jwk!)).toBe(key.thumbprint);
    expect(key.privateKey.extractable).toBe(false);
  });

  test("each proof is another one, each provider sees another key", async () => {
    const key = await dpopKey("https://auth.example");
    expect(await dpopProof(key, "https://x.example/")).not.toBe(await dpopProof(key, "https://x.example/"));
    expect((await dpopKey("https://auth.example")).thumbprint).toBe(key.thumbprint);
    expect((await dpopKey("https://other.example")).thumbprint).not.toBe(key.thumbprint);
  });
});

describe("[A29] a token request", () => {
  const address = { provider: "https://auth.example", service: "github" };
  const parameters = { grant_type: "refresh_token", refresh_token: "r" };
  const TOKENS = { access_token: "t" };
  const WANTED = { error: "use_dpop_nonce", error_description: "Send it again." };
  const answer = (status: number, body: unknown, nonce?: string) => () =>
    new Response(typeof body === "string" ? body : JSON.stringify(body), {
      status,
      headers: nonce === undefined ? {} : { "DPoP-Nonce": nonce },
    });

  beforeEach(() => vi.stubGlobal("location", { origin: "https://app.example" }));
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  /** Requests tokens from a server that gives these answers in turn. Returns the outcome and what was sent. */
  async function ask(answers: (() => Response)[], { bound = true } = {}) {
    const fetched = vi.spyOn(globalThis, "fetch").mockImplementation(async () => answers.shift()!());
    const key = bound ? await dpopKey(address.provider) : undefined;
    const outcome = await fetchTokens(address, parameters, key).catch((error: unknown) => error as module.AuthError);
    const sent = fetched.mock.calls.map(([, init]) => init!);
    const proofs = sent.map(({ headers }) => (headers as Record<string, string>).dpop);
    const claims = proofs.map((proof) => (proof === undefined ? undefined : decodeJwt(proof)));
    return { outcome, claims, bodies: sent.map(({ body }) => String(body)) };
  }

  test("that is answered at once is sent once, without a nonce", async () => {
    const { outcome, claims } = await ask([answer(200, TOKENS)]);
    expect(outcome).toMatchObject({ accessToken: "t" });
    expect(claims).toHaveLength(1);
    expect(claims[0]).not.toHaveProperty("nonce");
  });

  test("that is given a nonce is sent once more, the same with a new proof around it (RFC 9449 §8)", async () => {
    const { outcome, claims, bodies } = await ask([answer(400, WANTED, "n-1"), answer(200, TOKENS)]);
    expect(outcome).toMatchObject({ accessToken: "t" });
    expect(claims.map((claim) => claim!.nonce)).toEqual([undefined, "n-1"]);
    expect(claims[0]!.jti).not.toBe(claims[1]!.jti);
    expect(bodies[1]).toBe(bodies[0]);
  });

  test("that no nonce helps is sent twice, not for ever, and says what may be wrong", async () => {
    const { outcome, claims } = await ask([
      answer(400, WANTED, "n-1"),
      answer(400, WANTED, "n-2"),
      answer(200, TOKENS),
    ]);
    expect(claims).toHaveLength(2);
    expect(outcome).toMatchObject({
      name: "AuthError",
      code: "use_dpop_nonce",
      message: expect.stringContaining("clock of this computer may be wrong"),
    });
  });

  test.each<[string, () => Response, string]>([
    ["with no nonce that can be read", answer(400, WANTED), "use_dpop_nonce"],
    [
      "for another reason, with a nonce for the next request (§8.2)",
      answer(400, { error: "invalid_grant" }, "n-1"),
      "invalid_grant",
    ],
    ["by another status", answer(503, WANTED, "n-1"), "use_dpop_nonce"],
    ["by no JSON", answer(400, "<html>", "n-1"), "invalid_response"],
  ])("refused %s is not sent again: it may have used something up", async (_, refused, code) => {
    const { outcome, claims } = await ask([refused, answer(200, TOKENS)]);
    expect(claims).toHaveLength(1);
    expect(outcome).toMatchObject({ code });
  });

  test("that proves no key is not sent again", async () => {
    const { outcome, claims } = await ask([answer(400, WANTED, "n-1"), answer(200, TOKENS)], { bound: false });
    expect(claims).toEqual([undefined]);
    expect(outcome).toMatchObject({ code: "use_dpop_nonce" });
  });

  test("keeps the nonce of an answer that it was pleased with for nothing", async () => {
    const { claims } = await ask([answer(200, TOKENS, "n-1")]);
    expect(claims).toHaveLength(1);
    expect((await ask([answer(200, TOKENS)])).claims[0]).not.toHaveProperty("nonce");
  });
});

describe("an authorization response", () => {
  const login = {
    provider: "https://auth.example",
    service: "github",
    state: "auth-provider.s",
    codeVerifier: "v",
    redirectUri: "https://app.example/",
  };
  const response = { state: "auth-provider.s", iss: "https://auth.example/github", code: "c" };

  test("is accepted only for the login and from the issuer that was asked", () => {
    expect(readCode(login, response)).toBe("c");
    const codeOf = (changes: object) => {
      try {
        return readCode(login, { ...response, ...changes });
      } catch (error) {
        return (error as module.AuthError).code;
      }
    };
    expect(codeOf({ state: "auth-provider.t" })).toBe("invalid_response");
    expect(codeOf({ iss: "https://auth.example/gitlab" })).toBe("wrong_issuer");
    expect(codeOf({ iss: "https://evil.example/github" })).toBe("wrong_issuer");
    expect(codeOf({ iss: undefined })).toBe("wrong_issuer");
    expect(codeOf({ error: "access_denied" })).toBe("access_denied");
    expect(codeOf({ code: undefined, error: "server_error", error_description: "Sorry" })).toBe("server_error");
    expect(codeOf({ code: undefined })).toBe("invalid_response");
  });

  test("that the time was over is no refusal: it has a code of its own, and a message that does not say No", async () => {
    const { expired } = await import("../../../server/answers/error-catalogue.ts");
    for (const [error, error_description] of [
      ["access_denied", "The question was not answered in time."],
      [expired.error, `${expired.text} ${expired.advice}`],
    ] as const) {
      const late = () => readCode(login, { state: login.state, iss: response.iss, error, error_description });
      expect(late).toThrow(expect.objectContaining({ code: "expired" }));
      expect(late).toThrow(/not finished in time/);
    }
  });

  const rubbish = [null, undefined, 7, "text", [], {}, { state: "s" }, { code: "c" }, { state: 7, code: "c" }];
  test.each([...rubbish, { state: "s", code: [] }])("%j is none", (value) => {
    expect(readResponse(value)).toBeUndefined();
  });

  test("is taken out of the address, and nothing else is", () => {
    const query = new URLSearchParams({ tab: "2", ...response });
    const taken = takeResponse(`https://app.example/page?${query}#part`);
    expect(taken).toEqual({ response, rest: "https://app.example/page?tab=2#part" });
    const odd = takeResponse(`https://app.example/?q=a%20b+c&${query}&empty&x=%C3%A9`);
    expect(odd!.rest).toBe("https://app.example/?q=a%20b+c&tab=2&empty&x=%C3%A9");
    expect(takeResponse("https://app.example/?code=c&state=of-another-library")).toBeUndefined();
    expect(takeResponse("https://app.example/")).toBeUndefined();
  });
});

describe("a user", () => {
  test("has a user name, whatever the service tells", () => {
    expect(readUser({ sub: "7", username: "alice", email: "a@x.example" }).username).toBe("alice");
    expect(readUser({ sub: "7", name: "Alice", email: "a@x.example" }).username).toBe("a@x.example");
    expect(readUser({ sub: "7", name: "Alice" }).username).toBe("Alice");
    expect(readUser({ sub: "7" }).username).toBe("7");
    for (const nothing of [{}, null, "text", []]) expect(readUser(nothing)).toEqual({ username: "" });
  });

  test("has addresses that can be put into a page", () => {
    const user = readUser({ username: "a", avatar: "javascript:alert(1)", url: "data:text/html,x" });
    expect(user).toEqual({ username: "a" });
    expect(readUser({ username: "a", avatar: "https://x.example/a.png" }).avatar).toBe("https://x.example/a.png");
  });
});

describe("storage", () => {
  function fakeStorage(fails = { get: false, set: false }) {
    const values = new Map<string, string>();
    const storage = {
      getItem: (key: string) => {
        if (fails.get) throw new Error("SecurityError");
        return values.get(key) ?? null;
      },
      setItem: (key: string, value: string) => {
        if (fails.set) throw new Error("QuotaExceededError");
        values.set(key, value);
      },
      removeItem: (key: string) => void values.delete(key),
    };
    return { values, fails, storage: storage as unknown as Storage };
  }

  test("that works is used", () => {
    const { values, storage } = fakeStorage();
    const safe = safeStorage(() => storage);
    expect(safe.set("a", "1")).toBe(true);
    expect(safe.get("a")).toBe("1");
    expect(values.get("a")).toBe("1");
    safe.remove("a");
    expect(safe.get("a")).toBeNull();
  });

  test("that is full keeps the new value in memory, and nothing old", () => {
    const { values, fails, storage } = fakeStorage();
    const safe = safeStorage(() => storage);
    safe.set("a", "old");
    fails.set = true;
    expect(safe.set("a", "new")).toBe(false);
    expect(safe.get("a")).toBe("new");
    expect(values.has("a")).toBe(false);
  });

  test("that cannot even be looked at degrades to memory", () => {
    const safe = safeStorage(() => {
      throw new Error("SecurityError");
    });
    expect(safe.get("a")).toBeNull();
    expect(safe.set("a", "1")).toBe(false);
    expect(safe.get("a")).toBe("1");
    safe.remove("a");
    expect(safe.get("a")).toBeNull();
  });
});

describe("a session", () => {
  const session = { accessToken: "t", expiresAtMs: null, scopes: [], user: { username: "alice" } };
  const inAnHour = () => Date.now() + 3_600_000;

  test("is kept apart by provider, service and scope", () => {
    const keys = [
      sessionKey("https://a.example", "github", undefined),
      sessionKey("https://b.example", "github", undefined),
      sessionKey("https://a.example", "gitlab", undefined),
      sessionKey("https://a.example", "github", "repo"),
      sessionKey("https://a.example", "github", undefined, "a"),
      sessionKey("https://a.example", "github", undefined, "b"),
      sessionKey("https://a.example", "github", undefined, "a https://a.example github"),
      sessionKey("https://a.example", "github", "repo", "a"),
    ];
    expect(new Set(keys).size).toBe(8);
  });

  test("keeps its key where the app has no name", () => {
    expect(sessionKey("https://a.example", "github", "repo")).toBe("auth-provider https://a.example github repo");
  });

  test("is over with its access token, unless that can be refreshed", () => {
    const soon = { ...session, expiresAtMs: Date.now() + 5_000 };
    expect(isExpired(session)).toBe(false);
    expect(isExpired({ ...session, expiresAtMs: inAnHour() })).toBe(false);
    expect(isExpired(soon)).toBe(true);
    saveSession("k", soon);
    expect(loadSession("k")).toBeUndefined();
    saveSession("k", { ...soon, refreshToken: "r" });
    expect(loadSession("k")).toMatchObject({ refreshToken: "r" });
    saveSession("k", { ...session, expiresAtMs: inAnHour() });
    expect(loadSession("k")).toMatchObject({ accessToken: "t" });
  });
});

/** Answers requests by the first segment of the path. Endpoints that are not listed cannot be reached. */
function answerRequests(answers: Record<string, () => Response>): string[] {
  const asked: string[] = [];
  vi.stubGlobal("location", { origin: "https://app.example", href: "https://app.example/" });
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const endpoint = new URL(String(input)).pathname.split("/")[1]!;
    if (answers[endpoint] === undefined) throw new TypeError("fetch failed");
    asked.push(endpoint);
    return answers[endpoint]();
  });
  return asked;
}

const refused = (status: number, error: string) => () => Response.json({ error, error_description: "No." }, { status });

/** A logged-in user at a provider that no other test uses. */
let logins = 0;
async function loggedIn(changes: object = {}, options: object = {}): Promise<module.Auth> {
  const authProvider = `https://auth-${(logins += 1)}.example`;
  const { thumbprint } = await dpopKey(authProvider);
  const session = {
    accessToken: "t-1",
    expiresAtMs: null,
    scopes: [],
    refreshToken: "r",
    thumbprint,
    user: { username: "alice" },
  };
  saveSession(sessionKey(authProvider, "github", undefined), { ...session, ...changes });
  return new module.Auth({ service: "github", authProvider, ...options });
}

describe("a profile that the service does not tell", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  const address = { provider: "https://auth.example", service: "github" };

  test.each<[string, Record<string, () => Response>, object]>([
    [
      "401: the token has no scope for it",
      { userinfo: refused(401, "invalid_token") },
      { code: "invalid_token", status: 401 },
    ],
    ["403", { userinfo: refused(403, "insufficient_scope") }, { code: "insufficient_scope", status: 403 }],
    [
      "429: by the platform, without JSON",
      { userinfo: () => new Response("slow down", { status: 429 }) },
      { code: "invalid_response" },
    ],
    ["503", { userinfo: refused(503, "temporarily_unavailable") }, { code: "temporarily_unavailable", status: 503 }],
    ["500: without JSON", { userinfo: () => new Response("<html>", { status: 500 }) }, { code: "unreachable" }],
    ["200: without JSON", { userinfo: () => new Response("<html>") }, { code: "invalid_response" }],
    ["no connection", {}, { code: "unreachable" }],
  ])("(%s) leaves a user without a name, and the reason", async (_, answers, reason) => {
    answerRequests(answers);
    expect(await fetchProfile(address, "t")).toEqual({
      user: { username: "" },
      userError: expect.objectContaining(reason),
    });
  });

  test("because it tells nobody's (404) is no failure", async () => {
    answerRequests({ userinfo: refused(404, "invalid_request") });
    expect(await fetchProfile(address, "t")).toEqual({ user: { username: "" }, userError: undefined });
  });

  const unknown = {
    user: { username: "" },
    userError: { code: "temporarily_unavailable", message: "Later.", status: 503 },
  };

  test("is asked for again by the next passive login, once for all who ask, until it is there", async () => {
    const auth = await loggedIn(unknown);
    expect(auth.userError).toMatchObject({
      name: "AuthError",
      code: "temporarily_unavailable",
      message: "Later.",
      status: 503,
    });
    const asked = answerRequests({ userinfo: refused(403, "insufficient_scope") });
    expect(await Promise.all([auth.login({ passive: true }), auth.login({ passive: true })])).toEqual([
      { username: "" },
      { username: "" },
    ]);
    expect(asked).toEqual(["userinfo"]);
    expect(auth.userError).toMatchObject({ code: "insufficient_scope" });

    const events: string[] = [];
    auth.addEventListener("mv-login", ({ detail }: any) => events.push(detail.user.username));
    answerRequests({ userinfo: () => Response.json({ username: "alice" }) });
    expect(await auth.login({ passive: true })).toEqual({ username: "alice" });
    expect([auth.userError, events]).toEqual([null, ["alice"]]);
    const never = answerRequests({});
    expect(await auth.login({ passive: true })).toEqual({ username: "alice" });
    expect(never).toEqual([]);
  });

  test("does not bring back a login that ends while it is asked for", async () => {
    const auth = await loggedIn(unknown);
    answerRequests({
      userinfo: () => (void auth.logout(), Response.json({ username: "alice" })),
      revoke: () => Response.json({}),
    });
    expect(await auth.login({ passive: true })).toBeNull();
    expect(loadSession(sessionKey(auth.authProvider, "github", undefined))).toBeUndefined();
  });
});

describe("token({ refresh: true })", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  let refreshes = 1;
  const refreshed = () => Response.json({ access_token: `t-${(refreshes += 1)}`, refresh_token: "r" });

  test("gives another access token where the service has refused one that has no known end", async () => {
    const auth = await loggedIn();
    const asked = answerRequests({ token: refreshed });
    expect(await auth.token()).toBe("t-1");
    expect(asked).toEqual([]);
    const another = await auth.token({ refresh: true });
    expect(another).not.toBe("t-1");
    expect(await auth.token()).toBe(another);
    expect(asked).toEqual(["token"]);
  });

  test("asked for at the same time is one refresh", async () => {
    const auth = await loggedIn();
    const asked = answerRequests({ token: refreshed });
    const tokens = await Promise.all([1, 2, 3].map(() => auth.token({ refresh: true })));
    expect(new Set(tokens).size).toBe(1);
    expect(asked).toEqual(["token"]);
  });

  test.each<[string, object, Record<string, () => Response>]>([
    ["there is no refresh token", { refreshToken: undefined }, {}],
    ["the refresh token is dead as well", {}, { token: refused(400, "invalid_grant") }],
  ])("ends the login where %s: nothing of it is any good", async (_, changes, answers) => {
    const auth = await loggedIn(changes);
    answerRequests(answers);
    await expect(auth.token({ refresh: true })).rejects.toMatchObject({ code: "session_expired" });
    expect(auth.user).toBeNull();
  });

  test("keeps the login where only the refresh has failed", async () => {
    const auth = await loggedIn();
    answerRequests({});
    await expect(auth.token({ refresh: true })).rejects.toMatchObject({ code: "unreachable" });
    expect(auth.user).toEqual({ username: "alice" });
  });
});

describe("idToken()", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });
  const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = (claims: object) => `${base64url({ alg: "RS256", kid: "k" })}.${base64url(claims)}.AAAA`;
  const claimsOf = (auth: module.Auth, changes: object = {}) => ({
    iss: `${auth.authProvider}/github`,
    sub: "1",
    aud: "https://app.example/",
    // By a clock that is a year behind: only the time between the two counts.
    iat: Date.now() / 1_000 - 31_536_000,
    exp: Date.now() / 1_000 - 31_536_000 + 3_600,
    ...changes,
  });
  let renewals = 0;
  const renewed = (members: object) => () =>
    Response.json({ access_token: `t-renewed-${(renewals += 1)}`, refresh_token: "r", ...members });
  const inAnHour = { idToken: "i-1", idTokenExpiresAtMs: Date.now() + 3_600_000 };
  const over = { idToken: "i-1", idTokenExpiresAtMs: Date.now() - 1 };

  test("is the one of the login while it is valid, without a request", async () => {
    const auth = await loggedIn(inAnHour);
    const asked = answerRequests({});
    expect(await auth.idToken()).toBe("i-1");
    expect(asked).toEqual([]);
  });

  test("is renewed once for all who ask when it has expired, although the access token has not", async () => {
    const auth = await loggedIn(over);
    const idToken = signed(claimsOf(auth, { name: "Zoë ?>" }));
    const asked = answerRequests({ token: renewed({ id_token: idToken }) });
    expect(await Promise.all([auth.idToken(), auth.idToken()])).toEqual([idToken, idToken]);
    expect(await auth.idToken()).toBe(idToken);
    expect(asked).toEqual(["token"]);
  });

  test("is another one for a server that has refused it", async () => {
    const auth = await loggedIn(inAnHour);
    const idToken = signed(claimsOf(auth));
    answerRequests({ token: renewed({ id_token: idToken }) });
    expect(await auth.idToken({ refresh: true })).toBe(idToken);
  });

  test("where nothing renews it, the login stays: its access token still works", async () => {
    const auth = await loggedIn({ ...over, refreshToken: undefined });
    answerRequests({});
    await expect(auth.idToken()).rejects.toMatchObject({ code: "id_token_expired" });
    expect(await auth.token()).toBe("t-1");
  });

  test("is not an expired one where a refresh gives none", async () => {
    const auth = await loggedIn(over);
    answerRequests({ token: renewed({}) });
    await expect(auth.idToken()).rejects.toMatchObject({ code: "id_token_expired" });
    expect(auth.user).toEqual({ username: "alice" });
  });

  test("says what the app must ask for", async () => {
    const auth = await loggedIn();
    await expect(auth.idToken()).rejects.toMatchObject({
      code: "no_id_token",
      message: expect.stringMatching("openid"),
    });
    answerRequests({ revoke: () => Response.json({}) });
    await auth.logout();
    await expect(auth.idToken()).rejects.toMatchObject({ code: "logged_out" });
  });

  test.each<[string, (auth: module.Auth) => string]>([
    ["for another app", (auth) => signed(claimsOf(auth, { aud: "https://other.example/" }))],
    ["for several apps", (auth) => signed(claimsOf(auth, { aud: ["https://app.example/", "https://other.example/"] }))],
    ["of another service's issuer", (auth) => signed(claimsOf(auth, { iss: `${auth.authProvider}/gitlab` }))],
    ["without an end", (auth) => signed(claimsOf(auth, { exp: undefined }))],
    ["that is none", () => "x.y.z"],
    ["that is no object", () => `e30.${base64url([1])}.AAAA`],
  ])("is never one %s", async (_, forge) => {
    const auth = await loggedIn(over);
    answerRequests({ token: renewed({ id_token: forge(auth) }) });
    await expect(auth.idToken()).rejects.toMatchObject({ code: "invalid_response" });
  });

  test.each([{ idToken: 1 }, { idToken: "i-1" }, { idToken: "i-1", idTokenExpiresAtMs: "soon" }])(
    "in storage may be anything (%j): then there is no login",
    async (changes) => {
      expect((await loggedIn(changes)).user).toBeNull();
    },
  );
});

test("apps of one origin that have names do not see each other's logins", async () => {
  const auth = await loggedIn();
  const named = (app: string) => new module.Auth({ service: "github", authProvider: auth.authProvider, app });
  expect(named("a").user).toBeNull();
  saveSession(sessionKey(auth.authProvider, "github", undefined, "a"), {
    accessToken: "t",
    expiresAtMs: null,
    scopes: [],
    user: { username: "bob" },
  });
  expect([auth.user, named("a").user, named("b").user]).toEqual([{ username: "alice" }, { username: "bob" }, null]);
});

describe("react-admin's authProvider, where nobody is logged in", () => {
  const provider = reactAdmin.createAuthProvider(
    { service: "github", authProvider: "http://127.0.0.1:1" },
    { errors: { 403: { logoutUser: false, redirectTo: "/no", message: false }, 418: {} } },
  );

  test("checkError rejects with what was configured for the status, and resolves for everything else", async () => {
    await expect(provider.checkError({ status: 401 })).rejects.toEqual({});
    const configured = { logoutUser: false, redirectTo: "/no", message: false };
    await expect(provider.checkError({ status: 403 })).rejects.toEqual(configured);
    await expect(provider.checkError({ status: 418 })).rejects.toEqual({});
    for (const error of [{ status: 500 }, new Error("x"), null, undefined, "text", { status: "401" }]) {
      await expect(provider.checkError(error)).resolves.toBeUndefined();
    }
  });

  test("checkAuth rejects without a word, getIdentity rejects, getPermissions is empty, logout is done", async () => {
    await expect(provider.checkAuth({})).rejects.toEqual({ message: false });
    await expect(provider.getIdentity()).rejects.toThrow("Nobody is logged in");
    await expect(provider.getPermissions({})).resolves.toEqual([]);
    await expect(provider.logout({})).resolves.toBeUndefined();
  });
});
