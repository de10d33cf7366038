import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";

/** AES-256-GCM with a derived key: the minimum cost of sealing. */

const IV_BYTES = 12;
const TAG_BYTES = 16;

let derived: Buffer | undefined;

function key(): Buffer {
  derived ??= Buffer.from(hkdfSync("sha256", process.env.BENCH_CLIENT_SECRET ?? "", "", "floor", 32));
  return derived;
}

export function seal(content: Record<string, string>): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key(), iv);
  const sealed = [iv, cipher.update(JSON.stringify(content), "utf8"), cipher.final()];
  return Buffer.concat([...sealed, cipher.getAuthTag()]).toString("base64url");
}

export function unseal(value: string): Record<string, string> {
  const bytes = Buffer.from(value, "base64url");
  const decipher = createDecipheriv("aes-256-gcm", key(), bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  const content = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  return JSON.parse(content.toString("utf8")) as Record<string, string>;
}

export function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
