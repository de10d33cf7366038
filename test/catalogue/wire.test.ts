import { afterEach, describe, expect, test, vi } from "vitest";
import { loadCatalogue } from "../../catalogue/load.ts";
import { resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import type { OfferedService, Provider } from "../../server/provider/provider.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";
import type { OAuthTransaction } from "../../server/sealing/transaction.ts";
import { authorizationRequest } from "../../server/upstream/authorization-request.ts";
import { exchangeCode, exchangeRefreshToken } from "../../server/upstream/exchange.ts";
import { revokeGrant, revokeToken } from "../../server/upstream/revocation.ts";
import { fetchUserinfo } from "../../server/upstream/userinfo.ts";
import { PROVIDER } from "../tools/harness.ts";

/**
 * One hand-written request and answer for each way in which services deviate from the standards, taken from the
 * service's own documentation. They test the catalogue's records and the code that reads them.
 */

const CLIENT_ID = "client-id";
const CLIENT_SECRET = "client-secret-0123456789";
/** `client-id:client-secret-0123456789` */
const BASIC = "Basic Y2xpZW50LWlkOmNsaWVudC1zZWNyZXQtMDEyMzQ1Njc4OQ==";
const SEALING_KEY = "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV";

afterEach(() => void vi.restoreAllMocks());

// ------------------------------------------------------------------------------------------------ the stage

/** Configures a service in `services.json` with `{"client_id": …}` and the given fields. */
function configure(key: string, entry: Record<string, unknown> = {}): { provider: Provider; service: OfferedService } {
  const { configuration, issues } = resolveConfiguration({
    services: { [key]: { client_id: CLIENT_ID, ...entry } },
    secrets: { [key]: { client_secret: CLIENT_SECRET } },
    env: { SEALING_KEY },
    production: true,
    localDevelopment: false,
  });
  expect(issues).toEqual([]);
  const provider = createProvider(configuration, { URL: PROVIDER, SEALING_KEY });
  return { provider, service: [...provider.services.values()][0]! };
}

/** Configures a service that is not in the catalogue and that its owner describes. */
function describeService(entry: Record<string, unknown>): { provider: Provider; service: OfferedService } {
  return configure("Example", {
    authorization_endpoint: "https://service.example/authorize",
    token_endpoint: "https://service.example/token",
    ...entry,
  });
}

interface Sent {
  method: string;
  url: string;
  headers: Record<string, string>;
  body?: string;
}

/** Answers every request with the same response, and records what was sent. */
function answerWith(body: unknown, status = 200): Sent[] {
  const sent: Sent[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (url, { method, headers, body: text, redirect } = {}) => {
    expect(redirect).toBe("manual");
    sent.push({
      method: method!,
      url: String(url),
      headers: headers as Record<string, string>,
      ...(text ? { body: String(text) } : {}),
    });
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status });
  });
  return sent;
}

/** The headers of every request. */
const ACCEPT = { Accept: "application/json", "User-Agent": "auth-provider" };
const FORM = { ...ACCEPT, "Content-Type": "application/x-www-form-urlencoded" };
const JSON_BODY = { ...ACCEPT, "Content-Type": "application/json" };

async function exchange(
  { service }: { service: OfferedService },
  answer: unknown = { access_token: "token" },
  { status = 200, shown = null as string[] | null } = {},
) {
  const sent = answerWith(answer, status);
  const code = { code: "the-code", redirectUri: `${PROVIDER}/callback/x`, ...verifierFor(service) };
  const tokens = await exchangeCode(service, code, shown);
  return { sent: sent[0]!, tokens };
}

function verifierFor({ codeChallengeMethod }: Service): { codeVerifier?: string } {
  return codeChallengeMethod === "none" ? {} : { codeVerifier: "the-verifier" };
}

async function refresh(
  { service }: { service: OfferedService },
  answer: unknown = { access_token: "token" },
  parameters: Record<string, string> = {},
) {
  const sent = answerWith(answer);
  const grant = { refreshToken: "the-refresh-token", scopes: ["anything"], parameters };
  const tokens = await exchangeRefreshToken(service, grant, `${PROVIDER}/callback/x`);
  return { sent: sent[0]!, tokens };
}

async function authorizationUrl(
  { provider, service }: { provider: Provider; service: OfferedService },
  scopes: string[] = [],
  offline = false,
  state = "state-of-the-app",
): Promise<URL> {
  const transaction: OAuthTransaction = {
    dialect: "oauth",
    appOrigin: "https://app.example",
    scopes,
    clientId: "https://app.example/",
    responseMode: "query" as const,
    state,
    codeChallenge: "x".repeat(43),
    ...(offline ? { offline: true as const } : {}),
  };
  const request = new Request(PROVIDER);
  return new URL(authorizationRequest(transaction, { browser: "digest" }, { request, provider, service }).location);
}

/** The parameters without those that change with every request. */
function constantParameters(url: URL): Record<string, string> {
  const { state, code_challenge, redirect_uri, ...others } = Object.fromEntries(url.searchParams);
  expect(state).toBeTruthy();
  expect(redirect_uri).toMatch(/^https:\/\/auth\.example\/callback\//);
  return others;
}

const CODE = "grant_type=authorization_code&code=the-code&redirect_uri=https%3A%2F%2Fauth.example%2Fcallback%2Fx";

// ------------------------------------------------------------------------------------------ URLs and variables

describe("addresses", () => {
  test("a host with a default: gitlab.com, or the owner's", async () => {
    expect((await authorizationUrl(configure("Gitlab"))).origin).toBe("https://gitlab.com");
    const own = configure("Gitlab", { variables: { instance: "git.example.org:8443/gitlab" } });
    const url = await authorizationUrl(own);
    expect(url.origin + url.pathname).toBe("https://git.example.org:8443/gitlab/oauth/authorize");
    const { sent } = await exchange(own);
    expect(sent.url).toBe("https://git.example.org:8443/gitlab/oauth/token");
  });

  test("a part of the path: Microsoft's tenant, Keycloak's realm, Okta's authorization server", async () => {
    expect((await exchange(configure("Microsoft"))).sent.url).toBe(
      "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    );
    const keycloak = configure("Keycloak", { variables: { base: "sso.example.org/auth", realm: "staff" } });
    expect((await exchange(keycloak)).sent.url).toBe(
      "https://sso.example.org/auth/realms/staff/protocol/openid-connect/token",
    );
    const org = configure("Okta", { variables: { domain: "dev-123.okta.com" } });
    expect((await exchange(org)).sent.url).toBe("https://dev-123.okta.com/oauth2/v1/token");
    const custom = configure("Okta", { variables: { domain: "dev-123.okta.com", server: "default/" } });
    expect((await exchange(custom)).sent.url).toBe("https://dev-123.okta.com/oauth2/default/v1/token");
  });

  test("a trailing slash that matters: Sentry, TikTok", async () => {
    expect((await exchange(configure("Sentry"))).sent.url).toBe("https://sentry.io/oauth/token/");
    expect((await exchange(configure("TikTok"))).sent.url).toBe("https://open.tiktokapis.com/v2/oauth/token/");
  });

  test("data centres: Zoho's, as the owner says", async () => {
    expect((await exchange(configure("Zoho"))).sent.url).toBe("https://accounts.zoho.com/oauth/v2/token");
    const europe = configure("Zoho", { variables: { accounts: "accounts.zoho.eu" } });
    expect((await exchange(europe)).sent.url).toBe("https://accounts.zoho.eu/oauth/v2/token");
  });
});

// -------------------------------------------------------------------------------------- authorization requests

describe("authorization requests", () => {
  test("a plain one: GitHub's", async () => {
    const url = await authorizationUrl(configure("Github"), ["read:user", "gist"]);
    expect(constantParameters(url)).toEqual({
      response_type: "code",
      client_id: CLIENT_ID,
      scope: "read:user gist",
      code_challenge_method: "S256",
    });
    expect(url.searchParams.get("code_challenge")).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test.each([
    ["Todoist", ["data:read", "task:add"], "scope=data%3Aread%2Ctask%3Aadd"],
    ["Strava", ["read", "activity:read"], "scope=read%2Cactivity%3Aread"],
    ["Zoho", ["AaaServer.profile.READ", "ZohoCRM.users.READ"], "scope=AaaServer.profile.READ%2CZohoCRM.users.READ"],
  ])("scopes joined by a comma: %s", async (key, scopes, expected) => {
    expect((await authorizationUrl(configure(key), scopes)).search).toContain(expected);
  });

  test.each([
    ["Discord", ["identify", "guilds.join"], "scope=identify%20guilds.join"],
    ["X", ["users.read", "offline.access"], "scope=users.read%20offline.access"],
    ["Unsplash", ["public", "read_user"], "scope=public%20read_user"],
  ])("scopes joined by a space, which is %%20 and no plus: %s", async (key, scopes, expected) => {
    const { search } = await authorizationUrl(configure(key), scopes);
    expect(search).toContain(expected);
    expect(search).not.toContain("+");
  });

  test("scopes with brackets and slashes, encoded: Patreon, Google", async () => {
    expect((await authorizationUrl(configure("Patreon"), ["identity[email]"])).search).toContain(
      "scope=identity%5Bemail%5D",
    );
    const google = await authorizationUrl(configure("Google"), ["https://www.googleapis.com/auth/drive.file"]);
    expect(google.search).toContain("scope=https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fdrive.file");
  });

  test.each([...loadCatalogue().values()].map(({ key, url_variables: variables = {} }) => [key, variables] as const))(
    "a state of 22 characters that no address has to encode, however much the app sends: %s",
    async (key, variables) => {
      const examples = Object.entries(variables).map(([name, variable]) => [
        name,
        variable.default ?? variable.example,
      ]);
      const { search } = await authorizationUrl(
        configure(key, { variables: Object.fromEntries(examples) }),
        [],
        false,
        "s".repeat(2_048),
      );
      const state = /[?&]state=([^&]*)/.exec(search)?.[1];
      expect(state).toMatch(/^[A-Za-z0-9_-]{22}$/);
      expect(search).not.toContain("+");
    },
  );

  test("scope under another name, and no PKCE: Slack's user token", async () => {
    expect(constantParameters(await authorizationUrl(configure("Slack"), ["users:read", "chat:write"]))).toEqual({
      response_type: "code",
      client_id: CLIENT_ID,
      user_scope: "users:read,chat:write",
    });
  });

  test("no scope at all, and a constant: Notion", async () => {
    expect(constantParameters(await authorizationUrl(configure("Notion"), ["openid"]))).toEqual({
      owner: "user",
      response_type: "code",
      client_id: CLIENT_ID,
      code_challenge_method: "S256",
    });
  });

  test("client_id under another name: TikTok", async () => {
    expect(constantParameters(await authorizationUrl(configure("TikTok"), ["user.info.basic", "video.list"]))).toEqual({
      response_type: "code",
      client_key: CLIENT_ID,
      scope: "user.info.basic,video.list",
      code_challenge_method: "S256",
    });
  });

  test("constants: Atlassian, Strava", async () => {
    expect(constantParameters(await authorizationUrl(configure("Atlassian")))).toMatchObject({
      audience: "api.atlassian.com",
      prompt: "consent",
    });
    expect(constantParameters(await authorizationUrl(configure("Strava")))).toMatchObject({ approval_prompt: "auto" });
  });

  test.each([
    ["Dropbox", { token_access_type: "offline" }],
    ["Google", { access_type: "offline", prompt: "consent" }],
    ["Zoho", { access_type: "offline", prompt: "consent" }],
    ["Reddit", { duration: "permanent" }],
    ["MusicBrainz", { access_type: "offline" }],
  ])("parameters that buy a refresh token, and only for one: %s", async (key, expected) => {
    const names = Object.keys(expected);
    const without = await authorizationUrl(configure(key), ["a"]);
    expect(names.filter((name) => without.searchParams.has(name))).toEqual([]);
    expect(constantParameters(await authorizationUrl(configure(key), ["a"], true))).toMatchObject(expected);
  });

  test.each([
    ["X", "tweet.read offline.access"],
    ["Microsoft", "tweet.read offline_access"],
    ["Salesforce", "tweet.read refresh_token"],
  ])("a scope that buys a refresh token, and only for one: %s", async (key, expected) => {
    expect((await authorizationUrl(configure(key), ["tweet.read"])).searchParams.get("scope")).toBe("tweet.read");
    expect((await authorizationUrl(configure(key), ["tweet.read"], true)).searchParams.get("scope")).toBe(expected);
  });

  test("response_type left out, for a service that stumbles over it", async () => {
    const service = describeService({ authorization_parameter_names: { response_type: null } });
    expect((await authorizationUrl(service)).searchParams.has("response_type")).toBe(false);
  });

  test("PKCE by the plain method: MyAnimeList", async () => {
    const url = await authorizationUrl(configure("MyAnimeList"));
    expect(url.searchParams.get("code_challenge_method")).toBe("plain");
    expect(url.searchParams.get("code_challenge")).toMatch(/^[A-Za-z0-9._~-]{43,128}$/);
  });

  test.each([...loadCatalogue()])(
    "[A25] PKCE as the record says, and S256 unless it says otherwise: %s",
    async (_, record) => {
      const declared = Object.entries(record.url_variables ?? {});
      const variables = Object.fromEntries(declared.map(([name, { example }]) => [name, example]));
      const { searchParams } = await authorizationUrl(configure(record.key, { variables }));
      const method = searchParams.get("code_challenge_method") ?? "none";
      expect(method).toBe(record.code_challenge_method);
      expect(searchParams.get("code_challenge") ?? "").toMatch(method === "none" ? /^$/ : /^[A-Za-z0-9_-]{43}$/);
    },
  );

  test.each(["Airtable", "X", "Vercel", "Canva", "Calendly", "SoundCloud", "Kick", "Lichess"])(
    "PKCE because it is required: %s",
    async (key) => {
      expect((await authorizationUrl(configure(key))).searchParams.get("code_challenge_method")).toBe("S256");
    },
  );
});

// ---------------------------------------------------------------------------------------------- token requests

describe("token requests", () => {
  test("the secret in a Basic header: X", async () => {
    const { sent } = await exchange(configure("X"));
    expect(sent).toEqual({
      method: "POST",
      url: "https://api.x.com/2/oauth2/token",
      headers: { ...FORM, Authorization: BASIC },
      body: `${CODE}&code_verifier=the-verifier`,
    });
  });

  test("the secret in the body: Twitch", async () => {
    const { sent } = await exchange(configure("Twitch"));
    expect(sent).toEqual({
      method: "POST",
      url: "https://id.twitch.tv/oauth2/token",
      headers: FORM,
      body: `${CODE}&code_verifier=the-verifier&client_id=client-id&client_secret=client-secret-0123456789`,
    });
  });

  test("client_id under another name: TikTok", async () => {
    const { sent } = await exchange(configure("TikTok"));
    expect(sent.body).toBe(
      `${CODE}&code_verifier=the-verifier&client_key=client-id&client_secret=client-secret-0123456789`,
    );
  });

  test("both under other names, for a service like Deezer", async () => {
    const names = { client_id: "app_id", client_secret: "secret" };
    const { sent } = await exchange(
      describeService({ token_request: { parameter_names: names }, code_challenge_method: "none" }),
    );
    expect(sent.body).toBe(`${CODE}&app_id=client-id&secret=client-secret-0123456789`);
  });

  test("no secret at all: Lichess", async () => {
    const { sent } = await exchange(configure("Lichess"));
    expect(sent).toEqual({
      method: "POST",
      url: "https://lichess.org/api/token",
      headers: FORM,
      body: `${CODE}&code_verifier=the-verifier&client_id=client-id`,
    });
  });

  test("the secret without the id, and no redirect URI: Heroku", async () => {
    const { sent } = await exchange(configure("Heroku"));
    expect(sent.body).toBe("grant_type=authorization_code&code=the-code&client_secret=client-secret-0123456789");
  });

  test("a JSON body with a Basic header and a version: Notion", async () => {
    const { sent } = await exchange(configure("Notion"));
    expect(sent).toMatchObject({
      method: "POST",
      url: "https://api.notion.com/v1/oauth/token",
      headers: { ...JSON_BODY, "Notion-Version": "2022-06-28", Authorization: BASIC },
    });
    expect(JSON.parse(sent.body!)).toEqual({
      grant_type: "authorization_code",
      code: "the-code",
      redirect_uri: `${PROVIDER}/callback/x`,
      code_verifier: "the-verifier",
    });
  });

  test("a JSON body with the secret in it: Raindrop", async () => {
    const { sent } = await exchange(configure("Raindrop"));
    expect(sent.headers).toEqual(JSON_BODY);
    expect(JSON.parse(sent.body!)).toEqual({
      grant_type: "authorization_code",
      code: "the-code",
      redirect_uri: `${PROVIDER}/callback/x`,
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
    });
  });

  test("[A17] GET with everything but the secret in the URL", async () => {
    const entry = {
      token_request: { method: "GET" },
      token_endpoint_auth_method: "client_secret_basic",
      code_challenge_method: "none",
    };
    const { sent } = await exchange(describeService(entry));
    expect(sent).toEqual({
      method: "GET",
      url: `https://service.example/token?${CODE}`,
      headers: { ...ACCEPT, Authorization: BASIC },
    });
  });

  test("a User-Agent that is nobody else's: Reddit, Wikimedia, Trakt", async () => {
    for (const key of ["Reddit", "Wikimedia", "Trakt"]) {
      const { sent } = await exchange(configure(key));
      expect(sent.headers["User-Agent"]).toBe("auth-provider (client-id)");
    }
  });

  test("constant parameters: Withings", async () => {
    const withings = await exchange(configure("Withings"), { status: 0, body: { access_token: "token" } });
    expect(withings.sent.body).toBe(
      `action=requesttoken&${CODE}&client_id=client-id&client_secret=client-secret-0123456789`,
    );
  });
});

// --------------------------------------------------------------------------------------------- token responses

describe("token responses", () => {
  test("the user's token inside: Slack's, with a comma between scopes", async () => {
    const answer = {
      ok: true,
      app_id: "A0KRD7HC3",
      authed_user: { id: "U1234", scope: "users:read,chat:write", access_token: "xoxp-1234", token_type: "user" },
      team: { name: "Slack Softball Team", id: "T9TK3CUKW" },
      token_type: "bot",
    };
    const { tokens } = await exchange(configure("Slack"), answer);
    expect(tokens).toEqual({ accessToken: "xoxp-1234", tokenType: "Bearer", scopes: ["users:read", "chat:write"] });
  });

  test("an envelope: Withings", async () => {
    const body = {
      userid: "363",
      access_token: "a075",
      refresh_token: "f650",
      expires_in: 10_800,
      scope: "user.info,user.metrics",
      token_type: "Bearer",
    };
    const { tokens } = await exchange(configure("Withings"), { status: 0, body });
    expect(tokens).toEqual({
      accessToken: "a075",
      tokenType: "Bearer",
      expiresInSeconds: 10_800,
      refreshToken: "f650",
      scopes: ["user.info", "user.metrics"],
    });
  });

  test.each([
    [
      "Github",
      { error: "bad_verification_code", error_description: "The code passed is incorrect or expired." },
      "service_refused_grant",
    ],
    ["Github", { error: "incorrect_client_credentials" }, "service_refused_provider"],
    ["Slack", { ok: false, error: "invalid_code" }, "service_refused_grant"],
    ["Slack", { ok: false, error: "bad_client_secret" }, "service_refused_provider"],
    ["Slack", { ok: false }, "service_refused_provider"],
    ["Withings", { status: 503, error: "Invalid Params" }, "service_refused_provider"],
    ["Withings", { status: 601, body: {} }, "service_refused_provider"],
    ["Withings", { status: 1, body: { access_token: "token" } }, "service_refused_provider"],
    ["Zoho", { error: "invalid_client" }, "service_refused_provider"],
  ])("[A52] an error with status 200: %s %j", async (key, answer, reason) => {
    await expect(exchange(configure(key), answer)).rejects.toMatchObject({ message: reason });
  });

  test.each([
    [
      "Facebook",
      { error: { message: "Error validating client secret.", type: "OAuthException", code: 1 } },
      "service_refused_provider",
    ],
    ["Twitch", { status: 400, message: "Invalid authorization code" }, "service_refused_grant"],
    ["Twitch", { status: 403, message: "invalid client secret" }, "service_refused_provider"],
    ["Discord", { error: "invalid_grant" }, "service_refused_grant"],
  ])("[A52] an error in the service's own shape: %s %j", async (key, answer, reason) => {
    await expect(exchange(configure(key), answer, { status: 400 })).rejects.toMatchObject({ message: reason });
  });

  test("[A52] numbers as error codes, where the owner names them", async () => {
    const entry = {
      token_response: { members: { error: ["error.code"] } },
      token_error_codes: { "100": "invalid_grant" },
    };
    const answer = { error: { message: "This authorization code has been used.", code: 100 } };
    await expect(exchange(describeService(entry), answer, { status: 400 })).rejects.toMatchObject({
      message: "service_refused_grant",
    });
  });

  test("form encoding, where the service answers so", async () => {
    const service = describeService({ token_response: { format: "form", members: { expires_in: ["expires"] } } });
    const { tokens } = await exchange(service, "access_token=frxyz&expires=3600");
    expect(tokens).toEqual({ accessToken: "frxyz", tokenType: "Bearer", expiresInSeconds: 3_600 });
    await expect(exchange(service, "wrong code")).rejects.toMatchObject({ message: "service_unintelligible" });
    await expect(exchange(service, "error=invalid_grant")).rejects.toMatchObject({ message: "service_refused_grant" });
  });

  test("[A31] granted scopes: comma, array, another name, or nothing", async () => {
    const scopesOf = async (key: string, answer: object) =>
      (await exchange(configure(key), { access_token: "t", ...answer })).tokens.scopes;
    expect(await scopesOf("Github", { scope: "gist,repo" })).toEqual(["gist", "repo"]);
    expect(await scopesOf("Twitch", { scope: ["chat:read", "user:read:email"] })).toEqual([
      "chat:read",
      "user:read:email",
    ]);
    expect(await scopesOf("Instagram", { permissions: ["instagram_business_basic"] })).toEqual([
      "instagram_business_basic",
    ]);
    expect(await scopesOf("Figma", {})).toBeUndefined();
    expect(await scopesOf("Mailchimp", { scope: null })).toBeUndefined();
  });

  test("[A31] granted scopes with a comma between them, though the record says nothing of it: Linear, Instagram", async () => {
    const linear = { access_token: "lin_oauth_1234", token_type: "Bearer", expires_in: 86_399, scope: "read,write" };
    expect((await exchange(configure("Linear"), linear, { shown: ["write", "read"] })).tokens.scopes).toEqual([
      "read",
      "write",
    ]);
    await expect(exchange(configure("Linear"), linear, { shown: ["read"] })).rejects.toMatchObject({
      message: "granted_too_much",
    });

    const permissions = "instagram_business_basic,instagram_business_content_publish";
    const shown = permissions.split(",");
    const short = { access_token: "EAACEdEose0", user_id: "1020", permissions };
    for (const answer of [
      short,
      { ...short, permissions: shown },
      { data: [short] },
      { data: [{ ...short, permissions: shown }] },
    ]) {
      const { tokens } = await exchange(configure("Instagram"), answer, { shown });
      expect(tokens).toMatchObject({ accessToken: "EAACEdEose0", scopes: shown });
      const less = exchange(configure("Instagram"), answer, { shown: ["instagram_business_basic"] });
      await expect(less).rejects.toMatchObject({ message: "granted_too_much" });
    }
  });

  test("[A31] identity scopes that the service adds by itself: Salesforce's id, Keycloak's default client scopes, Google's openid in its own spelling of the rest", async () => {
    const granted = async (key: string, scope: string, shown: string[], entry = {}) =>
      (await exchange(configure(key, entry), { access_token: "t", scope }, { shown })).tokens.scopes;
    expect(await granted("Salesforce", "id api refresh_token", ["api"])).toEqual(["id", "api", "refresh_token"]);
    expect(await granted("Salesforce", "id openid", ["openid"])).toEqual(["id", "openid"]);
    await expect(granted("Salesforce", "id api web", ["api"])).rejects.toMatchObject({ message: "granted_too_much" });
    await expect(granted("Salesforce", "id full", ["api"])).rejects.toMatchObject({ message: "granted_too_much" });

    const own = { variables: { base: "sso.example.org" } };
    expect(await granted("Keycloak", "openid phone email profile", ["openid", "phone"], own)).toEqual([
      "openid",
      "phone",
      "email",
      "profile",
    ]);
    await expect(granted("Keycloak", "openid email profile groups", ["openid"], own)).rejects.toMatchObject({
      message: "granted_too_much",
    });

    const [email, profile] = ["email", "profile"].map((name) => `https://www.googleapis.com/auth/userinfo.${name}`) as [
      string,
      string,
    ];
    expect(await granted("Google", `openid ${email}`, ["email"])).toEqual(["openid", email]);
    expect(await granted("Google", `${profile} ${email} openid`, ["openid", "profile", "email"])).toEqual([
      profile,
      email,
      "openid",
    ]);
    expect(await granted("Google", `openid ${email}`, [email])).toEqual(["openid", email]);
    await expect(granted("Google", `openid ${email} ${profile}`, ["email"])).rejects.toMatchObject({
      message: "granted_too_much",
    });
  });

  test("[A31] scopes beyond those shown are refused, except where the service fixes them at registration", async () => {
    const wide = { access_token: "t", scope: "identify guilds" };
    await expect(exchange(configure("Discord"), wide, { shown: ["identify"] })).rejects.toMatchObject({
      message: "granted_too_much",
    });
    const fixed = await exchange(
      configure("Zoom"),
      { access_token: "t", scope: "user:read:user meeting:read" },
      { shown: [] },
    );
    expect(fixed.tokens).toEqual({ accessToken: "t", tokenType: "Bearer" });
  });

  test("lifetimes: a text, another name, zero for never, or nothing", async () => {
    const lifetimeOf = async (key: string, answer: object) =>
      (await exchange(configure(key), { access_token: "t", ...answer })).tokens.expiresInSeconds;
    expect(await lifetimeOf("Naver", { expires_in: "3600" })).toBe(3_600);
    expect(await lifetimeOf("StackExchange", { expires: 86_400 })).toBe(86_400);
    expect(await lifetimeOf("Mailchimp", { expires_in: 0 })).toBeUndefined();
    expect(await lifetimeOf("Salesforce", {})).toBeUndefined();
  });

  test("members that apps cannot do without: Salesforce", async () => {
    const answer = {
      access_token: "t",
      instance_url: "https://mine.my.salesforce.com",
      id: "https://login.salesforce.com/id/x",
      id_token: "secret",
    };
    const { tokens } = await exchange(configure("Salesforce"), answer);
    expect(tokens.extraMembers).toEqual({ instance_url: "https://mine.my.salesforce.com" });
    const odd = await exchange(configure("Salesforce"), { access_token: "t", instance_url: { x: 1 } });
    expect(odd.tokens.extraMembers).toEqual({});
  });

  test("[A41] inherited names are no members", async () => {
    const service = describeService({
      token_response: { members: { access_token: ["constructor.name", "__proto__.x"] } },
    });
    await expect(exchange(service, { access_token: "t" })).rejects.toMatchObject({ message: "service_unintelligible" });
  });
});

// ----------------------------------------------------------------------------------------------------- refresh

describe("refresh", () => {
  test("a plain one with a new refresh token: GitLab", async () => {
    const { sent, tokens } = await refresh(configure("Gitlab"), {
      access_token: "t2",
      refresh_token: "r2",
      expires_in: 7_200,
    });
    expect(sent).toEqual({
      method: "POST",
      url: "https://gitlab.com/oauth/token",
      headers: FORM,
      body: "grant_type=refresh_token&refresh_token=the-refresh-token&client_id=client-id&client_secret=client-secret-0123456789",
    });
    expect(tokens).toMatchObject({ accessToken: "t2", refreshToken: "r2" });
  });

  test("no new refresh token, so that the old one stays: Google", async () => {
    const { tokens } = await refresh(configure("Google"), { access_token: "t2" });
    expect(tokens.refreshToken).toBeUndefined();
  });

  test("an address of its own, and nothing but the refresh token: Figma", async () => {
    const { sent } = await refresh(configure("Figma"));
    expect(sent).toEqual({
      method: "POST",
      url: "https://api.figma.com/v1/oauth/refresh",
      headers: { ...FORM, Authorization: BASIC },
      body: "refresh_token=the-refresh-token",
    });
  });

  test("another parameter in place of grant_type: an owner's own service", async () => {
    const refresh_request = { parameters: { type: "refresh" }, parameter_names: { grant_type: null } };
    const { sent } = await refresh(describeService({ refresh_tokens: "reusable", refresh_request }));
    expect(Object.fromEntries(new URLSearchParams(sent.body))).toEqual({
      type: "refresh",
      refresh_token: "the-refresh-token",
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
    });
  });

  test("JSON and headers as in the token request: Notion", async () => {
    const { sent } = await refresh(configure("Notion"));
    expect(sent.headers).toMatchObject({ "Content-Type": "application/json", "Notion-Version": "2022-06-28" });
    expect(JSON.parse(sent.body!)).toEqual({ grant_type: "refresh_token", refresh_token: "the-refresh-token" });
  });

  test("constants and names as in the token request: Withings, TikTok, Heroku", async () => {
    const withings = await refresh(configure("Withings"), { status: 0, body: { access_token: "t" } });
    expect(new URLSearchParams(withings.sent.body).get("action")).toBe("requesttoken");
    expect(new URLSearchParams((await refresh(configure("TikTok"))).sent.body).get("client_key")).toBe(CLIENT_ID);
    expect(new URLSearchParams((await refresh(configure("Heroku"))).sent.body).has("client_id")).toBe(false);
  });

  test("the redirect URI again: Trakt", async () => {
    const { sent } = await refresh(configure("Trakt"));
    expect(sent.url).toBe("https://auth.trakt.tv/oauth/token");
    expect(JSON.parse(sent.body!)).toEqual({
      grant_type: "refresh_token",
      refresh_token: "the-refresh-token",
      redirect_uri: `${PROVIDER}/callback/x`,
      client_id: CLIENT_ID,
      client_secret: CLIENT_SECRET,
    });
  });

  test("a parameter of the callback, and no secret: VK ID", async () => {
    const { sent } = await refresh(configure("VK"), undefined, { device_id: "the-device" });
    expect(sent.url).toBe("https://id.vk.com/oauth2/auth");
    expect(Object.fromEntries(new URLSearchParams(sent.body))).toEqual({
      device_id: "the-device",
      grant_type: "refresh_token",
      refresh_token: "the-refresh-token",
      client_id: CLIENT_ID,
    });
  });

  test("Slack's answer to a refresh has the user's token at the top", async () => {
    const { tokens } = await refresh(configure("Slack"), {
      ok: true,
      access_token: "xoxe.xoxp-2",
      refresh_token: "xoxe-2",
      expires_in: 43_200,
      token_type: "user",
    });
    expect(tokens).toEqual({
      accessToken: "xoxe.xoxp-2",
      refreshToken: "xoxe-2",
      expiresInSeconds: 43_200,
      tokenType: "Bearer",
    });
  });
});

// -------------------------------------------------------------------------------------------------- revocation

async function revocationOf(
  key: string,
  ends: typeof revokeToken = revokeToken,
  kind?: "refresh_token",
): Promise<Sent> {
  const sent = answerWith("");
  await ends(configure(key).service, "the/token", kind);
  return sent[0]!;
}

describe("revocation", () => {
  const secretInBody = "client_id=client-id&client_secret=client-secret-0123456789";
  const bearer = { ...ACCEPT, Authorization: "Bearer the/token" };

  test.each<[string, Sent]>([
    [
      "Gitlab",
      {
        method: "POST",
        url: "https://gitlab.com/oauth/revoke",
        headers: FORM,
        body: `${secretInBody}&token=the%2Ftoken`,
      },
    ],
    [
      "X",
      {
        method: "POST",
        url: "https://api.x.com/2/oauth2/revoke",
        headers: { ...FORM, Authorization: BASIC },
        body: "token=the%2Ftoken",
      },
    ],
    [
      "Github",
      {
        method: "DELETE",
        url: "https://api.github.com/applications/client-id/token",
        headers: { ...JSON_BODY, Authorization: BASIC },
        body: '{"access_token":"the/token"}',
      },
    ],
    ["Dropbox", { method: "POST", url: "https://api.dropboxapi.com/2/auth/token/revoke", headers: bearer }],
    ["Lichess", { method: "DELETE", url: "https://lichess.org/api/token", headers: bearer }],
    ["osu", { method: "DELETE", url: "https://osu.ppy.sh/api/v2/oauth/tokens/current", headers: bearer }],
    [
      "Linear",
      {
        method: "POST",
        url: "https://api.linear.app/oauth/revoke",
        headers: { ...FORM, Authorization: "Bearer the/token" },
        body: "token=the%2Ftoken",
      },
    ],
    [
      "LINE",
      {
        method: "POST",
        url: "https://api.line.me/oauth2/v2.1/revoke",
        headers: FORM,
        body: `${secretInBody}&access_token=the%2Ftoken`,
      },
    ],
    ["Kick", { method: "POST", url: "https://id.kick.com/oauth/revoke?token=the%2Ftoken", headers: ACCEPT }],
    [
      "Twitch",
      {
        method: "POST",
        url: "https://id.twitch.tv/oauth2/revoke",
        headers: FORM,
        body: "client_id=client-id&token=the%2Ftoken",
      },
    ],
    [
      "StackExchange",
      { method: "GET", url: "https://api.stackexchange.com/2.3/access-tokens/the%2Ftoken/invalidate", headers: ACCEPT },
    ],
    [
      "Notion",
      {
        method: "POST",
        url: "https://api.notion.com/v1/oauth/revoke",
        headers: { ...JSON_BODY, Authorization: BASIC },
        body: '{"token":"the/token"}',
      },
    ],
    [
      "Trakt",
      {
        method: "POST",
        url: "https://auth.trakt.tv/oauth/revoke",
        headers: JSON_BODY,
        body: '{"client_id":"client-id","client_secret":"client-secret-0123456789","token":"the/token"}',
      },
    ],
    [
      "Miro",
      {
        method: "POST",
        url: "https://api.miro.com/v2/oauth/revoke",
        headers: JSON_BODY,
        body: '{"clientId":"client-id","clientSecret":"client-secret-0123456789","accessToken":"the/token"}',
      },
    ],
  ])("of one token: %s", async (key, expected) => {
    expect(await revocationOf(key)).toEqual(expected);
  });

  test.each<[string, Sent]>([
    [
      "Github",
      {
        method: "DELETE",
        url: "https://api.github.com/applications/client-id/grant",
        headers: { ...JSON_BODY, Authorization: BASIC },
        body: '{"access_token":"the/token"}',
      },
    ],
    [
      "Google",
      { method: "POST", url: "https://oauth2.googleapis.com/revoke", headers: FORM, body: "token=the%2Ftoken" },
    ],
    ["Facebook", { method: "DELETE", url: "https://graph.facebook.com/v24.0/me/permissions", headers: bearer }],
    ["Kakao", { method: "POST", url: "https://kapi.kakao.com/v1/user/unlink", headers: bearer }],
    [
      "TikTok",
      {
        method: "POST",
        url: "https://open.tiktokapis.com/v2/oauth/revoke/",
        headers: FORM,
        body: "client_key=client-id&client_secret=client-secret-0123456789&token=the%2Ftoken",
      },
    ],
    [
      "QuickBooks",
      {
        method: "POST",
        url: "https://developer.api.intuit.com/v2/oauth2/tokens/revoke",
        headers: { ...JSON_BODY, Authorization: BASIC },
        body: '{"token":"the/token"}',
      },
    ],
  ])("of the whole grant: %s", async (key, expected) => {
    expect(await revocationOf(key, revokeGrant)).toEqual(expected);
  });

  test.each<[string, string, string]>([
    [
      "HubSpot",
      "https://api.hubapi.com/oauth/2026-03/token/revoke",
      `token_type_hint=refresh_token&${secretInBody}&token=the%2Ftoken`,
    ],
    ["Asana", "https://app.asana.com/-/oauth_revoke", `${secretInBody}&token=the%2Ftoken`],
    ["Roblox", "https://apis.roblox.com/oauth/v1/token/revoke", `${secretInBody}&token=the%2Ftoken`],
  ])("of refresh tokens only: %s", async (key, url, body) => {
    expect(await revocationOf(key, revokeToken, "refresh_token")).toMatchObject({ url, body });
    const sent = answerWith("");
    await expect(revokeToken(configure(key).service, "the/token")).rejects.toMatchObject({
      message: "unsupported_token_type",
    });
    expect(sent).toEqual([]);
  });

  test("of the whole grant by refresh token only: Canva, Strava, Xero", async () => {
    const body = "token=the%2Ftoken";
    expect(await revocationOf("Strava", revokeGrant, "refresh_token")).toEqual({
      method: "POST",
      url: "https://www.strava.com/oauth/revoke",
      headers: { ...FORM, Authorization: BASIC },
      body,
    });
    expect(await revocationOf("Xero", revokeGrant, "refresh_token")).toMatchObject({ body });
    expect(await revocationOf("Canva", revokeGrant, "refresh_token")).toMatchObject({
      body: `${secretInBody}&${body}`,
    });
    // With the refresh token, Canva would end every app's access.
    await expect(revokeToken(configure("Canva").service, "the/token", "refresh_token")).rejects.toMatchObject({
      message: "unsupported_token_type",
    });
    expect((await revocationOf("Canva")).url).toBe("https://api.canva.com/rest/v1/oauth/revoke");
  });

  test.each([
    ["Slack", { ok: true, revoked: true }, { ok: false, error: "invalid_auth" }],
    ["Slack", { ok: true, revoked: true }, { ok: true, revoked: false }],
    ["Slack-OpenID", { ok: true, revoked: true }, { ok: false, error: "token_revoked" }],
    ["VK", { response: 1 }, { error: "invalid_token", error_description: "expired" }],
  ])("[A44] with status 200, only the service's own word for success counts: %s", async (key, success, failure) => {
    answerWith(success);
    await revokeGrant(configure(key).service, "the/token");
    for (const answer of [failure, {}, ""]) {
      answerWith(answer);
      await expect(revokeGrant(configure(key).service, "the/token")).rejects.toMatchObject({
        message: "service_failed",
      });
    }
  });

  test("[A44] so it is with one token: monday.com, Zoho, VK ID", async () => {
    for (const [key, success] of [
      ["Monday", { success: true }],
      ["Zoho", { status: "success" }],
      ["VK", { response: 1 }],
    ] as const) {
      answerWith(success);
      await revokeToken(configure(key).service, "the/token");
      answerWith({ error: "something" });
      await expect(revokeToken(configure(key).service, "the/token")).rejects.toMatchObject({
        message: "service_failed",
      });
    }
  });

  test("[A44] where only the whole grant can be ended, no single token is", async () => {
    for (const key of ["Discord", "Google", "Strava", "Spotify", "Slack", "Slack-OpenID", "Xero"]) {
      const sent = answerWith("");
      await expect(revokeToken(configure(key).service, "the/token")).rejects.toMatchObject({
        message: "unsupported_token_type",
      });
      expect(sent).toEqual([]);
    }
  });
});

// ----------------------------------------------------------------------------------------------------- profile

async function profileOf(key: string, answer: unknown, entry: Record<string, unknown> = {}) {
  const sent = answerWith(answer);
  const claims = await fetchUserinfo(configure(key, entry).service, "the-token");
  return { sent: sent[0]!, claims };
}

describe("profile", () => {
  test("the token in a form, with the client id: VK ID", async () => {
    const user = {
      user_id: "1234567890",
      first_name: "Ivan",
      last_name: "I.",
      avatar: "https://pp.example/a",
      email: "",
    };
    const { sent, claims } = await profileOf("VK", { user });
    expect(sent).toEqual({
      method: "POST",
      url: "https://id.vk.com/oauth2/user_info",
      headers: FORM,
      body: "client_id=client-id&access_token=the-token",
    });
    expect(claims).toEqual({
      sub: "1234567890",
      id: "1234567890",
      name: "Ivan I.",
      avatar: "https://pp.example/a",
      url: "https://vk.com/id1234567890",
    });
  });

  const bearer = { ...ACCEPT, Authorization: "Bearer the-token" };

  test("inside an array, and with the client id in a header: Twitch", async () => {
    const user = {
      id: "141981764",
      login: "twitchdev",
      display_name: "TwitchDev",
      profile_image_url: "https://static.example/x.png",
      email: "not-real@email.com",
    };
    const { sent, claims } = await profileOf("Twitch", { data: [user] });
    expect(sent).toEqual({
      method: "GET",
      url: "https://api.twitch.tv/helix/users",
      headers: { ...bearer, "Client-Id": CLIENT_ID },
    });
    expect(claims).toEqual({
      sub: "141981764",
      id: "141981764",
      username: "twitchdev",
      name: "TwitchDev",
      avatar: "https://static.example/x.png",
      url: "https://www.twitch.tv/twitchdev",
      email: "not-real@email.com",
      // Helix has only addresses that are checked.
      email_verified: true,
    });
  });

  test("composed of several members: Discord's picture, Strava's name", async () => {
    const discord = {
      id: "80351110224678912",
      username: "nelly",
      global_name: null,
      avatar: "8342729096ea3675442027381ff50dfe",
    };
    expect((await profileOf("Discord", discord)).claims).toMatchObject({
      name: "nelly",
      avatar: "https://cdn.discordapp.com/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png",
    });
    expect((await profileOf("Discord", { ...discord, avatar: null })).claims).not.toHaveProperty("avatar");
    expect((await profileOf("Strava", { id: 1, firstname: "Marianne", lastname: "V." })).claims.name).toBe(
      "Marianne V.",
    );
    expect((await profileOf("Strava", { id: 1, firstname: "Marianne", lastname: "" })).claims.name).toBe("Marianne");
  });

  test("POST without a body: Dropbox, Slack", async () => {
    const dropbox = await profileOf("Dropbox", {
      account_id: "dbid:AAH4",
      name: { display_name: "Franz" },
      email: "franz@example.com",
    });
    expect(dropbox.sent).toEqual({
      method: "POST",
      url: "https://api.dropboxapi.com/2/users/get_current_account",
      headers: bearer,
    });
    expect(dropbox.claims.name).toBe("Franz");
    const slack = await profileOf("Slack", {
      ok: true,
      url: "https://subarachnoid.slack.com/",
      user: "grace",
      team_id: "T12345678",
      user_id: "W12345678",
    });
    expect(slack.sent).toEqual({ method: "POST", url: "https://slack.com/api/auth.test", headers: bearer });
  });

  test("GraphQL: Linear; with the bare token: Monday", async () => {
    const viewer = { id: "v1", name: "Ada", displayName: "ada", email: "ada@example.com" };
    const linear = await profileOf("Linear", { data: { viewer } });
    expect(linear.sent).toEqual({
      method: "POST",
      url: "https://api.linear.app/graphql",
      headers: { ...JSON_BODY, Authorization: "Bearer the-token" },
      body: '{"query":"{ viewer { id name displayName email avatarUrl url } }"}',
    });
    expect(linear.claims).toMatchObject({ sub: "v1", username: "ada", name: "Ada" });
    const monday = await profileOf("Monday", { data: { me: { id: "4012689", name: "Ada" } } });
    expect(monday.sent.headers).toEqual({ ...JSON_BODY, Authorization: "the-token" });
    await expect(profileOf("Linear", { data: null, errors: [{ message: "x" }] })).rejects.toMatchObject({
      message: "service_unintelligible",
    });
  });

  test("headers of the API: Trakt, Notion, Heroku, Nextcloud, Reddit", async () => {
    const headersOf = async (key: string, answer: unknown, entry = {}) =>
      (await profileOf(key, answer, entry)).sent.headers;
    expect(await headersOf("Trakt", { user: { ids: { uuid: "b6589fc6" } } })).toEqual({
      ...bearer,
      "trakt-api-version": "2",
      "trakt-api-key": CLIENT_ID,
    });
    expect(await headersOf("Notion", { bot: { owner: { user: { id: "u" } } } })).toEqual({
      ...bearer,
      "Notion-Version": "2022-06-28",
    });
    expect(await headersOf("Heroku", { id: "h" })).toEqual({
      ...bearer,
      Accept: "application/vnd.heroku+json; version=3",
    });
    const variables = { instance: "cloud.example.org" };
    expect(await headersOf("Nextcloud", { ocs: { data: { id: "ada" } } }, { variables })).toEqual({
      ...bearer,
      "OCS-APIRequest": "true",
    });
    expect(await headersOf("Reddit", { id: "r" })).toEqual({ ...bearer, "User-Agent": "auth-provider (client-id)" });
  });

  test.each([
    ["Yandex", "OAuth the-token", { id: "1" }],
    ["Mailchimp", "OAuth the-token", { login: { login_id: 15 } }],
    ["SoundCloud", "OAuth the-token", { urn: "soundcloud:users:3207" }],
    ["Zoho", "Zoho-oauthtoken the-token", { ZUID: 696_915_290 }],
  ])("another scheme: %s", async (key, authorization, answer) => {
    expect((await profileOf(key, answer)).sent.headers).toEqual({ ...ACCEPT, Authorization: authorization });
  });

  test("the token in the query, and fields asked for by name: Instagram, Threads", async () => {
    const { sent } = await profileOf("Instagram", { id: "17841405793187218", username: "ada" });
    expect(sent).toEqual({
      method: "GET",
      url: "https://graph.instagram.com/me?fields=id%2Cusername%2Cname%2Cprofile_picture_url%2Caccount_type&access_token=the-token",
      headers: ACCEPT,
    });
    expect((await profileOf("Threads", { id: "1" })).sent.url).toContain("access_token=the-token");
  });

  test("with a third credential: Stack Exchange's key", async () => {
    const { sent, claims } = await profileOf(
      "StackExchange",
      { items: [{ account_id: 1_998_682, display_name: "Ada" }] },
      { api_key: "a-public-key" },
    );
    expect(sent.url).toBe(
      "https://api.stackexchange.com/2.3/me?site=stackoverflow&key=a-public-key&access_token=the-token",
    );
    expect(claims).toMatchObject({ sub: "1998682", name: "Ada" });
  });

  test("only for whoever has the client secret: HubSpot", async () => {
    const { sent } = await profileOf("HubSpot", { user_id: 293_199, user: "ada@example.com" });
    expect(sent).toEqual({
      method: "POST",
      url: "https://api.hubapi.com/oauth/2026-03/token/introspect",
      headers: FORM,
      body: "token_type_hint=access_token&client_id=client-id&client_secret=client-secret-0123456789&token=the-token",
    });
  });

  test("[A32] an identifier that stays, not the name beside it: Pinterest, Trakt, Spotify, SoundCloud, Mailchimp", async () => {
    const subOf = async (key: string, answer: unknown) => (await profileOf(key, answer)).claims.sub;
    expect(await subOf("Pinterest", { id: "2783136121146311751", username: "pinner" })).toBe("2783136121146311751");
    const trakt = await profileOf("Trakt", {
      user: { username: "sean", name: "Sean", ids: { slug: "sean", uuid: "b6589fc6" } },
    });
    expect(trakt.sent.url).toBe("https://api.trakt.tv/users/settings");
    expect(trakt.claims).toEqual({
      sub: "b6589fc6",
      id: "b6589fc6",
      username: "sean",
      name: "Sean",
      url: "https://trakt.tv/users/sean",
    });
    expect(await subOf("Spotify", { id: "wizzler", account_id: "7f3a" })).toBe("7f3a");
    expect(await subOf("SoundCloud", { urn: "soundcloud:users:3207", permalink: "ada" })).toBe("soundcloud:users:3207");
    expect(await subOf("Mailchimp", { user_id: 1, login: { login_id: 15, login_name: "ada" } })).toBe("15");
  });

  test("[A32] where that identifier is missing, a name does not take its place: Pinterest, Spotify", async () => {
    await expect(profileOf("Pinterest", { username: "pinner" })).rejects.toMatchObject({
      message: "service_unintelligible",
    });
    await expect(profileOf("Spotify", { id: "wizzler" })).rejects.toMatchObject({ message: "service_unintelligible" });
  });

  test("[A32] two people who are called the same in two workspaces or organisations: Slack, Salesforce", async () => {
    const subOf = async (key: string, answer: object) => (await profileOf(key, { ok: true, ...answer })).claims.sub;
    const user = { user: "grace", user_id: "U12345678" };
    expect(await subOf("Slack", { ...user, team_id: "T1" })).toBe("T1-U12345678");
    expect(await subOf("Slack", { ...user, team_id: "T2" })).toBe("T2-U12345678");
    const claims = { sub: "U0R7JM", "https://slack.com/user_id": "U0R7JM", "https://slack.com/team_id": "T0R7GR" };
    expect(await subOf("Slack-OpenID", claims)).toBe("T0R7GR-U0R7JM");
    // A sandbox is a copy of the organisation and has the same user ids.
    expect(await subOf("Salesforce", { user_id: "005x", organization_id: "00Dx" })).toBe("00Dx-005x");
  });

  test("[A32] nobody's identifier where the service tells a name only: Tumblr", async () => {
    const { claims } = await profileOf("Tumblr", {
      response: { user: { name: "derekg", blogs: [{ name: "derekg", uuid: "t:1", primary: true }] } },
    });
    expect(claims).toEqual({
      username: "derekg",
      name: "derekg",
      avatar: "https://api.tumblr.com/v2/blog/derekg/avatar",
      url: "https://derekg.tumblr.com/",
    });
  });

  test("[A52] an error with status 200: Slack", async () => {
    await expect(profileOf("Slack", { ok: false, error: "token_revoked" })).rejects.toMatchObject({
      message: "invalid_token",
    });
  });

  test("none at all: Withings, Zenodo, Supabase", async () => {
    for (const key of ["Withings", "Zenodo", "Supabase"]) {
      await expect(profileOf(key, {})).rejects.toMatchObject({ message: "no_userinfo" });
    }
  });
});
