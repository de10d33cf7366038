import type { JsonWebKey, KeyObject } from "node:crypto";
import { createHash, createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import { trimPasted } from "./placeholder.ts";

/**
 * Reads `SIGNING_KEY`, the keys that ID tokens are signed with. The build, doctor and the running provider share this
 * module, so that a key which one of them refuses is mentioned by the others.
 */

/** RFC 7518 §3.3 and §3.4, RFC 8037 §3.1. The key alone decides: nobody can ask for another algorithm. */
export type SigningAlgorithm = "RS256" | "ES256" | "EdDSA";

/** One key, as it is published and used. */
export interface SigningKey {
  algorithm: SigningAlgorithm;
  /** The key's thumbprint (RFC 7638), so that the same key always has the same name and two keys never share one. */
  kid: string;
  /** The public key (RFC 7517), with nothing private in it. */
  jwk: PublicJwk;
  /** Absent in a key that only still verifies. Always present in the first key. */
  privateKey?: KeyObject;
}

export interface PublicJwk extends JsonWebKey {
  kid: string;
  alg: SigningAlgorithm;
  use: "sig";
}

/** The rule of {@link parseSigningKeys} in words, for messages. */
export const SIGNING_KEY_RULE =
  "each key is PKCS#8 in PEM without a password, or a JWK: RSA with 2048 to 4096 bits, P-256 or Ed25519; the first one is private";

/** The hash of each signature (RFC 7518 §3.1). Ed25519 has its own (RFC 8032 §5.1). */
const SIGNATURE_HASHES: Record<SigningAlgorithm, "sha256" | null> = { RS256: "sha256", ES256: "sha256", EdDSA: null };

const MIN_RSA_BITS = 2048;
/** A signature with a longer key takes many times as long. */
const MAX_RSA_BITS = 4096;
/** With an exponent of 1, anybody could sign. Small ones have a history of forged signatures. */
const MIN_RSA_EXPONENT = 65_537;

/** A PEM block (RFC 7468 §2), or a JSON object. No JWK of ours has an object in it. */
const ONE_KEY = /-----BEGIN ([A-Z0-9 ]+)-----(?:(?!-----).)*-----END \1-----|\{[^{}]*\}/gs;

/** A JWK Set (RFC 7517 §5), around a list of keys. */
const KEY_SET = /^\{\s*"keys"\s*:\s*(\[.*\])\s*\}$/s;

/**
 * One or several keys, one after the other. The first one signs, and all of them are published. If there is an issue, no
 * key may be used. The messages never repeat a key.
 */
export function parseSigningKeys(value: string): { keys: SigningKey[]; issues: string[] } {
  if (value === "") return { keys: [], issues: [] };
  // Fields and files of variables often hold line ends as two characters.
  const text = trimPasted(value).replaceAll("\\n", "\n").replaceAll("\\r", "\r").replace(KEY_SET, "$1");
  const texts = text.match(ONE_KEY) ?? [];
  if (texts.length === 0) return { keys: [], issues: ["contains no key"] };
  const isAllRead = /^[\s,[\]]*$/.test(text.replaceAll(ONE_KEY, ""));
  const read = texts.map(readKey);
  const keys = read.filter((key) => typeof key !== "string");
  const issues = [
    ...(isAllRead ? [] : ["contains something that is not a key, or only a part of one"]),
    ...read.flatMap((key, index) => (typeof key === "string" ? [`key ${index + 1}: ${key}`] : [])),
    ...read.flatMap((key, index) => issuesAmong(read, key, index)),
  ];
  return { keys, issues };
}

function issuesAmong(all: (SigningKey | string)[], key: SigningKey | string, index: number): string[] {
  if (typeof key === "string") return [];
  const isFirst = all.findIndex((other) => typeof other !== "string" && other.kid === key.kid) === index;
  if (!isFirst) return [`key ${index + 1}: is there twice`];
  return index === 0 && !key.privateKey ? ["key 1: is a public key, and the first one must be private"] : [];
}

/** A key, or what is wrong with it. */
function readKey(text: string): SigningKey | string {
  const imported = text.startsWith("{") ? importJwk(text) : importPem(text);
  return typeof imported === "string" ? imported : checkKey(imported);
}

interface ImportedKey {
  key: KeyObject;
  /** What a JWK says about itself. */
  stated: Partial<JsonWebKey>;
}

const UNREADABLE = "cannot be read";

function importPem(text: string): ImportedKey | string {
  const [, label, body = ""] = /^-----BEGIN ([^-]+)-----(.*)-----END/s.exec(text) ?? [];
  if (label === "ENCRYPTED PRIVATE KEY") return "needs a password, which nobody could type here";
  if (label === "RSA PRIVATE KEY" || label === "EC PRIVATE KEY") {
    return 'is not in PKCS#8: convert it with "openssl pkcs8 -topk8 -nocrypt -in FILE"';
  }
  if (label !== "PRIVATE KEY" && label !== "PUBLIC KEY") return "is neither a private nor a public key";
  if (!/^[A-Za-z0-9+/=\s]+$/.test(body)) return UNREADABLE;
  // From the bytes, because some fields turn line ends into spaces, and PEM has lines.
  const source = { key: Buffer.from(body, "base64"), format: "der" } as const;
  return label === "PRIVATE KEY"
    ? importKey(() => createPrivateKey({ ...source, type: "pkcs8" }), {})
    : importKey(() => createPublicKey({ ...source, type: "spki" }), {});
}

function importJwk(text: string): ImportedKey | string {
  let jwk: JsonWebKey;
  try {
    jwk = JSON.parse(text) as JsonWebKey;
  } catch {
    return "is not valid JSON";
  }
  if (jwk.kty !== "RSA" && jwk.kty !== "EC" && jwk.kty !== "OKP") return "has no kty, or one that cannot sign";
  const source = { key: jwk, format: "jwk" } as const;
  return importKey(() => (jwk.d === undefined ? createPublicKey(source) : createPrivateKey(source)), jwk);
}

function importKey(read: () => KeyObject, stated: Partial<JsonWebKey>): ImportedKey | string {
  try {
    return { key: read(), stated };
  } catch {
    return UNREADABLE;
  }
}

function checkKey({ key, stated }: ImportedKey): SigningKey | string {
  const isPrivate = key.type === "private";
  const publicKey = isPrivate ? createPublicKey(key) : key;
  const parts = exportJwk(publicKey);
  const algorithm = parts && algorithmOf(parts);
  if (parts === undefined || algorithm === undefined) return "is of a kind that cannot be used";
  const issue = rsaIssue(parts) ?? purposeIssue(stated, algorithm, isPrivate);
  if (issue !== undefined) return issue;
  // Not every key keeps the public half that its JWK states.
  const isStated = stated.x === undefined || stated.x === parts.x;
  if (!isStated || (isPrivate && !isPair(key, publicKey, algorithm)))
    return "has a public half that belongs to another key";
  const kid = thumbprint(parts);
  return {
    algorithm,
    kid,
    jwk: { ...parts, kid, alg: algorithm, use: "sig" },
    ...(isPrivate ? { privateKey: key } : {}),
  };
}

/** `undefined`: keys of this kind have no JWK, such as RSA keys that are only for PSS. */
function exportJwk(publicKey: KeyObject): JsonWebKey | undefined {
  try {
    return publicKey.export({ format: "jwk" });
  } catch {
    return undefined;
  }
}

function algorithmOf({ kty, crv }: JsonWebKey): SigningAlgorithm | undefined {
  if (kty === "RSA") return "RS256";
  if (kty === "EC" && crv === "P-256") return "ES256";
  return kty === "OKP" && crv === "Ed25519" ? "EdDSA" : undefined;
}

function rsaIssue({ kty, n = "", e = "" }: JsonWebKey): string | undefined {
  if (kty !== "RSA") return undefined;
  const bits = numberOf(n).toString(2).length;
  if (bits < MIN_RSA_BITS) return `has ${bits} bits, and RSA needs ${MIN_RSA_BITS} (RFC 7518 §3.3)`;
  if (bits > MAX_RSA_BITS)
    return `has ${bits} bits, which makes every login slow: use ${MIN_RSA_BITS} to ${MAX_RSA_BITS}`;
  return numberOf(e) < MIN_RSA_EXPONENT ? `has an exponent below ${MIN_RSA_EXPONENT}` : undefined;
}

function numberOf(base64url: string): bigint {
  return BigInt(`0x${Buffer.from(base64url, "base64url").toString("hex") || "0"}`);
}

/** RFC 7517 §4.2 to §4.4: a key that says what it is for is used for nothing else. */
function purposeIssue(
  { alg, use, key_ops: operations }: Partial<JsonWebKey>,
  algorithm: SigningAlgorithm,
  isPrivate: boolean,
): string | undefined {
  const names: unknown[] = algorithm === "EdDSA" ? [algorithm, "Ed25519"] : [algorithm];
  if (alg !== undefined && !names.includes(alg)) return `is for another algorithm than ${algorithm}`;
  if (use !== undefined && use !== "sig") return "is not for signatures";
  const needed = isPrivate ? "sign" : "verify";
  const isForSigning = operations === undefined || (Array.isArray(operations) && operations.includes(needed));
  return isForSigning ? undefined : "is not for signatures";
}

/** A JWK can name any public half. A signature that does not verify with it would be refused everywhere. */
function isPair(privateKey: KeyObject, publicKey: KeyObject, algorithm: SigningAlgorithm): boolean {
  try {
    const signature = signText("", { algorithm, privateKey });
    const key = { key: publicKey, dsaEncoding: "ieee-p1363" } as const;
    return verify(SIGNATURE_HASHES[algorithm], Buffer.from(""), key, signature);
  } catch {
    return false;
  }
}

/** The signature of a JWS (RFC 7518 §3.3 and §3.4: of ECDSA, both numbers one after the other). */
export function signText(
  text: string,
  { algorithm, privateKey }: { algorithm: SigningAlgorithm; privateKey: KeyObject },
): Buffer {
  return sign(SIGNATURE_HASHES[algorithm], Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
}

/** RFC 7638 §3: the required members in alphabetical order. */
function thumbprint({ crv, e, kty, n, x, y }: JsonWebKey): string {
  return createHash("sha256").update(JSON.stringify({ crv, e, kty, n, x, y })).digest("base64url");
}
