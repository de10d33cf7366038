import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../catalogue/load.ts";
import type { ServiceRecord } from "../../catalogue/schema.ts";

/** Facts about the services that came second, read in their documentation and discovery documents and written by hand. */

const catalogue = loadCatalogue();

describe("records say what the service documents", () => {
  test.each<[id: string, fact: string, expected: Partial<Record<keyof ServiceRecord, unknown>>]>([
    [
      "square",
      "a refresh returns the same refresh token, lasting 30 days, and PKCE is for apps without a secret",
      {
        authorization_parameters: { session: "false" },
        code_challenge_method: "none",
        refresh_tokens: "reusable",
        access_token_lifetime_seconds: 30 * 24 * 60 * 60,
      },
    ],
    [
      "trello",
      "Atlassian's login, with PKCE and JSON",
      {
        authorization_endpoint: "https://auth.atlassian.com/authorize",
        token_endpoint: "https://auth.atlassian.com/oauth/token",
        authorization_parameters: { prompt: "consent" },
        code_challenge_method: "S256",
        token_request: { body: "json" },
        offline_scopes: ["offline_access"],
        refresh_tokens: "rotating",
      },
    ],
    [
      "buffer",
      "the new API, where PKCE is required",
      {
        authorization_endpoint: "https://auth.buffer.com/auth",
        token_endpoint: "https://auth.buffer.com/token",
        code_challenge_method: "S256",
        userinfo_endpoint: "https://api.buffer.com",
      },
    ],
    [
      "coinbase",
      "login.coinbase.com, with commas between scopes",
      {
        authorization_endpoint: "https://login.coinbase.com/oauth2/auth",
        token_endpoint: "https://login.coinbase.com/oauth2/token",
        revocation_endpoint: "https://login.coinbase.com/oauth2/revoke",
        scope_separator: ",",
      },
    ],
    [
      "adobe",
      "its discovery document",
      {
        token_endpoint: "https://ims-na1.adobelogin.com/ims/token/v3",
        userinfo_endpoint: "https://ims-na1.adobelogin.com/ims/userinfo/v2",
        revocation_endpoint: "https://ims-na1.adobelogin.com/ims/revoke",
      },
    ],
    [
      "wrike",
      "commas between scopes, and the host of the API in the token response",
      { scope_separator: ",", token_response: { extra_members: ["host"] } },
    ],
    ["gusto", "no scopes, and each refresh token works once", { scopes_fixed: true, refresh_tokens: "rotating" }],
    ["close", "each refresh revokes the old refresh token", { refresh_tokens: "rotating" }],
    [
      "flodesk",
      "Basic, codes of 30 minutes, and each refresh token works once",
      {
        token_endpoint_auth_method: "client_secret_basic",
        code_lifetime_seconds: 30 * 60,
        refresh_tokens: "rotating",
        userinfo_claims: expect.objectContaining({ sub: ["id"], name: ["full_name"], email: ["email"] }),
      },
    ],
    ["jobber", "S256 only, and scopes set on the app", { code_challenge_method: "S256", scopes_fixed: true }],
    [
      "docusign",
      "the secret in a Basic header, with PKCE",
      { token_endpoint_auth_method: "client_secret_basic", code_challenge_method: "S256" },
    ],
    ["ticktick", "credentials in the header", { token_endpoint_auth_method: "client_secret_basic" }],
    [
      "zendesk",
      "a token ends itself",
      {
        revocation_endpoint: "https://{subdomain}.zendesk.com/api/v2/oauth/tokens/current.json",
        revocation_request: { method: "DELETE", auth_method: "bearer", body: "empty" },
      },
    ],
    [
      "freeagent",
      "users are known by their address",
      { userinfo_claims: expect.objectContaining({ sub: ["user.url"] }) },
    ],
    ["posthog", "PKCE is required", { code_challenge_method: "S256" }],
  ])("%s: %s", (id, _, expected) => {
    expect(catalogue.get(id)).toMatchObject(expected);
  });

  test("Square's tokens can't be ended from here: it wants the secret in a scheme of its own", () => {
    expect(catalogue.get("square")).not.toHaveProperty("revocation_endpoint");
    expect(catalogue.get("square")).not.toHaveProperty("grant_revocation_endpoint");
  });
});

describe("[A32] an account that several people share identifies nobody", () => {
  test.each(["constant-contact", "front", "jobber", "klaviyo", "mollie", "square", "squarespace"])("%s", (id) => {
    const { userinfo_claims: claims, notes } = catalogue.get(id)!;
    expect(claims?.sub).toBeUndefined();
    expect(notes).toContain("so nobody can be logged in by it");
  });

  test("a character of EVE Online that was sold is somebody else", () => {
    expect(catalogue.get("eveonline")!.userinfo_claims?.sub).toEqual(["CharacterOwnerHash"]);
  });
});

describe("[A12] secrets are sent only below the service's own name", () => {
  test.each([
    ["docusign", "host", "account.docusign.com.evil.example"],
    ["docusign", "host", "accountXdocusign.com"],
    ["mercadolibre", "host", "auth.mercadolibre.com.evil.example"],
    ["netsuite", "account", "1234567.evil.example/"],
    ["pagerduty", "api", "evil.example"],
    ["smartsheet", "domain", "smartsheet.evil"],
    ["surveymonkey", "host", "api.surveymonkey.com.evil.example"],
    ["wrike", "host", "www.wrike.com.evil.example"],
    ["zendesk", "subdomain", "evil.example/"],
  ])("%s: not with %s %s", (id, variable, value) => {
    expect(value).not.toMatch(new RegExp(`^(?:${catalogue.get(id)!.url_variables![variable]!.pattern})$`));
  });
});
