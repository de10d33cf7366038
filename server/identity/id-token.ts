import { createHash } from "node:crypto";
import type { SigningAlgorithm, SigningKey } from "../provider/signing-key.ts";
import { signText } from "../provider/signing-key.ts";

/**
 * Writes ID tokens (OpenID Connect Core §2): JWTs in JWS compact serialisation (RFC 7515 §3.1). Signing with `node:crypto`
 * takes a few lines, needs no further package, and uses the key objects that the build has checked in the same way.
 */

/** No longer than an hour: an ID token cannot be revoked. */
export const ID_TOKEN_LIFETIME_SECONDS = 3_600;

/** What one ID token says, besides its times and the hash of the access token. */
export interface Statement {
  iss: string;
  sub: string;
  /** The audience: only this app may take the token as proof. One text, because some verifiers accept no list. */
  aud: string;
  nonce?: string;
  /** About the user, and the owner's constant ones. They replace nothing. */
  further: Record<string, unknown>;
}

/** @param accessToken as the app gets it */
export function signIdToken(statement: Statement, accessToken: string, key: SigningKey): string {
  const { algorithm, kid, privateKey } = key;
  const header = { alg: algorithm, typ: "JWT", kid };
  const text = `${encode(header)}.${encode(claimsOf(statement, accessToken, algorithm))}`;
  return `${text}.${signText(text, { algorithm, privateKey: privateKey! }).toString("base64url")}`;
}

/** No `auth_time`, because services do not say when the user has logged in there. No `azp`: there is nobody else. */
function claimsOf(
  { further, ...protocol }: Statement,
  accessToken: string,
  algorithm: SigningAlgorithm,
): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return {
    ...further,
    ...protocol,
    iat: now,
    exp: now + ID_TOKEN_LIFETIME_SECONDS,
    at_hash: accessTokenHash(accessToken, algorithm),
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
