import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as simpleIcons from "simple-icons";
import { beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import { loadCatalogue } from "../../../catalogue/load.ts";
import { entrySchema, type ServiceRecord, serviceRecordSchema } from "../../../catalogue/schema.ts";
import { defaultVariables, exampleVariables, fillVariables, matchesPattern } from "../../../catalogue/variables.ts";
import { keysAsJson, makeKey } from "../../../scripts/add-key/key-list.ts";
import {
  type ConfigurationSources,
  formatIssues,
  readConfiguration,
  resolveConfiguration,
} from "../../../scripts/configuration/configuration.ts";
import { createProvider } from "../../../server/provider/provider.ts";
import { parseSigningKeys } from "../../../server/provider/signing-key.ts";

const clientId = "Ov23li0123456789abcd";
const secret = "s3cret-9fK2mQ7xTz-Lw4RbN8vHd";
const sealingKey = "Vf3kQ9wZt-0Xc7LmR2yB_8nHdJ5gPa1sTe6UoIqKxYzM";

function resolve(sources: Partial<ConfigurationSources>) {
  const report = resolveConfiguration({
    services: {},
    secrets: undefined,
    env: {},
    production: true,
    localDevelopment: false,
    ...sources,
  });
  for (const issue of [...report.issues, ...report.unavailable, ...report.warnings]) expectHelpful(issue);
  if (report.issues.length > 0) {
    expect(report.configuration.services).toEqual([]);
    expect(report.configuration.secrets).toEqual({});
  }
  return report;
}

function expectHelpful(issue: { path: string; message: string; advice: string }): void {
  expect(Object.keys(issue).sort()).toEqual(["advice", "message", "path"]);
  for (const text of Object.values(issue)) expect(text).toMatch(/\S{3}/);
  expect(formatIssues([issue])).not.toMatch(/undefined|\[object|NaN/);
}

/** Resolves one service with a complete configuration, so issues can only come from what the test adds. */
function resolveOne(entry: unknown, sources: Partial<ConfigurationSources> = {}, key = "Example") {
  const report = resolve({ services: { [key]: entry }, secrets: { [key]: { client_secret: secret } }, ...sources });
  return { ...report, service: report.configuration.services[0]! };
}

const example = {
  client_id: clientId,
  authorization_endpoint: "https://service.example/authorize",
  token_endpoint: "https://service.example/token",
};

/** Replaces the endpoints of services whose catalogued endpoints contain variables. */
const ownEndpoints = {
  authorization_endpoint: "https://service.example/authorize",
  token_endpoint: "https://service.example/token",
};

function entryOf({ url_variables: declared = {} }: ServiceRecord): Record<string, unknown> {
  const needed = Object.entries(declared).filter(([, variable]) => variable.default === undefined);
  if (needed.length === 0) return { client_id: clientId };
  return { client_id: clientId, variables: Object.fromEntries(needed.map(([name, { example }]) => [name, example])) };
}

function endpointsOf(record: ServiceRecord): string[] {
  const {
    authorization_endpoint,
    token_endpoint,
    userinfo_endpoint,
    revocation_endpoint,
    grant_revocation_endpoint,
    refresh_request,
  } = record;
  const all = [
    authorization_endpoint,
    token_endpoint,
    userinfo_endpoint,
    revocation_endpoint,
    grant_revocation_endpoint,
    refresh_request?.endpoint,
  ];
  return all.filter((url) => url !== undefined);
}

describe("the catalogue", () => {
  const catalogue = loadCatalogue();

  test("knows about two hundred services by their ids", () => {
    expect(catalogue.size).toBeGreaterThanOrEqual(195);
    for (const [id, record] of catalogue) {
      const { configuration } = resolve({ services: { [record.key]: { ...ownEndpoints, client_id: clientId } } });
      expect(configuration.services.map((service) => service.id)).toEqual([id]);
    }
  });

  test("[A50] every endpoint is https on a public host, whatever the variables", () => {
    for (const record of catalogue.values()) {
      const filled = fillVariables(record, { ...exampleVariables(record), ...defaultVariables(record) });
      for (const url of endpointsOf(filled)) expect(url).toMatch(/^https:\/\/([a-z0-9-]+\.)+[a-z]{2,}(\/|$)/);
    }
  });

  test("[A22] services share a token endpoint only if they are products of one company, each with a client of its own", () => {
    const endpoints = [...catalogue.values()]
      .map(({ token_endpoint }) => token_endpoint)
      .filter((url) => !url.includes("{"));
    expect(endpoints.filter((url, index) => endpoints.indexOf(url) !== index)).toEqual([
      "https://oauth2.googleapis.com/token",
      "https://auth.atlassian.com/oauth/token",
    ]);
    // A code is bound to the client (RFC 6749 §4.1.3), so it is of no use to the other product's client.
    for (const id of ["google-health", "trello"]) expect(catalogue.get(id)!.notes).toContain("a client of its own");
  });

  test("[A23] Madata's dialect is on for four services and no other", () => {
    const keys = [...catalogue.values()].filter(({ madata }) => madata).map(({ key }) => key);
    expect(keys).toEqual(["Dropbox", "Github", "Gitlab", "Google"]);
  });

  test("[A25] a service goes without PKCE only where it breaks on it, or nobody is known to send it there", () => {
    const without = [...catalogue].filter(([, record]) => record.code_challenge_method === "none").map(([id]) => id);
    const reasons = {
      anilist: "its maker has no plans for it (AniList/docs#115), and no client sends it",
      cilogon: "no well-known client sends it",
      "constant-contact": "two well-known clients switch it off",
      crowdin: "no well-known client sends it",
      dailymotion: "no well-known client sends it",
      disqus: "no well-known client sends it",
      "dropbox-sign": "no well-known client sends it",
      esa: "no well-known client sends it",
      eveonline: "it is for apps without a secret",
      feedly: "no well-known client sends it",
      flat: "no well-known client sends it",
      flodesk: "a client that was made from its documentation switches it off",
      genius: "no well-known client sends it",
      gitee: "no well-known client sends it",
      heroku: "no client sends it",
      inoreader: "no well-known client sends it",
      linkedin: "a token request with a verifier is answered with invalid_client, outside of its flow for native apps",
      linode: "no well-known client sends it",
      meetup: "no well-known client sends it",
      mendeley: "no well-known client sends it",
      mixcloud: "no well-known client sends it",
      mollie: "a well-known client switches it off",
      orcid: "its token endpoint passes known parameters on, and code_verifier is none of them (ORCID/ORCID-Source)",
      pipedrive: "two well-known clients switch it off",
      podio: "it implements a draft from 2010, and a client switches it off",
      producthunt: "no well-known client sends it",
      pushbullet: "no well-known client sends it",
      raindrop: "no well-known client sends it",
      seznam: "no well-known client sends it",
      "slack-openid": "switching it on makes the app a public client for good",
      slack: "switching it on makes the app a public client for good",
      snapchat: "a well-known client switches it off",
      sourcehut: "no well-known client sends it",
      square: "its flow with PKCE is for apps without a secret",
      startgg: "no well-known client sends it",
      streamlabs: "no well-known client sends it",
      surveymonkey: "two well-known clients switch it off",
      tiltify: "no well-known client sends it",
      twitcasting: "no well-known client sends it",
      typeform: "two well-known clients switch it off",
      unsplash: "react-native-app-auth switches it off there, as important",
      wahoo: "no well-known client sends it",
      withings: "no client sends it",
      ynab: "no well-known client sends it",
      zeplin: "no well-known client sends it",
    };
    expect(without).toEqual(Object.keys(reasons));
    const plain = [...catalogue].filter(([, record]) => record.code_challenge_method === "plain").map(([id]) => id);
    expect(plain).toEqual(["myanimelist"]);
  });

  test("every default scope is described in words", () => {
    for (const record of catalogue.values()) {
      const described = Object.keys(record.scope_descriptions ?? {});
      expect(described, record.name).toEqual(expect.arrayContaining(record.default_scopes));
    }
  });

  test("every logo exists, and every unverified field is a field", () => {
    const slugs = new Set(
      Object.values(simpleIcons as unknown as Record<string, simpleIcons.SimpleIcon>).map(({ slug }) => slug),
    );
    for (const record of catalogue.values()) {
      if (record.simple_icons_slug !== undefined) expect(slugs).toContain(record.simple_icons_slug);
      expect(Object.keys(record)).toEqual(expect.arrayContaining(record.unverified ?? []));
    }
  });

  test("every variable is used, and every hole in a URL is a variable", () => {
    for (const {
      url_variables: declared = {},
      userinfo_claims: _claims,
      notes: _notes,
      ...record
    } of catalogue.values()) {
      const holes = [...JSON.stringify(record).matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name);
      const filledLater = ["client_id", "token", "api_key", "app_slug"];
      expect([...new Set(holes)].filter((name) => !filledLater.includes(name!)).sort()).toEqual(
        Object.keys(declared).sort(),
      );
    }
  });

  test("each record configures its service with nothing but a client id, and its variables if it has any", () => {
    for (const [id, record] of catalogue) {
      const { service, issues, unavailable } = resolveOne(
        entryOf(record),
        { env: { SEALING_KEY: sealingKey } },
        record.key,
      );
      expect({ issues, unavailable }).toEqual({ issues: [], unavailable: [] });
      const filled = fillVariables(record, { ...exampleVariables(record), ...defaultVariables(record) });
      expect(service).toMatchObject({
        id,
        key: record.key,
        name: record.name,
        clientId,
        authorizationEndpoint: filled.authorization_endpoint,
        tokenEndpoint: filled.token_endpoint,
        tokenEndpointAuthMethod: record.token_endpoint_auth_method,
        opener: record.opener ?? "kept",
        madata: record.madata ?? false,
      });
      const icon = record.simple_icons_slug && `/icons/${record.simple_icons_slug}.svg`;
      expect(service.icon).toBe(icon);
      expect(JSON.stringify(service)).not.toContain("{instance}");
    }
  });

  test("what is left out is left out for a reason, and is in no record", () => {
    const left = JSON.parse(readFileSync("catalogue/unsupported.json", "utf8")) as Record<
      string,
      { name: string; reason: string }
    >;
    for (const [id, { name, reason }] of Object.entries(left)) {
      expect(catalogue.has(id)).toBe(false);
      expect(`${name}: ${reason}`).toMatch(/^.{2,}: [A-Z].{15,}\.$/);
    }
  });

  test("an owner's own entry stays as it is when the catalogue gets a service of that name", () => {
    const own = { ...ownEndpoints, client_id: clientId };
    for (const entry of [
      own,
      { client_id: clientId, token_endpoint: own.token_endpoint },
      { url: own.token_endpoint },
    ]) {
      const { issues, service } = resolveOne(entry, {}, "VK");
      expect(issues).toEqual([]);
      const { service: unknown } = resolveOne(entry, {}, "Nowhere");
      expect({ ...service, id: "", key: "", name: "" }).toEqual({ ...unknown, id: "", key: "", name: "" });
      expect(service.name).toBe("VK");
    }
    // An entry that only the catalogue can complete is new.
    expect(resolveOne({ client_id: clientId }, {}, "VK").service.tokenEndpoint).toBe("https://id.vk.com/oauth2/auth");
  });

  test("an owner's entry for a service that the catalogue no longer has is told why", () => {
    expect(resolveOne({ client_id: clientId }, {}, "Fitbit").issues).toMatchObject([
      {
        path: "services.json → Fitbit.token_endpoint",
        message: "is missing, and the catalogue does not offer Fitbit",
        advice: expect.stringMatching(/ended in September 2026.* Delete the entry\.$/),
      },
    ]);
  });

  test("facts that the protocol code relies on", () => {
    const github = catalogue.get("github")!;
    expect(github.code_lifetime_seconds).toBe(600);
    expect(github.token_response_scope_separator).toBe(",");
    expect(catalogue.get("google")!.issuer).toBe("https://accounts.google.com");
    expect(catalogue.get("google")!.authorization_response_iss_parameter_supported).toBeUndefined();
    expect(catalogue.get("dropbox")!.opener).toBe("cut");
    expect(catalogue.get("airtable")!.token_endpoint_auth_method).toBe("client_secret_basic");
  });
});

describe("the schema", () => {
  const strict = { insecureLoopback: false };

  test("every field has a description and an example that it accepts", () => {
    const shapes = { ...serviceRecordSchema(strict).shape, ...pickNew(entrySchema(strict).shape) };
    for (const [name, field] of Object.entries(shapes)) {
      expect(field.description, name).toMatch(/^[A-Z].{20,}\.$/s);
      const examples = field.meta()?.examples as unknown[];
      expect(examples, name).toHaveLength(1);
      expect(field.safeParse(examples[0]).success, name).toBe(true);
    }
  });

  /** The fields that `services.json` has and the catalogue does not. */
  function pickNew(shape: Record<string, z.ZodType>): Record<string, z.ZodType> {
    const catalogued = Object.keys(serviceRecordSchema(strict).shape);
    return Object.fromEntries(Object.entries(shape).filter(([name]) => !catalogued.includes(name)));
  }

  test("an unknown key is an error", () => {
    const dropbox = loadCatalogue().get("dropbox")!;
    expect(serviceRecordSchema(strict).safeParse(dropbox).success).toBe(true);
    expect(serviceRecordSchema(strict).safeParse({ ...dropbox, token_endpont: "x" }).success).toBe(false);
  });
});

const ownServices = JSON.parse(readFileSync("services.json", "utf8"));
const ownSecrets = JSON.parse(readFileSync("secret.json", "utf8"));
const edited = Object.values<{ client_id?: string }>(ownServices).some(
  (entry) => !entry.client_id?.startsWith("YOUR_"),
);

/** Owners run these tests too, after they have edited their services.json. */
describe.skipIf(edited)("a fresh copy", () => {
  test("has placeholders, which are quiet: no issue, nothing to do, the four services are only named", () => {
    const { configuration, issues, unavailable, untouched } = resolve({ services: ownServices });
    expect({ issues, unavailable }).toEqual({ issues: [], unavailable: [] });
    expect(untouched).toEqual(["GitHub", "Google", "Dropbox", "GitLab"]);
    expect(configuration.services.map(({ clientId }) => clientId)).toEqual(["", "", "", ""]);
    expect(configuration.services.map(({ apiKey }) => apiKey)).toEqual(Array(4).fill(undefined));
    expect(configuration.secrets).toEqual({});
  });

  test("the template of .secret.json, copied as it is, is no mistake either", () => {
    expect(Object.keys(ownSecrets)).toEqual(Object.keys(ownServices));
    const { configuration, issues, unavailable, untouched } = resolve({ services: ownServices, secrets: ownSecrets });
    expect({ issues, unavailable }).toEqual({ issues: [], unavailable: [] });
    expect(untouched).toHaveLength(4);
    expect(configuration.secrets).toEqual({});
  });
});

describe("the upstream format", () => {
  const theirs = (file: string) =>
    JSON.parse(readFileSync(`test/scripts/configuration/auth-serverless/${file}`, "utf8"));
  const upstream = theirs("services.json") as Record<string, Record<string, string>>;
  const secrets = Object.fromEntries(Object.keys(upstream).map((key) => [key, { client_secret: secret }]));

  test("the files of madatajs/auth-serverless are valid unchanged", () => {
    const { configuration, issues, unavailable } = resolve({ services: upstream, secrets });
    expect({ issues, unavailable }).toEqual({ issues: [], unavailable: [] });
    expect(configuration.services.map(({ key, clientId, madata }) => [key, clientId, madata])).toEqual(
      Object.entries(upstream).map(([key, { client_id }]) => [key, client_id, true]),
    );
    for (const { tokenParameters } of configuration.services) expect(tokenParameters).toEqual({});
    expect(configuration.services[1]).toMatchObject({
      apiKey: upstream.Google!.api_key,
      authorizationEndpoint: "https://accounts.google.com/o/oauth2/v2/auth",
      issuer: "https://accounts.google.com",
    });
    expect(configuration.services[2]!.tokenEndpoint).toBe("https://api.dropboxapi.com/oauth2/token");
    expect(configuration.secrets).toEqual({ github: secret, google: secret, dropbox: secret });
    expect(resolve({ services: upstream, secrets: theirs("secret.json") }).issues).toEqual([]);
  });

  test("a logo that did not move along is the catalogue's, and a warning says so", () => {
    const { configuration, warnings } = resolve({ services: upstream, secrets });
    expect(configuration.services.map(({ icon }) => icon)).toEqual([
      "/icons/github.svg",
      "/icons/google.svg",
      "/icons/dropbox.svg",
    ]);
    expect(warnings.map(({ path }) => path)).toEqual(Object.keys(upstream).map((key) => `services.json → ${key}.icon`));
    expect(warnings[0]!.message).toBe("there is no file public/img/github-logo.svg, so the catalogue's logo is shown");
  });

  test("a logo that did move along is published at its path from the root", () => {
    const publicPaths = new Set(["/img/github-logo.svg", "/img/google-logo.svg", "/img/dropbox-logo.svg"]);
    const { configuration, warnings } = resolve({ services: upstream, secrets, publicPaths });
    expect(configuration.services.map(({ icon }) => icon)).toEqual([...publicPaths]);
    expect(warnings).toEqual([]);
  });

  test("fields may be an object as well, or be empty", () => {
    for (const fields of [{ grant_type: "authorization_code" }, {}, "", "grant_type=authorization_code"]) {
      expect(resolveOne({ client_id: clientId, fields }, {}, "Dropbox")).toMatchObject({
        issues: [],
        service: { tokenParameters: {} },
      });
    }
  });

  test.each([
    ["audience=api", { audience: "api" }],
    [
      "grant_type=authorization_code&audience=https%3A%2F%2Fapi.example%2F&a=b+c",
      { audience: "https://api.example/", a: "b c" },
    ],
    ["empty=&b=x=y", { empty: "", b: "x=y" }],
  ])("fields as the text %j become token parameters", (fields, tokenParameters) => {
    expect(resolveOne({ ...example, fields })).toMatchObject({ issues: [], service: { tokenParameters } });
  });

  test.each([
    "a=1&a=2",
    "audience",
    "=x",
    "a=1&&b=2",
    "grant_type:authorization_code",
    `client_secret=${secret}`,
    "code=x",
    "__proto__=x",
  ])("[A50] fields as the text %j are an issue, which does not repeat them", (fields) => {
    const { issues } = resolveOne({ ...example, fields });
    expect(issues).toHaveLength(1);
    expect(issues[0]!.path).toContain("services.json → Example.fields");
    expect(formatIssues(issues)).not.toContain(secret);
  });

  test("fields become token parameters; grant_type, which is sent anyway, goes", () => {
    const fields = { grant_type: "authorization_code", audience: "api" };
    const old = resolveOne({ client_id: clientId, fields }, {}, "Github");
    expect(old.service.tokenParameters).toEqual({ audience: "api" });
    const token_parameters = { grant_type: "authorization_code", audience: "other" };
    const both = resolveOne({ client_id: clientId, fields, token_parameters }, {}, "Github");
    expect(both.service.tokenParameters).toEqual({ audience: "other" });
  });

  test("an unknown service without authorization endpoint is only for Madata's clients, and is reported as such", () => {
    const entry = { url: "https://service.example/token", client_id: clientId, fields: { grant_type: "x" } };
    const { service, issues, unavailable } = resolveOne(entry);
    expect(issues).toEqual([]);
    expect(unavailable).toHaveLength(1);
    expect(unavailable[0]).toMatchObject({
      path: "services.json → Example.authorization_endpoint",
      message: "is missing, so only Madata's clients could use the service",
      advice: 'Set "madata": true, or add "authorization_endpoint": "https://…".',
    });
    expect(service).toMatchObject({ madata: false, tokenEndpoint: entry.url });
    expect(Object.hasOwn(service, "authorizationEndpoint")).toBe(false);
    expect(resolveOne({ ...entry, madata: true }).unavailable).toEqual([]);
  });

  test("url and token_endpoint may not contradict each other", () => {
    expect(resolveOne({ ...example, url: example.token_endpoint }).issues).toEqual([]);
    const { issues } = resolveOne({ ...example, url: "https://other.example/token" });
    expect(issues.map(({ path }) => path)).toEqual(["services.json → Example.url"]);
  });

  test("[A29] refresh tokens without a key are off, and whoever gives every app one gives some without", () => {
    expect(resolveOne(example).service).toMatchObject({ refreshForEveryApp: false, refreshWithoutDpop: false });
    const { service, issues } = resolveOne({ ...example, refresh_for_every_app: true });
    expect(issues).toEqual([]);
    expect(service).toMatchObject({ refreshForEveryApp: true, refreshWithoutDpop: true });
    expect(resolveOne({ ...example, refresh_without_dpop: true }).service).toMatchObject({ refreshForEveryApp: false });
    expect(resolveOne({ ...example, refresh_for_every_app: true, refresh_without_dpop: false }).issues).toEqual([
      {
        path: "services.json → Example.refresh_for_every_app",
        message: 'includes "refresh_without_dpop", which is false',
        advice: "Delete one of the two.",
      },
    ]);
    for (const value of ["true", 1, null]) {
      expect(resolveOne({ ...example, refresh_for_every_app: value }).issues).toHaveLength(1);
    }
  });
});

/** An entry with every field, and the service that it resolves to. */
const everything = {
  ...example,
  name: "Example Service",
  token_endpoint_auth_method: "client_secret_basic",
  issuer: "https://service.example",
  authorization_response_iss_parameter_supported: true,
  code_challenge_method: "plain",
  default_scopes: ["a"],
  allowed_scopes: ["a", "b"],
  scope_separator: ",",
  scope_descriptions: { a: "Do A" },
  scopes_without_limit: ["openid"],
  authorization_parameters: { prompt: "login" },
  token_parameters: { audience: "api" },
  token_response_scope_separator: ";",
  token_error_codes: { bad_code: "invalid_grant" },
  scopes_merged: true,
  scope_aliases: { "full-a": "a" },
  identity_scopes: ["id"],
  refresh_tokens: "rotating",
  offline_parameters: { access_type: "offline" },
  offline_scopes: ["offline"],
  refresh_without_dpop: true,
  refresh_for_every_app: true,
  revocation_endpoint: "https://service.example/apps/{client_id}/token",
  revocation_request: { method: "DELETE", auth_method: "bearer", body: "json", parameter: "access_token" },
  grant_revocation_endpoint: "https://service.example/revoke",
  userinfo_endpoint: "https://service.example/me",
  userinfo_request: { method: "POST", headers: { "X-Version": "1" } },
  userinfo_claims: { sub: ["data.id"], name: ["data.name", "{data.first} {data.last}"] },
  code_lifetime_seconds: 60,
  access_token_lifetime_seconds: 900,
  prompt_parameters: { select_account: { prompt: "select_account" } },
  login_hint_parameter: "login",
  opener: "cut",
  madata: true,
  manage_url: "https://service.example/apps",
  icon: "/logo.svg",
  api_key: "public-key",
};
const everythingResolved = {
  id: "example",
  key: "Example",
  name: "Example Service",
  clientId,
  apiKey: "public-key",
  icon: "/logo.svg",
  authorizationEndpoint: example.authorization_endpoint,
  tokenEndpoint: example.token_endpoint,
  tokenEndpointAuthMethod: "client_secret_basic",
  codeChallengeMethod: "plain",
  issuer: "https://service.example",
  issuerRequired: true,
  defaultScopes: ["a"],
  allowedScopes: ["a", "b"],
  scopeSeparator: ",",
  scopeDescriptions: { a: "Do A" },
  scopesWithoutLimit: ["openid"],
  authorizationParameters: { prompt: "login" },
  tokenParameters: { audience: "api" },
  tokenResponseScopeSeparator: ";",
  tokenErrorCodes: { bad_code: "invalid_grant" },
  scopesMerged: true,
  scopeAliases: { "full-a": "a" },
  identityScopes: ["id"],
  refreshTokens: "rotating",
  offlineParameters: { access_type: "offline" },
  offlineScopes: ["offline"],
  refreshWithoutDpop: true,
  refreshForEveryApp: true,
  revocation: {
    endpoint: "https://service.example/apps/{client_id}/token",
    method: "DELETE",
    authMethod: "bearer",
    body: "json",
    tokenParameter: "access_token",
  },
  // Plain RFC 7009, with the client authentication of the token endpoint.
  grantRevocation: {
    endpoint: "https://service.example/revoke",
    method: "POST",
    authMethod: "client_secret_basic",
    body: "form",
    tokenParameter: "token",
  },
  userinfo: {
    endpoint: "https://service.example/me",
    method: "POST",
    headers: { "X-Version": "1" },
    claims: { sub: ["data.id"], name: ["data.name", "{data.first} {data.last}"] },
  },
  codeLifetimeSeconds: 60,
  accessTokenLifetimeSeconds: 900,
  promptParameters: { select_account: { prompt: "select_account" } },
  loginHintParameter: "login",
  opener: "cut",
  madata: true,
  manageUrl: "https://service.example/apps",
};

describe("entries of services.json", () => {
  test("any other service is described by the catalogue's keys, and gets the usual defaults", () => {
    const { service, issues, unavailable } = resolveOne(example);
    expect({ issues, unavailable }).toEqual({ issues: [], unavailable: [] });
    expect(service).toEqual({
      id: "example",
      key: "Example",
      name: "Example",
      clientId,
      authorizationEndpoint: example.authorization_endpoint,
      tokenEndpoint: example.token_endpoint,
      tokenEndpointAuthMethod: "client_secret_post",
      codeChallengeMethod: "S256",
      issuerRequired: false,
      defaultScopes: [],
      scopeSeparator: " ",
      scopeDescriptions: {},
      authorizationParameters: {},
      tokenParameters: {},
      tokenResponseScopeSeparator: " ",
      tokenErrorCodes: {},
      scopesMerged: false,
      scopeAliases: {},
      identityScopes: [],
      refreshTokens: "none",
      offlineParameters: {},
      offlineScopes: [],
      refreshWithoutDpop: false,
      refreshForEveryApp: false,
      opener: "kept",
      madata: false,
    });
  });

  test("every field reaches the service", () => {
    const { service, issues } = resolveOne(everything, { publicPaths: new Set(["/logo.svg"]) });
    expect(issues).toEqual([]);
    expect(service).toEqual(everythingResolved);
  });

  test.each([
    ["Github", "github"],
    ["Google Sheets", "google-sheets"],
    ["  My.Service!  ", "my-service"],
    ["X", "x"],
    ["Service 2", "service-2"],
  ])("%j has the id %s", (key, id) => {
    const { configuration, issues } = resolve({ services: { [key]: example } });
    expect(issues).toEqual([]);
    expect(configuration.services[0]).toMatchObject({ id, key });
  });

  test("the catalogue is found whatever the spelling; Madata's clients need the exact one", () => {
    const { service, issues, unavailable } = resolveOne({ client_id: clientId }, {}, "gitHub");
    expect(issues).toEqual([]);
    expect(service).toMatchObject({ id: "github", key: "gitHub" });
    expect(unavailable.map(({ advice }) => advice)).toEqual(['Rename "gitHub" to "Github".']);
    expect(resolveOne({ client_id: clientId, madata: false }, {}, "gitHub").unavailable).toEqual([]);
  });

  test("[A23] a self-managed instance inherits neither Madata's dialect nor what belongs to the public one", () => {
    const own = {
      client_id: clientId,
      authorization_endpoint: "https://git.example/oauth/authorize",
      token_endpoint: "https://git.example/oauth/token",
    };
    const { service, issues } = resolveOne(own, {}, "Gitlab");
    expect(issues).toEqual([]);
    expect(service).toMatchObject({ madata: false, tokenEndpoint: own.token_endpoint, defaultScopes: ["read_user"] });
    expect(Object.hasOwn(service, "manageUrl")).toBe(false);
    expect(Object.hasOwn(resolveOne(own, {}, "Google").service, "issuer")).toBe(false);
    expect(resolveOne({ ...own, madata: true }, {}, "Gitlab").service.madata).toBe(true);
  });

  test.each([
    ["https://icons.example/github.svg", "https://icons.example/github.svg"],
    ["//icons.example/github.svg", "https://icons.example/github.svg"],
    ["logo.svg", "/logo.svg"],
    ["./logo.svg?v=2", "/logo.svg?v=2"],
    ["img/our%20logo.svg", "/img/our%20logo.svg"],
    ["img/our logo.svg", "/img/our%20logo.svg"],
    ["icons/gitlab.svg", "/icons/gitlab.svg"],
    ["icons/no-such-logo.svg", "/icons/github.svg"],
    ["img", "/icons/github.svg"],
    ["../services.json", "/icons/github.svg"],
    ["", "/icons/github.svg"],
  ])("the icon %j is published as %s", (icon, published) => {
    const publicPaths = new Set(["/logo.svg", "/img/our%20logo.svg"]);
    expect(resolveOne({ client_id: clientId, icon }, { publicPaths }, "Github").service.icon).toBe(published);
  });

  test("a service of one's own whose logo is not there has none", () => {
    const { service, warnings } = resolveOne({ ...example, icon: "img/logo.svg" });
    expect(Object.hasOwn(service, "icon")).toBe(false);
    expect(warnings).toMatchObject([{ message: "there is no file public/img/logo.svg, so no logo is shown" }]);
  });

  test("any field of the catalogue can be overridden", () => {
    const entry = { client_id: clientId, name: "Code", default_scopes: ["gist"], madata: false, opener: "cut" };
    const { service } = resolveOne({ ...entry, scope_descriptions: { gist: "Gists" } }, {}, "Github");
    expect(service).toMatchObject({ name: "Code", defaultScopes: ["gist"], madata: false, opener: "cut" });
    expect(service.scopeDescriptions).toMatchObject({ gist: "Gists", "read:user": "Read your profile" });
  });

  test("two keys with the same id are an issue", () => {
    const services = { Github: {}, github: {}, "Google Sheets": example, google_sheets: example };
    const { issues } = resolve({ services });
    expect(issues.map(({ path }) => path)).toEqual(["services.json → github", "services.json → google_sheets"]);
    expect(issues[0]!.message).toContain('"Github" and "github"');
  });

  test.each([
    ["token_endpont", "https://a.example", 'Did you mean "token_endpoint"?'],
    ["clientId", clientId, 'Did you mean "client_id"?'],
    ["CLIENT_ID", clientId, 'Did you mean "client_id"?'],
    ["allowed_scope", ["a"], 'Did you mean "allowed_scopes"?'],
    ["apikey", "x", 'Did you mean "api_key"?'],
    ["key", "Example", "Delete it."],
    ["completely_else", 1, "Delete it."],
  ])("the unknown key %s is an issue", (key, value, advice) => {
    const { issues } = resolveOne({ ...example, [key]: value });
    expect(issues).toHaveLength(1);
    expect(issues[0]!.path).toBe(`services.json → Example.${key}`);
    expect(issues[0]!.advice).toContain(advice);
  });

  test("[A55] a secret in services.json is an issue, and is not repeated", () => {
    const issues = [
      ...resolveOne({ ...example, client_secret: secret }).issues,
      ...resolveOne({ ...example, fields: { client_secret: secret } }).issues,
      ...resolveOne({ ...example, token_parameters: { client_secret: secret } }).issues,
      ...resolveOne({ ...example, authorization_parameters: { client_secret: secret } }).issues,
    ];
    expect(issues).toHaveLength(4);
    expect(issues[0]!.advice).toContain(".secret.json");
    expect(formatIssues(issues)).not.toContain(secret);
  });

  test.each([
    ["client_id", 5],
    ["client_id", "with\nnewline"],
    ["client_id", " Iv1.spaces "],
    ["client_id", '"Iv1.quotes"'],
    ["client_id", "Iv1.no-width\u200B"],
    ["api_key", "AIzaSy-line-end\n"],
    ["api_key", "AIzaSy-no-width\u200B"],
    ["name", ""],
    ["name", "Git\u0007Hub"],
    ["madata", "true"],
    ["default_scopes", "read:user"],
    ["default_scopes", ["two scopes"]],
    ["default_scopes", [""]],
    ["allowed_scopes", null],
    ["scope_separator", "--"],
    ["scope_descriptions", ["a"]],
    ["code_lifetime_seconds", 0],
    ["code_lifetime_seconds", "600"],
    ["code_lifetime_seconds", 1.5],
    ["access_token_lifetime_seconds", 0],
    ["access_token_lifetime_seconds", "3600"],
    ["prompt_parameters", { none: { prompt: "none" } }],
    ["prompt_parameters", { login: { state: "x" } }],
    ["prompt_parameters", { login: "login" }],
    ["login_hint_parameter", "state"],
    ["login_hint_parameter", "redirect_uri"],
    ["login_hint_parameter", "a b"],
    ["code_challenge_method", "s256"],
    ["token_endpoint_auth_method", "private_key_jwt"],
    ["opener", "lost"],
    ["token_error_codes", { bad_code: "no_such_code" }],
    ["fields", { grant: 5 }],
    ["icon", "javascript:alert(1)"],
    ["icon", "http://icons.example/x.svg"],
    ["api_key", 1],
    ["simple_icons_slug", "../x"],
    ["manage_url", "javascript:alert(1)"],
    ["issuer", "service.example"],
    ["authorization_response_iss_parameter_supported", 1],
  ])("a wrong %s (%j) is an issue at its path", (field, value) => {
    const { issues } = resolveOne({ ...example, [field]: value });
    expect(issues).toHaveLength(1);
    expect(issues[0]!.path).toContain(`services.json → Example.${field}`);
  });

  test.each([null, [], "x", 5, true, undefined])("an entry or a file that is %j is an issue", (value) => {
    expect(resolveOne(value).issues.map(({ path }) => path)).toEqual(["services.json → Example"]);
    expect(resolve({ services: value }).issues.map(({ path }) => path)).toEqual(["services.json"]);
  });

  test("the advice shows what to type", () => {
    const adviceFor = (field: string) => resolveOne({ ...example, [field]: 5 }).issues[0]!.advice;
    expect(adviceFor("opener")).toBe('Write something like "opener": "kept".');
    expect(adviceFor("default_scopes")).toBe('Write something like "default_scopes": ["read:user"].');
    expect(adviceFor("icon")).toBe('Write something like "icon": "https://example.com/logo.svg".');
  });

  test("all mistakes are listed together", () => {
    const { issues } = resolve({
      services: { Github: { client_id: 5, opener: "x", foo: 1 }, Nowhere: {} },
      secrets: { Gitub: { client_secret: secret } },
      env: { SEALING_KEY: "short", ALLOWED_APPS: "app.example" },
    });
    expect(issues.map(({ path }) => path).sort()).toEqual([
      ".secret.json → Gitub",
      "ALLOWED_APPS",
      "SEALING_KEY",
      "services.json → Github.client_id",
      "services.json → Github.foo",
      "services.json → Github.opener",
      "services.json → Nowhere.token_endpoint",
    ]);
  });

  test("paths quote keys with spaces", () => {
    const { issues } = resolveOne({ ...example, client_id: 5 }, {}, "Google Sheets");
    expect(issues[0]!.path).toBe('services.json → "Google Sheets".client_id');
  });

  test("a service that nobody knows needs a token endpoint; a near miss is named", () => {
    const firstIssue = (key: string) => resolve({ services: { [key]: { client_id: clientId } } }).issues[0]!;
    expect(firstIssue("Githb")).toMatchObject({
      path: "services.json → Githb.token_endpoint",
      advice: 'Did you mean "Github"?',
    });
    expect(firstIssue("Googel").advice).toBe('Did you mean "Google"?');
    expect(firstIssue("Nowhere at all").advice).toContain('"token_endpoint": "https://…"');
  });
});

describe("[A12] variables: whatever becomes part of the address that a secret is sent to", () => {
  const mastodon = (instance: unknown) => resolveOne({ client_id: clientId, variables: { instance } }, {}, "Mastodon");

  test("are filled in at build time, everywhere", () => {
    const { service, issues } = mastodon("social.example.org");
    expect(issues).toEqual([]);
    expect(service).toMatchObject({
      authorizationEndpoint: "https://social.example.org/oauth/authorize",
      tokenEndpoint: "https://social.example.org/oauth/token",
      madata: false,
    });
    expect(service.manageUrl).toBe("https://social.example.org/oauth/authorized_applications");
    expect(service.userinfo?.endpoint).toBe("https://social.example.org/api/v1/accounts/verify_credentials");
    expect(Object.hasOwn(service, "variables")).toBe(false);
  });

  test("have a default where a service has a usual host, and Madata's root stays there [A23]", () => {
    const usual = resolveOne({ client_id: clientId }, {}, "Gitlab").service;
    expect(usual).toMatchObject({ tokenEndpoint: "https://gitlab.com/oauth/token", madata: true });
    const variables = { instance: "git.example.org/gitlab" };
    const own = resolveOne({ client_id: clientId, variables }, {}, "Gitlab").service;
    expect(own).toMatchObject({ tokenEndpoint: "https://git.example.org/gitlab/oauth/token", madata: false });
    expect(own.manageUrl).toBe("https://git.example.org/gitlab/-/user_settings/applications");
    expect(resolveOne({ client_id: clientId, variables, madata: true }, {}, "Gitlab").service.madata).toBe(true);
  });

  test.each([
    ["octocorp.ghe.com", "https://octocorp.ghe.com", "https://api.octocorp.ghe.com"],
    ["github.example.org", "https://github.example.org", "https://github.example.org/api/v3"],
    ["github.example.org:8443", "https://github.example.org:8443", "https://github.example.org:8443/api/v3"],
    ["code.ghe.com.example.org", "https://code.ghe.com.example.org", "https://code.ghe.com.example.org/api/v3"],
  ])("GitHub Enterprise at %s is asked there and nowhere else", (instance, site, api) => {
    const { service, issues } = resolveOne({ client_id: clientId, variables: { instance } }, {}, "Github");
    expect(issues).toEqual([]);
    expect(service).toMatchObject({
      authorizationEndpoint: `${site}/login/oauth/authorize`,
      tokenEndpoint: `${site}/login/oauth/access_token`,
      manageUrl: `${site}/settings/applications`,
      userinfo: { endpoint: `${api}/user` },
      revocation: { endpoint: `${api}/applications/{client_id}/token` },
      grantRevocation: { endpoint: `${api}/applications/{client_id}/grant` },
      madata: false,
    });
    expect(Object.hasOwn(service, "issuer")).toBe(false);
    expect(JSON.stringify(service)).not.toContain("github.com");
  });

  test("GitHub Enterprise: the owner's word on the API wins, and github.com by name is the usual one", () => {
    const variables = { instance: "github.example.org", api: "api.github.example.org" };
    expect(resolveOne({ client_id: clientId, variables }, {}, "Github").service.userinfo?.endpoint).toBe(
      "https://api.github.example.org/user",
    );
    const usual = resolveOne({ client_id: clientId }, {}, "Github").service;
    expect(usual.userinfo?.endpoint).toBe("https://api.github.com/user");
    expect(resolveOne({ client_id: clientId, variables: { instance: "github.com" } }, {}, "Github").service).toEqual(
      usual,
    );
  });

  test("hosts that belong together follow each other: Intercom's regions", () => {
    const of = (app_host: string) =>
      resolveOne({ client_id: clientId, variables: { app_host } }, {}, "Intercom").service.tokenEndpoint;
    expect(of("app.eu.intercom.com")).toBe("https://api.eu.intercom.io/auth/eagle/token");
    expect(of("app.au.intercom.com")).toBe("https://api.au.intercom.io/auth/eagle/token");
    expect(of("app.intercom.com")).toBe("https://api.intercom.io/auth/eagle/token");
  });

  test("an owner who names one host sends no secret and no token to the usual other one", () => {
    for (const record of loadCatalogue().values()) {
      const usual = defaultVariables(record);
      const hosts = Object.entries(record.url_variables ?? {}).filter(
        ([name, { default: value }]) => value?.includes(".") && !record.url_variables![name]!.derived,
      );
      for (const [name, { example }] of hosts) {
        const variables = defaultVariables(record, { [name]: example });
        const others = Object.keys(usual).filter((other) => other !== name && usual[other]?.includes("."));
        for (const other of others) expect(variables[other], `${record.name}: ${other}`).not.toBe(usual[other]);
      }
    }
  });

  test("a single-tenant app of Microsoft is asked at its tenant", () => {
    const tenant = "11111111-2222-3333-4444-555555555555";
    for (const key of ["Microsoft", "OneDrive"]) {
      const { service } = resolveOne({ client_id: clientId, variables: { tenant } }, {}, key);
      expect(service.authorizationEndpoint).toBe(`https://login.microsoftonline.com/${tenant}/oauth2/v2.0/authorize`);
      expect(loadCatalogue().get(key.toLowerCase())!.notes).toContain("tenant");
    }
  });

  test("without a value are an issue, unless the owner writes out the endpoints", () => {
    const { issues } = resolveOne({ client_id: clientId }, {}, "Mastodon");
    expect(issues).toMatchObject([
      {
        path: "services.json → Mastodon.variables.instance",
        advice: 'Write something like "variables": {"instance":"mastodon.social"}.',
      },
    ]);
    const { service, issues: none } = resolveOne({ client_id: clientId, ...ownEndpoints }, {}, "Mastodon");
    expect(none).toEqual([]);
    expect(service).toMatchObject({ authorizationEndpoint: ownEndpoints.authorization_endpoint, madata: false });
    expect(JSON.stringify(service)).not.toContain("{instance}");
  });

  test.each([
    "",
    "mastodon",
    "localhost",
    "127.0.0.1",
    "169.254.169.254",
    "[::1]",
    "0x7f.1",
    "https://social.example",
    "social.example/",
    "social.example/../evil",
    "social.example?x=",
    "social.example#",
    "social.example:99",
    "user@social.example",
    "evil.example\\.social.example",
    "social.example\n",
    " social.example",
    "SOCIAL.example",
    "sоcial.example",
    "social..example",
    "social.example.",
    "%73ocial.example",
    "social.example%2f@evil.example",
    "{client_id}.example",
    `${"a".repeat(300)}.example`,
    5,
    null,
    ["social.example"],
  ])("%j is no host", (instance) => {
    const { issues } = mastodon(instance);
    expect(issues).toHaveLength(1);
    expect(issues[0]!.path).toBe("services.json → Mastodon.variables.instance");
  });

  test("a port that does not exist is found by the URL, not by the pattern", () => {
    const { issues } = resolveOne({ client_id: clientId, variables: { instance: "git.example:99999" } }, {}, "Gitlab");
    expect(issues.map(({ path }) => path)).toEqual(["services.json → Gitlab.variables"]);
  });

  test.each(["Instance", "host", "__proto__", "constructor", "toString"])(
    "the unknown variable %s is an issue",
    (name) => {
      const entry = JSON.parse(
        `{"client_id":"${clientId}","variables":{"instance":"a.example",${JSON.stringify(name)}:"b.example"}}`,
      );
      const { issues } = resolveOne(entry, {}, "Mastodon");
      expect(issues).toHaveLength(1);
      expect(issues[0]!.path).toContain(`.variables.${name}`);
      expect(resolveOne({ ...example, variables: { host: "a.example" } }).issues).toHaveLength(1);
    },
  );

  test("no pattern lets the host of an attacker through", () => {
    const hostile = [
      "evil.example",
      "evil.example/",
      "accounts.zoho.com.evil.example",
      "accounts.zoho.evil",
      "x.salesforce.com.evil.example",
      "a.evil.example",
    ];
    const restricted = ["zoho", "salesforce", "battlenet", "orcid", "zenodo", "intercom", "facebook"];
    for (const id of restricted) {
      const record = loadCatalogue().get(id)!;
      for (const [name, { pattern, example: sample }] of Object.entries(record.url_variables!)) {
        expect(matchesPattern(sample, pattern), `${id}.${name}`).toBe(true);
        for (const host of hostile) expect(matchesPattern(host, pattern), `${id}.${name}: ${host}`).toBe(false);
      }
    }
  });

  test("a brace in an owner's URL is an issue: nothing would fill it in", () => {
    const { issues } = resolveOne({ ...example, token_endpoint: "https://{host}/token" });
    expect(issues[0]).toMatchObject({ path: "services.json → Example.token_endpoint", message: "contains a brace" });
  });

  test("owners cannot declare variables of their own", () => {
    const url_variables = { host: { pattern: ".*", example: "a.example" } };
    expect(resolveOne({ ...example, url_variables }).issues[0]!.path).toBe("services.json → Example.url_variables");
  });
});

/** An entry with every deviation from the standards, and the service that it resolves to. */
const deviations = {
  ...example,
  response_mode: "form_post",
  callback_parameters: ["realmId"],
  authorization_parameter_names: { client_id: "client_key", scope: null },
  token_request: {
    method: "POST",
    body: "json",
    headers: { "X-Version": "{client_id}" },
    parameter_names: { client_id: "client_key" },
  },
  token_response: {
    format: "form",
    members: { access_token: ["body.token"], token_type: [] },
    success: { ok: true },
    extra_members: ["instance_url"],
  },
  refresh_request: {
    endpoint: "https://service.example/refresh",
    parameters: { type: "refresh" },
    parameter_names: { grant_type: null },
    callback_parameters: ["realmId"],
    redirect_uri: true,
  },
  scopes_fixed: true,
  revocation_endpoint: "https://service.example/tokens/{token}",
  revocation_request: {
    method: "GET",
    auth_method: "none",
    body: "query",
    parameters: { hint: "x" },
    parameter_names: { client_id: "id" },
    only: "refresh_token",
    success: { ok: true },
  },
  userinfo_endpoint: "https://service.example/me",
  userinfo_request: {
    scheme: "OAuth",
    token_parameter: "t",
    parameters: { key: "{api_key}" },
    body: "query",
    auth_method: "client_secret_basic",
    success: { ok: true },
  },
  api_key: "public-key",
};

const deviationsResolved = {
  responseMode: "form_post",
  callbackParameters: ["realmId"],
  authorizationParameterNames: { client_id: "client_key", scope: null },
  tokenRequest: {
    method: "POST",
    body: "json",
    headers: { "X-Version": "{client_id}" },
    parameterNames: { client_id: "client_key" },
  },
  tokenResponse: {
    format: "form",
    members: { access_token: ["body.token"], token_type: [], scope: [] },
    success: { ok: true },
    extraMembers: ["instance_url"],
  },
  refreshRequest: {
    endpoint: "https://service.example/refresh",
    parameters: { type: "refresh" },
    parameterNames: { grant_type: null },
    callbackParameters: ["realmId"],
    redirectUri: true,
  },
  scopesMerged: false,
  revocation: {
    method: "GET",
    authMethod: "none",
    body: "query",
    parameters: { hint: "x" },
    parameterNames: { client_id: "id" },
    tokenKind: "refresh_token",
    success: { ok: true },
  },
  userinfo: {
    scheme: "OAuth",
    tokenParameter: "t",
    parameters: { key: "public-key" },
    body: "query",
    authMethod: "client_secret_basic",
    success: { ok: true },
  },
};

describe("deviations", () => {
  test("every one reaches the service", () => {
    const { service, issues } = resolveOne(deviations);
    expect(issues).toEqual([]);
    expect(service).toMatchObject(deviationsResolved);
  });

  test("a profile that needs an API key is left out without one", () => {
    const { service, issues } = resolveOne({ client_id: clientId }, {}, "StackExchange");
    expect(issues).toEqual([]);
    expect(Object.hasOwn(service, "userinfo")).toBe(false);
    const withKey = resolveOne({ client_id: clientId, api_key: "a-public-key" }, {}, "StackExchange").service;
    expect(withKey.userinfo?.parameters).toEqual({ site: "stackoverflow", key: "a-public-key" });
  });

  test("[A17] a secret never gets into a URL: GET goes together with Basic only", () => {
    const get = { ...example, token_request: { method: "GET" } };
    expect(resolveOne(get).issues.map(({ path }) => path)).toEqual(["services.json → Example.token_request"]);
    expect(resolveOne({ ...get, token_endpoint_auth_method: "client_secret_basic" }).issues).toEqual([]);
  });

  test.each([
    ["authorization_parameter_names", { state: "s" }],
    ["authorization_parameter_names", { scope: "with space" }],
    ["authorization_parameter_names", { scope: "" }],
    ["token_request", { method: "PUT" }],
    ["token_request", { headers: { Authorization: "x" } }],
    ["token_request", { headers: { "X-Version": "a\nb" } }],
    ["token_request", { unknown: 1 }],
    ["token_response", { extra_members: ["refresh_token"] }],
    ["token_response", { extra_members: ["id_token"] }],
    ["token_response", { members: { id_token: ["x"] } }],
    ["token_response", { success: { ok: null } }],
    ["refresh_request", { endpoint: "http://service.example/refresh" }],
    ["refresh_request", { parameters: { refresh_token: "x" } }],
    ["revocation_request", { only: "id_token" }],
    ["revocation_request", { success: { ok: null } }],
    ["refresh_request", { redirect_uri: "https://evil.example/" }],
    ["refresh_request", { callback_parameters: ["a=b"] }],
    ["userinfo_request", { scheme: "Bearer x" }],
    ["userinfo_request", { token_parameter: "a=b" }],
  ])("a wrong %s (%j) is an issue", (field, value) => {
    const { issues } = resolveOne({ ...example, [field]: value });
    expect(issues).toHaveLength(1);
    expect(issues[0]!.path).toContain(`services.json → Example.${field}`);
  });

  test("[A23] owners' endpoints inherit no address of the public service", () => {
    const { service } = resolveOne({ client_id: clientId, ...ownEndpoints }, {}, "Figma");
    expect(JSON.stringify(service)).not.toContain("api.figma.com");
    expect(JSON.stringify(resolveOne({ client_id: clientId, ...ownEndpoints }, {}, "Zoho").service)).not.toContain(
      "{accounts}",
    );
  });
});

describe("[A50] nothing fails open", () => {
  test.each([
    "http://service.example/token",
    "http://localhost/token",
    "http://127.0.0.1:3000/token",
    "ftp://service.example/token",
    "javascript:alert(1)",
    "https://user:password@service.example/token",
    "https://user@service.example/token",
    "https://service.example/token#fragment",
    "https://service.example/token#",
    " https://service.example/token",
    "https://service.example/to\nken",
    "https://service.example\\token",
    "https://",
    "service.example/token",
    "/token",
    "",
  ])("the endpoint %j is an issue", (url) => {
    for (const field of ["token_endpoint", "authorization_endpoint", "url"]) {
      const { issues } = resolveOne({ madata: true, ...example, [field]: url });
      expect(issues.map(({ path }) => path)).toEqual([`services.json → Example.${field}`]);
    }
  });

  test("plain http is accepted on loopback, in local development only", () => {
    const local = { production: false, localDevelopment: true };
    const entry = (host: string) => ({
      client_id: clientId,
      authorization_endpoint: `http://${host}/authorize`,
      token_endpoint: `http://${host}/token`,
    });
    for (const host of ["localhost:9000", "127.0.0.1:9000", "[::1]:9000"]) {
      expect(resolveOne(entry(host), local).issues).toEqual([]);
      expect(resolveOne(entry(host), { production: false }).issues).toHaveLength(2);
      expect(resolveOne(entry(host)).issues).toHaveLength(2);
    }
    expect(resolveOne({ ...example, token_endpoint: "ftp://localhost/token" }, local).issues).toHaveLength(1);
    // Browsers resolve names below localhost to this computer. Other resolvers may return another address.
    for (const host of [
      "service.example",
      "localhost.evil.example",
      "0.0.0.0",
      "192.168.1.2",
      "127.0.0.2",
      "service.localhost:9000",
    ]) {
      expect(resolveOne(entry(host), local).issues).toHaveLength(2);
    }
  });

  test("a production build never carries the mark of local development", () => {
    const { issues, configuration } = resolveOne(example, { production: true, localDevelopment: true });
    expect(issues.map(({ path }) => path)).toEqual(["CONTEXT"]);
    expect(configuration.services).toEqual([]);
  });

  test.each([
    ["http://auth.example.com", "no certificate"],
    ["http://auth.example.com/", "no certificate"],
    ["https://auth.example.com/path", "is not an address"],
    ["auth.example.com", "is not an address"],
  ])("a published site whose URL is %s would answer nobody, so it is not built", (URL, message) => {
    const { issues } = resolveOne(example, { env: { URL } });
    expect(issues).toMatchObject([{ path: "URL", message: expect.stringContaining(message) }]);
    expect(resolveOne(example, { env: { URL }, production: false }).issues).toEqual([]);
  });

  test.each(["https://auth.example.com", "https://auth.example.com/", "https://name.netlify.app\n", "", undefined])(
    "URL=%j is fine",
    (URL) => {
      expect(resolveOne(example, { env: { URL } }).issues).toEqual([]);
    },
  );

  test("plain http in URL is fine on this computer", () => {
    const env = { URL: "http://localhost:8888" };
    expect(resolveOne(example, { env, production: false, localDevelopment: true }).issues).toEqual([]);
  });

  test("one mistake takes every service away", () => {
    const { configuration } = resolve({
      services: { Github: { client_id: clientId }, Google: { client_id: 5 } },
      secrets: { Github: { client_secret: secret } },
    });
    expect(configuration).toEqual({ services: [], secrets: {}, localDevelopment: false });
  });

  test("iss that is promised must be known", () => {
    const promised = { ...example, authorization_response_iss_parameter_supported: true };
    expect(resolveOne(promised).issues.map(({ path }) => path)).toEqual(["services.json → Example.issuer"]);
    expect(resolveOne({ ...promised, issuer: "https://service.example" }).service.issuerRequired).toBe(true);
  });

  test("default scopes outside the allow-list are an issue", () => {
    const { issues } = resolveOne({ client_id: clientId, allowed_scopes: ["gist"] }, {}, "Github");
    expect(issues[0]).toMatchObject({ path: "services.json → Github.allowed_scopes" });
    expect(issues[0]!.advice).toBe('Add "read:user", or write "default_scopes": ["gist"].');
    const both = { client_id: clientId, allowed_scopes: ["gist"], default_scopes: ["gist"] };
    expect(resolveOne(both, {}, "Github").service.allowedScopes).toEqual(["gist"]);
  });

  test.each([[[]], [["openid"]], [["openid", "email"]]])(
    "default scopes %j are an issue where they limit nothing",
    (scopes) => {
      const { issues } = resolveOne({ client_id: clientId, default_scopes: scopes }, {}, "Gitea");
      expect(issues[0]).toMatchObject({ path: "services.json → Gitea.default_scopes" });
      expect(issues[0]!.message).toContain("Gitea would grant everything");
      expect(resolveOne({ client_id: clientId, default_scopes: [...scopes, "read:user"] }, {}, "Gitea").issues).toEqual(
        [],
      );
    },
  );

  test.each(["state", "redirect_uri", "code_challenge", "code_challenge_method", "client_id", "scope"])(
    "the constant authorization parameter %s is an issue",
    (name) => {
      const { issues } = resolveOne({ ...example, authorization_parameters: { [name]: "x" } });
      expect(issues.map(({ path }) => path)).toEqual(["services.json → Example.authorization_parameters"]);
      expect(issues[0]!.message).toContain(`"${name}"`);
    },
  );

  test.each(["code", "code_verifier", "redirect_uri", "client_id", "refresh_token", "client_assertion"])(
    "the constant token parameter %s is an issue",
    (name) => {
      for (const field of ["fields", "token_parameters"]) {
        const { issues } = resolveOne({ ...example, [field]: { [name]: "x" } });
        expect(issues.map(({ path }) => path)).toEqual([`services.json → Example.${field}`]);
      }
    },
  );

  test.each([
    ["SEALING_KEY", "tiny-key"],
    ["SEALING_KEY", `${sealingKey},tiny-key`],
    ["SEALING_KEY", "0".repeat(40)],
    ["SEALING_KEY", "YOUR_SEALING_KEY_YOUR_SEALING_KEY_YOUR"],
    ["SEALING_KEY", "password".repeat(4)],
    ["SEALING_KEY", "a".repeat(32)],
    ["SEALING_KEY", "a-sealing-key-of-enough-characters-01234"],
    ["SEALING_KEY", `${sealingKey} ${"password".repeat(4)}`],
    ["SEALING_KEY", " , "],
    ["ALLOWED_APPS", ","],
    ["ALLOWED_APPS", " "],
    ["ALLOWED_APPS", "\n,\t"],
    ["ALLOWED_APPS", '""'],
    ["ALLOWED_APPS", "https://app.example:*"],
    ["ALLOWED_APPS", "app.example"],
    ["ALLOWED_APPS", "https://app.example/"],
    ["ALLOWED_APPS", "https://app.example/path"],
    ["ALLOWED_APPS", "*"],
    ["ALLOW_LOOPBACK", "False"],
    ["ALLOW_LOOPBACK", "0"],
  ])("%s=%s is an issue", (name, value) => {
    const { issues } = resolveOne(example, { env: { [name]: value } });
    expect(issues.map(({ path }) => path)).toEqual([name]);
    if (name === "SEALING_KEY")
      for (const key of value.split(/[ ,]/).filter(Boolean)) expect(formatIssues(issues)).not.toContain(key);
  });

  describe("SIGNING_KEY", () => {
    const key = makeKey("ES256");
    const jwk = keysAsJson([key]) as { d: string };
    const pem = String(key.privateKey!.export({ format: "pem", type: "pkcs8" }));
    const inFile = (value: unknown, extra: Partial<ConfigurationSources> = {}) =>
      resolve({
        services: { Github: { client_id: clientId } },
        secrets: { Github: { client_secret: secret }, SIGNING_KEY: value },
        ...extra,
      });

    test.each<[string, unknown]>([
      ["a JWK", jwk],
      ["a list of JWKs", [jwk, makeKey("EdDSA").jwk]],
      ["PEM", pem],
      ["the text of a JWK", JSON.stringify(jwk)],
    ])("in .secret.json may be %s, and gets into a production build only", (_, value) => {
      expect(inFile(value).issues).toEqual([]);
      const { signingKey = "" } = inFile(value).configuration;
      expect(parseSigningKeys(signingKey).keys[0]!.kid).toBe(key.kid);
      // A preview may run anybody's code.
      expect(inFile(value, { production: false }).configuration).not.toHaveProperty("signingKey");
    });

    test.each<[string, unknown]>([
      ["nothing", null],
      ["a number", 1],
      ["an empty list", []],
      ["a word", "my-signing-key-0123456789-0123456789"],
      ["a public key alone", key.jwk],
      [
        "a key that is too short",
        generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({ format: "jwk" }),
      ],
      ["half of a key", pem.slice(0, 100)],
      ["a key for another algorithm", { ...jwk, alg: "HS256" }],
    ])("in .secret.json: %s stops the build, with what makes a key and without repeating it", (_, value) => {
      const { issues, configuration } = inFile(value);
      expect(issues[0]!.path).toBe(".secret.json → SIGNING_KEY");
      expect(formatIssues(issues)).toContain("npm run add-key");
      for (const part of [jwk.d, "my-signing-key", pem.split("\n")[1]!])
        expect(formatIssues(issues)).not.toContain(part);
      expect(configuration).toMatchObject({ services: [], secrets: {} });
    });

    test("an unusable variable is an issue, although the file has a usable key", () => {
      const { issues } = inFile(jwk, { env: { SIGNING_KEY: " " } });
      expect(issues.map(({ path }) => path)).toEqual(["SIGNING_KEY"]);
    });

    test("in services.json is found, whichever part of it and however it is written", () => {
      for (const part of [jwk.d, pem.split("\n")[2]!]) {
        const services = { Github: { client_id: clientId, scope_descriptions: { x: `see ${part}` } } };
        for (const source of [{ secrets: { SIGNING_KEY: jwk } }, { env: { SIGNING_KEY: pem } }])
          expect(resolve({ services, ...source }).issues.map(({ path }) => path)).toEqual(["services.json → Github"]);
      }
    });
  });

  test.each([
    ["SEALING_KEY", ""],
    ["SEALING_KEY", sealingKey],
    ["SEALING_KEY", `${sealingKey} ${sealingKey}x,${sealingKey}y`],
    ["SEALING_KEY", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    // A client secret may follow the key, because earlier versions derived keys from it.
    ["SEALING_KEY", `${sealingKey} gloas-9f86d081884c7d659a2feaa0c55ad015`],
    ["ALLOWED_APPS", ""],
    ["ALLOWED_APPS", "https://app.example, https://*.example.com http://localhost:5500"],
    ["ALLOWED_APPS", "http://127.0.0.1:*,http://[::1]:*"],
    [
      "ALLOWED_APPS",
      "http://app.localhost:3000 http://tauri.localhost http://app.localhost:* http://*.app.localhost:3000",
    ],
    ["ALLOW_LOOPBACK", "false"],
  ])("%s=%s is fine", (name, value) => {
    expect(resolveOne(example, { env: { [name]: value } }).issues).toEqual([]);
  });

  test.each([
    "https://*.github.io",
    "https://*.gitlab.io",
    "https://*.netlify.app",
    "https://*.pages.dev",
    "https://*.workers.dev",
    "https://*.vercel.app",
    "https://*.web.app",
    "https://*.co.uk",
    "https://*.com.au",
    "https://*.any.kawasaki.jp",
    "https://*.github.io:8443",
    "https://s3.amazonaws.com",
    "https://*.chromiumapp.org",
    "https://*.extensions.allizom.org",
  ])("ALLOWED_APPS=%s is warned of: strangers can have a name there", (entry) => {
    const { issues, warnings } = resolveOne(example, { env: { ALLOWED_APPS: `https://app.example ${entry}` } });
    expect(issues).toEqual([]);
    expect(warnings.map(({ path }) => path)).toEqual(["ALLOWED_APPS"]);
    expect(warnings[0]!.message).toContain(`"${entry}" lets strangers in`);
  });

  test.each([
    "https://me.github.io",
    "https://*.me.github.io",
    "https://*.example.com",
    "https://*.example.co.uk",
    "https://app.example",
    "https://192.0.2.4",
    "https://jkkddibpmfdipcemdgepabhpfkijpkog.chromiumapp.org",
    "http://localhost:5500",
    "http://127.0.0.1:*",
    "http://[::1]:*",
    "http://app.localhost:3000",
    "http://tauri.localhost",
    "http://*.app.localhost:3000",
  ])("ALLOWED_APPS=%s is not warned of", (entry) => {
    expect(resolveOne(example, { env: { ALLOWED_APPS: entry } })).toMatchObject({ issues: [], warnings: [] });
  });
});

describe("[A41] inherited names", () => {
  const reserved = ["__proto__", "constructor", "prototype", "toString", "valueOf", "hasOwnProperty", "Constructor"];

  test.each(reserved)("the service %s is an issue", (key) => {
    const services = JSON.parse(`{"Github":{"client_id":"x1"},${JSON.stringify(key)}:${JSON.stringify(example)}}`);
    const { issues } = resolve({ services });
    expect(issues.map(({ path }) => path)).toEqual([`services.json → ${key}`]);
  });

  test.each(reserved)("the secret of %s is an issue", (key) => {
    const secrets = JSON.parse(`{${JSON.stringify(key)}:{"client_secret":"${secret}"}}`);
    const { issues } = resolve({ services: { Github: {} }, secrets });
    expect(issues.map(({ path }) => path)).toEqual([`.secret.json → ${key}`]);
  });

  test.each(["__proto__", "constructor", "prototype"])("%s inside an entry is an issue, however deep", (key) => {
    const inner = `{${JSON.stringify(key)}:"x"}`;
    for (const entry of [inner, `{"fields":${inner}}`, `{"scope_descriptions":${inner}}`]) {
      const { issues } = resolve({ services: JSON.parse(`{"Github":${entry}}`) });
      expect(issues).toHaveLength(1);
      expect(issues[0]!.path).toContain(`.${key}`);
    }
    const { issues } = resolve({ services: { Github: {} }, secrets: JSON.parse(`{"Github":${inner}}`) });
    expect(issues).toHaveLength(1);
  });

  test.each(["Gıthub", "\u212Aakao", "İ", "Github\u0000", "Яндекс", "", "  ", "---"])("the key %j: issue", (key) => {
    expect(resolve({ services: { [key]: example } }).issues).toHaveLength(1);
  });

  test("nothing is polluted", () => {
    const polluting = '{"__proto__":{"polluted":"x"}}';
    resolve({ services: JSON.parse(polluting) });
    resolve({ services: JSON.parse(`{"Github":{"fields":${polluting}}}`) });
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});

describe("client ids and secrets", () => {
  const github = { services: { Github: { client_id: clientId } } };
  const placeholders = ["", "  ", "YOUR_CLIENT_ID", "your-client-id", "<client id>", "xxx", "XXXX", "changeme", "TODO"];

  test.each(placeholders)("the placeholder %j is an unavailable service, never an issue", (placeholder) => {
    const { issues, unavailable, service } = resolveOne({ client_id: placeholder }, {}, "Github");
    expect(issues).toEqual([]);
    expect(unavailable.map(({ path }) => path)).toEqual(["services.json → Github.client_id"]);
    expect(unavailable[0]!.advice).toContain("GITHUB_CLIENT_ID");
    expect(unavailable[0]!.advice).toContain("https://github.com/settings/developers");
    expect(service.clientId).toBe("");

    const withoutSecret = resolve({ ...github, secrets: { Github: { client_secret: placeholder } } });
    expect(withoutSecret.issues).toEqual([]);
    expect(withoutSecret.unavailable.map(({ path }) => path)).toEqual([".secret.json → Github.client_secret"]);
    expect(withoutSecret.configuration.secrets).toEqual({});
  });

  test("the client id of the environment wins over the file", () => {
    const env = { GITHUB_CLIENT_ID: "from-environment" };
    expect(resolveOne({ client_id: clientId }, { env }, "Github").service.clientId).toBe("from-environment");
    expect(resolveOne({}, { env }, "Github").service.clientId).toBe("from-environment");
    const emptied = resolveOne({ client_id: clientId }, { env: { GITHUB_CLIENT_ID: "" } }, "Github");
    expect(emptied.service.clientId).toBe(clientId);
    const sheets = resolveOne(example, { env: { GOOGLE_SHEETS_CLIENT_ID: "sheets" } }, "Google Sheets");
    expect(sheets.service.clientId).toBe("sheets");
  });

  test.each(["with\nnewline", "Ov23li\u200B0123456789", "Öv23li0123456789"])(
    "[A50] the client id %j in a variable is an issue of that variable",
    (GITHUB_CLIENT_ID) => {
      const { issues } = resolveOne({ client_id: clientId }, { env: { GITHUB_CLIENT_ID } }, "Github");
      expect(issues.map(({ path }) => path)).toEqual(["GITHUB_CLIENT_ID"]);
    },
  );

  test.each([" Ov23li ", "Ov23li\n", '"Ov23li"', "'Ov23li'", "\uFEFFOv23li", "Ov23li\u200B"])(
    "the client id %j in a variable is Ov23li",
    (GITHUB_CLIENT_ID) => {
      const { service, issues } = resolveOne({}, { env: { GITHUB_CLIENT_ID } }, "Github");
      expect(issues).toEqual([]);
      expect(service.clientId).toBe("Ov23li");
    },
  );

  test("a service without a secret stays configured: its secret may arrive at run time", () => {
    const { configuration, issues, unavailable } = resolve(github);
    expect(issues).toEqual([]);
    expect(configuration.services).toHaveLength(1);
    expect(unavailable.map(({ message }) => message)).toEqual([
      "is missing: the service is only offered where GITHUB_CLIENT_SECRET is set",
    ]);
  });

  test("[A10] the environment's secret is never built in", () => {
    const env = { GITHUB_CLIENT_SECRET: "from-environment-0123456789" };
    const report = resolve({ ...github, env, secrets: { Github: { client_secret: secret } } });
    expect(report.unavailable).toEqual([]);
    expect(report.configuration.secrets).toEqual({ github: secret });
    expect(JSON.stringify(resolve({ ...github, env }))).not.toContain(env.GITHUB_CLIENT_SECRET);
    expect(resolve({ ...github, env }).unavailable).toEqual([]);
  });

  test("a placeholder in the environment hides the file's secret, as it does at run time", () => {
    const env = { GITHUB_CLIENT_SECRET: "YOUR_SECRET" };
    const { issues, unavailable } = resolve({ ...github, env, secrets: { Github: { client_secret: secret } } });
    expect(issues).toEqual([]);
    expect(unavailable.map(({ path }) => path)).toEqual(["GITHUB_CLIENT_SECRET"]);
    expect(unavailable[0]!.message).toContain("whatever .secret.json says");
  });

  test("half a pair is mentioned, from wherever the other half is", () => {
    const fresh = { Github: { client_id: "YOUR_GITHUB_CLIENT_ID" } };
    const paths = (sources: Partial<ConfigurationSources>) => resolve(sources).unavailable.map(({ path }) => path);
    const idMissing = ["services.json → Github.client_id"];
    expect(paths({ services: fresh, env: { GITHUB_CLIENT_SECRET: secret } })).toEqual(idMissing);
    expect(paths({ services: fresh, env: { GITHUB_CLIENT_SECRET: " " } })).toEqual(idMissing);
    expect(paths({ services: fresh, secrets: { Github: { client_secret: secret } } })).toEqual(idMissing);
    expect(paths({ services: fresh, env: { GITHUB_CLIENT_ID: clientId } })).toEqual([
      ".secret.json → Github.client_secret",
    ]);
  });

  test.each([" ", '""', "YOUR_VALUE", "<value>", "xxx"])(
    "a variable that is %j is mentioned by its own name",
    (value) => {
      const paths = (env: Record<string, string>) =>
        resolve({ ...github, env, secrets: { Github: { client_secret: secret } } }).unavailable.map(({ path }) => path);
      for (const name of ["GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", "GITHUB_CLIENT_SECRET_PREVIOUS"])
        expect(paths({ [name]: value })).toEqual([name]);
    },
  );

  test("a placeholder for an API key is mentioned once the service is set up", () => {
    const services = { Google: { client_id: clientId, api_key: "YOUR_GOOGLE_API_KEY" } };
    const { unavailable } = resolve({ services, secrets: { Google: { client_secret: secret } } });
    expect(unavailable.map(({ path }) => path)).toEqual(["services.json → Google.api_key"]);
  });

  test("variables of a service that services.json does not have are a warning", () => {
    const env = { STRAVA_CLIENT_ID: "12345", STRAVA_CLIENT_SECRET: secret };
    const { warnings } = resolve({ ...github, env });
    expect(warnings.map(({ path, message }) => [path, message])).toEqual([
      ["STRAVA_CLIENT_ID", "is set, but services.json has no Strava"],
      ["STRAVA_CLIENT_SECRET", "is set, but services.json has no Strava"],
    ]);
    expect(formatIssues(warnings)).not.toContain(secret);
    expect(resolve({ services: { Strava: { client_id: "12345" } }, env }).warnings).toEqual([]);
  });

  /** The beginnings of a real secret, as somebody copies them who stops too early, and other unusable values. */
  const doubtful = [
    undefined,
    "",
    " ",
    "YOUR_SECRET",
    "…",
    `"${secret}`,
    "a".repeat(20),
    ...[...Array(secret.length + 1).keys()].map((length) => secret.slice(0, length)),
  ];

  test("[A50] a service is offered, or what it lacks is mentioned: build, doctor and run time ask one question", () => {
    for (const value of doubtful) {
      for (const inFile of [undefined, "YOUR_SECRET", secret, secret.slice(0, 12)]) {
        for (const SEALING_KEY of ["", sealingKey]) {
          const env = { URL: "https://auth.example.com", SEALING_KEY, GITHUB_CLIENT_SECRET: value };
          const secrets = inFile === undefined ? undefined : { Github: { client_secret: inFile } };
          const { configuration, issues, unavailable } = resolve({ ...github, env, secrets });
          const offered = issues.length === 0 && createProvider(configuration, env).services.has("github");
          expect(offered, JSON.stringify({ value, inFile, SEALING_KEY })).toBe(
            issues.length + unavailable.length === 0,
          );
        }
      }
    }
  });

  /** Long enough to be accepted as an old key, which only opens. */
  const longSecret = `${secret}wK7f`;

  test.each([
    ["in .secret.json", { secrets: { Github: { client_secret: secret } } }],
    ["in a variable", { env: { GITHUB_CLIENT_SECRET: `${secret}\n` } }],
    ["of before, in a variable", { env: { GITHUB_CLIENT_SECRET_PREVIOUS: secret } }],
    ["in SEALING_KEY", { env: { SEALING_KEY: `${sealingKey} ${longSecret}` } }],
  ])("[A10] services.json with a secret that is %s is not built", (_, sources) => {
    for (const entry of [
      { client_id: longSecret },
      { api_key: longSecret },
      { token_parameters: { key: `x${longSecret}` } },
    ]) {
      const { issues } = resolve({ services: { Github: entry }, ...sources });
      expect(issues).toMatchObject([
        { path: "services.json → Github", message: expect.stringContaining("contains a client secret") },
      ]);
      expect(formatIssues(issues)).not.toContain(secret);
    }
  });

  test("[A11] only a production build, or one for this computer, gets the file's secrets", () => {
    const secrets = { Github: { client_secret: secret } };
    const builtIn = (production: boolean, localDevelopment: boolean) =>
      resolve({ ...github, secrets, production, localDevelopment }).configuration.secrets;
    expect(builtIn(true, false)).toEqual({ github: secret });
    expect(builtIn(false, true)).toEqual({ github: secret });
    expect(builtIn(false, false)).toEqual({});
  });

  test("secrets are found by id, whatever the spelling", () => {
    const services = { "Google Sheets": example };
    const { configuration } = resolve({ services, secrets: { google_sheets: { client_secret: secret } } });
    expect(configuration.secrets).toEqual({ "google-sheets": secret });
  });

  test.each([
    [{ Githbu: { client_secret: secret } }, "Githbu", 'Did you mean "Github"?'],
    [{ Mastodon: { client_secret: secret } }, "Mastodon", 'Add "Mastodon" to services.json'],
    [{ Github: { client_secret: "nine-char" } }, "Github.client_secret", "the whole secret"],
    [{ Github: { client_secret: "passwordpassword" } }, "Github.client_secret", "create a new one"],
    [{ Github: { client_secret: "GitHub: client secret" } }, "Github.client_secret", "Copy the whole secret"],
    [{ Github: { client_secret: `${secret}\n` } }, "Github.client_secret", "Copy the whole secret"],
    [{ Github: { client_secret: `"${secret}"` } }, "Github.client_secret", "Copy the whole secret"],
    [{ Github: { client_secret: `${secret}\u200B` } }, "Github.client_secret", "Copy the whole secret"],
    [{ Github: { client_secret: `\uFEFF${secret}` } }, "Github.client_secret", "Copy the whole secret"],
    [{ Github: { client_secret: `${secret}\u2060${secret}` } }, "Github.client_secret", "Copy the whole secret"],
    [{ Github: { client_secret: 5 } }, "Github.client_secret", '"client_secret": "…"'],
    [{ Github: { client_secret: secret, secret } }, "Github", '"client_secret": "…"'],
    [{ Github: {} }, "Github.client_secret", '"client_secret": "…"'],
    [{ Github: secret }, "Github", '"client_secret": "…"'],
    [{ Github: { client_secret: secret }, github: { client_secret: secret } }, "github", "Delete or rename"],
  ])("[A50] .secret.json %j is an issue", (secrets, path, advice) => {
    const { issues } = resolve({ ...github, secrets });
    expect(issues.map((issue) => issue.path)).toEqual([`.secret.json → ${path}`]);
    expect(issues[0]!.advice).toContain(advice);
    expect(formatIssues(issues)).not.toContain(secret);
    expect(formatIssues(issues)).not.toContain("nine-char");
  });

  test.each([null, [], "x", 5])("a .secret.json that is %j is an issue", (secrets) => {
    expect(resolve({ ...github, secrets }).issues.map(({ path }) => path)).toEqual([".secret.json"]);
  });

  test("a secret of 15 characters is long enough, and one of 10 if there is a sealing key", () => {
    const of = (client_secret: string, env = {}) => resolve({ ...github, env, secrets: { Github: { client_secret } } });
    expect(of("wq3k9zt7x1m5v8b")).toMatchObject({ issues: [], unavailable: [] });
    expect(of("jI8zoPwLZq").issues).toEqual([]);
    expect(of("jI8zoPwLZq").unavailable.map(({ path, message }) => [path, message])).toEqual([
      [
        "SEALING_KEY",
        "GitHub's client secret is too short to derive keys from, so it is only offered with a SEALING_KEY",
      ],
    ]);
    expect(of("jI8zoPwLZq", { SEALING_KEY: sealingKey }).unavailable).toEqual([]);
  });

  test.each(["GITHUB_CLIENT_SECRET", "GITHUB_CLIENT_SECRET_PREVIOUS"])(
    "[A50] a %s that cannot be one is an issue",
    (name) => {
      const wrong = [`${secret}\u200B${secret}`, `${secret}é`, `"${secret}`, `${secret}'`, `${secret}\n${secret}`];
      for (const value of ["nine-char", "passwordpassword", "a".repeat(32), "GitHub: client secret", ...wrong]) {
        const { issues } = resolve({ ...github, env: { [name]: value } });
        expect(issues.map(({ path }) => path)).toEqual([name]);
        expect(formatIssues(issues)).not.toContain(value.trim());
      }
      const surrounded = [`${secret} `, `${secret}\r\n`, `"${secret}"`, `\uFEFF${secret}`, `${secret}\u200B`];
      for (const value of ["", "YOUR_SECRET", '"YOUR_SECRET"', secret, ...surrounded])
        expect(resolve({ ...github, env: { [name]: value } }).issues).toEqual([]);
      expect(resolve({ ...github, env: { GITLAB_CLIENT_SECRET: "of no service here" } }).issues).toEqual([]);
    },
  );

  test("a service without client authentication needs a sealing key instead of a secret", () => {
    const services = { Example: { ...example, token_endpoint_auth_method: "none" } };
    const { configuration, issues, unavailable } = resolve({ services });
    expect(issues).toEqual([]);
    expect(configuration.services).toHaveLength(1);
    expect(unavailable.map(({ path }) => path)).toEqual(["SEALING_KEY"]);
    expect(resolve({ services, env: { SEALING_KEY: sealingKey } }).unavailable).toEqual([]);
    const withSecret = resolve({
      services,
      secrets: { Example: { client_secret: secret } },
      env: { EXAMPLE_CLIENT_SECRET: secret },
    });
    expect(withSecret.unavailable.map(({ path }) => path)).toEqual(["SEALING_KEY"]);
  });
});

describe("reading the files", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "configuration-"));
  });

  const write = (file: string, text: string) => writeFile(join(directory, file), text);
  const read = (env = {}) => readConfiguration({ directory, env });
  const github = JSON.stringify({ Github: { client_id: clientId } });

  test("services.json and .secret.json make a configuration; a missing .secret.json is no issue", async () => {
    await write("services.json", `\uFEFF${github}`);
    expect((await read()).issues).toEqual([]);
    await write(".secret.json", JSON.stringify({ Github: { client_secret: secret } }));
    const { configuration, issues, unavailable } = await read({ CONTEXT: "production" });
    expect({ issues, unavailable }).toEqual({ issues: [], unavailable: [] });
    expect(configuration.services.map(({ id }) => id)).toEqual(["github"]);
    expect(configuration.secrets).toEqual({ github: secret });
  });

  test("the files in public are the logos that there are", async () => {
    await write(
      "services.json",
      JSON.stringify({ Github: { client_id: clientId, icon: "img/a b.svg" }, Google: { icon: "img" } }),
    );
    await mkdir(join(directory, "public/img"), { recursive: true });
    await write("public/img/a b.svg", "<svg/>");
    expect((await read()).configuration.services.map(({ icon }) => icon)).toEqual([
      "/img/a%20b.svg",
      "/icons/google.svg",
    ]);
  });

  test("[A11] a preview build reads no secret into the configuration", async () => {
    await write("services.json", github);
    await write(".secret.json", JSON.stringify({ Github: { client_secret: secret } }));
    for (const CONTEXT of ["deploy-preview", "branch-deploy", "dev", undefined]) {
      expect((await read({ CONTEXT })).configuration.secrets).toEqual({});
    }
  });

  test("entries can be added for local development", async () => {
    await write("services.json", github);
    const demo = { ...example, token_endpoint: "http://localhost:9000/token" };
    const options = { directory, env: {}, extraServices: { Demo: demo } };
    const { configuration, issues } = await readConfiguration({ ...options, localDevelopment: true });
    expect(issues).toEqual([]);
    expect(configuration.localDevelopment).toBe(true);
    expect(configuration.services.map(({ id }) => id)).toEqual(["github", "demo"]);
    expect((await readConfiguration(options)).issues).toHaveLength(1);
  });

  test("a missing services.json is an issue", async () => {
    const { issues, configuration } = await read();
    expect(issues.map(({ path, message }) => [path, message])).toEqual([["services.json", "is missing"]]);
    expect(configuration.services).toEqual([]);
  });

  test.each([
    ['{\n  "Github": { "client_id": "x", }\n}', "line 2, column 31"],
    ['{\n  "Github": { "client_id": x }\n}', "line 2, column 28"],
    ['{\n  "Github": {\n    "client_id": "x"\n', "line 4, column 1"],
    ["", "line 1, column 1"],
    ["// comment\n{}", "line 1, column 1"],
  ])("broken JSON %j is found at %s", async (text, place) => {
    await write("services.json", text);
    const { issues, configuration } = await read();
    expect(issues).toHaveLength(1);
    expect(issues[0]).toMatchObject({ path: "services.json", message: `is not valid JSON: ${place}` });
    expect(configuration.services).toEqual([]);
  });

  const utf16 = (text: string) => Buffer.from(text, "utf16le");

  test.each([
    ["UTF-16, as PowerShell writes it", utf16(`\uFEFF${github}\r\n`)],
    ["UTF-16 without its mark", utf16(github)],
    ["UTF-16 with the bytes swapped", utf16(`\uFEFF${github}`).swap16()],
  ])("a file in %s is said to be such", async (_, bytes) => {
    for (const file of ["services.json", ".secret.json"]) {
      await write("services.json", github);
      await writeFile(join(directory, file), bytes);
      const { issues } = await read();
      expect(issues).toMatchObject([{ path: file, message: "is saved as UTF-16, but must be UTF-8" }]);
      expect(issues[0]!.advice).toContain(`Set-Content ${file} -Encoding utf8`);
    }
  });

  test.each([
    ["\n", "Geh\u00e4use"],
    ["\r\n", "Caf\u00e9"],
    ["\n", "\u00a0"],
  ])("a file in Windows-1252 is said to be such, with the line (line ends %j, %j)", async (lineEnd, name) => {
    const text = ["{", '  "Github": {', `    "name": "${name}"`, "  }", "}", ""].join(lineEnd);
    for (const file of ["services.json", ".secret.json"]) {
      await write("services.json", github);
      await writeFile(join(directory, file), Buffer.from(text, "latin1"));
      const { issues } = await read();
      expect(issues).toMatchObject([{ path: file, message: expect.stringContaining("is not saved as UTF-8: line 3") }]);
    }
  });

  test("a folder in place of a file, or a file that may not be read, is an issue", async () => {
    await mkdir(join(directory, "services.json"));
    expect((await read()).issues).toMatchObject([
      { path: "services.json", message: expect.stringContaining("it is a folder") },
    ]);
  });

  test("[A50] a broken .secret.json is an issue that does not repeat what is in it", async () => {
    await write("services.json", github);
    await write(".secret.json", `{ "Github": { "client_secret": ${secret} } }`);
    const { issues, configuration } = await read({ CONTEXT: "production" });
    expect(issues).toHaveLength(1);
    expect(issues[0]!.path).toBe(".secret.json");
    expect(issues[0]!.message).toContain("line 1");
    expect(formatIssues(issues)).not.toContain(secret.slice(0, 6));
    expect(configuration).toEqual({ services: [], secrets: {}, localDevelopment: false });
  });
});

test("issues are printed with path, message and advice", () => {
  const issue = { path: "services.json → Github.client_id", message: "is a number", advice: 'Write "client_id": "…".' };
  expect(formatIssues([issue])).toBe('services.json → Github.client_id\n  is a number\n  → Write "client_id": "…".');
  expect(formatIssues([issue, issue]).split("\n\n")).toHaveLength(2);
  expect(formatIssues([])).toBe("");
});
