import { describe, expect, test } from "vitest";
import { answerIn, expectRefused } from "../../attacks/tools.ts";
import {
  authorizationRequest,
  call,
  EVIL,
  GOOD,
  Jar,
  PROVIDER,
  pkcePair,
  pressContinue,
  reachConfirmation,
  testProvider,
} from "../../tools/harness.ts";

/** Hints from the app about how the service should log the user in (OpenID Connect Core §3.1.2.1, §3.1.2.6). */

const KNOWING = {
  promptParameters: {
    select_account: { prompt: "select_account" },
    login: { prompt: "login" },
    consent: { show_dialog: "true" },
  },
  loginHintParameter: "login",
};
const knowing = testProvider({ github: KNOWING });

async function askedOfService(overrides: Record<string, string>, by = knowing): Promise<Record<string, string>> {
  const { toService } = await reachConfirmation(by, { overrides });
  return Object.fromEntries(toService.searchParams);
}

describe("[A31] what an app says of the account", () => {
  test("goes on to a service whose record knows it, in the service's own parameters", async () => {
    expect(await askedOfService({ prompt: "select_account", login_hint: "octocat" })).toMatchObject({
      prompt: "select_account",
      login: "octocat",
    });
    const consent = await askedOfService({ prompt: "consent" });
    expect(consent).toMatchObject({ show_dialog: "true" });
    expect(consent).not.toHaveProperty("prompt");
    expect(await askedOfService({ prompt: "select_account login consent" })).toMatchObject({
      prompt: "select_account login",
      show_dialog: "true",
    });
  });

  test.each(["create", "Login", "constructor", "login%20consent", "select_account\tlogin"])(
    "prompt=%j, which no record knows, is left out",
    async (prompt) => {
      const { challenge } = pkcePair();
      const response = await call(
        "authorize",
        knowing,
        `/authorize/github?${authorizationRequest(challenge, { prompt })}`,
        { headers: { referer: `${GOOD}/` } },
      );
      // A control character is refused in this parameter, as in every other.
      expect(response.headers.get("location") ?? "").not.toMatch(/[?&](prompt|show_dialog)=/);
    },
  );

  test("is left out where the record knows nothing of it", async () => {
    const asked = await askedOfService({ prompt: "select_account", login_hint: "octocat" }, testProvider());
    for (const name of ["prompt", "login_hint", "login"]) expect(asked).not.toHaveProperty(name);
  });

  test("does not take the place of what a refresh token needs, and takes that of other constants", async () => {
    const offline = {
      refreshTokens: "reusable",
      offlineParameters: { access_type: "offline", prompt: "consent" },
    } as const;
    const list = { ...offline, promptParameters: { select_account: { prompt: "select_account" } } };
    const asking = { prompt: "select_account", dpop_jkt: "k".repeat(43) };
    expect(await askedOfService(asking, testProvider({ github: list }))).toMatchObject({
      access_type: "offline",
      prompt: "consent select_account",
    });
    const own = {
      authorizationParameters: { approval_prompt: "auto" },
      promptParameters: { consent: { approval_prompt: "force" } },
    };
    expect(await askedOfService({ prompt: "consent" }, testProvider({ github: own }))).toMatchObject({
      approval_prompt: "force",
    });
  });

  test("survives the start page", async () => {
    const jar = new Jar();
    const request = authorizationRequest(pkcePair().challenge, { prompt: "select_account", login_hint: "octocat" });
    const started = await call("authorize", knowing, `/authorize/github?${request}`, { jar });
    expect(started.headers.get("location")).toContain(`${PROVIDER}/start#`);
    const { searchParams } = await pressContinue(knowing, started, jar);
    expect(Object.fromEntries(searchParams)).toMatchObject({ prompt: "select_account", login: "octocat" });
  });
});

describe("[A43] prompt=none", () => {
  const ask = (overrides: Record<string, string | undefined>, referer?: string) => {
    const query = authorizationRequest(pkcePair().challenge, { prompt: "none", ...overrides });
    return call("authorize", knowing, `/authorize/github?${query}`, {
      headers: referer === undefined ? {} : { referer },
    });
  };

  test("is answered login_required at once, to the plain page that the app's own page has named", async () => {
    const response = await ask({}, `${GOOD}/`);
    expect(response.status).toBe(303);
    const landed = new URL(response.headers.get("location")!);
    expect(landed.origin + landed.pathname).toBe(`${GOOD}/callback`);
    expect(Object.fromEntries(landed.searchParams)).toEqual({
      error: "login_required",
      error_description: expect.any(String),
      state: "state-of-the-app",
      iss: `${PROVIDER}/github`,
    });
    expect(response.headers.getSetCookie()).toEqual([]);
  });

  test.each([
    ["nobody is known to have asked", {}, undefined],
    ["another page has asked", {}, `${EVIL}/`],
    ["the redirect URI may carry another address", { redirect_uri: `${GOOD}/callback?next=${EVIL}` }, `${GOOD}/`],
  ])("sends nobody anywhere where %s", async (_, overrides, referer) => {
    const response = await ask(overrides, referer);
    await expectRefused(response, "login_required");
    expect(answerIn(await response.text())).toBeUndefined();
  });

  test("is told a waiting window by a message", async () => {
    const response = await ask({ response_mode: "web_message", redirect_uri: undefined });
    await expectRefused(response, "login_required");
    expect(answerIn(await response.text())).toMatchObject({
      targetOrigin: GOOD,
      message: { response: { error: "login_required" } },
    });
  });

  test.each<[string, Record<string, string | undefined>]>([
    ["unsupported_response_type", { response_type: "token" }],
    ["invalid_code_challenge", { code_challenge: undefined }],
    ["invalid_redirect_uri", { redirect_uri: `${EVIL}/` }],
  ])("hides no other fault of the request: %s", async (reason, overrides) => {
    await expectRefused(await ask(overrides, `${GOOD}/`), reason as "invalid_redirect_uri");
  });
});
