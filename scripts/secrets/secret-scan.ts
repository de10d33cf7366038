import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Environment } from "../../server/provider/environment.ts";
import { isPlaceholder, MIN_SECRET_CHARACTERS, trimPasted } from "../../server/provider/placeholder.ts";
import { parseSigningKeys } from "../../server/provider/signing-key.ts";
import { secretsFile } from "../configuration/files/file-names.ts";
import { signingKeyMember, signingKeyText } from "../configuration/files/signing-key-member.ts";

/**
 * All secrets in the file and the environment, whether or not the build uses them: a leaked secret is also one in previews,
 * and while the configuration has issues.
 */
export async function knownSecrets(directory: string, env: Environment): Promise<string[]> {
  const text = await readFile(join(directory, secretsFile), "utf8").catch(() => "");
  const fromFile = [...text.matchAll(/"client_secret"\s*:\s*("(?:[^"\\]|\\.)*")/g)].map(([, value]) => parsed(value!));
  const signingKeys = secretsOfSigningKeys(signingKeyText(parsedObject(text)));
  return [...new Set([...fromFile.filter(isLongEnough), ...signingKeys, ...secretsOfEnvironment(env)])];
}

export function secretsOfEnvironment(env: Environment): string[] {
  return Object.entries(env)
    .filter(([name]) => isSecretVariable(name) && name !== signingKeyMember)
    .flatMap(([, value]) => trimPasted(value ?? "").split(/[\s,]+/))
    .filter(isLongEnough)
    .concat(secretsOfSigningKeys(env[signingKeyMember] ?? ""));
}

/**
 * What is secret in keys, and in no public key: the private number as a JWK spells it, and the lines of the PEM block that
 * come after the public numbers.
 */
export function secretsOfSigningKeys(value: string): string[] {
  const privateKeys = parseSigningKeys(value).keys.flatMap(({ privateKey }) => privateKey ?? []);
  return privateKeys.flatMap((key) => {
    const { d = "" } = key.export({ format: "jwk" });
    const lines = String(key.export({ format: "pem", type: "pkcs8" }))
      .trim()
      .split("\n")
      .slice(1, -1);
    return [d, ...lines.slice(Math.floor(lines.length / 2))].filter(isLongEnough);
  });
}

export function isSecretVariable(name: string): boolean {
  return /_CLIENT_SECRET(_PREVIOUS)?$|^(SEALING|SIGNING)_KEY$/.test(name);
}

function parsedObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function isLongEnough(secret: string): boolean {
  return secret.length >= MIN_SECRET_CHARACTERS && !isPlaceholder(secret);
}

function parsed(value: string): string {
  try {
    return String(JSON.parse(value));
  } catch {
    return "";
  }
}

/**
 * Looks for secrets in a folder, in every encoding that a build step could have used.
 *
 * @returns the files that contain one, relative to the folder
 */
export async function findSecrets(folder: string, secrets: string[]): Promise<string[]> {
  const encodings = secrets.flatMap(encodingsOf);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    const text = await readFile(path, "latin1");
    if (encodings.some((encoding) => text.includes(encoding))) found.push(path.slice(folder.length + 1));
  }
  return found;
}

/** Every encoding that a build step, or a person, could have used for a secret. */
export function encodingsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    bytes.toString("base64").replace(/=+$/, ""),
    bytes.toString("base64url"),
    bytes.toString("hex"),
    bytes.toString("hex").toUpperCase(),
    // UTF-16, which PowerShell writes, as findSecrets reads it.
    Buffer.from(secret, "utf16le").toString("latin1"),
  ];
}
