import * as jose from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import type { World } from "../world.ts";
import { idTokenOf } from "./id-tokens.ts";

/**
 * What verifiers demand that cannot run here, as their documentation or source says it. Each row is checked against our
 * metadata, our list of keys and an ID token.
 */

interface Published {
  issuer: string;
  metadata: Record<string, any>;
  keys: jose.JWK[];
  keysType: string;
  header: jose.ProtectedHeaderParameters;
  claims: jose.JWTPayload;
  clientId: string;
}

type Demand = [verifier: string, demand: string, isMet: (published: Published) => boolean];

const bytes = (text: unknown) => Buffer.byteLength(String(text));
const isOneOf =
  (...algorithms: string[]) =>
  ({ header, keys }: Published) =>
    algorithms.includes(header.alg!) && keys.every(({ alg }) => algorithms.includes(alg!));

const DEMANDS: Demand[] = [
  ["Convex", "RS256 or EdDSA", isOneOf("RS256", "EdDSA")],
  ["Convex", "one audience, which is the applicationID", ({ claims, clientId }) => claims.aud === clientId],
  ["Convex", "keys typed as JSON", ({ keysType }) => /^application\/(json|jwk-set\+json)$/.test(keysType)],
  [
    "Convex",
    "issuer and jwks_uri in the metadata",
    ({ metadata, issuer }) => metadata.issuer === issuer && URL.canParse(metadata.jwks_uri),
  ],
  ["SpacetimeDB", "RS256 or ES256", isOneOf("RS256", "ES256")],
  [
    "SpacetimeDB",
    "iss and sub of at most 128 bytes",
    ({ claims }) => bytes(claims.iss) <= 128 && bytes(claims.sub) <= 128,
  ],
  ["PocketBase", "RSA or Ed25519", ({ keys }) => keys.every(({ kty, crv }) => kty === "RSA" || crv === "Ed25519")],
  ["PocketBase", "kid and alg in every key", ({ keys }) => keys.every(({ kid, alg }) => kid && alg)],
  [
    "PocketBase",
    "the scopes openid, profile and email",
    ({ metadata }) => ["openid", "profile", "email"].every((scope) => metadata.scopes_supported.includes(scope)),
  ],
  [
    "Supabase, custom provider",
    "the issuer exactly as configured (go-oidc)",
    ({ metadata, claims, issuer }) => metadata.issuer === issuer && claims.iss === issuer,
  ],
  [
    "Supabase, custom provider",
    "an algorithm that the metadata names (go-oidc)",
    ({ metadata, header }) => metadata.id_token_signing_alg_values_supported.includes(header.alg),
  ],
  [
    "Supabase, third-party auth",
    "an asymmetric key with a kid",
    ({ header, keys }) => keys.some(({ kid, kty }) => kid === header.kid && kty !== "oct"),
  ],
  ["Supabase, third-party auth", "a role", ({ claims }) => claims.role === "authenticated"],
  [
    "PostgREST",
    "a role, and an audience that can be configured",
    ({ claims, clientId }) => typeof claims.role === "string" && claims.aud === clientId,
  ],
  ["Cognito", "RSA or ECDSA, with a kid", ({ header }) => /^(RS|ES)/.test(header.alg!) && header.kid !== undefined],
  [
    "Cognito",
    "endpoints and keys in the metadata",
    ({ metadata }) =>
      ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"].every((name) =>
        URL.canParse(metadata[name]),
      ),
  ],
  [
    "PowerSync",
    "RS, ES or EdDSA, with a kid",
    ({ header }) => /^(RS|ES|EdDSA)/.test(header.alg!) && header.kid !== undefined,
  ],
  ["PowerSync", "iat and exp, at most a day apart", ({ claims }) => claims.exp! - claims.iat! <= 86_400],
  [
    "SurrealDB",
    "ns, db and ac",
    ({ claims }) => [claims.ns, claims.db, claims.ac].every((claim) => typeof claim === "string"),
  ],
  [
    "angular-auth-oidc-client",
    "the nonce that it has sent, and at_hash",
    ({ claims }) => typeof claims.nonce === "string" && typeof claims.at_hash === "string",
  ],
  ["angular-auth-oidc-client", "use in every key", ({ keys }) => keys.every(({ use }) => use === "sig")],
  [
    "Hasura",
    "kid, and alg in every key",
    ({ keys, header }) => header.kid !== undefined && keys.every(({ alg }) => alg),
  ],
  ["OpenID Connect Core §2", "an end within an hour", ({ claims }) => claims.exp! - claims.iat! <= 3_600],
];

export function verifiersSuite(world: () => World): void {
  describe("verifiers that are only configured here", () => {
    let published: Published;
    let idToken: string;

    beforeAll(async () => {
      const issuer = world().issuer();
      const response = await fetch(`${issuer}/.well-known/openid-configuration`);
      const metadata = (await response.json()) as Published["metadata"];
      const list = await fetch(metadata.jwks_uri);
      ({ idToken } = await idTokenOf(world()));
      published = {
        issuer,
        metadata,
        keys: ((await list.json()) as { keys: jose.JWK[] }).keys,
        keysType: list.headers.get("content-type")!,
        header: jose.decodeProtectedHeader(idToken),
        claims: jose.decodeJwt(idToken),
        clientId: "http://[::1]:4321/",
      };
    });

    test.each(DEMANDS)("%s: %s", (_verifier, _demand, isMet) => {
      expect(isMet(published), JSON.stringify(published)).toBe(true);
    });

    test("the list has public keys only", () => {
      for (const key of published.keys) expect(Object.keys(key)).not.toContain("d");
    });

    test("jose verifies by the address of the list alone", async () => {
      const { jwks_uri: address } = published.metadata;
      const keys = jose.createRemoteJWKSet(new URL(address));
      const checks = { issuer: published.issuer, audience: published.clientId };
      await expect(jose.jwtVerify(idToken, keys, checks)).resolves.toMatchObject({ payload: { sub: "alice" } });
    });
  });
}
