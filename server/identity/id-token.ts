import { createHash } from "node:crypto";
import type { ServiceContext } from "../provider/provider.ts";
import { issuer } from "../provider/provider.ts";
import type { SigningAlgorithm, SigningKey } from "../provider/signing-key.ts";
import { signText } from "../provider/signing-key.ts";
import type { Userinfo } from "../upstream/userinfo.ts";
import { standardClaims } from "./claims.ts";
import type { IdentityRequest } from "./openid.ts";
import { signingKeys } from "./signing-keys.ts";

/**
 * Writes ID tokens (OpenID Connect Core §2): JWTs in JWS compact serialisation (RFC 7515 §3.1). Signing with `node:crypto`
 * takes a few lines, needs no further package, and uses the key objects that the build has checked in the same way.
 */

/** No longer than an hour: an ID token cannot be revoked. */
export const ID_TOKEN_LIFETIME_SECONDS = 3_600;

/** What one ID token is about. */
export interface Identity {
  request: IdentityRequest;
  /** The audience: only this app may take the token as proof. */
  clientId: string;
  /** What the service says about the user, asked for with `accessToken`. */
  profile: Userinfo & { sub: string };
  /** As the app gets it. */
  accessToken: string;
}

/** @throws {OAuthError} `not_configured` */
export function signIdToken(identity: Identity, context: ServiceContext): string {
  const key = signingKeys(context.provider)[0] as SigningKey & Required<Pick<SigningKey, "privateKey">>;
  const header = { alg: key.algorithm, typ: "JWT", kid: key.kid };
  const text = `${encode(header)}.${encode(claimsOf(identity, key.algorithm, context))}`;
  return `${text}.${signText(text, key).toString("base64url")}`;
}

function claimsOf(
  { request, clientId, profile, accessToken }: Identity,
  algorithm: SigningAlgorithm,
  context: ServiceContext,
): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    // The owner's come first, so that they replace nothing.
    ...context.service.idTokenClaims,
    ...standardClaims(profile, request.scopes),
    iss: issuer(context),
    sub: profile.sub,
    // A single text, because some verifiers accept no list. No `azp`: there is nobody else.
    aud: clientId,
    iat: now,
    exp: now + ID_TOKEN_LIFETIME_SECONDS,
    ...(request.nonce === undefined ? {} : { nonce: request.nonce }),
    at_hash: accessTokenHash(accessToken, algorithm),
    // No `auth_time`: services do not say when the user has logged in there.
  };
}

/** The hash that goes with each signature. Ed25519 uses SHA-512 (RFC 8032 §5.1). */
const HASHES: Record<SigningAlgorithm, string> = { RS256: "sha256", ES256: "sha256", EdDSA: "sha512" };

/** Core §3.1.3.6: the left half of the hash. Ties the two tokens of one response together. */
function accessTokenHash(accessToken: string, algorithm: SigningAlgorithm): string {
  const digest = createHash(HASHES[algorithm]).update(accessToken, "ascii").digest();
  return digest.subarray(0, digest.length / 2).toString("base64url");
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
