import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { UnnamedQuestion } from "../../shared/page-messages.ts";
import {
  type DpopKey,
  dpopProof,
  expectError,
  fakeServices,
  LIFE_SECONDS,
  logIn,
  newDpopKey,
  openRefresh,
  refreshWith,
  type SeenCall,
  tokensIn,
} from "../attacks/refresh-tools.ts";
import { expectRefused } from "../attacks/tools.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  decide,
  GOOD,
  Jar,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  reachConfirmation,
  readFragment,
} from "../tools/harness.ts";

/**
 * GitHub Apps, by the catalogue's own record, at a GitHub that answers as its documentation says: user access tokens of
 * eight hours (`ghu_`), refresh tokens of six months that work once (`ghr_`), and an empty scope whatever was asked for.
 */

const CLIENT_ID = "Iv23liHbUOnXvZ5ZqCkQ";
const EIGHT_HOURS = 28_800;
const SIX_MONTHS = 15_811_200;

function providerFor(entry: Record<string, unknown> = {}, env: Record<string, string> = {}) {
  const { configuration, issues } = resolveConfiguration({
    services: { Github: { client_id: CLIENT_ID, app_slug: "my-app", ...entry } },
    secrets: { Github: { client_secret: CANARY.clientSecret } },
    env: {},
    production: true,
    localDevelopment: false,
  });
  expect(issues).toEqual([]);
  return createProvider(configuration, { URL: PROVIDER, ...env });
}

class GithubWithApps {
  /** The owner has opted out of "User-to-server token expiration". */
  expiring = true;
  installations = 1;
  #refreshTokens = new Set<string>();
  #issued = 0;

  answer({ url, method, body, headers }: SeenCall): Response {
    const { pathname } = new URL(url);
    if (pathname === "/login/oauth/access_token") return this.#token(new URLSearchParams(body));
    if (pathname === "/user/installations") {
      expect(headers.authorization).toMatch(/^Bearer ghu_/);
      return Response.json({ total_count: this.installations, installations: [] });
    }
    if (method === "DELETE") return new Response(null, { status: 204 });
    if (pathname === "/user") return Response.json({ id: 1, login: "mona", name: null });
    return new Response(null, { status: 404 });
  }

  /** Errors have status 200. */
  #token(form: URLSearchParams): Response {
    if (form.get("client_id") !== CLIENT_ID || form.get("client_secret") !== CANARY.clientSecret)
      return Response.json({ error: "incorrect_client_credentials" });
    const refreshToken = form.get("refresh_token");
    if (form.get("grant_type") === "refresh_token" && !this.#refreshTokens.delete(refreshToken ?? ""))
      return Response.json({ error: "bad_refresh_token" });
    this.#issued += 1;
    const next = `ghr_canary${this.#issued}`;
    if (this.expiring) this.#refreshTokens.add(next);
    return Response.json({
      access_token: `ghu_token${this.#issued}`,
      ...(this.expiring ? { expires_in: EIGHT_HOURS, refresh_token: next, refresh_token_expires_in: SIX_MONTHS } : {}),
      scope: "",
      token_type: "bearer",
    });
  }
}

let github: GithubWithApps;
let seen: SeenCall[];
let key: DpopKey;

beforeEach(async () => {
  github = new GithubWithApps();
  ({ seen } = fakeServices((request) => github.answer(request)));
  key = await newDpopKey();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("the question", () => {
  test("promises no scope that the service would ignore, and none is sent [A31]", async () => {
    const { question, toService } = await reachConfirmation(providerFor(), {
      overrides: { scope: "repo delete_repo" },
    });
    expect(question).toMatchObject({ scopes: [], scopesMerged: false, offline: false });
    expect(toService.searchParams.has("scope")).toBe(false);
    expect(toService.searchParams.get("code_challenge_method")).toBe("S256");
    expect(toService.searchParams.get("client_id")).toBe(CLIENT_ID);
  });

  test("still refuses scopes that the owner does not allow, so nothing is allowed that was not before [A50]", async () => {
    const provider = providerFor({ allowed_scopes: ["gist"] });
    const query = authorizationRequest(pkcePair().challenge, { scope: "repo" });
    const headers = { referer: `${GOOD}/` };
    const response = await call("authorize", provider, `/authorize/github?${query}`, { headers });
    await expectRefused(response, "invalid_scope");
  });

  test("passes on the wish for another account", async () => {
    const overrides = { prompt: "select_account", login_hint: "mona" };
    const { toService } = await reachConfirmation(providerFor(), { overrides });
    expect(Object.fromEntries(toService.searchParams)).toMatchObject({ prompt: "select_account", login: "mona" });
  });
});

describe("tokens", () => {
  test("an app without a key gets eight hours and no refresh token [A29]", async () => {
    const tokens = await tokensIn(await logIn(providerFor()));
    expect(tokens).toEqual({ access_token: "ghu_token1", token_type: "bearer", expires_in: EIGHT_HOURS });
  });

  test("an app with a key stays logged in; each refresh token works once, and ours ends after 90 days [A29][A63]", async () => {
    const provider = providerFor();
    const first = await tokensIn(await logIn(provider, { key }));
    expect(first.expires_in).toBe(EIGHT_HOURS);
    const { refreshToken, expiresAt } = openRefresh(provider, first.refresh_token)!;
    expect(refreshToken).toBe("ghr_canary1");
    expect(expiresAt - Date.now() / 1_000).toBeLessThanOrEqual(LIFE_SECONDS);

    const refresh = async (token: string | undefined) =>
      await refreshWith(provider, { refresh_token: token, scope: "repo" }, { proof: await dpopProof(key) });
    const second = await tokensIn(await refresh(first.refresh_token));
    expect(second).toMatchObject({ access_token: "ghu_token2", expires_in: EIGHT_HOURS });
    expect(JSON.stringify(second)).not.toContain("ghr_");
    expect(openRefresh(provider, second.refresh_token)).toMatchObject({ refreshToken: "ghr_canary2", expiresAt });
    // GitHub answers a used one with status 200.
    await expectError(await refresh(first.refresh_token), "service_refused_grant");
    await expectError(await refreshWith(provider, { refresh_token: second.refresh_token }), "invalid_dpop_proof");
  });

  test("an owner who has opted out of expiry: a token without end, and no refresh token", async () => {
    github.expiring = false;
    const tokens = await tokensIn(await logIn(providerFor(), { key }));
    expect(tokens).toEqual({ access_token: "ghu_token1", token_type: "bearer" });
  });

  test("a log out ends one access token, and never claims to have ended a refresh token [A44]", async () => {
    const provider = providerFor();
    const revoke = (token: string, hint: string) =>
      call("revoke", provider, "/revoke/github", {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin: GOOD },
        body: new URLSearchParams({ token, token_type_hint: hint, client_id: `${GOOD}/` }).toString(),
      });
    expect((await revoke("ghu_token1", "access_token")).status).toBe(200);
    expect(seen.at(-1)).toMatchObject({
      method: "DELETE",
      url: `https://api.github.com/applications/${CLIENT_ID}/token`,
      body: JSON.stringify({ access_token: "ghu_token1" }),
    });
    expect(seen).toHaveLength(1);
  });
});

describe("an app that is installed nowhere", () => {
  async function reachCmsQuestion(provider: ReturnType<typeof providerFor>) {
    const jar = new Jar();
    const started = await call("authorize", provider, "/auth?provider=github&site_id=good.example&scope=repo", { jar });
    const state = new URL(started.headers.get("location")!).searchParams.get("state")!;
    const query = new URLSearchParams({ code: CANARY.serviceCode, state });
    const question = readFragment<UnnamedQuestion>(
      await call("callback", provider, `/callback/github?${query}`, { jar }),
    );
    return { jar, question };
  }

  async function confirmCms(provider: ReturnType<typeof providerFor>): Promise<Response> {
    const { jar, question } = await reachCmsQuestion(provider);
    const decision = { ticket: question.ticket, origin: GOOD, service: "github", decision: "yes", opener: true };
    const body = JSON.stringify(decision);
    return await call("decision", provider, "/decision", { method: "POST", jar, headers: OWN_PAGE, body });
  }

  test("a CMS gets an error instead of a token that opens nothing, and the token is revoked", async () => {
    github.installations = 0;
    const response = await confirmCms(providerFor());
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ reason: "not_installed", error: "access_denied" });
    expect(text).not.toContain("ghu_");
    expect(text).toContain("authorization:github:error:");
    expect(seen.at(-1)).toMatchObject({ method: "DELETE", body: JSON.stringify({ access_token: "ghu_token1" }) });
  });

  test("a CMS gets its token if the app is installed, or if the service does not say", async () => {
    expect(await (await confirmCms(providerFor())).text()).toContain("ghu_token1");
    github.installations = undefined as never;
    expect(await (await confirmCms(providerFor())).text()).toContain("ghu_token2");
  });

  test("other apps are not asked about it: they may only want to know who somebody is", async () => {
    github.installations = 0;
    await tokensIn(await logIn(providerFor()));
    expect(seen.map(({ url }) => url)).toEqual(["https://github.com/login/oauth/access_token"]);
  });

  test("whoever tries a login reads it", async () => {
    github.installations = 0;
    const provider = providerFor();
    const jar = new Jar();
    const init = { method: "POST", jar, headers: OWN_PAGE, body: JSON.stringify({ trial: true }) };
    const { location } = (await (await call("authorize", provider, "/authorize/github", init)).json()) as {
      location: string;
    };
    const query = new URLSearchParams({
      code: CANARY.serviceCode,
      state: new URL(location).searchParams.get("state")!,
    });
    const returned = await call("callback", provider, `/callback/github?${query}`, { jar });
    expect(await (await decide(provider, readFragment(returned), jar)).json()).toEqual({
      trial: { name: "mona", revoked: true, installed: false },
    });
  });
});

describe("another kind of client than the provider was built for", () => {
  test("nobody can log in, and the window says what to change [A50]", async () => {
    const provider = providerFor({}, { GITHUB_CLIENT_ID: "Ov23li8tweQw6odWQebz" });
    const query = authorizationRequest(pkcePair().challenge);
    const headers = { referer: `${GOOD}/` };
    await expectRefused(
      await call("authorize", provider, `/authorize/github?${query}`, { headers }),
      "other_client_kind",
    );
    expect(await (await call("services", provider, "/services.json")).json()).toEqual({});
  });
});
