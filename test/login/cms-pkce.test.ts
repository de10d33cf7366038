import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Question, StartQuestion, WaitingQuestion } from "../../shared/page-messages.ts";
import {
  fakeServices,
  logIn,
  REFRESHING,
  SERVICE_REFRESH_TOKEN,
  tokenAnswer,
  tokensIn,
} from "../attacks/refresh-tools.ts";
import { expectRefused, reachCode } from "../attacks/tools.ts";
import type { ErrorName } from "../tools/error-name.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  EVIL,
  GOOD,
  Jar,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  reachConfirmation,
  readFragment,
  testProvider,
} from "../tools/harness.ts";

/** CMSes in their PKCE modes, whose paths, parameters and mistakes are fixed in their code. */

const provider = testProvider({ github: REFRESHING });

let services: ReturnType<typeof fakeServices>;
beforeEach(() => (services = fakeServices(tokenAnswer({ refresh_token: SERVICE_REFRESH_TOKEN, expires_in: 7_200 }))));
afterEach(() => vi.restoreAllMocks());

const AUTHORIZATION_PATHS = ["/github/oauth/authorize", "/github/login/oauth/authorize"];
const TOKEN_PATHS = ["/github/oauth/token", "/github/login/oauth/access_token"];

/** What Decap CMS sends: the state is JSON, and there is a Referer. */
function cmsRequest(overrides: Record<string, string | undefined> = {}): string {
  const state = JSON.stringify({ auth_type: "pkce", nonce: "6d0f5a1e-8d6f-4c22-9f9d-3a7c2f0b1c9e" });
  return authorizationRequest(pkcePair().challenge, {
    redirect_uri: `${GOOD}/admin/`,
    scope: "api",
    state,
    ...overrides,
  });
}

describe("the paths that CMSes append", () => {
  test.each(AUTHORIZATION_PATHS)("%s answers as /authorize/github does", async (path) => {
    const query = cmsRequest();
    for (const headers of [{ referer: `${GOOD}/admin/` }, {}] as Record<string, string>[]) {
      const [standard, alias] = await Promise.all(
        ["/authorize/github", path].map((path) => call("authorize", provider, `${path}?${query}`, { headers })),
      );
      expect(alias!.status).toBe(standard!.status);
      const [at, expected] = [alias!, standard!].map((answer) => new URL(answer.headers.get("location")!));
      expect(at!.origin + at!.pathname).toBe(expected!.origin + expected!.pathname);
      expect([...at!.searchParams.keys()]).toEqual([...expected!.searchParams.keys()]);
      expect(at!.searchParams.get("redirect_uri")).toBe(expected!.searchParams.get("redirect_uri"));
    }
  });

  test.each(TOKEN_PATHS)("%s redeems a code by JSON, for a page of the app", async (path) => {
    const { code, verifier } = await reachCode(provider, { overrides: { redirect_uri: `${GOOD}/admin/` } });
    const body = {
      client_id: `${GOOD}/`,
      code,
      grant_type: "authorization_code",
      redirect_uri: `${GOOD}/admin/`,
      code_verifier: verifier,
    };
    const headers = { "content-type": "application/json; charset=utf-8", origin: GOOD };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const stolen = { ...init, headers: { ...headers, origin: EVIL } };
    expect((await call("token", provider, path, stolen)).status).toBe(400);
    expect(services.seen).toEqual([]);
    expect(await (await call("token", provider, path, init)).json()).toMatchObject({
      access_token: CANARY.accessToken,
    });
    const preflight = await call("token", provider, path, {
      method: "OPTIONS",
      headers: {
        origin: GOOD,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-headers")).toContain("content-type");
  });

  test("[A34] parameters in the address of a token request are not read", async () => {
    const { code, verifier } = await reachCode(provider);
    const query = new URLSearchParams({
      client_id: `${GOOD}/`,
      code,
      grant_type: "authorization_code",
      redirect_uri: `${GOOD}/callback`,
      code_verifier: verifier,
    });
    for (const path of TOKEN_PATHS) {
      expect((await call("token", provider, `${path}?${query}`, { method: "POST" })).status).toBe(400);
    }
    expect(services.seen).toEqual([]);
  });

  test("[A41] stand in no metadata, and name a service by its id only", async () => {
    const document = await call("metadata", provider, "/.well-known/oauth-authorization-server/github");
    expect(await document.text()).not.toContain("/oauth/");
    for (const name of ["__proto__", "constructor", "GitHub", "nobody"]) {
      const answer = await call("authorize", provider, `/${name}/oauth/authorize?${cmsRequest()}`);
      await expectRefused(answer, "base_url_without_service");
    }
  });

  test("[A18] a link to one of them begins nothing without a click on the start page", async () => {
    for (const path of AUTHORIZATION_PATHS) {
      const answer = await call("authorize", provider, `${path}?${cmsRequest()}`, { headers: { referer: EVIL } });
      expect(answer.headers.get("location")).toMatch(/^https:\/\/auth\.example\/start#/);
    }
  });

  test("[A31] scopes separated by commas are asked for one by one, and shown one by one", async () => {
    const { question, toService } = await reachConfirmation(provider, {
      overrides: { scope: "read:repository,write:repository,read:user" },
    });
    expect(question.scopes).toEqual(["read:repository", "write:repository", "read:user"]);
    expect(toService.searchParams.get("scope")).toBe("read:repository write:repository read:user");
  });
});

describe("[A29] a refresh token for an app that neither asks for one nor has a key", () => {
  const generous = testProvider({ github: { ...REFRESHING, refreshForEveryApp: true, refreshWithoutDpop: true } });
  const scope = "api";

  function refresh(by: typeof provider, token: string, headers: Record<string, string> = {}) {
    const body = {
      client_id: `${GOOD}/`,
      grant_type: "refresh_token",
      redirect_uri: `${GOOD}/admin/`,
      refresh_token: token,
    };
    return call("token", by, "/github/oauth/token", {
      method: "POST",
      headers: { "content-type": "application/json; charset=utf-8", origin: GOOD, ...headers },
      body: JSON.stringify(body),
    });
  }

  test("comes only from an owner who has chosen that for the service", async () => {
    const unbound = testProvider({ github: { ...REFRESHING, refreshWithoutDpop: true } });
    for (const by of [provider, unbound]) {
      expect(await tokensIn(await logIn(by, { overrides: { scope } }))).not.toHaveProperty("refresh_token");
    }
    const { refresh_token: token } = await tokensIn(await logIn(generous, { overrides: { scope } }));
    expect(token).toEqual(expect.any(String));
    expect(token).not.toContain(SERVICE_REFRESH_TOKEN);
  });

  test("is announced: the question says that the app keeps the access, and the service is asked for it", async () => {
    const asked = async (by: typeof provider) =>
      (await reachConfirmation(by, { overrides: { scope } })).question.offline;
    expect(await asked(provider)).toBe(false);
    expect(await asked(generous)).toBe(true);
    const { toService } = await reachConfirmation(generous, { overrides: { scope } });
    expect(toService.searchParams.get("access_type")).toBe("offline");
  });

  test("works for that app, and ends when the owner changes their mind", async () => {
    const { refresh_token: token } = await tokensIn(await logIn(generous, { overrides: { scope } }));
    await tokensIn(await refresh(generous, token!));
    for (const [by, headers] of [
      [generous, { origin: EVIL }],
      [provider, {}],
      [testProvider({ github: { ...REFRESHING, refreshTokens: "none", refreshForEveryApp: true } }), {}],
    ] as [typeof provider, Record<string, string>][]) {
      expect((await refresh(by, token!, headers)).status).toBe(400);
    }
    const limited = { github: { ...REFRESHING, refreshForEveryApp: true, refreshWithoutDpop: true } };
    const closed = testProvider({ ...limited, env: { ALLOWED_APPS: "https://other.example" } });
    expect((await refresh(closed, token!)).status).toBe(400);
  });

  test("does not exist where the service issues none", async () => {
    const never = testProvider({
      github: { ...REFRESHING, refreshTokens: "none", refreshForEveryApp: true, refreshWithoutDpop: true },
    });
    const { question } = await reachConfirmation(never, { overrides: { scope } });
    expect(question.offline).toBe(false);
    expect(await tokensIn(await logIn(never, { overrides: { scope } }))).not.toHaveProperty("refresh_token");
  });
});

describe("a wrong configuration of a CMS is explained in its own words", () => {
  const popup = "provider=github&site_id=good.example&scope=repo";
  test.each<[string, string, ErrorName, string[]]>([
    [
      "no service in base_url (Gitea mode)",
      `/login/oauth/authorize?${cmsRequest()}`,
      "base_url_without_service",
      ["base_url"],
    ],
    [
      "no service in base_url (GitLab mode)",
      `/oauth/authorize?${cmsRequest()}`,
      "base_url_without_service",
      ["base_url"],
    ],
    [
      "an unknown service in base_url",
      `/gittea/login/oauth/authorize?${cmsRequest()}`,
      "base_url_without_service",
      ["base_url"],
    ],
    [
      "the old auth_endpoint with PKCE",
      `/auth?${cmsRequest()}`,
      "base_url_without_service",
      ["base_url", "auth_endpoint"],
    ],
    ["both a service and auth_endpoint", `/github/auth?${cmsRequest()}`, "base_url_without_service", ["auth_endpoint"]],
    [
      "/authorize in base_url",
      `/authorize/github/oauth/authorize?${cmsRequest()}`,
      "base_url_without_service",
      ["base_url"],
    ],
    ["a service in base_url of a popup", `/github/auth?${popup}`, "base_url_with_path", ["base_url", "auth_endpoint"]],
    ["the same with GitLab's path", `/github/oauth/authorize?${popup}`, "base_url_with_path", ["base_url"]],
    ["the same below /authorize", `/authorize/github?${popup}`, "base_url_with_path", ["base_url"]],
    [
      "the service's client ID as app_id",
      `/github/login/oauth/authorize?${cmsRequest({ client_id: "0ab1c2d3" })}`,
      "invalid_app_id",
      ["app_id"],
    ],
    ["no app_id", `/github/oauth/authorize?${cmsRequest({ client_id: "" })}`, "invalid_app_id", ["app_id"]],
    [
      "the implicit grant",
      `/github/oauth/authorize?${cmsRequest({ response_type: "token" })}`,
      "auth_type_without_pkce",
      ["auth_type"],
    ],
  ])("%s", async (_, path, reason, settings) => {
    const endpoint = /^\/(github\/auth|authorize\/github\/oauth)/.test(path) ? "cms-mistake" : "authorize";
    const answer = await call(endpoint, provider, path, { headers: { referer: `${GOOD}/admin/` } });
    const page = await answer.clone().text();
    await expectRefused(answer, reason);
    for (const setting of settings) expect(page).toContain(setting);
  });

  test("and stays the standard error at the standard endpoint", async () => {
    const request = `/authorize/github?${cmsRequest({ client_id: "0ab1c2d3" })}`;
    await expectRefused(await call("authorize", provider, request), "invalid_client_id");
    await expectRefused(await call("authorize", provider, `/authorize/nobody?${cmsRequest()}`), "unknown_service");
  });

  test("the path of another CMS's default leads to the popup dialect", async () => {
    for (const path of ["/oauth/authorize", "/login/oauth/authorize"]) {
      const answer = await call("authorize", provider, `${path}?${popup}`);
      expect(answer.headers.get("location")).toMatch(/^https:\/\/github\.example\//);
    }
  });
});

describe("[A40] a popup of a CMS, and a service that would cut it off from the CMS", () => {
  const cutting = testProvider({ github: { opener: "cut" } });

  async function begin(by = cutting, overrides: Record<string, string | undefined> = {}) {
    const jar = new Jar();
    const answer = await call("authorize", by, `/github/oauth/authorize?${cmsRequest(overrides)}`, { jar });
    expect(answer.headers.get("location")).toMatch(/^https:\/\/auth\.example\/start#/);
    return { jar, start: readFragment<StartQuestion>(answer) };
  }

  async function post(body: object, jar: Jar): Promise<URL> {
    const init = { method: "POST", jar, headers: OWN_PAGE, body: JSON.stringify(body) };
    const answer = await call("authorize", cutting, "/authorize/github", init);
    return new URL(((await answer.json()) as { location: string }).location);
  }

  async function comeBack(toService: URL, jar: Jar): Promise<Response> {
    const query = new URLSearchParams({ code: CANARY.serviceCode, state: toService.searchParams.get("state")! });
    return await call("callback", cutting, `/callback/github?${query}`, { jar });
  }

  test("the start page can keep the window, which then returns to the shown page of the CMS", async () => {
    const { jar, start } = await begin();
    const waiting = start.inWaitingWindow!;
    expect(waiting).toMatchObject({ origin: GOOD, redirectUri: `${GOOD}/admin/`, service: "github" });
    const returned = await comeBack(await post({ request: waiting.request }, jar), jar);
    expect(returned.headers.get("location")).toMatch(/^https:\/\/auth\.example\/returned#/);
    const { waitingWindow, question } = readFragment<WaitingQuestion & { question: Question }>(returned);
    expect(waitingWindow).toBe(waiting.waitingWindow);
    expect(question).toMatchObject({ delivery: "navigation", redirectUri: `${GOOD}/admin/` });

    const decide = async (window: string | undefined) => {
      const shown = { ticket: question.ticket, origin: GOOD, service: "github", redirectUri: `${GOOD}/admin/` };
      const body = JSON.stringify({ ...shown, decision: "yes", opener: true, waitingWindow: window });
      return await call("decision", cutting, "/decision", { method: "POST", jar, headers: OWN_PAGE, body });
    };
    expect((await decide(undefined)).status).toBe(400);
    expect((await decide("A".repeat(22))).status).toBe(400);
    const answer = (await (await decide(waitingWindow)).json()) as { location: string };
    expect(answer.location).toMatch(/^https:\/\/good\.example\/admin\/\?code=/);
  });

  test("a page that nobody has opened goes on in the same window", async () => {
    const { jar, start } = await begin();
    const returned = await comeBack(await post({ request: start.request }, jar), jar);
    expect(returned.headers.get("location")).toMatch(/^https:\/\/auth\.example\/confirm#/);
  });

  test("no second window where the service keeps the opener, or the app can do without", async () => {
    expect((await begin(provider)).start).not.toHaveProperty("inWaitingWindow");
    const { start } = await begin(cutting, { response_mode: "web_message" });
    expect(start).not.toHaveProperty("inWaitingWindow");
  });
});

test("the provider's address is nobody's app, on these paths, too [A16]", async () => {
  for (const path of AUTHORIZATION_PATHS) {
    const own = cmsRequest({ client_id: `${PROVIDER}/`, redirect_uri: `${PROVIDER}/` });
    expect((await call("authorize", provider, `${path}?${own}`)).status).toBe(400);
  }
});
