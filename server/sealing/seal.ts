import type { KeyObject } from "node:crypto";
import { createSecretKey, hkdfSync } from "node:crypto";
import type { ProviderSettings, ServiceContext } from "../provider/provider.ts";
import type { JweKeys } from "./jwe.ts";
import { decrypt, encodeHeader, encrypt } from "./jwe.ts";
import { CLOCK_TOLERANCE_SECONDS, expiryOf, LIFETIME_SECONDS, nowSeconds } from "./lifetimes.ts";
import type { Sealed, SealedKind } from "./transaction.ts";

/**
 * Every opaque value that we hand out is a JWE (`jwe.ts`) around JWT claims (RFC 7519). It is encrypted, so that a code
 * verifier inside it stays secret, and authenticated, so that nobody else can make or change one.
 *
 * A value opens only as the kind, for the service and at the provider that it was sealed for, so that it cannot be used
 * in place of another one: the key is derived from all three, and `typ`, `aud` and `iss` are compared as well.
 *
 * Anybody gets a sealed value by starting a login, and can then try keys on it offline. The only defence is key material
 * that cannot be guessed: a client secret that the service generated, or a random `SEALING_KEY`.
 */

/** The longest value that we seal or open. */
export const MAX_SEALED_CHARACTERS = 12_288;

/** RFC 7519 §4.1, times in seconds since 1970. */
interface Claims<Content> {
  iss: string;
  aud: string;
  iat: number;
  exp: number;
  content: Content;
}

/**
 * @param expiresAt in seconds since 1970; it can only shorten the lifetime of the kind
 * @returns base64url and dots: safe in URLs
 */
export function seal<Kind extends SealedKind>(
  kind: Kind,
  content: Sealed[Kind],
  context: ServiceContext,
  expiresAt: number = expiryOf(kind),
): string {
  const claims: Claims<Sealed[Kind]> = {
    iss: context.provider.origin,
    aud: context.service.id,
    iat: nowSeconds(),
    exp: expiresAt,
    content,
  };
  return encrypt(JSON.stringify(claims), sealingKeys(kind, context));
}

/**
 * Opens a sealed value. `undefined`: it is not ours, or of another kind, service or provider. An expired value opens with
 * `expired: true`. It grants nothing any more, but it still says which app is waiting for an answer.
 */
export function unseal<Kind extends SealedKind>(
  kind: Kind,
  value: string,
  context: ServiceContext,
): { content: Sealed[Kind]; expired: boolean } | undefined {
  // Before anything is decoded, so that a huge value costs nothing.
  if (value.length > MAX_SEALED_CHARACTERS) return undefined;
  const plaintext = decrypt(value, sealingKeys(kind, context));
  const claims = plaintext === undefined ? undefined : readClaims<Sealed[Kind]>(plaintext);
  if (claims?.iss !== context.provider.origin || claims.aud !== context.service.id) return undefined;
  const now = nowSeconds();
  if (claims.iat > now + CLOCK_TOLERANCE_SECONDS) return undefined;
  const end = Math.min(claims.exp, claims.iat + LIFETIME_SECONDS[kind]);
  return { content: claims.content, expired: now >= end + CLOCK_TOLERANCE_SECONDS };
}

/**
 * Only we can seal, so the content is trusted. The claims that limit it must still be there, and claims that this version
 * does not know are refused, because they could be limits, too.
 */
function readClaims<Content>(plaintext: string): Claims<Content> | undefined {
  try {
    const { iss, aud, iat, exp, content, ...others } = JSON.parse(plaintext) as Claims<Content>;
    if (typeof iat !== "number" || typeof exp !== "number" || content === undefined) return undefined;
    return Object.keys(others).length > 0 ? undefined : { iss, aud, iat, exp, content };
  } catch {
    return undefined;
  }
}

/** Derived keys of each provider. Derivation takes longer than sealing. */
const derivedKeys = new WeakMap<ProviderSettings, Map<string, JweKeys>>();

function sealingKeys(kind: SealedKind, context: ServiceContext): JweKeys {
  const { provider, service } = context;
  const known = derivedKeys.get(provider) ?? new Map<string, JweKeys>();
  derivedKeys.set(provider, known);
  const name = `${kind} ${service.id}`;
  const keys = known.get(name) ?? {
    header: encodeHeader(`auth-provider-${kind}`),
    secrets: service.keyMaterial.map((material) => deriveKey(material, kind, context)),
  };
  known.set(name, keys);
  return keys;
}

/**
 * HKDF-SHA-256 (RFC 5869). `info` separates kinds, services and providers. Each part has its length before it, so that two
 * lists of parts never give the same text.
 */
function deriveKey(material: string, kind: SealedKind, { provider, service }: ServiceContext): KeyObject {
  const info = [kind, service.id, provider.origin].map((part) => `${part.length}:${part}`).join("");
  return createSecretKey(new Uint8Array(hkdfSync("sha256", material, "auth-provider/v1", info, 32)));
}
