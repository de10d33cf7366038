import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RevocationEndpoint, Service } from "../../server/provider/service.ts";
import { CANARY, decide, GOOD, pkcePair, reachConfirmation, redeem, testProvider } from "../tools/harness.ts";
import {
  expectError,
  fakeServices,
  REFRESHING,
  refreshWith,
  SERVICE_REFRESH_TOKEN,
  sealRefresh,
  tokenAnswer,
  tokensIn,
} from "./refresh-tools.ts";
import { RUNS, reachCode, sealOne } from "./tools.ts";

const REVOKE = "https://github.example/revoke";
const REVOCATION: RevocationEndpoint = {
  endpoint: REVOKE,
  method: "POST",
  authMethod: "client_secret_post",
  body: "form",
  tokenParameter: "token",
};
const GRANT_REVOCATION: RevocationEndpoint = { ...REVOCATION, endpoint: "https://github.example/revoke-everything" };

let services: ReturnType<typeof fakeServices>;
beforeEach(() => (services = fakeServices()));
afterEach(() => vi.restoreAllMocks());

/** A login in which the user was shown `scopes` and the service then reports `granted`. */
async function logInGranted(
  granted: unknown,
  github: Partial<Service> = {},
  scopes = ["read:user", "gist"],
): Promise<Response> {
  const provider = testProvider({ github: { revocation: REVOCATION, ...github } });
  const { verifier, challenge } = pkcePair();
  const code = sealOne("code", provider, { browser: "x", challenge, scopes });
  services.answerWith(({ url }) =>
    url.includes("/revoke")
      ? new Response(null)
      : tokenAnswer({ scope: granted, refresh_token: SERVICE_REFRESH_TOKEN }),
  );
  return await redeem(provider, { code, code_verifier: verifier });
}

/** The app gets no token, and the issued token is revoked. */
async function expectKeptBack(response: Response): Promise<void> {
  const text = await response.clone().text();
  expect(text).not.toContain(CANARY.accessToken);
  expect(text).not.toContain(SERVICE_REFRESH_TOKEN);
  await expectError(response, "granted_too_much");
  expect(services.seen.map(({ url }) => url).slice(1)).toEqual([REVOKE]);
  expect(new URLSearchParams(services.seen[1]!.body).get("token")).toBe(CANARY.accessToken);
}

describe("[A31] a token that can do more than the person was shown", () => {
  test.each([
    "read:user,gist,repo",
    "repo",
    "read:user gist repo",
    "read:user,repo gist",
    "read:user,gist,admin:org,",
    "READ:USER",
    "read:users",
    "read",
    "gist,__proto__",
    "constructor",
  ])("is not handed over, and is ended: %s", async (granted) => {
    await expectKeptBack(await logInGranted(granted));
  });

  test.each([[["read:user", "gist", "repo"]], [["repo"]]])(
    "also where the service says so as a list: %j",
    async (granted) => {
      await expectKeptBack(await logInGranted(granted));
    },
  );

  test.each([
    "read:user,gist",
    "gist,read:user",
    "read:user gist",
    "gist",
    "read:user,,gist",
    " read:user , gist ",
    "",
    undefined,
    null,
    "gist,openid",
  ])("what was shown, or less, is handed over: %j", async (granted) => {
    const { access_token: accessToken } = await tokensIn(await logInGranted(granted));
    expect(accessToken).toBe(CANARY.accessToken);
    expect(services.seen).toHaveLength(1);
  });

  test("and the app is told what was granted, separated by spaces (RFC 6749 §3.3)", async () => {
    expect((await tokensIn(await logInGranted("gist,read:user"))).scope).toBe("gist read:user");
    expect((await tokensIn(await logInGranted("gist"))).scope).toBe("gist");
    expect((await tokensIn(await logInGranted(undefined))).scope).toBe("read:user gist");
    expect(await tokensIn(await logInGranted(""))).not.toHaveProperty("scope");
  });

  test.each([
    "read:user,gist",
    "read:user gist",
    "read:user, gist",
    ["read:user", "gist"],
    ["read:user,gist"],
    ["read:user gist"],
  ])("spaces and commas separate scopes at every service, whatever its record says: %j", async (granted) => {
    for (const tokenResponseScopeSeparator of [" ", ",", "|"]) {
      expect((await tokensIn(await logInGranted(granted, { tokenResponseScopeSeparator }))).scope).toBe(
        "read:user gist",
      );
    }
  });

  test.each(["read:user,repo", "read:user repo", ["read:user,repo"], ["read:user repo"], ["gist", "read:user,repo"]])(
    "and what is behind one is as little hidden: %j",
    async (granted) => {
      for (const tokenResponseScopeSeparator of [" ", ",", "|"]) {
        services.seen.length = 0;
        await expectKeptBack(await logInGranted(granted, { tokenResponseScopeSeparator }));
      }
    },
  );

  test("any other separator is part of a scope where the service does not use it", async () => {
    await expectKeptBack(await logInGranted("read:user|gist"));
    services.seen.length = 0;
    expect((await tokensIn(await logInGranted("read:user|gist", { tokenResponseScopeSeparator: "|" }))).scope).toBe(
      "read:user gist",
    );
    services.seen.length = 0;
    await expectKeptBack(await logInGranted("read:user|gist|repo", { tokenResponseScopeSeparator: "|" }));
  });

  test("where only the whole grant could be ended, nothing is: that would log the person out of every app [A44]", async () => {
    const { revocation: _, ...without } = { revocation: REVOCATION, grantRevocation: GRANT_REVOCATION };
    const provider = testProvider({ github: without });
    const { verifier, challenge } = pkcePair();
    const code = sealOne("code", provider, { browser: "x", challenge });
    services.answerWith(tokenAnswer({ scope: "read:user,repo" }));
    await expectError(await redeem(provider, { code, code_verifier: verifier }), "granted_too_much");
    expect(services.seen.map(({ url }) => url)).toEqual(["https://github.example/login/oauth/access_token"]);
  });

  test.each([new Response(null, { status: 500 }), new Response(null, { status: 401 }), new TypeError("fetch failed")])(
    "stays here even if it cannot be ended",
    async (failure) => {
      const provider = testProvider({ github: { revocation: REVOCATION } });
      const { verifier, challenge } = pkcePair();
      const code = sealOne("code", provider, { browser: "x", challenge });
      services.answerWith(({ url }) => (url === REVOKE ? failure : tokenAnswer({ scope: "repo" })));
      const response = await redeem(provider, { code, code_verifier: verifier });
      expect(await response.clone().text()).not.toContain(CANARY.accessToken);
      await expectError(response, "granted_too_much");
    },
  );
});

describe("[A31] what does not count as more", () => {
  const aliases = {
    scopeAliases: { "https://g.example/auth/email": "email", "https://g.example/auth/profile": "profile" },
    tokenResponseScopeSeparator: " ",
  };

  test("the service's own spelling of what was asked for, in both directions", async () => {
    await tokensIn(await logInGranted("https://g.example/auth/email", aliases, ["email"]));
    await tokensIn(await logInGranted("email", aliases, ["https://g.example/auth/email"]));
    await tokensIn(await logInGranted("openid email https://g.example/auth/email", aliases, ["email"]));
  });

  test("but the spelling of something else does", async () => {
    await expectKeptBack(await logInGranted("https://g.example/auth/profile", aliases, ["email"]));
    services.seen.length = 0;
    await expectKeptBack(await logInGranted("https://g.example/auth/email/readonly", aliases, ["email"]));
  });

  test("what an owner has named as one scope, with the service's comma in it", async () => {
    const asked = { defaultScopes: ["read:user,gist"], tokenResponseScopeSeparator: " " };
    expect((await tokensIn(await logInGranted("read:user,gist", asked, ["read:user,gist"]))).scope).toBe(
      "read:user gist",
    );
    services.seen.length = 0;
    await expectKeptBack(await logInGranted("read:user,gist,repo", asked, ["read:user,gist"]));
  });

  test("what the service adds by itself to tell who the user is, and only at that service", async () => {
    expect((await tokensIn(await logInGranted("id read:user", { identityScopes: ["id"] }))).scope).toBe("id read:user");
    services.seen.length = 0;
    await expectKeptBack(await logInGranted("id read:user"));
  });

  test.each(["id read:user repo", "ID read:user", "id.full read:user", "identity read:user", "id:repo read:user"])(
    "but nothing that comes with it, or looks like it: %s",
    async (granted) => {
      await expectKeptBack(await logInGranted(granted, { identityScopes: ["id"] }));
    },
  );

  test("the scopes that a refresh token takes", async () => {
    await tokensIn(await logInGranted("read:user,gist,offline", REFRESHING));
    services.seen.length = 0;
    await expectKeptBack(await logInGranted("read:user,gist,offline", { ...REFRESHING, offlineScopes: [] }));
  });

  test("what the person granted earlier, at a service that merges, where the page says so", async () => {
    expect((await tokensIn(await logInGranted("read:user,gist,repo", { scopesMerged: true }))).scope).toBe(
      "read:user gist repo",
    );
    const provider = testProvider({ github: { scopesMerged: true } });
    expect((await reachConfirmation(provider)).question).toMatchObject({ scopesMerged: true });
    expect((await reachConfirmation(testProvider())).question).toMatchObject({ scopesMerged: false });
  });
});

describe("[A31] the same holds", () => {
  test("for the whole login of an app", async () => {
    const provider = testProvider({ github: { revocation: REVOCATION } });
    services.answerWith(({ url }) => (url === REVOKE ? new Response(null) : tokenAnswer({ scope: "read:user,repo" })));
    const { code, verifier } = await reachCode(provider);
    await expectKeptBack(await redeem(provider, { code, code_verifier: verifier }));
  });

  test("for a refresh, which never grows, whatever the app asks for", async () => {
    const provider = testProvider({ github: { ...REFRESHING, refreshWithoutDpop: true, revocation: REVOCATION } });
    services.answerWith(({ url }) => (url === REVOKE ? new Response(null) : tokenAnswer({ scope: "read:user,gist" })));
    await expectKeptBack(await refreshWith(provider, { refresh_token: sealRefresh(provider) }));
    services.seen.length = 0;
    const { scope } = await tokensIn(
      await refreshWith(provider, { refresh_token: sealRefresh(provider, { scopes: ["read:user", "gist", "repo"] }) }),
    );
    expect(scope).toBe("read:user gist");
  });

  test("for a refresh that the service answers with an identity scope of its own", async () => {
    const refreshing = { ...REFRESHING, refreshWithoutDpop: true, revocation: REVOCATION };
    const [adding, plain] = [
      testProvider({ github: { ...refreshing, identityScopes: ["id"] } }),
      testProvider({ github: refreshing }),
    ];
    services.answerWith(({ url }) => (url === REVOKE ? new Response(null) : tokenAnswer({ scope: "id read:user" })));
    expect((await tokensIn(await refreshWith(adding, { refresh_token: sealRefresh(adding) }))).scope).toBe(
      "id read:user",
    );
    services.seen.length = 0;
    await expectKeptBack(await refreshWith(plain, { refresh_token: sealRefresh(plain) }));
  });

  test("for Madata's clients that came through /authorize, whose token would go to the app at once", async () => {
    const provider = testProvider({ github: { revocation: REVOCATION } });
    const overrides = {
      client_id: "client-of-github",
      redirect_uri: provider.origin,
      state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }),
      scope: "read:user",
      code_challenge: undefined,
      code_challenge_method: undefined,
    };
    services.answerWith(({ url }) => (url === REVOKE ? new Response(null) : tokenAnswer({ scope: "read:user,repo" })));
    const { question, jar } = await reachConfirmation(provider, { overrides });
    const response = await decide(provider, question, jar, { opener: true });
    const body = await response.text();
    expect(response.status, body).toBe(400);
    expect(body).not.toContain(CANARY.accessToken);
    expect(services.seen.map(({ url }) => url).slice(1)).toEqual([REVOKE]);
  });
});

test("[A31] whatever a service says it granted: a token leaves only if all of it was shown", async () => {
  const scope = fc.constantFrom("read:user", "gist", "repo", "openid", "user", "__proto__", "READ:USER", "");
  const separator = fc.constantFrom(",", " ", ", ");
  const inRecord = fc.constantFrom(",", " ", ";");
  await fc.assert(
    fc.asyncProperty(
      fc.array(scope, { maxLength: 5 }),
      separator,
      inRecord,
      async (granted, by, tokenResponseScopeSeparator) => {
        services.seen.length = 0;
        const response = await logInGranted(granted.join(by), { tokenResponseScopeSeparator });
        const isMore = granted.some((each) => !["read:user", "gist", "openid", ""].includes(each));
        expect(response.status).toBe(isMore ? 400 : 200);
        expect((await response.text()).includes(CANARY.accessToken)).toBe(!isMore);
        expect(services.seen).toHaveLength(isMore ? 2 : 1);
      },
    ),
    RUNS,
  );
});
