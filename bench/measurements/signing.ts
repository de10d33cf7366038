import { generateKeyPairSync } from "node:crypto";
import { signIdToken } from "../../server/identity/id-token.ts";
import { parseSigningKeys } from "../../server/provider/signing-key.ts";

/** What the keys of ID tokens cost, each in CPU time of this process. */

export interface SigningFigures {
  /** Reads and checks the key, once in a process. */
  readMs: number[];
  signMs: number[];
}

/** By the kind of key. */
export type SigningResult = Record<string, SigningFigures>;

const KEYS = {
  RS256: generateKeyPairSync("rsa", { modulusLength: 2_048 }),
  "RS256, 4,096 bits": generateKeyPairSync("rsa", { modulusLength: 4_096 }),
  ES256: generateKeyPairSync("ec", { namedCurve: "P-256" }),
  EdDSA: generateKeyPairSync("ed25519"),
};

const STATEMENT = {
  iss: "https://auth.example/bench",
  sub: "1",
  aud: "https://app.example/",
  nonce: "n-0S6_WzA2Mj",
  further: { name: "Bench", preferred_username: "bench", picture: "https://bench.example/1.png" },
};

/** Uses every key once per round, so that other load on the machine affects all of them equally. */
export function measureSigning(runs: number): SigningResult {
  const values = Object.entries(KEYS).map(
    ([name, { privateKey }]) => [name, privateKey.export({ type: "pkcs8", format: "pem" }).toString()] as const,
  );
  const result: SigningResult = Object.fromEntries(values.map(([name]) => [name, { readMs: [], signMs: [] }]));
  // The first round does not count: it compiles.
  for (let round = 0; round <= runs; round += 1) {
    for (const [name, value] of values) {
      const { read, sign } = useOnce(value);
      if (round === 0) continue;
      result[name]!.readMs.push(read);
      result[name]!.signMs.push(sign);
    }
  }
  return result;
}

function useOnce(value: string): { read: number; sign: number } {
  const startedMs = cpuMs();
  const { keys } = parseSigningKeys(value);
  const readAtMs = cpuMs();
  signIdToken(STATEMENT, "access-token-of-the-bench-0123456789", keys[0]!);
  return { read: readAtMs - startedMs, sign: cpuMs() - readAtMs };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
