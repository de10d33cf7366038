import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";

/**
 * JWE compact serialisation (RFC 7516 §3.1), encrypted directly by AES-256-GCM (RFC 7518 §4.5, §5.3), and no other form
 * of it. Nothing is negotiated: a value names its key by its whole header, which has to be, letter by letter, one that we
 * write ourselves. Whoever makes up a value can ask for no other algorithm, no compression and no key of their own [A27].
 */

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;

/** header . (no encrypted key) . initialisation vector, 12 bytes . ciphertext . authentication tag, 16 bytes */
const COMPACT = /^([\w-]+)\.\.([\w-]{16})\.([\w-]+)\.([\w-]{22})$/;

export interface JweKey {
  /** The protected header, encoded: what every value of this key begins with. */
  header: string;
  /** 32 bytes, as an object that shows them to nobody who prints it. */
  secret: KeyObject;
}

export function encodeHeader({ type, keyId }: { type: string; keyId: string }): string {
  return encode(Buffer.from(JSON.stringify({ alg: "dir", enc: "A256GCM", typ: type, kid: keyId })));
}

/** @returns base64url and dots */
export function encrypt(plaintext: string, { header, secret }: JweKey): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, secret, iv).setAAD(Buffer.from(header));
  const ciphertext = Buffer.concat([cipher.update(Buffer.from(plaintext)), cipher.final()]);
  return `${header}..${encode(iv)}.${encode(ciphertext)}.${encode(cipher.getAuthTag())}`;
}

/** `undefined`: made with none of these keys, or changed since, be it by one letter. */
export function decrypt(value: string, keys: JweKey[]): string | undefined {
  const match = COMPACT.exec(value);
  if (match === null) return undefined;
  const [, header, ...encoded] = match;
  const key = keys.find((candidate) => candidate.header === header);
  if (key === undefined) return undefined;
  const parts = encoded.map((part) => Buffer.from(part, "base64url"));
  // Of several spellings of the same bytes (RFC 4648 §3.5), only ours.
  if (parts.some((part, index) => encode(part) !== encoded[index])) return undefined;
  const [iv, ciphertext, tag] = parts as [Buffer, Buffer, Buffer];
  const decipher = createDecipheriv(CIPHER, key.secret, iv).setAAD(Buffer.from(key.header)).setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString();
  } catch {
    return undefined;
  }
}

function encode(bytes: Buffer): string {
  return bytes.toString("base64url");
}
