import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ServiceRecord } from "../../catalogue/schema.ts";

/**
 * What well-known libraries know about the same services. `grant` is a table, and `@auth/core` has objects. `arctic`
 * and `better-auth` are code, so the tests let them send their requests and read those.
 */

/** The values that can be compared. Absent: the library does not define it. */
export interface Observation {
  authorization_endpoint?: string;
  token_endpoint?: string;
  scope_separator?: string;
  code_challenge_method?: string;
  token_endpoint_auth_method?: string;
}

export type Library = "grant" | "@auth/core" | "arctic" | "better-auth";

/** The folder of the third-party clients, which are installed before the first test. */
const folder = fileURLToPath(new URL("../clients/node_modules/", import.meta.url));

const CLIENT_ID = "client-id";
const CLIENT_SECRET = "client-secret-0123456789";
const REDIRECT_URI = "https://auth.example/callback/x";
const VERIFIER = "verifier-0123456789-0123456789-0123456789-012";

export async function observe(
  library: Library,
  records: Map<string, ServiceRecord>,
): Promise<Map<string, Observation>> {
  const observers = {
    grant: observeGrant,
    "@auth/core": observeAuthCore,
    arctic: observeArctic,
    "better-auth": observeBetterAuth,
  };
  const seen = new Map<string, Observation>();
  for (const id of records.keys()) {
    const observation = await observers[library](id);
    if (observation && Object.keys(observation).length > 0) seen.set(id, observation);
  }
  return seen;
}

// ------------------------------------------------------------------------------------------------------------- grant

interface GrantEntry {
  oauth: number;
  authorize_url: string;
  access_url: string;
  scope_delimiter?: string;
}

const GRANT_NAMES: Record<string, string> = {
  x: "twitter2",
  openstreetmap: "openstreetmap2",
  "constant-contact": "constantcontact",
};
/** The example hosts of our own records, in grant's spelling. */
const GRANT_SUBDOMAINS: Record<string, string> = {
  mastodon: "mastodon.social",
  auth0: "tenant.eu",
  okta: "dev-123",
  keycloak: "sso.example.org/realms/master",
  authentik: "sso.example.org",
  cognito: "acme.auth.eu-central-1.amazoncognito.com",
  fusionauth: "acme.fusionauth.io",
  zendesk: "acme",
};

async function observeGrant(id: string): Promise<Observation | undefined> {
  const entries = JSON.parse(readFileSync(`${folder}grant/config/oauth.json`, "utf8")) as Record<string, GrantEntry>;
  const entry = entries[GRANT_NAMES[id] ?? id];
  if (entry?.oauth !== 2) return undefined;
  const fill = (url: string): string => url.replace("[subdomain]", GRANT_SUBDOMAINS[id] ?? "subdomain");
  return {
    authorization_endpoint: fill(entry.authorize_url),
    token_endpoint: fill(entry.access_url),
    ...(entry.scope_delimiter === undefined ? {} : { scope_separator: entry.scope_delimiter }),
  };
}

// -------------------------------------------------------------------------------------------------------- @auth/core

interface AuthCoreProvider {
  type: string;
  authorization?: string | { url?: string; params?: { scope?: string } };
  token?: string | { url?: string };
  checks?: string[];
  client?: { token_endpoint_auth_method?: string };
}

const AUTH_CORE_NAMES: Record<string, string> = {
  microsoft: "microsoft-entra-id",
  x: "twitter",
  clickup: "click-up",
  "slack-openid": "slack",
  slack: "",
  "42school": "42-school",
};
const ISSUERS: Record<string, string> = {
  keycloak: "https://sso.example.org/realms/master",
  okta: "https://dev-123.okta.com",
  auth0: "https://tenant.eu.auth0.com",
  mastodon: "https://mastodon.social",
  nextcloud: "https://cloud.example.org",
  battlenet: "https://oauth.battle.net",
  fusionauth: "https://acme.fusionauth.io",
  mattermost: "https://chat.example.org",
};
/** The number of the account in our record's example. */
const ACCOUNT_ID = "1234567-sb1";

async function observeAuthCore(id: string): Promise<Observation | undefined> {
  const name = AUTH_CORE_NAMES[id] ?? id;
  const path = `${folder}@auth/core/providers/${name}.js`;
  if (name === "" || !existsSync(path)) return undefined;
  const { default: create } = (await import(path)) as { default: (options: object) => AuthCoreProvider };
  const credentials = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
  const provider = create({ ...credentials, issuer: ISSUERS[id], accountID: ACCOUNT_ID, redirectUri: REDIRECT_URI });
  if (provider.type !== "oauth" && provider.type !== "oidc") return undefined;
  const { authorization, token } = provider;
  const authorizationUrl = typeof authorization === "string" ? authorization : authorization?.url;
  const tokenUrl = typeof token === "string" ? token : token?.url;
  const inUrl = typeof authorization === "string" ? new URL(authorization).searchParams.get("scope") : undefined;
  const scope = typeof authorization === "string" ? inUrl : authorization?.params?.scope;
  // The library's defaults.
  const { checks = ["pkce"], client: { token_endpoint_auth_method: method = "client_secret_basic" } = {} } = provider;
  return {
    ...(authorizationUrl === undefined ? {} : { authorization_endpoint: withoutQuery(authorizationUrl) }),
    ...(tokenUrl === undefined ? {} : { token_endpoint: withoutQuery(tokenUrl) }),
    ...(scope && /[ ,]/.test(scope) ? { scope_separator: scope.includes(",") ? "," : " " } : {}),
    code_challenge_method: checks.includes("pkce") ? "S256" : "none",
    token_endpoint_auth_method: method,
  };
}

// ------------------------------------------------------------------------------------------------------------ arctic

interface ArcticClient {
  createAuthorizationURL(...parameters: unknown[]): URL;
  validateAuthorizationCode(...parameters: unknown[]): Promise<unknown>;
}

const ARCTIC_NAMES: Record<string, string> = {
  microsoft: "microsoft-entra-id",
  x: "twitter",
  quickbooks: "intuit",
  "slack-openid": "slack",
  slack: "",
  "42school": "42",
  cognito: "amazon-cognito",
};
/** Services that this library knows without a secret. */
const WITHOUT_SECRET = ["lichess", "etsy"];
/** The arguments before the client id. */
const ARCTIC_ARGUMENTS: Record<string, unknown[]> = {
  gitlab: ["https://gitlab.com"],
  gitea: ["https://gitea.com"],
  mastodon: ["https://mastodon.social"],
  keycloak: ["https://sso.example.org/realms/master"],
  auth0: ["tenant.eu.auth0.com"],
  salesforce: ["login.salesforce.com"],
  okta: ["dev-123.okta.com", null],
  microsoft: ["common"],
  authentik: ["https://sso.example.org"],
  cognito: ["acme.auth.eu-central-1.amazoncognito.com"],
};

async function observeArctic(id: string): Promise<Observation | undefined> {
  const name = ARCTIC_NAMES[id] ?? id;
  const path = `${folder}arctic/dist/providers/${name}.js`;
  if (name === "" || !existsSync(path)) return undefined;
  const [Client] = Object.values(
    (await import(path)) as Record<string, new (...parameters: unknown[]) => ArcticClient>,
  );
  const secret = WITHOUT_SECRET.includes(id) ? [] : [CLIENT_SECRET];
  const client = new Client!(...(ARCTIC_ARGUMENTS[id] ?? []), CLIENT_ID, ...secret, REDIRECT_URI);

  const takesVerifier = /^createAuthorizationURL\(state, codeVerifier/.test(client.createAuthorizationURL.toString());
  const scopes = ["scope-a", "scope-b"];
  const url = client.createAuthorizationURL(...(takesVerifier ? ["state", VERIFIER, scopes] : ["state", scopes]));
  const request = await capture(() => client.validateAuthorizationCode("code", VERIFIER));
  return { ...fromAuthorizationUrl(url, scopes), ...(await fromTokenRequest(request)) };
}

// ------------------------------------------------------------------------------------------------------- better-auth

interface BetterAuthProvider {
  createAuthorizationURL(options: object): Promise<URL> | URL;
  validateAuthorizationCode(options: object): Promise<unknown>;
}

const BETTER_AUTH_NAMES: Record<string, string> = { x: "twitter", "slack-openid": "slack", slack: "" };
/** What Amazon Cognito wants besides the credentials. */
const USER_POOL = {
  domain: "acme.auth.eu-central-1.amazoncognito.com",
  region: "eu-central-1",
  userPoolId: "eu-central-1_example",
};

async function observeBetterAuth(id: string): Promise<Observation | undefined> {
  const path = `${folder}better-auth/dist/social-providers/index.mjs`;
  const { socialProviders } = (await import(path)) as {
    socialProviders: Record<string, (options: object) => BetterAuthProvider>;
  };
  const create = socialProviders[BETTER_AUTH_NAMES[id] ?? id];
  if (!create) return undefined;
  const credentials = { clientId: CLIENT_ID, clientKey: CLIENT_ID, clientSecret: CLIENT_SECRET };
  const provider = create({ ...credentials, ...USER_POOL, environment: "production", disableDefaultScope: true });
  const scopes = ["scope-a", "scope-b"];
  const common = { codeVerifier: VERIFIER, redirectURI: REDIRECT_URI };
  const url = await provider.createAuthorizationURL({ ...common, state: "state", scopes });
  const request = await capture(() => provider.validateAuthorizationCode({ ...common, code: "code" }));
  return { ...fromAuthorizationUrl(new URL(url), scopes), ...(await fromTokenRequest(request)) };
}

// ------------------------------------------------------------------------------------------------------------- tools

/** Returns the first request that `act` sends. */
async function capture(act: () => Promise<unknown>): Promise<Request | undefined> {
  const { fetch } = globalThis;
  let captured: Request | undefined;
  globalThis.fetch = async (input, init) => {
    captured ??= new Request(input, init);
    return Response.json({ access_token: "token", token_type: "bearer", ok: true });
  };
  await act().catch(() => undefined);
  globalThis.fetch = fetch;
  return captured;
}

function fromAuthorizationUrl(url: URL, scopes: string[]): Observation {
  const joined = [...url.searchParams.values()].find((value) => scopes.every((scope) => value.includes(scope)));
  // RFC 7636 §4.3: the default method is plain.
  const otherwise = url.searchParams.has("code_challenge") ? "plain" : "none";
  return {
    authorization_endpoint: withoutQuery(url.href),
    ...(joined === undefined ? {} : { scope_separator: joined.charAt(joined.indexOf(scopes[0]!) + scopes[0]!.length) }),
    code_challenge_method: url.searchParams.get("code_challenge_method") ?? otherwise,
  };
}

async function fromTokenRequest(request: Request | undefined): Promise<Observation> {
  if (!request) return {};
  return { token_endpoint: withoutQuery(request.url), token_endpoint_auth_method: await authMethodOf(request) };
}

async function authMethodOf(request: Request): Promise<string> {
  if (request.headers.get("authorization")?.startsWith("Basic ")) return "client_secret_basic";
  const sent = `${request.url} ${await request.text()}`;
  return sent.includes(CLIENT_SECRET) ? "client_secret_post" : "none";
}

function withoutQuery(address: string): string {
  const { origin, pathname } = new URL(address);
  return origin + pathname;
}
