import type { JsonWebKey, KeyObject } from "node:crypto";
import { generateKeyPairSync } from "node:crypto";
import type { JSONWebKeySet, JWTHeaderParameters, JWTPayload } from "jose";
import { createLocalJWKSet, jwtVerify } from "jose";
import { expect } from "vitest";
import type { Environment } from "../../server/provider/environment.ts";
import type { Provider } from "../../server/provider/provider.ts";
import type { Service, UserinfoEndpoint } from "../../server/provider/service.ts";
import { CANARY, call, GOOD, redeem, testProvider } from "../tools/harness.ts";
import { fakeServices, type SeenCall, type TokenBody, tokenAnswer } from "./refresh-tools.ts";
import { reachCode } from "./tools.ts";

/** Keys, services and checks for tests of ID tokens. The checks are jose's, which the code under test does not sign with. */

export const ISSUER = "https://auth.example/github";
/** The lifetime in the design: no ID token lives longer. */
export const HOUR_SECONDS = 3_600;

const GENERATED = {
  RS256: generateKeyPairSync("rsa", { modulusLength: 2_048 }),
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: generateKeyPairSync("ed25519"),
  next: generateKeyPairSync("rsa", { modulusLength: 2_048 }),
} satisfies Record<string, { privateKey: KeyObject; publicKey: KeyObject }>;

export type KeyName = keyof typeof GENERATED;

export function privatePem(name: KeyName = "RS256"): string {
  return GENERATED[name].privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

export function publicPem(name: KeyName = "RS256"): string {
  return GENERATED[name].publicKey.export({ type: "spki", format: "pem" }).toString();
}

export function privateJwk(name: KeyName = "RS256"): JsonWebKey {
  return GENERATED[name].privateKey.export({ format: "jwk" });
}

export function publicJwk(name: KeyName = "RS256"): JsonWebKey {
  return GENERATED[name].publicKey.export({ format: "jwk" });
}

export const USERINFO: UserinfoEndpoint = {
  endpoint: "https://api.github.example/user",
  method: "GET",
  headers: {},
  claims: {
    sub: ["id"],
    username: ["login"],
    name: ["name"],
    avatar: ["avatar_url"],
    url: ["html_url"],
    email: ["email"],
  },
};

export const PROFILE = {
  id: 583231,
  login: "octocat",
  name: "Octo Cat",
  avatar_url: "https://avatars.example/583231",
  html_url: "https://github.example/octocat",
  email: "octo@cat.example",
  verified: true,
};

/** The standard claims of {@link PROFILE} (OpenID Connect Core §5.1). */
export const PROFILE_CLAIMS = {
  name: PROFILE.name,
  preferred_username: PROFILE.login,
  picture: PROFILE.avatar_url,
  profile: PROFILE.html_url,
};

/** A provider with a key, and a service that says who its users are. */
export function signingProvider(
  options: { github?: Partial<Service>; other?: Partial<Service>; env?: Environment } = {},
): Provider {
  return testProvider({
    github: { userinfo: USERINFO, ...options.github },
    other: { userinfo: { ...USERINFO, endpoint: "https://other.example/user" }, ...options.other },
    env: { SIGNING_KEY: privatePem(), ...options.env },
  });
}

/** Every service answers a token request with these tokens, and every other request with this profile. */
export function fakeIdentity(
  tokens: Record<string, unknown> = {},
  profile: unknown | ((seen: SeenCall) => Response) = PROFILE,
): ReturnType<typeof fakeServices> {
  return fakeServices((seen) => {
    if (/token$/.test(seen.url)) return tokenAnswer(tokens);
    return typeof profile === "function" ? profile(seen) : Response.json(profile);
  });
}

export interface IdentifiedBody extends TokenBody {
  id_token?: string;
}

/** The honest app's whole login with these parameters. */
export async function tokenResponseOf(
  provider: Provider,
  overrides: Record<string, string | undefined> = { scope: "openid" },
  service = "github",
): Promise<Response> {
  const { code, verifier } = await reachCode(provider, { overrides, service });
  const clientId = overrides.client_id ?? `${GOOD}/`;
  return await redeem(provider, { code, code_verifier: verifier, client_id: clientId }, { service });
}

/** The ID token of a login that succeeds. */
export async function idTokenOf(
  provider: Provider,
  overrides?: Record<string, string | undefined>,
  service = "github",
): Promise<string> {
  const response = await tokenResponseOf(provider, overrides, service);
  expect(response.status, await response.clone().text()).toBe(200);
  const { id_token: idToken } = (await response.json()) as IdentifiedBody;
  if (idToken === undefined) throw new Error("no ID token in the answer");
  return idToken;
}

export async function keysOf(provider: Provider, service = "github"): Promise<JSONWebKeySet> {
  const response = await call("jwks", provider, `/${service}/jwks.json`);
  expect(response.status, await response.clone().text()).toBe(200);
  return (await response.json()) as JSONWebKeySet;
}

export interface Expected {
  issuer?: string;
  audience?: string;
  service?: string;
}

/** What a backend of the honest app does: the keys from our address, and every check of OpenID Connect Core §3.1.3.7. */
export async function verified(
  provider: Provider,
  idToken: string,
  { issuer = ISSUER, audience = `${GOOD}/`, service = "github" }: Expected = {},
): Promise<{ payload: JWTPayload; protectedHeader: JWTHeaderParameters }> {
  const keys = createLocalJWKSet(await keysOf(provider, service));
  return await jwtVerify(idToken, keys, { issuer, audience, requiredClaims: ["sub", "iat", "exp"] });
}

/** The claims of the ID token of a login that succeeds, checked. */
export async function claimsOf(
  provider: Provider,
  overrides?: Record<string, string | undefined>,
): Promise<JWTPayload> {
  return (await verified(provider, await idTokenOf(provider, overrides))).payload;
}

export { CANARY };
