import type { KeyObject } from "node:crypto";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/**
 * JWE compact serialisation (RFC 7516 §3.1), encrypted directly by AES-256-GCM (RFC 7518 §4.5, §5.3), and no other form
 * of it. Nothing is negotiated: the header has to be, letter by letter, the one that we write ourselves. Whoever makes up a
 * value can ask for no other algorithm, no compression and no key of their own [A27].
 */

const CIPHER = "aes-256-gcm";
const IV_BYTES = 12;

/** header . (no encrypted key) . initialisation vector, 12 bytes . ciphertext . authentication tag, 16 bytes */
const COMPACT = /^([\w-]+)\.\.([\w-]{16})\.([\w-]+)\.([\w-]{22})$/;

/** The keys of one type of value. */
export interface JweKeys {
  /** The protected header, encoded: what every value of this type begins with. */
  header: string;
  /** The first one encrypts, all of them decrypt. 32 bytes each, as an object that shows them to nobody who prints it. */
  secrets: KeyObject[];
}

/** Without `kid`: what is derived from a key lets whoever sees it check a guess of that key. */
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

/** `undefined`: made with none of these keys, or changed since, be it by one letter. */
export function decrypt(value: string, { header, secrets }: JweKeys): string | undefined {
  const match = COMPACT.exec(value);
  if (match === null || match[1] !== header) return undefined;
  const encoded = match.slice(2);
  const parts = encoded.map((part) => Buffer.from(part, "base64url"));
  // Of several spellings of the same bytes (RFC 4648 §3.5), only ours.
  if (parts.some((part, index) => encode(part) !== encoded[index])) return undefined;
  const [iv, ciphertext, tag] = parts as [Buffer, Buffer, Buffer];
  const aad = Buffer.from(header);
  // Nothing says which key it was, so each is tried: one, and another while keys are changed, for a hundredth of a ms.
  for (const secret of secrets) {
    const decipher = createDecipheriv(CIPHER, secret, iv).setAAD(aad).setAuthTag(tag);
    try {
      return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString();
    } catch {
      // Of another key, or of nobody's.
    }
  }
  return undefined;
}

function encode(bytes: Buffer): string {
  return bytes.toString("base64url");
}
