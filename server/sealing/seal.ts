import type { KeyObject } from "node:crypto";
import { createSecretKey, hkdfSync } from "node:crypto";
import type { OfferedService, Provider } from "../provider/provider.ts";
import { MAX_SEALED_CHARACTERS } from "../request/parameters.ts";
import type { JweKeys } from "./jwe.ts";
import { decrypt, encodeHeader, encrypt } from "./jwe.ts";
import type { Sealed } from "./transaction.ts";

/**
 * Everything that leaves as an opaque value is a JWE (`jwe.ts`) around JWT claims (RFC 7519): encrypted, so that a code
 * verifier inside it stays ours, and authenticated, so that nobody else can make or change one.
 *
 * A value opens only as the kind, for the service and at the provider that it was sealed for [A26]: the key is derived
 * from all three, and `typ`, `aud` and `iss` are compared once more.
 *
 * Whoever has one such value, and anybody gets one by beginning a login, can try keys on it at home until the
 * authentication tag fits. Against that there is no defence here but keys whose source cannot be guessed: a client secret
 * as a service issues it, or a random `SEALING_KEY`.
 */

export type SealedKind = keyof Sealed;

/** How long each kind is good for [A63]. */
const LIFETIME_SECONDS: Record<SealedKind, number> = {
  request: 600,
  state: 900,
  ticket: 600,
  code: 60,
  refresh: 90 * 24 * 3_600,
  nonce: 60,
};

/** Clocks of two function instances may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 30;

/** From the beginning of a login to its last step in the same browser, when each step is taken at the last moment. */
export const LONGEST_LOGIN_SECONDS = (["request", "state", "ticket"] as const)
  .map((kind) => LIFETIME_SECONDS[kind] + CLOCK_TOLERANCE_SECONDS)
  .reduce((sum, seconds) => sum + seconds);

export interface SealingContext {
  provider: Provider;
  service: OfferedService;
}

/** RFC 7519 §4.1, times in seconds since 1970. */
interface Claims<Content> {
  iss: string;
  aud: string;
  iat: number;
  exp: number;
  content: Content;
}

/**
 * @param expiresAt an end before the kind's own, in seconds since 1970
 * @returns the sealed value: base64url and dots, safe in URLs
 */
export function seal<Kind extends SealedKind>(
  kind: Kind,
  content: Sealed[Kind],
  { provider, service }: SealingContext,
  expiresAt: number = expiryOf(kind),
): string {
  const claims: Claims<Sealed[Kind]> = {
    iss: provider.origin,
    aud: service.id,
    iat: nowSeconds(),
    exp: expiresAt,
    content,
  };
  return encrypt(JSON.stringify(claims), sealingKeys(kind, provider, service));
}

/**
 * Opens a sealed value. `undefined`: not one of ours, or not of this kind, service or provider. An expired value opens
 * with `expired: true`: it grants nothing any more, but still tells which app waits for an answer.
 */
export function unseal<Kind extends SealedKind>(
  kind: Kind,
  value: string,
  { provider, service }: SealingContext,
): { content: Sealed[Kind]; expired: boolean } | undefined {
  // Length first: nothing large is decoded [A27].
  if (value.length > MAX_SEALED_CHARACTERS) return undefined;
  const plaintext = decrypt(value, sealingKeys(kind, provider, service));
  const claims = plaintext === undefined ? undefined : readClaims<Sealed[Kind]>(plaintext);
  if (claims?.iss !== provider.origin || claims.aud !== service.id) return undefined;
  const now = nowSeconds();
  if (claims.iat > now + CLOCK_TOLERANCE_SECONDS) return undefined;
  const end = Math.min(claims.exp, claims.iat + LIFETIME_SECONDS[kind]);
  return { content: claims.content, expired: now >= end + CLOCK_TOLERANCE_SECONDS };
}

/** Whoever could seal is trusted with the content; what limits it has to be there, and understood, all the same. */
function readClaims<Content>(plaintext: string): Claims<Content> | undefined {
  try {
    const { iss, aud, iat, exp, content, ...others } = JSON.parse(plaintext) as Claims<Content>;
    if (typeof iat !== "number" || typeof exp !== "number" || content === undefined) return undefined;
    return Object.keys(others).length > 0 ? undefined : { iss, aud, iat, exp, content };
  } catch {
    return undefined;
  }
}

/** When a value that is sealed now stops opening. Seconds since 1970. */
export function expiryOf(kind: SealedKind): number {
  return nowSeconds() + LIFETIME_SECONDS[kind];
}

/** How long a ticket is good for: the service's own code runs out while the person reads. */
export function ticketLifetimeSeconds({ codeLifetimeSeconds = LIFETIME_SECONDS.ticket }: OfferedService): number {
  return Math.min(LIFETIME_SECONDS.ticket, codeLifetimeSeconds);
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Derived keys, per provider: derivation costs more than a seal. */
const derivedKeys = new WeakMap<Provider, Map<string, JweKeys>>();

function sealingKeys(kind: SealedKind, provider: Provider, service: OfferedService): JweKeys {
  const known = derivedKeys.get(provider) ?? new Map<string, JweKeys>();
  derivedKeys.set(provider, known);
  const name = `${kind} ${service.id}`;
  const keys = known.get(name) ?? {
    header: encodeHeader(`auth-provider-${kind}`),
    secrets: service.keyMaterial.map((material) => deriveKey(material, kind, provider, service)),
  };
  known.set(name, keys);
  return keys;
}

/** HKDF-SHA-256 (RFC 5869); `info` separates kinds, services and providers, each with its length before it. */
function deriveKey(material: string, kind: SealedKind, provider: Provider, service: OfferedService): KeyObject {
  const info = [kind, service.id, provider.origin].map((part) => `${part.length}:${part}`).join("");
  return createSecretKey(new Uint8Array(hkdfSync("sha256", material, "auth-provider/v1", info, 32)));
}
