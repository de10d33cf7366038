import type { JsonWebKey, KeyObject } from "node:crypto";
import { generateKeyPairSync } from "node:crypto";
import type { SigningAlgorithm, SigningKey } from "../../server/provider/signing-key.ts";
import { parseSigningKeys } from "../../server/provider/signing-key.ts";
import type { JsonValue } from "../json/edit-json.ts";
import { CommandError } from "../terminal/command-error.ts";
import type { Change } from "./command-line.ts";

/**
 * The keys that are to be published, in their order: the first one signs. An old key stays with its public half only, which
 * is enough to check what it has signed, and which nobody can steal.
 */

/** Every verifier takes RS256 with 2,048 bits, and with more bits each login takes longer. */
const RSA_BITS = 2_048;

export function makeKey(algorithm: SigningAlgorithm): SigningKey {
  const { keys } = parseSigningKeys(JSON.stringify(jwkOf(generate(algorithm), algorithm)));
  return keys[0]!;
}

function generate(algorithm: SigningAlgorithm): KeyObject {
  if (algorithm === "RS256") return generateKeyPairSync("rsa", { modulusLength: RSA_BITS }).privateKey;
  if (algorithm === "ES256") return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
  return generateKeyPairSync("ed25519").privateKey;
}

/** @throws {CommandError} if the keys that are there do not allow the change */
export function changeKeys(change: Change, current: SigningKey[], made: () => SigningKey): SigningKey[] {
  const [signing, ...others] = current;
  if (change === "replace") return [made()];
  if (change === "add") return [made(), ...(signing ? [publicHalf(signing)] : [])];
  if (signing === undefined)
    throw new CommandError(`There is no key yet. Next: run npm run add-key without --${change}.`);
  // The published list, for example, has only public halves.
  if (signing.privateKey === undefined)
    throw new CommandError(`--${change} needs the current private key, in SIGNING_KEY.`);
  if (change === "remove-old") return [signing];
  if (change === "standby") return [signing, ...others.map(publicHalf), made()];
  const standby = others.findLast(({ privateKey }) => privateKey !== undefined);
  if (standby === undefined) throw new CommandError("There is no key that waits. Next: npm run add-key -- --standby");
  return [standby, publicHalf(signing)];
}

function publicHalf({ privateKey: _, ...key }: SigningKey): SigningKey {
  return key;
}

/** OpenID Connect Discovery §3 demands RS256, and Core §3.1.3.7 makes it what clients expect. */
export function isUsual(algorithm: SigningAlgorithm): boolean {
  return algorithm === "RS256";
}

/** Why another algorithm may be no good, for messages. */
export const OTHER_ALGORITHM =
  "OpenID Connect demands RS256, which is the only algorithm that many clients and verifiers take by default. They refuse these ID tokens.";

/** The metadata names only the algorithm that signs (go-oidc, for example, reads it once). */
export const CHANGE_OF_ALGORITHM =
  "The algorithm changes. Verifiers that read the provider's metadata only when they start need a restart after that deploy.";

/** The value of `SIGNING_KEY`: one JWK, or a list of them. */
export function keysAsJson(keys: SigningKey[]): JsonValue {
  const jwks = keys.map(({ privateKey, jwk, algorithm }) =>
    privateKey ? jwkOf(privateKey, algorithm) : ({ ...jwk } as JsonWebKey),
  ) as JsonValue[];
  return jwks.length === 1 ? jwks[0]! : jwks;
}

function jwkOf(privateKey: KeyObject, algorithm: SigningAlgorithm): JsonWebKey {
  return { ...privateKey.export({ format: "jwk" }), alg: algorithm, use: "sig" };
}

/** A key by the first characters of its name, which are enough to tell two apart. */
export function shortNameOf({ kid, algorithm }: Pick<SigningKey, "kid" | "algorithm">): string {
  return `${kid.slice(0, 8)}… (${algorithm})`;
}
