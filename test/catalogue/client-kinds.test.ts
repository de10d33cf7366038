import { describe, expect, test } from "vitest";
import { clientKindOf, ofClientKind } from "../../catalogue/client-kinds.ts";
import { loadCatalogue, recordIssues } from "../../catalogue/load.ts";
import type { ServiceRecord } from "../../catalogue/schema.ts";
import { resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import { readCredentials } from "../../server/provider/credentials.ts";
import type { Environment } from "../../server/provider/environment.ts";

/** Client IDs as GitHub has given them out over the years. */
const APPS = ["Iv1.8a61f9b3a7aba766", "Iv23f8doAlphaNumer1c", "Iv23liHbUOnXvZ5ZqCkQ"];
const OAUTH_APPS = ["Ov23li8tweQw6odWQebz", "0123456789abcdef0123"];
const secret = "kq8ZpL2vXw7RmT4nYc9BdF6h";

function resolve(entry: Record<string, unknown>, env: Environment = {}, key = "Github") {
  const sources = { services: { [key]: entry }, secrets: undefined, env, production: true, localDevelopment: false };
  const report = resolveConfiguration(sources);
  return { ...report, service: report.configuration.services[0]! };
}

describe("the kind of a client", () => {
  const github = loadCatalogue().get("github")!;

  test.each(APPS)("%s is a GitHub App's", (id) => expect(clientKindOf(github, id)?.name).toBe("GitHub App"));
  test.each(OAUTH_APPS)("%s is an OAuth app's", (id) => expect(clientKindOf(github, id)?.name).toBe("OAuth app"));
  test.each(["", "client-of-github", "Iv1.", "xIv23f8doAlphaNumer1c", "0123456789abcdef01234", "12345678"])(
    "%j is of no known kind, so the record is as for a service with one kind",
    (id) => {
      expect(clientKindOf(github, id)).toBeUndefined();
      expect(ofClientKind(github, id)).toEqual(github);
    },
  );
});

describe("a kind of client at any service", () => {
  test("is built into the service: the same id and endpoints, and what differs", () => {
    const app = resolve({ client_id: APPS[1] }).service;
    const oauthApp = resolve({ client_id: OAUTH_APPS[0] }).service;
    expect(app).toMatchObject({
      id: "github",
      authorizationEndpoint: oauthApp.authorizationEndpoint,
      tokenEndpoint: oauthApp.tokenEndpoint,
      userinfo: oauthApp.userinfo,
      grantRevocation: oauthApp.grantRevocation,
      defaultScopes: [],
      scopesMerged: false,
      refreshTokens: "rotating",
      manageUrl: "https://github.com/settings/apps/authorizations",
      tokenResponse: { members: { scope: [] } },
    });
    expect(oauthApp).toMatchObject({ defaultScopes: ["read:user"], scopesMerged: true, refreshTokens: "none" });
    expect(oauthApp.installation).toBeUndefined();
  });

  test("comes from the client ID in the environment if there is one, which wins over the file", () => {
    const env = { GITHUB_CLIENT_ID: APPS[0] };
    expect(resolve({ client_id: OAUTH_APPS[0] }, env).service.refreshTokens).toBe("rotating");
    expect(resolve({ client_id: "YOUR_GITHUB_CLIENT_ID" }, env).service.refreshTokens).toBe("rotating");
  });

  test("leaves the last word to the owner's entry", () => {
    expect(resolve({ client_id: APPS[0], refresh_tokens: "none" }).service.refreshTokens).toBe("none");
  });

  test("a client ID that comes later and is of another kind is not used: the question would not be true [A50][A31]", () => {
    const use = (built: string | undefined, running: string) =>
      readCredentials(resolve({ client_id: built ?? "YOUR_GITHUB_CLIENT_ID" }).service, secret, [], {
        GITHUB_CLIENT_ID: running,
      });
    const refused = { missing: "build for this client ID" };
    expect(use(APPS[0], OAUTH_APPS[0]!)).toEqual(refused);
    expect(use(OAUTH_APPS[0], APPS[0]!)).toEqual(refused);
    expect(use(undefined, APPS[0]!)).toEqual(refused);
    expect(use(undefined, OAUTH_APPS[1]!)).toMatchObject({ clientId: OAUTH_APPS[1] });
    expect(use(OAUTH_APPS[0], OAUTH_APPS[1]!)).toMatchObject({ clientId: OAUTH_APPS[1] });
    expect(use(APPS[0], APPS[1]!)).toMatchObject({ clientId: APPS[1] });
  });

  test.each([
    [{}, "https://github.com/apps/my-app/installations/new", "https://api.github.com/user/installations?per_page=1"],
    [
      { instance: "octocorp.ghe.com" },
      "https://octocorp.ghe.com/apps/my-app/installations/new",
      "https://api.octocorp.ghe.com/user/installations?per_page=1",
    ],
    [
      { instance: "github.example.org" },
      "https://github.example.org/github-apps/my-app/installations/new",
      "https://github.example.org/api/v3/user/installations?per_page=1",
    ],
  ])("the link to choose repositories stays at the owner's host: %j [A12]", (variables, url, endpoint) => {
    const { service, issues } = resolve({ client_id: APPS[0], app_slug: "my-app", variables });
    expect(issues).toEqual([]);
    expect(service.installation).toMatchObject({ url, check: { endpoint } });
    expect(resolve({ client_id: APPS[0], variables }).service.installation).not.toHaveProperty("url");
  });

  test("a server of one's own has both kinds as well", () => {
    const entry = { client_id: APPS[0], app_slug: "my-app", variables: { instance: "git.example.org" } };
    expect(resolve(entry, {}, "GitHub-Enterprise").service).toMatchObject({
      refreshTokens: "rotating",
      installation: { url: "https://git.example.org/github-apps/my-app/installations/new" },
    });
  });

  test("a token of another host is never sent to the catalogue's host [A12]", () => {
    const endpoints = {
      authorization_endpoint: "https://git.example.org/login/oauth/authorize",
      token_endpoint: "https://git.example.org/login/oauth/access_token",
    };
    const { service } = resolve({ client_id: APPS[0], ...endpoints });
    expect(service.installation).toBeUndefined();
    expect(JSON.stringify(service)).not.toContain("api.github.com");
  });

  test("an app's name beside the client ID of an OAuth app is an issue: it could reach all repositories", () => {
    const [issue] = resolve({ client_id: OAUTH_APPS[0], app_slug: "my-app" }).issues;
    expect(issue).toMatchObject({
      path: "services.json → Github.app_slug",
      advice: 'Write the client ID of that app, or delete "app_slug".',
    });
    expect(resolve({ client_id: "YOUR_GITHUB_CLIENT_ID", app_slug: "my-app" }).issues).toEqual([]);
  });

  test.each(["../settings", "a/b", "my app", "", "x?y", "{client_id}"])("%j is no app's name", (slug) => {
    expect(resolve({ client_id: APPS[0], app_slug: slug }).issues[0]?.path).toBe("services.json → Github.app_slug");
  });

  test("is described with fields that the catalogue knows, and fills them as it fills its own", () => {
    const record = loadCatalogue().get("gitlab")!;
    const kind = {
      name: "Other",
      client_id: "other-.*",
      notes: "It is different.",
      fields: { refresh_tokens: "none" },
    };
    const issuesWith = (kinds: unknown[]) =>
      recordIssues("gitlab.json", { ...record, client_kinds: kinds } as ServiceRecord);
    expect(issuesWith([kind])).toEqual([]);
    expect(issuesWith([{ ...kind, client_id: "(" }])).not.toEqual([]);
    expect(issuesWith([{ ...kind, fields: { refresh_token: "none" } }])).not.toEqual([]);
    expect(issuesWith([{ ...kind, fields: { manage_url: "http://gitlab.com/" } }])).not.toEqual([]);
  });
});
