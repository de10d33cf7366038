import { createHash, randomBytes } from "node:crypto";

/** RFC 7636 §4.2: a SHA-256 digest in base64url always has 43 characters. */
const SHA256_DIGEST = /^[A-Za-z0-9_-]{43}$/;
/** RFC 7636 §4.1. */
const CODE_VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/;

export function isCodeChallenge(value: string): boolean {
  return SHA256_DIGEST.test(value);
}

/** The thumbprint of a key (RFC 7638 with SHA-256), as in `dpop_jkt` (RFC 9449 §10). */
export function isThumbprint(value: string): boolean {
  return SHA256_DIGEST.test(value);
}

export function isCodeVerifier(value: string): boolean {
  return CODE_VERIFIER.test(value);
}

/** A verifier with 256 random bits (RFC 7636 §7.1). */
export function newCodeVerifier(): string {
  return randomBytes(32).toString("base64url");
}

/** `S256` (RFC 7636 §4.2). */
export function codeChallengeOf(codeVerifier: string): string {
  return createHash("sha256").update(codeVerifier, "ascii").digest("base64url");
}
