import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { createProvider } from "../../server/provider/provider.ts";
import { seal } from "../../server/sealing/seal.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  decide,
  EVIL,
  GOOD,
  PROVIDER,
  pkcePair,
  plainService,
  reachConfirmation,
  redeem,
  testProvider,
} from "../tools/harness.ts";
import { startLocalServer } from "../tools/local-server.ts";
import type { DpopKey } from "./refresh-tools.ts";
import {
  dpopProof,
  expectError,
  FORM,
  fakeServices,
  LIFE_SECONDS,
  logIn,
  newDpopKey,
  openRefresh,
  REFRESHING,
  ROTATED_REFRESH_TOKEN,
  refreshWith,
  SERVICE_REFRESH_TOKEN,
  sealRefresh,
  TOLERANCE_SECONDS,
  tokenAnswer,
  tokensIn,
} from "./refresh-tools.ts";
import { boundJar, madataTransaction, RUNS, reachCode, sealOne, serviceOf } from "./tools.ts";

const provider = testProvider({ github: REFRESHING, other: REFRESHING });
const lenient = testProvider({ github: { ...REFRESHING, refreshWithoutDpop: true } });
const never = testProvider({ github: { ...REFRESHING, refreshTokens: "none", refreshWithoutDpop: true } });

let key: DpopKey;
let otherKey: DpopKey;
let services: ReturnType<typeof fakeServices>;
beforeAll(async () => {
  [key, otherKey] = await Promise.all([newDpopKey(), newDpopKey()]);
});
beforeEach(() => (services = fakeServices(tokenAnswer({ refresh_token: SERVICE_REFRESH_TOKEN, expires_in: 3_600 }))));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** The parameters of the request to the service that the honest app's authorization request leads to. */
async function authorizationAt(
  by: typeof provider,
  overrides: Record<string, string | undefined>,
): Promise<URLSearchParams> {
  const query = authorizationRequest(pkcePair().challenge, overrides);
  const response = await call("authorize", by, `/authorize/github?${query}`, { headers: { referer: `${GOOD}/` } });
  expect(response.status, await response.clone().text()).toBe(302);
  return new URL(response.headers.get("location")!).searchParams;
}

describe("[A50] an app that the owner's list no longer names", () => {
  test.each([
    ["ALLOWED_APPS without it", GOOD, { ALLOWED_APPS: "https://other.example" }],
    ["a port that is not listed", "http://127.0.0.1:9999", { ALLOWED_APPS: "http://127.0.0.1:3000" }],
    ["ALLOW_LOOPBACK=false", "http://localhost:3000", { ALLOW_LOOPBACK: "false" }],
  ])("gets nothing more for the refresh token that it has: %s", async (_, appOrigin, env) => {
    const closed = testProvider({ github: REFRESHING, env });
    const form = (by: typeof provider) => ({
      client_id: `${appOrigin}/`,
      refresh_token: sealRefresh(by, { clientId: `${appOrigin}/`, appOrigin, thumbprint: key.thumbprint }),
    });
    await expectError(
      await refreshWith(closed, form(closed), { proof: await dpopProof(key), headers: { origin: appOrigin } }),
      "invalid_refresh_token",
    );
    expect(services.seen).toEqual([]);
    await tokensIn(
      await refreshWith(provider, form(provider), { proof: await dpopProof(key), headers: { origin: appOrigin } }),
    );
  });
});

describe("[A29] the service is asked for a refresh token", () => {
  const jkt = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
  const withOffline = "read:user offline_access";
  test.each([
    ["with dpop_jkt", provider, { dpop_jkt: jkt }],
    ["with dpop_jkt and offline_access", provider, { dpop_jkt: jkt, scope: withOffline }],
    ["with offline_access, where the owner allows that without DPoP", lenient, { scope: withOffline }],
  ])("%s", async (_, by, overrides) => {
    const query = await authorizationAt(by, overrides);
    expect(query.get("access_type")).toBe("offline");
    expect(query.get("prompt")).toBe("consent");
    expect(query.get("scope")).toBe("read:user offline");
  });

  test.each([
    ["when nobody wants one", provider, {}],
    ["when nobody wants one, though the owner would allow it", lenient, {}],
    ["with offline_access alone, where the owner allows no unbound ones", provider, { scope: withOffline }],
    ["with an empty dpop_jkt", provider, { dpop_jkt: "" }],
    ["with the service's own parameter", provider, { access_type: "offline", prompt: "consent" }],
    ["where it has none", never, { dpop_jkt: jkt, scope: withOffline }],
  ])("never %s", async (_, by, overrides) => {
    const query = await authorizationAt(by, overrides);
    expect(query.has("access_type")).toBe(false);
    expect(query.has("prompt")).toBe(false);
    expect(query.get("scope")).toBe("read:user");
  });

  test("offline_access alone still means the service's default scopes, not none at all [A31]", async () => {
    expect((await authorizationAt(lenient, { scope: "offline_access" })).get("scope")).toBe("read:user offline");
    expect((await authorizationAt(provider, { scope: "offline_access" })).get("scope")).toBe("read:user");
  });

  test("offline_access is the owner's to allow by refresh_without_dpop, whatever scopes of the service are allowed", async () => {
    const limited = testProvider({ github: { ...REFRESHING, refreshWithoutDpop: true, allowedScopes: ["read:user"] } });
    expect((await authorizationAt(limited, { scope: withOffline })).get("access_type")).toBe("offline");
  });

  test.each(["x", jkt.slice(1), `${jkt}A`, `${jkt.slice(1)}+`, `${jkt.slice(1)}=`, ` ${jkt.slice(1)}`])(
    "dpop_jkt=%j is no thumbprint",
    async (value) => {
      const query = authorizationRequest(pkcePair().challenge, { dpop_jkt: value });
      const response = await call("authorize", provider, `/authorize/github?${query}`);
      expect(response.status).toBe(400);
      expect(await response.text()).toContain("dpop_jkt must be");
    },
  );

  test("two keys cannot be announced", async () => {
    const query = authorizationRequest(pkcePair().challenge, { dpop_jkt: jkt });
    const response = await call("authorize", provider, `/authorize/github?${query}&dpop_jkt=${key.thumbprint}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("more than once");
  });
});

describe("[A29] a refresh token is handed out", () => {
  test("bound to the key that was announced and proved, to the app and to 90 days", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-06-01T12:00:00Z") });
    const tokens = await tokensIn(await logIn(provider, { key }));
    expect(Object.keys(tokens).sort()).toEqual(["access_token", "expires_in", "refresh_token", "scope", "token_type"]);
    expect(openRefresh(provider, tokens.refresh_token)).toEqual({
      refreshToken: SERVICE_REFRESH_TOKEN,
      clientId: `${GOOD}/`,
      appOrigin: GOOD,
      scopes: ["read:user"],
      thumbprint: key.thumbprint,
      expiresAt: Date.parse("2026-06-01T12:00:00Z") / 1_000 + LIFE_SECONDS,
    });
  });

  test("to a key that is proved without having been announced, where the owner allows unbound ones and the question said so", async () => {
    const overrides = { scope: "read:user offline_access" };
    const tokens = await tokensIn(await logIn(lenient, { overrides, proof: await dpopProof(key) }));
    expect(openRefresh(lenient, tokens.refresh_token)?.thumbprint).toBe(key.thumbprint);
  });

  test.each([
    [
      "at a service that issues them unasked",
      testProvider({ github: { ...REFRESHING, offlineParameters: {}, offlineScopes: [] } }),
      {},
    ],
    ["where the service must be asked for one", provider, {}],
    ["for offline_access, where the owner allows no unbound ones", provider, { scope: "read:user offline_access" }],
    ["where the owner would allow an unbound one", lenient, {}],
    ["where the service is known to have none", never, { scope: "read:user offline_access" }],
  ])(
    "never by a key that is shown only at the end, when the question did not speak of staying logged in: %s",
    async (_, by, overrides) => {
      const { question } = await reachConfirmation(by, { overrides });
      expect(question.offline).toBe(false);
      const tokens = await tokensIn(await logIn(by, { overrides, proof: await dpopProof(key) }));
      expect(tokens).not.toHaveProperty("refresh_token");
      // At many services, revoking it would also revoke the access token.
      expect(services.seen.map(({ url }) => url)).toEqual(["https://github.example/login/oauth/access_token"]);
    },
  );

  test("exactly where the question said so, and in no dialect that hands over the access token itself", async () => {
    const { question: asked } = await reachConfirmation(provider, { overrides: { dpop_jkt: key.thumbprint } });
    expect(asked.offline).toBe(true);
    const { redirectUri: _, ...question } = asked;
    const { jar, browser } = boundJar();
    const transactions = [madataTransaction(), { dialect: "cms" as const, scopes: ["read:user"], word: "github" }];
    for (const transaction of transactions) {
      const serviceCode = { code: CANARY.serviceCode, redirectUri: PROVIDER };
      const ticket = seal("ticket", { transaction, browser, serviceCode }, { provider, service: serviceOf(provider) });
      const shown = { ...question, ticket, origin: GOOD };
      const answer = await (await decide(provider, shown, jar, { opener: true })).text();
      expect(answer).toContain(CANARY.accessToken);
      expect(answer).not.toMatch(/refresh/);
    }
  });

  test("unbound, where the owner allows that and the app asked for it", async () => {
    const tokens = await tokensIn(await logIn(lenient, { overrides: { scope: "read:user offline_access" } }));
    expect(openRefresh(lenient, tokens.refresh_token)).toMatchObject({
      refreshToken: SERVICE_REFRESH_TOKEN,
      scopes: ["read:user"],
    });
    expect(openRefresh(lenient, tokens.refresh_token)).not.toHaveProperty("thumbprint");
  });

  test.each([
    ["without proof", provider, {}],
    ["for offline_access, where the owner allows no unbound ones", provider, { scope: "read:user offline_access" }],
    ["unasked, where the owner would allow it", lenient, {}],
    ["where the service is known to have none", never, { scope: "read:user offline_access" }],
  ])("never %s, even if the service sends one", async (_, by, overrides) => {
    expect(await tokensIn(await logIn(by, { overrides }))).not.toHaveProperty("refresh_token");
  });

  test.each([null, "", 1, true, ["x"], { token: "x" }, "a\nb", "é", "x".repeat(8_193)])(
    "never around %j",
    async (refreshToken) => {
      services.answerWith(tokenAnswer({ refresh_token: refreshToken }));
      expect(await tokensIn(await logIn(provider, { key }))).not.toHaveProperty("refresh_token");
    },
  );
});

describe("[A29] a code whose key was announced (RFC 9449 §10)", () => {
  test.each(["none", "reusable", "rotating"] as const)(
    "is redeemed with that key only, at a service whose refresh tokens are %s",
    async (refreshTokens) => {
      const by = testProvider({ github: { ...REFRESHING, refreshTokens, refreshWithoutDpop: true } });
      const { code, verifier } = await reachCode(by, { overrides: { dpop_jkt: key.thumbprint } });
      const attempt = async (proof?: string) =>
        await redeem(by, { code, code_verifier: verifier }, { headers: proof === undefined ? {} : { dpop: proof } });
      await expectError(await attempt(), "invalid_dpop_proof");
      await expectError(await attempt(await dpopProof(otherKey)), "invalid_dpop_proof");
      await expectError(
        await attempt(await dpopProof(key, { header: { jwk: otherKey.publicJwk } })),
        "invalid_dpop_proof",
      );
      expect(services.seen).toEqual([]);
      await tokensIn(await attempt(await dpopProof(key)));
    },
  );
});

describe("a refresh (RFC 6749 §6)", () => {
  test("asks the service with its own refresh token and our credentials, and nothing that the app sent", async () => {
    const token = sealRefresh(provider, { thumbprint: key.thumbprint });
    const headers = { origin: GOOD, cookie: "canary-of-a-header", "x-canary": "canary-of-a-header" };
    const parameters = { refresh_token: token, scope: "read:user", audience: EVIL, code: "x", redirect_uri: EVIL };
    const tokens = await tokensIn(await refreshWith(provider, parameters, { proof: await dpopProof(key), headers }));
    expect(tokens).toEqual({
      access_token: CANARY.accessToken,
      token_type: "bearer",
      expires_in: 3_600,
      scope: "read:user",
      refresh_token: token,
    });
    expect(services.seen).toHaveLength(1);
    const [{ url, method, body, headers: sent }] = services.seen as [(typeof services.seen)[0]];
    expect([method, url]).toEqual(["POST", "https://github.example/login/oauth/access_token"]);
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      grant_type: "refresh_token",
      refresh_token: SERVICE_REFRESH_TOKEN,
      client_id: "client-of-github",
      client_secret: CANARY.clientSecret,
    });
    expect(JSON.stringify(sent)).not.toMatch(/canary-of-a-header|good\.example|dpop/);
  });

  test.each([undefined, null, "", 1, SERVICE_REFRESH_TOKEN])(
    "the service keeps its token (%j): the app's is repeated",
    async (refreshToken) => {
      services.answerWith(tokenAnswer({ refresh_token: refreshToken }));
      const token = sealRefresh(provider, { thumbprint: key.thumbprint });
      expect(
        (await tokensIn(await refreshWith(provider, { refresh_token: token }, { proof: await dpopProof(key) })))
          .refresh_token,
      ).toBe(token);
    },
  );

  test("the service rotates: the new one is passed on, for the same app, key, scopes and end", async () => {
    services.answerWith(tokenAnswer({ refresh_token: ROTATED_REFRESH_TOKEN }));
    const token = sealRefresh(provider, {
      thumbprint: key.thumbprint,
      expiresAt: Math.floor(Date.now() / 1_000) + 1_000,
    });
    const before = openRefresh(provider, token);
    const next = await tokensIn(await refreshWith(provider, { refresh_token: token }, { proof: await dpopProof(key) }));
    expect(openRefresh(provider, next.refresh_token)).toEqual({ ...before, refreshToken: ROTATED_REFRESH_TOKEN });
    await tokensIn(await refreshWith(provider, { refresh_token: next.refresh_token }, { proof: await dpopProof(key) }));
    expect(new URLSearchParams(services.seen.at(-1)!.body).get("refresh_token")).toBe(ROTATED_REFRESH_TOKEN);
  });

  test("works as JSON, and with the client_id in a Basic header with an empty secret", async () => {
    const token = sealRefresh(provider, { thumbprint: key.thumbprint });
    const json = JSON.stringify({ grant_type: "refresh_token", refresh_token: token, client_id: `${GOOD}/` });
    const headers = { "content-type": "application/json", dpop: await dpopProof(key) };
    await tokensIn(await call("token", provider, "/token/github", { method: "POST", headers, body: json }));
    const authorization = `Basic ${Buffer.from(`${encodeURIComponent(`${GOOD}/`)}:`).toString("base64")}`;
    await tokensIn(
      await refreshWith(
        provider,
        { refresh_token: token, client_id: undefined },
        { proof: await dpopProof(key), headers: { authorization } },
      ),
    );
  });
});

describe("[A29][A30] a refresh token is of use to nobody else", () => {
  test("no key, another key, or a proof that only names the key", async () => {
    const token = sealRefresh(provider, { thumbprint: key.thumbprint });
    await expectError(await refreshWith(provider, { refresh_token: token }), "invalid_dpop_proof");
    await expectError(
      await refreshWith(provider, { refresh_token: token }, { proof: await dpopProof(otherKey) }),
      "invalid_dpop_proof",
    );
    const named = await dpopProof(otherKey, { header: { jwk: key.publicJwk } });
    await expectError(await refreshWith(provider, { refresh_token: token }, { proof: named }), "invalid_dpop_proof");
    expect(services.seen).toEqual([]);
  });

  test("the owner's permission for unbound ones unbinds none that is bound", async () => {
    const token = sealRefresh(lenient, { thumbprint: key.thumbprint });
    await expectError(await refreshWith(lenient, { refresh_token: token }), "invalid_dpop_proof");
    expect(services.seen).toEqual([]);
  });

  test("none works any more where the owner has switched them off since", async () => {
    const token = sealRefresh(never, { thumbprint: key.thumbprint });
    await expectError(
      await refreshWith(never, { refresh_token: token }, { proof: await dpopProof(key) }),
      "invalid_refresh_token",
    );
    await expectError(await refreshWith(never, { refresh_token: sealRefresh(never) }), "invalid_refresh_token");
    expect(services.seen).toEqual([]);
  });

  test("an unbound one works with and without proof, until the owner withdraws the permission", async () => {
    const token = sealRefresh(lenient);
    await tokensIn(await refreshWith(lenient, { refresh_token: token }));
    await tokensIn(await refreshWith(lenient, { refresh_token: token }, { proof: await dpopProof(key) }));
    services.seen.length = 0;
    await expectError(await refreshWith(provider, { refresh_token: token }), "invalid_dpop_proof");
    await expectError(
      await refreshWith(provider, { refresh_token: token }, { proof: await dpopProof(key) }),
      "invalid_dpop_proof",
    );
    expect(services.seen).toEqual([]);
  });

  test.each([
    `${EVIL}/`,
    GOOD,
    `${GOOD}/callback`,
    `${GOOD}//`,
    "https://GOOD.example/",
    `${GOOD}:443/`,
    "client-of-github",
    "https://sub.good.example/",
  ])("another client_id: %s", async (clientId) => {
    const token = sealRefresh(provider, { thumbprint: key.thumbprint });
    const response = await refreshWith(
      provider,
      { refresh_token: token, client_id: clientId },
      { proof: await dpopProof(key) },
    );
    await expectError(response, "invalid_refresh_token");
    expect(services.seen).toEqual([]);
  });

  test.each([
    EVIL,
    "null",
    "",
    "http://good.example",
    `${GOOD}:8443`,
    "https://sub.good.example",
    `${GOOD}/`,
    "https://GOOD.example",
    PROVIDER,
    `${GOOD}, ${EVIL}`,
  ])("another Origin: %j", async (origin) => {
    const token = sealRefresh(provider, { thumbprint: key.thumbprint });
    const proof = await dpopProof(key);
    await expectError(
      await refreshWith(provider, { refresh_token: token }, { proof, headers: { origin } }),
      "invalid_refresh_token",
    );
    expect(services.seen).toEqual([]);
    await tokensIn(await refreshWith(provider, { refresh_token: token }, { proof, headers: { origin: GOOD } }));
  });

  test("another service, with the same keys and a right proof for it [A26]", async () => {
    const shared = { SEALING_KEY: "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV" };
    const by = testProvider({ github: REFRESHING, other: REFRESHING, env: shared });
    const token = sealRefresh(by, { thumbprint: key.thumbprint });
    const proof = await dpopProof(key, { claims: { htu: `${PROVIDER}/token/other` } });
    await expectError(
      await refreshWith(by, { refresh_token: token }, { proof, service: "other" }),
      "invalid_refresh_token",
    );
    await expectError(
      await refreshWith(by, { refresh_token: token }, { proof: await dpopProof(key), service: "nobody" }),
      "unknown_service",
    );
    expect(services.seen).toEqual([]);
  });

  test("another provider with the same client secret [A26]", async () => {
    const staging = testProvider({ github: REFRESHING, env: { URL: "https://staging.example" } });
    const token = sealRefresh(staging, { thumbprint: key.thumbprint });
    await expectError(
      await refreshWith(provider, { refresh_token: token }, { proof: await dpopProof(key) }),
      "invalid_refresh_token",
    );
    expect(services.seen).toEqual([]);
  });

  test("another kind: no state, ticket, request or code is a refresh token, and none of these is a code [A26]", async () => {
    for (const kind of ["request", "state", "ticket", "code"] as const) {
      const sealed = sealOne(kind, lenient, { browser: "x" });
      await expectError(await refreshWith(lenient, { refresh_token: sealed }), "invalid_refresh_token");
    }
    const { verifier } = pkcePair();
    await expectError(await redeem(lenient, { code: sealRefresh(lenient), code_verifier: verifier }), "invalid_code");
    await expectError(await refreshWith(lenient, { refresh_token: SERVICE_REFRESH_TOKEN }), "invalid_refresh_token");
    expect(services.seen).toEqual([]);
  });

  test("another secret: after a rotation of the client secret, the previous one still opens them", async () => {
    const token = sealRefresh(provider, { thumbprint: key.thumbprint });
    const rotated = (env: Record<string, string>) =>
      testProvider({
        github: REFRESHING,
        env: { GITHUB_CLIENT_SECRET: "another-secret-0123456789abcdef0123", ...env },
      });
    await expectError(
      await refreshWith(rotated({}), { refresh_token: token }, { proof: await dpopProof(key) }),
      "invalid_refresh_token",
    );
    const previous = rotated({ GITHUB_CLIENT_SECRET_PREVIOUS: CANARY.clientSecret });
    await tokensIn(await refreshWith(previous, { refresh_token: token }, { proof: await dpopProof(key) }));
  });
});

describe("[A29][A63] the end of a refresh token", () => {
  const startMs = Date.parse("2026-06-01T12:00:00Z");
  const endMs = startMs + LIFE_SECONDS * 1_000;
  const attempt = async (token: string) =>
    await refreshWith(provider, { refresh_token: token }, { proof: await dpopProof(key) });

  test.each([
    ["a second before it", -1, true],
    ["at it, by a clock that is behind", TOLERANCE_SECONDS - 1, true],
    ["at the end of the tolerance", TOLERANCE_SECONDS, false],
    ["a second later", TOLERANCE_SECONDS + 1, false],
  ])("%s", async (_, offsetSeconds, works) => {
    vi.useFakeTimers({ toFake: ["Date"], now: startMs });
    const { refresh_token: token } = await tokensIn(await logIn(provider, { key }));
    services.seen.length = 0;
    vi.setSystemTime(endMs + offsetSeconds * 1_000);
    if (works) return void (await tokensIn(await attempt(token!)));
    await expectError(await attempt(token!), "invalid_refresh_token");
    expect(services.seen).toEqual([]);
  });

  test("is never moved by use or by rotation", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: startMs });
    let { refresh_token: token } = await tokensIn(await logIn(provider, { key }));
    for (const day of [1, 30, 60, 89, 89.9]) {
      vi.setSystemTime(startMs + day * 86_400_000);
      services.answerWith(tokenAnswer({ refresh_token: `rotated-on-day-${day}` }));
      ({ refresh_token: token } = await tokensIn(await attempt(token!)));
      expect(openRefresh(provider, token)).toMatchObject({
        refreshToken: `rotated-on-day-${day}`,
        expiresAt: endMs / 1_000,
      });
    }
    vi.setSystemTime(endMs + (TOLERANCE_SECONDS - 1) * 1_000);
    await tokensIn(await attempt(token!));
    services.seen.length = 0;
    vi.setSystemTime(endMs + TOLERANCE_SECONDS * 1_000);
    await expectError(await attempt(token!), "invalid_refresh_token");
    expect(services.seen).toEqual([]);
  });
});

describe("a service that refuses", () => {
  const refusals: [
    string,
    Response,
    "service_refused_grant" | "service_refused_provider" | "service_failed" | "service_unintelligible",
  ][] = [
    [
      "invalid_grant",
      Response.json({ error: "invalid_grant", error_description: "canary-of-the-service" }, { status: 400 }),
      "service_refused_grant",
    ],
    ["invalid_grant with status 200", Response.json({ error: "invalid_grant" }), "service_refused_grant"],
    ["our own credentials", Response.json({ error: "invalid_client" }, { status: 401 }), "service_refused_provider"],
    ["because it is broken", new Response("<h1>oops</h1>", { status: 500 }), "service_failed"],
    ["too many requests", new Response("", { status: 429 }), "service_failed"],
    ["with a page", new Response("<h1>maintenance</h1>"), "service_unintelligible"],
    ["without a token", Response.json({}), "service_unintelligible"],
  ];
  test.each(refusals)("%s: the app is told so, and its refresh token works again later", async (_, answer, reason) => {
    const token = sealRefresh(provider, { thumbprint: key.thumbprint });
    services.answerWith(answer);
    await expectError(await refreshWith(provider, { refresh_token: token }, { proof: await dpopProof(key) }), reason);
    services.answerWith(tokenAnswer());
    await tokensIn(await refreshWith(provider, { refresh_token: token }, { proof: await dpopProof(key) }));
  });

  test("grants more than before: the token is not handed over [A31]", async () => {
    services.answerWith(tokenAnswer({ scope: "read:user,repo", refresh_token: ROTATED_REFRESH_TOKEN }));
    const token = sealRefresh(provider, { thumbprint: key.thumbprint });
    const response = await refreshWith(provider, { refresh_token: token }, { proof: await dpopProof(key) });
    expect(await response.clone().text()).not.toContain(CANARY.accessToken);
    await expectError(response, "granted_too_much");
  });
});

describe("[A28] two refreshes at the same time, at a service that rotates strictly", () => {
  test("one gets tokens, the other a clear invalid_grant, and the new refresh token works", async () => {
    vi.restoreAllMocks();
    let valid = SERVICE_REFRESH_TOKEN;
    let requests = 0;
    const both = Promise.withResolvers<void>();
    const { origin, stop } = await startLocalServer(async (request, response) => {
      let body = "";
      for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
      requests += 1;
      const right = new URLSearchParams(body).get("refresh_token") === valid;
      if (right) valid = `canary-rotated-token-number-${requests}`;
      const answer = right
        ? { access_token: CANARY.accessToken, token_type: "bearer", refresh_token: valid }
        : { error: "invalid_grant" };
      if (requests === 2) both.resolve();
      await both.promise;
      response.writeHead(right ? 200 : 400, { "content-type": "application/json" }).end(JSON.stringify(answer));
    });
    const by = testProvider({ github: { ...REFRESHING, tokenEndpoint: `${origin}/token` } });
    const token = sealRefresh(by, { thumbprint: key.thumbprint });
    const proofs = await Promise.all([dpopProof(key), dpopProof(key)]);
    const responses = await Promise.all(proofs.map((proof) => refreshWith(by, { refresh_token: token }, { proof })));
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 400]);
    expect(requests).toBe(2);
    await expectError(responses.find(({ status }) => status === 400)!, "service_refused_grant");
    const won = await tokensIn(responses.find(({ status }) => status === 200)!);
    await tokensIn(await refreshWith(by, { refresh_token: won.refresh_token }, { proof: await dpopProof(key) }));
    await stop();
  });
});

describe("[A31] scope in a refresh (RFC 6749 §6)", () => {
  const scopes = ["read:user", "gist"];
  const attempt = async (scope: string, granted = scopes) => {
    const token = sealRefresh(provider, { thumbprint: key.thumbprint, scopes: granted });
    return await refreshWith(provider, { refresh_token: token, scope }, { proof: await dpopProof(key) });
  };

  test.each([
    "",
    "read:user gist",
    "gist read:user",
    "gist",
    "gist gist",
    " gist ",
    "read:user,gist",
    "gist offline_access",
    "openid gist",
  ])("not more than was granted: %j", async (scope) => {
    expect((await tokensIn(await attempt(scope))).scope).toBe("read:user gist");
    expect(new URLSearchParams(services.seen.at(-1)!.body).has("scope")).toBe(false);
  });

  test.each([
    "repo",
    "read:user gist repo",
    "READ:USER",
    "gist,repo",
    "read:user,gist,repo",
    "*",
    "gist\u00A0repo",
    "constructor",
  ])("more than was granted: %j", async (scope) => {
    await expectError(await attempt(scope), "invalid_scope");
    expect(services.seen).toEqual([]);
  });

  test("what the service spells otherwise may be asked for as the app spelled it", async () => {
    const github = {
      ...REFRESHING,
      scopeAliases: { "https://github.example/auth/email": "email" },
      tokenResponseScopeSeparator: " ",
    };
    const by = testProvider({ github });
    services.answerWith(
      tokenAnswer({ refresh_token: SERVICE_REFRESH_TOKEN, scope: "https://github.example/auth/email" }),
    );
    const { refresh_token: token } = await tokensIn(await logIn(by, { key, overrides: { scope: "email" } }));
    await tokensIn(await refreshWith(by, { refresh_token: token, scope: "email" }, { proof: await dpopProof(key) }));
  });
});

describe("[A42] a refresh request that is put together wrongly", () => {
  let token: string;
  beforeEach(() => (token = sealRefresh(lenient)));
  afterEach(() => expect(services.seen).toEqual([]));

  test.each(["refresh_token", "client_id"])("without %s", async (name) => {
    for (const value of [undefined, ""]) {
      await expectError(await refreshWith(lenient, { refresh_token: token, [name]: value }), "missing_refresh_token");
    }
  });

  test.each([undefined, "", "refresh", "REFRESH_TOKEN", "refresh_token ", "refresh_token,authorization_code"])(
    "grant_type %j",
    async (grantType) => {
      await expectError(
        await refreshWith(lenient, { refresh_token: token, grant_type: grantType }),
        "unsupported_grant_type",
      );
    },
  );

  test("each parameter twice, also with the same value", async () => {
    const form = { grant_type: "refresh_token", refresh_token: token, client_id: `${GOOD}/`, scope: "read:user" };
    for (const [name, value] of Object.entries(form)) {
      for (const second of [value, "", "x"]) {
        const body = new URLSearchParams([...Object.entries(form), [name, second]]).toString();
        const response = await call("token", lenient, "/token/github", {
          method: "POST",
          headers: { "content-type": FORM },
          body,
        });
        await expectError(response, "duplicate_parameter");
      }
    }
  });

  test("other JSON types than text", async () => {
    const form: Record<string, string> = { grant_type: "refresh_token", refresh_token: token, client_id: `${GOOD}/` };
    for (const name of Object.keys(form)) {
      for (const value of [[form[name]], { value: form[name] }, 1, true, null]) {
        const body = JSON.stringify({ ...form, [name]: value });
        const response = await call("token", lenient, "/token/github", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body,
        });
        await expectError(response, "unreadable_body");
      }
    }
  });

  test("in the URL, as another type, or too large", async () => {
    const query = new URLSearchParams({ grant_type: "refresh_token", refresh_token: token, client_id: `${GOOD}/` });
    const post = (path: string, type: string, body: string) =>
      call("token", lenient, path, { method: "POST", headers: { "content-type": type }, body });
    await expectError(await post(`/token/github?${query}`, FORM, ""), "unsupported_grant_type");
    await expectError(
      await post(`/token/github?refresh_token=${token}`, FORM, "grant_type=refresh_token&client_id=x"),
      "missing_refresh_token",
    );
    await expectError(await post("/token/github", "text/plain", query.toString()), "unreadable_body");
    await expectError(
      await post("/token/github", "multipart/form-data; boundary=x", query.toString()),
      "unreadable_body",
    );
    await expectError(await refreshWith(lenient, { refresh_token: "x".repeat(12_289) }), "oversized_parameter");
    await expectError(await refreshWith(lenient, { refresh_token: "x".repeat(16_384) }), "too_large");
  });

  test("with a client secret", async () => {
    await expectError(await refreshWith(lenient, { refresh_token: token, client_secret: "x" }), "client_secret_given");
    const authorization = `Basic ${Buffer.from(`${encodeURIComponent(`${GOOD}/`)}:x`).toString("base64")}`;
    await expectError(
      await refreshWith(lenient, { refresh_token: token }, { headers: { authorization } }),
      "client_secret_given",
    );
  });

  test("[A29] with the word that stands for a secret, in place of the key", async () => {
    const bound = sealRefresh(lenient, { thumbprint: (await newDpopKey()).thumbprint });
    await expectError(
      await refreshWith(lenient, { refresh_token: bound, client_secret: "public" }),
      "invalid_dpop_proof",
    );
    const authorization = `Basic ${Buffer.from(`${encodeURIComponent(`${GOOD}/`)}:public`).toString("base64")}`;
    await expectError(
      await refreshWith(lenient, { refresh_token: bound }, { headers: { authorization } }),
      "invalid_dpop_proof",
    );
  });

  test("with any other text for a refresh token", async () => {
    const looksSealed = fc
      .array(fc.base64String({ maxLength: 40 }), { minLength: 5, maxLength: 5 })
      .map((parts) => parts.join("."));
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ minLength: 1 }), fc.string({ minLength: 1, unit: "binary" }), looksSealed),
        async (text) => {
          const response = await refreshWith(lenient, { refresh_token: text });
          expect(response.status).toBe(400);
          expect(["invalid_grant", "invalid_request"]).toContain(((await response.json()) as { error: string }).error);
        },
      ),
      RUNS,
    );
  });

  test("with a refresh token of which one letter was changed", async () => {
    const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_. "];
    const bytesOf = (text: string) =>
      text
        .split(".")
        .map((part, index) => (index === 0 ? part : Buffer.from(part, "base64url").toString("hex")))
        .join(".");
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: token.length - 1 }), fc.constantFrom(...letters), async (index, letter) => {
        const changed = token.slice(0, index) + letter + token.slice(index + 1);
        // The last character of a part can have unused bits.
        fc.pre(bytesOf(changed) !== bytesOf(token));
        await expectError(await refreshWith(lenient, { refresh_token: changed }), "invalid_refresh_token");
      }),
      RUNS,
    );
  });
});

describe("a service that was taken out of the configuration, or that lost its secret", () => {
  test("refreshes nothing", async () => {
    const token = sealRefresh(lenient);
    const without = createProvider(
      {
        services: [plainService({ id: "other", key: "Other" }), plainService()],
        secrets: { other: CANARY.otherSecret },
        localDevelopment: false,
      },
      { URL: PROVIDER },
    );
    await expectError(await refreshWith(without, { refresh_token: token }), "service_not_set_up");
    expect(services.seen).toEqual([]);
  });
});
