import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../catalogue/load.ts";
import type { ServiceRecord } from "../../catalogue/schema.ts";

/**
 * Facts that services document themselves, in their documentation, specification or server code, written here by hand.
 * Libraries often know an older state, so `cross-check.test.ts` can't find these.
 */

const catalogue = loadCatalogue();

describe("records say what the service documents", () => {
  test.each<[id: string, fact: string, expected: Partial<Record<keyof ServiceRecord, unknown>>]>([
    [
      "monday",
      "OAuth 2.1",
      {
        token_endpoint: "https://auth.monday.com/oauth_ms/oauth/token",
        code_challenge_method: "S256",
        token_request: { body: "json" },
        refresh_tokens: "rotating",
        access_token_lifetime_seconds: 3_600,
      },
    ],
    [
      "trakt",
      "all of OAuth is at auth.trakt.tv, and a refresh repeats the redirect URI",
      {
        authorization_endpoint: "https://auth.trakt.tv/oauth/authorize",
        token_endpoint: "https://auth.trakt.tv/oauth/token",
        revocation_endpoint: "https://auth.trakt.tv/oauth/revoke",
        refresh_request: { redirect_uri: true },
      },
    ],
    ["soundcloud", "users are known by urn", { userinfo_claims: expect.objectContaining({ sub: ["urn"] }) }],
    ["cloudflare", "offline_access", { offline_scopes: ["offline_access"], refresh_tokens: "rotating" }],
    [
      "musicbrainz",
      "whoever has granted before gets no refresh token without being asked again",
      { offline_parameters: { access_type: "offline", approval_prompt: "force" } },
    ],
    [
      "threads",
      "threads.com",
      {
        authorization_endpoint: "https://threads.com/oauth/authorize",
        token_endpoint: "https://graph.threads.com/oauth/access_token",
        userinfo_endpoint: expect.stringMatching(/^https:\/\/graph\.threads\.com\/v1\.0\/me\?/),
      },
    ],
    ["spotify", "account_id stays", { userinfo_claims: expect.objectContaining({ sub: ["account_id"] }) }],
    [
      "pinterest",
      "numeric id, continuous refresh",
      { refresh_tokens: "rotating", userinfo_claims: expect.objectContaining({ sub: ["id"] }) },
    ],
    ["salesforce", "refresh tokens rotate where it is enforced", { refresh_tokens: "rotating" }],
    [
      "raindrop",
      "another refresh token in every answer, and its own error",
      { refresh_tokens: "rotating", token_error_codes: { bad_authorization_code: "invalid_grant" } },
    ],
    ["nextcloud", "unknown codes are invalid_request", { token_error_codes: { invalid_request: "invalid_grant" } }],
    ["roblox", "codes last a minute", { code_lifetime_seconds: 60 }],
    ["x", "codes last 30 seconds", { code_lifetime_seconds: 30, console_url: "https://console.x.com" }],
    ["withings", "codes last 30 seconds", { code_lifetime_seconds: 30 }],
    ["zoho", "codes last two minutes", { code_lifetime_seconds: 120 }],
    ["sentry", "RFC 7009", { revocation_endpoint: "https://{host}/oauth/revoke/" }],
    [
      "instagram",
      "the token may be nested",
      {
        token_response: {
          members: {
            access_token: ["access_token", "data.0.access_token"],
            scope: ["permissions", "data.0.permissions"],
          },
        },
      },
    ],
    ["mailchimp", "the person's id", { userinfo_claims: expect.objectContaining({ sub: ["login.login_id"] }) }],
  ])("%s: %s", (id, _, expected) => {
    expect(catalogue.get(id)).toMatchObject(expected);
  });

  test("Basecamp: the standard parameters instead of type=web_server and type=refresh", () => {
    const record = catalogue.get("basecamp")!;
    expect(record.authorization_parameters ?? {}).not.toHaveProperty("type");
    expect(record.token_parameters ?? {}).not.toHaveProperty("type");
    expect(record.refresh_request).toBeUndefined();
  });

  test("claims that the requested fields never contain are not promised: TikTok, X, Raindrop.io", () => {
    expect(Object.keys(catalogue.get("tiktok")!.userinfo_claims!)).toEqual(["sub", "name", "avatar"]);
    expect(catalogue.get("x")!.userinfo_claims).not.toHaveProperty("email");
    expect(Object.keys(catalogue.get("raindrop")!.userinfo_claims!)).toEqual(["sub", "name", "email"]);
  });

  test("Fitbit, whose login has ended, is offered no more", () => {
    expect(catalogue.has("fitbit")).toBe(false);
  });
});

describe("[A44] what a revocation ends", () => {
  const ends = (id: string): unknown => {
    const record = catalogue.get(id)!;
    return {
      token: record.revocation_endpoint && (record.revocation_request?.only ?? "any token"),
      grant: record.grant_revocation_endpoint && (record.grant_revocation_request?.only ?? "any token"),
    };
  };

  test.each([
    // With an access token Canva ends that token, and with a refresh token the consent.
    ["canva", "access_token", "refresh_token"],
    ["xero", undefined, "refresh_token"],
    ["strava", undefined, "refresh_token"],
    ["roblox", "refresh_token", undefined],
    ["asana", "refresh_token", undefined],
    ["hubspot", "refresh_token", undefined],
    ["zoho", "any token", undefined],
    // A token and the one that came with it.
    ["naver", "any token", undefined],
    ["sentry", "any token", undefined],
    ["monday", "any token", undefined],
    ["soundcloud", "access_token", undefined],
    // All apps of a person share the token.
    ["slack", undefined, "any token"],
    ["slack-openid", undefined, "any token"],
    // Apps with the same scopes share a token, and other apps have others: neither one nor all can be ended.
    ["openstreetmap", undefined, undefined],
    ["mastodon", undefined, undefined],
    ["vk", "access_token", "access_token"],
  ])("%s: one token by %s, everything by %s", (id, token, grant) => {
    expect(ends(id)).toEqual({ token, grant });
  });

  test("where nothing can be ended from here, a person is sent to the service's own page", () => {
    for (const id of ["openstreetmap", "mastodon"])
      expect(catalogue.get(id)!.manage_url).toMatch(/\/authorized_applications$/);
  });
});

describe("owners are told before they register", () => {
  test.each([
    ["reddit", ["approval"]],
    ["x", ["pay_per_use"]],
    ["spotify", ["paid_account", "review"]],
    ["strava", ["paid_account", "review"]],
    ["salesforce", ["administrator", "installation"]],
    ["monday", ["installation"]],
    ["roblox", ["verified_identity", "review"]],
  ])("%s: %j", (id, conditions) => {
    expect(catalogue.get(id)!.registration_conditions).toEqual(conditions);
  });

  test.each([
    ["asana", /full permissions .*"default_scopes": \["default"\]/],
    ["cloudflare", /User Details Read.*cannot use the scope openid/],
    ["discord", /role_connections\.write/],
    ["bitbucket", /private/],
    ["basecamp", /does not verify email addresses/],
    ["microsoft", /single tenant/],
    ["miro", /expiring tokens/],
    ["zenodo", /each login ends the earlier one/],
    ["spotify", /five users/],
  ])("%s: %s", (id, hint) => {
    expect(catalogue.get(id)!.notes).toMatch(hint);
  });
});
