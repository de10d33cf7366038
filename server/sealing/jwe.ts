import type { KeyObject } from "node:crypto";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/**
 * JWE compact serialisation (RFC 7516 §3.1) with direct encryption by AES-256-GCM (RFC 7518 §4.5, §5.3). No other form is
 * accepted: the header must be exactly the one that we write. So a forged value cannot ask for another algorithm, for
 * compression or for a key of the attacker's.
 */

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;

/** header . (no encrypted key) . initialisation vector (12 bytes) . ciphertext . authentication tag (16 bytes) */
const COMPACT = /^([\w-]+)\.\.([\w-]{16})\.([\w-]+)\.([\w-]{22})$/;

/** The keys for one type of value. */
export interface JweKeys {
  /** The encoded protected header: every value of this type begins with it. */
  header: string;
  /** The first one encrypts, all of them decrypt. 32 bytes each. A `KeyObject` does not reveal them when it is printed. */
  secrets: KeyObject[];
}

/** There is no `kid`: an identifier derived from a key would help to check guesses of that key. */
export function encodeHeader(type: string): string {
  return encode(Buffer.from(JSON.stringify({ alg: "dir", enc: "A256GCM", typ: type })));
}

/** @returns base64url and dots */
export function encrypt(plaintext: string, { header, secrets }: JweKeys): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, secrets[0]!, iv).setAAD(Buffer.from(header));
  const ciphertext = Buffer.concat([cipher.update(Buffer.from(plaintext)), cipher.final()]);
  return `${header}..${encode(iv)}.${encode(ciphertext)}.${encode(cipher.getAuthTag())}`;
}

/** `undefined`: the value was not made with one of these keys, or was changed. */
export function decrypt(value: string, { header, secrets }: JweKeys): string | undefined {
  const match = COMPACT.exec(value);
  if (match === null || match[1] !== header) return undefined;
  const encoded = match.slice(2);
  const parts = encoded.map((part) => Buffer.from(part, "base64url"));
  // The same bytes can be spelled in several ways (RFC 4648 §3.5). Only ours is accepted.
  if (parts.some((part, index) => encode(part) !== encoded[index])) return undefined;
  const [iv, ciphertext, tag] = parts as [Buffer, Buffer, Buffer];
  const aad = Buffer.from(header);
  // The value does not say which key it was made with, so each is tried. There are rarely more than two.
  for (const secret of secrets) {
    const decipher = createDecipheriv(CIPHER, secret, iv).setAAD(aad).setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString();
    } catch {
      // Made with another key, or forged.
    }
  }
  return undefined;
}

function encode(bytes: Buffer): string {
  return bytes.toString("base64url");
}
