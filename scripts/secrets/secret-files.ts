import { lstat, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Environment } from "../../server/provider/environment.ts";
import { isKeyMaterial } from "../../server/provider/placeholder.ts";
import { encodingsOf, knownSecrets } from "./secret-scan.ts";

/**
 * Finds files that look like secrets, by their names or their contents. Commits that the commands make leave such files out.
 * An owner who wants one in the repository can add it by hand.
 */

export interface SecretFile {
  path: string;
  /** What it seems to contain, as in "a private key". */
  what: string;
}

/** Patterns of file names in lower case. */
const NAMES: [pattern: RegExp, what: string][] = [
  [/^\.+secrets?\b/, "client secrets"],
  [/^client_secret.*\.json$/, "client secrets"],
  [/^(\.env|\.envrc|\.dev\.vars)(\..*)?$|\.env$/, "environment variables"],
  [/\.(pem|key|p8|p12|pfx|pkcs12|ppk|jks|jceks|keystore|kdbx|tfstate|tfvars)$/, "keys"],
  [/^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/, "a private key"],
  [
    /^([._]netrc|\.pgpass|\.htpasswd|\.git-credentials|\.pypirc|\.dockercfg|credentials|service-?account.*\.json)$/,
    "passwords",
  ],
];

/** Names that end like this are examples without secrets. */
const EXAMPLE = /[._-](example|sample|template|dist|defaults?)$/;

const FOLDERS = /(^|\/)\.(netlify|aws|ssh|gnupg|docker)\//;

/** Larger files are not configuration files. */
const MAX_BYTES = 1_000_000;

const PRIVATE_KEY = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----\s+[A-Za-z0-9+/=:]{16}/;
/** In some records of the catalogue, the value is another parameter name. Those are too short for a secret. */
const CLIENT_SECRET = /"client_secret"\s*:\s*"((?:[^"\\]|\\.)*)"/g;
/** A token of a package registry. `${NPM_TOKEN}` is only a reference to one. */
const REGISTRY_TOKEN = /(?:_authToken|_auth|_password|npmAuthToken|npmAuthIdent)\s*[=:]\s*["']?(?!\$)[^\s"']/i;

/** @param paths relative to the folder */
export async function findSecretFiles(directory: string, env: Environment, paths: string[]): Promise<SecretFile[]> {
  const encodings = (await knownSecrets(directory, env)).flatMap(encodingsOf);
  const found = await Promise.all(
    paths.map(async (path) => ({ path, what: whatByName(path) ?? (await whatInside(directory, path, encodings)) })),
  );
  return found.filter((file): file is SecretFile => file.what !== undefined);
}

function whatByName(path: string): string | undefined {
  const name = basename(path).toLowerCase();
  if (EXAMPLE.test(name)) return undefined;
  if (FOLDERS.test(path)) return "settings of this computer";
  return NAMES.find(([pattern]) => pattern.test(name))?.[1];
}

async function whatInside(directory: string, path: string, encodings: string[]): Promise<string | undefined> {
  const file = join(directory, path);
  const stats = await lstat(file).catch(() => undefined);
  // git stores only the target path of a symbolic link.
  if (!stats?.isFile() || stats.size > MAX_BYTES) return undefined;
  const text = await readFile(file, "latin1");
  if (encodings.some((encoding) => text.includes(encoding))) return "a secret that you use here";
  if (PRIVATE_KEY.test(text)) return "a private key";
  if (/rc(\.yml)?$/.test(path) && REGISTRY_TOKEN.test(text)) return "a token of a package registry";
  const isFilled = [...text.matchAll(CLIENT_SECRET)].some(([, secret]) => isKeyMaterial(secret));
  return path.endsWith(".json") && isFilled ? "client secrets" : undefined;
}
