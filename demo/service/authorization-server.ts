import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import OidcProvider from "oidc-provider";
import { AUTHORIZATION_PATH, REVOCATION_PATH, TOKEN_PATH, USERINFO_PATH } from "./endpoints.ts";
import { grantForLogin } from "./grants.ts";
import type { Memory } from "./memory.ts";
import type { AuthorizationContext, AuthorizationServer, Interaction } from "./oidc-provider.ts";
import type { DemoServiceOptions } from "./options.ts";
import { errorPage } from "./pages.ts";
import { findPerson, picturePath } from "./people.ts";
import { SCOPE_DESCRIPTIONS } from "./scopes.ts";

export const CODE_LIFETIME_SECONDS = 60;
const DEFAULT_TOKEN_LIFETIME_SECONDS = 60 * 60;
const INTERACTION_LIFETIME_SECONDS = 60 * 60;
const SESSION_LIFETIME_SECONDS = 14 * 24 * 60 * 60;

/** `oidc-provider` switches these on by default, except revocation. */
const FEATURES = {
  devInteractions: { enabled: false },
  pushedAuthorizationRequests: { enabled: false },
  resourceIndicators: { enabled: false },
  revocation: { enabled: true },
  rpInitiatedLogout: { enabled: false },
};

export async function createAuthorizationServer(
  origin: string,
  options: DemoServiceOptions,
  memory: Memory,
): Promise<AuthorizationServer> {
  return new OidcProvider(origin, {
    adapter: () => memory.openStore(),
    clients: [clientOf(options)],
    pkce: { required: () => true },
    rotateRefreshToken: () => true,
    loadExistingGrant: grantForLogin,
    // Revoking a token, or using a code twice, ends the tokens of that login. The user's consent stays.
    revokeGrantPolicy: () => false,

    scopes: Object.keys(SCOPE_DESCRIPTIONS),
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username", "picture"],
      email: ["email", "email_verified"],
    },
    findAccount: (_context: unknown, id: string) => findAccount(origin, id),
    // Apps read the profile in the browser. Only a server requests tokens here, because that takes the client secret.
    clientBasedCORS: (context: AuthorizationContext) => context.oidc.route === "userinfo",

    routes: {
      authorization: AUTHORIZATION_PATH,
      token: TOKEN_PATH,
      userinfo: USERINFO_PATH,
      revocation: REVOCATION_PATH,
    },
    interactions: { url: (_context: unknown, interaction: Interaction) => `/interaction/${interaction.uid}` },
    renderError: showProtocolError,
    features: FEATURES,
    jwks: { keys: [await createSigningKey()] },
    cookies: cookiesOf(origin),
    ttl: lifetimesOf(options),
  });
}

/** The auth provider, as a client of this service. */
function clientOf({ clientId, clientSecret, redirectUris }: DemoServiceOptions): object {
  return {
    client_id: clientId,
    // `oidc-provider` then accepts client_secret_post as well.
    token_endpoint_auth_method: "client_secret_basic",
    client_secret: clientSecret,
    redirect_uris: redirectUris,
    response_types: ["code"],
    grant_types: ["authorization_code", "refresh_token"],
    id_token_signed_response_alg: "ES256",
  };
}

async function createSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  return { ...(await exportJWK(privateKey)), alg: "ES256", use: "sig" };
}

/**
 * All ports of a host share their cookies (RFC 6265 §8.5), so the names contain the port. Otherwise, two demo services on
 * this computer would log each other out.
 */
function cookiesOf(origin: string): object {
  const { port } = new URL(origin);
  return {
    keys: [randomBytes(32).toString("base64url")],
    names: {
      session: `demo-${port}-session`,
      interaction: `demo-${port}-interaction`,
      resume: `demo-${port}-resume`,
    },
  };
}

function lifetimesOf({ accessTokenLifetimeSeconds = DEFAULT_TOKEN_LIFETIME_SECONDS }: DemoServiceOptions): object {
  return {
    AccessToken: accessTokenLifetimeSeconds,
    AuthorizationCode: CODE_LIFETIME_SECONDS,
    IdToken: accessTokenLifetimeSeconds,
    Interaction: INTERACTION_LIFETIME_SECONDS,
    RefreshToken: SESSION_LIFETIME_SECONDS,
    Grant: SESSION_LIFETIME_SECONDS,
    Session: SESSION_LIFETIME_SECONDS,
  };
}

function findAccount(origin: string, id: string): object | undefined {
  const person = findPerson(id);
  if (!person) return undefined;

  const claims = {
    sub: person.id,
    name: person.name,
    preferred_username: person.id,
    picture: `${origin}${picturePath(person.id)}`,
    email: person.email,
    email_verified: true,
  };
  return { accountId: person.id, claims: () => claims };
}

/** An invalid client or redirect URI: the error must not be sent to that redirect URI (RFC 6749 §4.1.2.1). */
function showProtocolError(
  context: { type: string; body: string },
  { error, error_description: description }: { error: string; error_description?: string },
): void {
  context.type = "html";
  context.body = errorPage(description ? `${error}: ${description}` : error).source;
}

/**
 * Access while the user is away requires consent on every login (OpenID Connect Core §11).
 *
 * @param path of an authorization request, with its query
 */
export function withConsentForOfflineAccess(path: string, origin: string): string {
  const url = new URL(path, origin);
  const scopes = url.searchParams.get("scope")?.split(" ") ?? [];
  if (!scopes.includes("offline_access") || url.searchParams.has("prompt")) return path;

  url.searchParams.set("prompt", "consent");
  return url.pathname + url.search;
}
