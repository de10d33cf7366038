import { base64url, randomText, sha256 } from "./encoding.ts";

/**
 * DPoP (RFC 9449): refresh tokens are bound to a key that no script can read, not even ours. A refresh token that is stolen
 * from this browser is useless without it.
 */
export interface DpopKey {
  privateKey: CryptoKey;
  jwk: { kty: string; crv: string; x: string; y: string };
  /** RFC 7638. */
  thumbprint: string;
}

const databaseName = "auth-provider";
const storeName = "dpop-keys";
const algorithm = { name: "ECDSA", namedCurve: "P-256" };

/** Some browsers that do not let a page store anything never answer. */
const databaseTimeoutMs = 2_000;

const keys = new Map<string, Promise<DpopKey>>();

/** The key of this browser for one auth provider. Each provider gets another key. */
export function dpopKey(provider: string): Promise<DpopKey> {
  const known = keys.get(provider);
  if (known !== undefined) return known;
  const created = findOrCreateKey(provider);
  keys.set(provider, created);
  return created;
}

/**
 * A proof for one POST request (RFC 9449 §4.2).
 *
 * @param nonce from the auth provider, which accepts it in place of the time if this computer's clock is wrong (§8)
 */
export async function dpopProof({ privateKey, jwk }: DpopKey, endpoint: string, nonce?: string): Promise<string> {
  const header = { typ: "dpop+jwt", alg: "ES256", jwk };
  // JSON leaves out an undefined nonce.
  const claims = { jti: randomText(), htm: "POST", htu: endpoint, iat: Math.floor(Date.now() / 1_000), nonce };
  const input = [header, claims].map((part) => base64url(new TextEncoder().encode(JSON.stringify(part)))).join(".");
  const signing = { name: "ECDSA", hash: "SHA-256" };
  const signature = await crypto.subtle.sign(signing, privateKey, new TextEncoder().encode(input));
  return `${input}.${base64url(signature)}`;
}

async function findOrCreateKey(provider: string): Promise<DpopKey> {
  const fresh = await crypto.subtle.generateKey(algorithm, false, ["sign", "verify"]);
  // Without a database, the key and the refresh tokens bound to it last as long as the page.
  const pair = await keepInDatabase(provider, fresh).catch(() => fresh);
  const { kty, crv, x, y } = (await crypto.subtle.exportKey("jwk", pair.publicKey)) as DpopKey["jwk"];
  // RFC 7638 §3.2: these members, in this order.
  const thumbprint = await sha256(JSON.stringify({ crv, kty, x, y }));
  return { privateKey: pair.privateKey, jwk: { kty, crv, x, y }, thumbprint };
}

/** One transaction, so that two tabs which start at the same moment end up with the same key. */
async function keepInDatabase(name: string, fresh: CryptoKeyPair): Promise<CryptoKeyPair> {
  const { promise, resolve, reject } = withResolvers<CryptoKeyPair>();
  // If this throws, nobody waits for the promise.
  const opening = indexedDB.open(databaseName, 1);
  setTimeout(() => reject(new Error("The database does not answer.")), databaseTimeoutMs);
  opening.onupgradeneeded = () => opening.result.createObjectStore(storeName);
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const transaction = opening.result.transaction(storeName, "readwrite");
    const store = transaction.objectStore(storeName);
    const finding = store.get(name);
    finding.onsuccess = () => {
      const found = finding.result as CryptoKeyPair | undefined;
      if (found === undefined) store.put(fresh, name);
      transaction.oncomplete = () => resolve(found ?? fresh);
    };
    transaction.onabort = () => reject(transaction.error);
  };
  return await promise;
}

/** `Promise.withResolvers`, for browsers from before 2024. */
function withResolvers<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<Value>((onResolve, onReject) => ([resolve, reject] = [onResolve, onReject]));
  return { promise, resolve, reject };
}
