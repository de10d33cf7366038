import { createHash, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { PROJECT } from "../files/project.ts";

/**
 * Signatures of the modules for apps (https://wicg.github.io/signature-based-sri). An app that names the publisher's public
 * key (`integrity="ed25519-…"`) then runs only modules that the template's publisher has released, whoever serves them.
 */

/** Written at a release (`scripts/release/sign-modules.ts`). Copies keep it as it is. */
export const SIGNATURES_FILE = "client/modules/signatures.json";

const signaturesSchema = z.record(z.string(), z.record(z.string(), z.string()));

/** For each public key in base64: the signatures in base64, by the path of the module. */
export type ModuleSignatures = z.infer<typeof signaturesSchema>;

/** The template has no such file while its publisher has no key. */
export async function readModuleSignatures(): Promise<ModuleSignatures> {
  const text = await readFile(join(PROJECT, SIGNATURES_FILE), "utf8").catch(() => "{}");
  return signaturesSchema.parse(JSON.parse(text));
}

/**
 * The headers with the signatures of one module.
 *
 * A signature that does not fit the bytes is left out. With it, browsers would block the module in every app, and not only in
 * those that name a key: a copy that has changed the module would have no logins any more.
 */
export function signatureHeaders(path: string, code: Uint8Array, signatures: ModuleSignatures): Record<string, string> {
  const digest = digestOf(code);
  const valid = Object.entries(signatures)
    .map(([key, byPath]) => ({ key, signature: byPath[path] ?? "" }))
    .filter(({ key, signature }) => isValid(signatureBase(path, digest, key), key, signature));
  if (valid.length === 0) return {};
  return {
    "Unencoded-Digest": digest,
    "Signature-Input": valid.map(({ key }, index) => `key${index}=${parametersOf(key)}`).join(", "),
    Signature: valid.map(({ signature }, index) => `key${index}=:${signature}:`).join(", "),
  };
}

export function signModule(path: string, code: Uint8Array, privateKey: KeyObject): string {
  const base = signatureBase(path, digestOf(code), publicKeyOf(privateKey));
  return sign(null, Buffer.from(base), privateKey).toString("base64");
}

/** The 32 bytes of the public key in base64, as `integrity` names it. */
export function publicKeyOf(key: KeyObject): string {
  const { x = "" } = createPublicKey(key).export({ format: "jwk" });
  return Buffer.from(x, "base64url").toString("base64");
}

/** draft-ietf-httpbis-unencoded-digest: of the bytes after decompression, because hosts compress as they like. */
function digestOf(code: Uint8Array): string {
  return `sha-256=:${createHash("sha256").update(code).digest("base64")}:`;
}

/** RFC 9421 §2.5. With the path, nobody can serve one signed module in place of another. */
function signatureBase(path: string, digest: string, key: string): string {
  return `"unencoded-digest";sf: ${digest}\n"@path";req: ${path}\n"@signature-params": ${parametersOf(key)}`;
}

/** RFC 9421 §2.3. `alg` must be absent, and the signature does not expire, because copies are deployed for years. */
function parametersOf(key: string): string {
  return `("unencoded-digest";sf "@path";req);keyid="${key}";tag="ed25519-integrity"`;
}

function isValid(base: string, key: string, signature: string): boolean {
  const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(key, "base64").toString("base64url") };
  const publicKey = createPublicKey({ key: jwk, format: "jwk" });
  return verify(null, Buffer.from(base), publicKey, Buffer.from(signature, "base64"));
}
