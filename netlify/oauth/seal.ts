import { createHash, hkdfSync } from "node:crypto";
import { EncryptJWT } from "jose/jwt/encrypt";
import { jwtDecrypt } from "jose/jwt/decrypt";
import { JWTExpired } from "jose/errors";
import { MAX_SEALED_CHARACTERS } from "./parameters.ts";
import type { OfferedService, Provider } from "./provider.ts";
import type { Sealed } from "./transaction.ts";

/**
 * Everything that leaves as an opaque value is a JWE (RFC 7516, `dir` with `A256GCM`): encrypted, so that a code
 * verifier inside it stays ours, and authenticated, so that nobody else can make or change one.
 *
 * A value opens only as the kind, for the service and at the provider that it was sealed for [A26]: the key is derived
 * from all three, and `typ`, `aud` and `iss` are required and compared once more.
 */

export type SealedKind = keyof Sealed;

/** How long each kind is good for [A63]. */
const LIFETIME_SECONDS: Record<SealedKind, number> = {
  request: 600,
  state: 900,
  ticket: 600,
  code: 60,
  refresh: 90 * 24 * 3_600,
};

/** Clocks of two function instances may differ by this much. */
const CLOCK_TOLERANCE_SECONDS = 30;

export interface SealingContext {
  provider: Provider;
  service: OfferedService;
}

/**
 * @param expiresAt an end before the kind's own, in seconds since 1970
 * @returns the sealed value: base64url and dots, safe in URLs
 */
export async function seal<Kind extends SealedKind>(
  kind: Kind,
  content: Sealed[Kind],
  { provider, service }: SealingContext,
  expiresAt: number = expiryOf(kind),
): Promise<string> {
  const [sealingKey] = await sealingKeys(kind, provider, service);
  return await new EncryptJWT({ content })
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", typ: typeOf(kind), kid: sealingKey!.id })
    .setIssuer(provider.origin)
    .setAudience(service.id)
    .setIssuedAt(nowSeconds())
    .setExpirationTime(expiresAt)
    .encrypt(sealingKey!.key);
}

/**
 * Opens a sealed value. `undefined`: not one of ours, or not of this kind, service or provider. An expired value opens
 * with `expired: true`: it grants nothing any more, but still tells which app waits for an answer.
 */
export async function unseal<Kind extends SealedKind>(
  kind: Kind,
  value: string,
  { provider, service }: SealingContext,
): Promise<{ content: Sealed[Kind]; expired: boolean } | undefined> {
  // Length first: nothing large is decoded [A27].
  if (value.length > MAX_SEALED_CHARACTERS) return undefined;
  const keys = await sealingKeys(kind, provider, service);
  try {
    const { payload } = await jwtDecrypt<{ content: Sealed[Kind] }>(
      value,
      ({ kid }) => keys.find(({ id }) => id === kid)?.key ?? Promise.reject(new Error("unknown key")),
      {
        keyManagementAlgorithms: ["dir"],
        contentEncryptionAlgorithms: ["A256GCM"],
        typ: typeOf(kind),
        issuer: provider.origin,
        audience: service.id,
        requiredClaims: ["iat", "exp", "content"],
        maxTokenAge: LIFETIME_SECONDS[kind],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(nowSeconds() * 1000),
      },
    );
    return { content: payload.content, expired: false };
  } catch (error) {
    // Thrown only after decryption and after every other claim was found right.
    if (error instanceof JWTExpired) return { content: error.payload["content"] as Sealed[Kind], expired: true };
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

function typeOf(kind: SealedKind): string {
  return `auth-provider-${kind}`;
}

interface SealingKey {
  /** `kid`: the first 8 hexadecimal digits of the key's SHA-256. */
  id: string;
  key: CryptoKey;
}

/** Derived keys, per provider: derivation costs more than a seal. */
const derivedKeys = new WeakMap<Provider, Map<string, Promise<SealingKey[]>>>();

function sealingKeys(kind: SealedKind, provider: Provider, service: OfferedService): Promise<SealingKey[]> {
  const known = derivedKeys.get(provider) ?? new Map<string, Promise<SealingKey[]>>();
  derivedKeys.set(provider, known);
  const name = `${kind} ${service.id}`;
  const keys = known.get(name) ?? Promise.all(service.keyMaterial.map((material) => deriveKey(material, kind, provider, service)));
  known.set(name, keys);
  return keys;
}

/** HKDF-SHA-256 (RFC 5869); `info` separates kinds, services and providers, each with its length before it. */
async function deriveKey(
  material: string,
  kind: SealedKind,
  provider: Provider,
  service: OfferedService,
): Promise<SealingKey> {
  const info = [kind, service.id, provider.origin].map((part) => `${part.length}:${part}`).join("");
  const bits = new Uint8Array(hkdfSync("sha256", material, "auth-provider/v1", info, 32));
  const id = createHash("sha256").update(bits).digest("hex").slice(0, 8);
  return { id, key: await crypto.subtle.importKey("raw", bits, "AES-GCM", false, ["encrypt", "decrypt"]) };
}
