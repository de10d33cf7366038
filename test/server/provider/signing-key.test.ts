import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { calculateJwkThumbprint, compactVerify, importJWK } from "jose";
import { describe, expect, test } from "vitest";
import { parseSigningKeys, signText } from "../../../server/provider/signing-key.ts";
import type { KeyName } from "../../attacks/identity-tools.ts";
import { privateJwk, privatePem, publicJwk, publicPem } from "../../attacks/identity-tools.ts";

const KINDS: KeyName[] = ["RS256", "ES256", "EdDSA"];

function pemOf(...[type, options]: [type: "rsa" | "ec" | "rsa-pss" | "ed448" | "x25519", options?: object]): string {
  // Their options differ by type, and each pair here fits.
  const { privateKey } = generateKeyPairSync(type as "rsa", options as { modulusLength: number });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

describe("a signing key", () => {
  test.each(KINDS)("%s is read from PKCS#8 in PEM and from a JWK, as the same key", async (kind) => {
    const fromPem = parseSigningKeys(privatePem(kind));
    const fromJwk = parseSigningKeys(JSON.stringify(privateJwk(kind)));
    expect(fromPem.issues).toEqual([]);
    expect(fromPem.keys.map(({ algorithm, kid, jwk }) => ({ algorithm, kid, jwk }))).toEqual([
      {
        algorithm: kind,
        kid: await calculateJwkThumbprint(publicJwk(kind)),
        jwk: { ...publicJwk(kind), kid: fromPem.keys[0]!.kid, alg: kind, use: "sig" },
      },
    ]);
    expect(fromJwk.keys.map(({ jwk }) => jwk)).toEqual(fromPem.keys.map(({ jwk }) => jwk));
  });

  test.each(KINDS)("%s makes signatures that another library verifies", async (kind) => {
    const { algorithm, jwk, privateKey } = parseSigningKeys(privatePem(kind)).keys[0]!;
    const input = [{ alg: algorithm }, { a: 1 }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    const text = input.join(".");
    const jws = `${text}.${signText(text, { algorithm, privateKey: privateKey! }).toString("base64url")}`;
    expect((await compactVerify(jws, await importJWK({ ...jwk }, algorithm))).payload.toString()).toBeDefined();
  });

  test.each<[string, string]>([
    ["spaces and line ends around it", `  \n${privatePem()}\n\n`],
    ["quotes around it", `"${privatePem()}"`],
    ["line ends written as two characters, as files of variables have them", privatePem().replaceAll("\n", "\\n")],
    ["line ends of Windows", privatePem().replaceAll("\n", "\r\n")],
    ["line ends of Windows, written as four characters", privatePem().replaceAll("\n", "\\r\\n")],
    ["spaces for line ends, as some fields of variables make them", privatePem().replaceAll("\n", " ")],
    ["no line ends at all", privatePem().replaceAll("\n", "")],
    ["a byte order mark before it", `\uFEFF${privatePem()}`],
    ["a set around it (RFC 7517 §5)", JSON.stringify({ keys: [privateJwk()] })],
    ["a set around it, in several lines", JSON.stringify({ keys: [privateJwk()] }, null, 2)],
    [
      "a JWK with an own kid, and the purpose that it has here",
      JSON.stringify({ ...privateJwk(), kid: "x", alg: "RS256", use: "sig", key_ops: ["sign"] }),
    ],
  ])("may have %s", (_, value) => {
    const { keys, issues } = parseSigningKeys(value);
    expect(issues).toEqual([]);
    expect(keys.map(({ kid }) => kid)).toEqual(parseSigningKeys(privatePem()).keys.map(({ kid }) => kid));
  });

  test("of which there are several, in any form and order: the first signs, and the others may be public", () => {
    const names = ({ keys, issues }: ReturnType<typeof parseSigningKeys>) => [keys.map(({ kid }) => kid), issues];
    const [rsa, ec, ed] = KINDS.map((kind) => parseSigningKeys(privatePem(kind)).keys[0]!.kid);
    expect(names(parseSigningKeys(`${privatePem("RS256")}\n${JSON.stringify(publicJwk("ES256"))}`))).toEqual([
      [rsa, ec],
      [],
    ]);
    expect(names(parseSigningKeys(`${JSON.stringify(privateJwk("EdDSA"))},${publicPem("RS256")}`))).toEqual([
      [ed, rsa],
      [],
    ]);
    const list = JSON.stringify([privateJwk("ES256"), privateJwk("EdDSA")]);
    expect(names(parseSigningKeys(list))).toEqual([[ec, ed], []]);
    expect(names(parseSigningKeys(`{"keys":${list}}`))).toEqual([[ec, ed], []]);
    expect(parseSigningKeys(`${privatePem("RS256")}${publicPem("next")}`).keys[1]).not.toHaveProperty("privateKey");
  });

  test("is not there if nothing is set", () => {
    expect(parseSigningKeys("")).toEqual({ keys: [], issues: [] });
  });
});

const OTHER = createPrivateKey(pemOf("ec", { namedCurve: "P-256" })).export({ format: "jwk" });
const ENCRYPTED = generateKeyPairSync("ed25519").privateKey.export({
  type: "pkcs8",
  format: "pem",
  cipher: "aes-256-cbc",
  passphrase: "canary-passphrase",
});
const ENCRYPTED_PKCS1 = createPrivateKey(privatePem())
  .export({ type: "pkcs1", format: "pem", cipher: "aes-256-cbc", passphrase: "canary-passphrase" })
  .toString();
const PKCS1 = createPrivateKey(privatePem()).export({ type: "pkcs1", format: "pem" }).toString();

describe("[A72] an unusable signing key", () => {
  test.each<[what: string, value: string, issue: RegExp]>([
    ["only spaces", "   ", /contains no key/],
    ["a placeholder", "YOUR_SIGNING_KEY", /contains no key/],
    ["a random text, as for sealing", "5f".repeat(32), /contains no key/],
    ["a path", "/run/secrets/key.pem", /contains no key/],
    ["half a key", privatePem().slice(0, 400), /contains no key/],
    ["a key with words after it", `${privatePem()} and more`, /something that is not a key/],
    ["a key and half a key", `${privatePem()}${privatePem("ES256").slice(0, 60)}`, /something that is not a key/],
    ["a public key", publicPem(), /key 1: .*must be private/],
    ["a public JWK", JSON.stringify(publicJwk()), /key 1: .*must be private/],
    [
      "a secret (HS256)",
      JSON.stringify({ kty: "oct", k: "AAAA", alg: "HS256" }),
      /key 1: has no kty, or one that cannot sign/,
    ],
    ["a JWK without kty", JSON.stringify({ ...privateJwk("ES256"), kty: undefined }), /key 1: has no kty/],
    [
      "a JWK with half its members",
      JSON.stringify({ kty: "RSA", n: privateJwk().n, d: privateJwk().d }),
      /key 1: cannot be read/,
    ],
    ["JSON that is none", "{kty: RSA}", /key 1: is not valid JSON/],
    ["RSA with 1024 bits", pemOf("rsa", { modulusLength: 1_024 }), /key 1: has 1024 bits, and RSA needs 2048/],
    [
      "RSA with a small exponent",
      pemOf("rsa", { modulusLength: 2_048, publicExponent: 3 }),
      /key 1: has an exponent below/,
    ],
    ["RSA only for PSS", pemOf("rsa-pss", { modulusLength: 2_048 }), /key 1: is of a kind that cannot be used/],
    ["P-384", pemOf("ec", { namedCurve: "P-384" }), /key 1: is of a kind that cannot be used/],
    ["secp256k1", pemOf("ec", { namedCurve: "secp256k1" }), /key 1: is of a kind that cannot be used/],
    ["Ed448", pemOf("ed448"), /key 1: is of a kind that cannot be used/],
    ["X25519, which cannot sign", pemOf("x25519"), /key 1: is of a kind that cannot be used/],
    ["a key with a password", ENCRYPTED.toString(), /key 1: needs a password/],
    ["RSA in PKCS#1 with a password", ENCRYPTED_PKCS1, /key 1: is not in PKCS#8: convert it/],
    ["a key in PEM with other characters in it", privatePem().replace("\n", "\n!"), /key 1: cannot be read/],
    ["a key in PEM that is cut", privatePem().replace(/(\n.*){3}(?=\n-----END)/, ""), /key 1: cannot be read/],
    [
      "a certificate's name on a private key",
      privatePem().replaceAll("PRIVATE KEY", "PUBLIC KEY"),
      /key 1: cannot be read/,
    ],
    ["a public set", JSON.stringify({ keys: [publicJwk()] }), /key 1: .*must be private/],
    ["an empty set", JSON.stringify({ keys: [] }), /contains no key/],
    [
      "a set with something else in it",
      JSON.stringify({ keys: [privateJwk()], x: "y" }),
      /something that is not a key/,
    ],
    ["RSA in PKCS#1", PKCS1, /key 1: is not in PKCS#8: convert it with "openssl pkcs8/],
    [
      "a certificate",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
      /key 1: is neither a private nor a public key/,
    ],
    ["a JWK for encryption", JSON.stringify({ ...privateJwk(), use: "enc" }), /key 1: is not for signatures/],
    [
      "a JWK for other operations",
      JSON.stringify({ ...privateJwk(), key_ops: ["decrypt"] }),
      /key 1: is not for signatures/,
    ],
    [
      "a JWK for another algorithm",
      JSON.stringify({ ...privateJwk(), alg: "PS256" }),
      /key 1: is for another algorithm than RS256/,
    ],
    ["a JWK for none", JSON.stringify({ ...privateJwk(), alg: "none" }), /key 1: is for another algorithm/],
    [
      "two halves of different EC keys",
      JSON.stringify({ ...privateJwk("ES256"), x: OTHER.x, y: OTHER.y }),
      /key 1: (has a public half|cannot be read)/,
    ],
    [
      "two halves of different RSA keys",
      JSON.stringify({ ...privateJwk("RS256"), n: privateJwk("next").n }),
      /key 1: (has a public half|cannot be read)/,
    ],
    [
      "two halves of different Ed25519 keys",
      JSON.stringify({ ...privateJwk("EdDSA"), x: OTHER.x }),
      /key 1: (has a public half|cannot be read)/,
    ],
    ["the same key twice, in two forms", `${privatePem()}${JSON.stringify(publicJwk())}`, /key 2: is there twice/],
    ["a bad second key", `${privatePem()}${pemOf("rsa", { modulusLength: 1_024 })}`, /key 2: has 1024 bits/],
  ])("is refused with a reason that repeats nothing of it: %s", (_, value, issue) => {
    const { issues } = parseSigningKeys(value);
    expect(issues.join("\n")).toMatch(issue);
    const parts = value.match(/[\w+/=-]{20,}/g) ?? [];
    for (const part of parts) expect(issues.join("\n")).not.toContain(part);
    expect(issues.join("\n")).not.toContain("canary-passphrase");
  });

  test("[A73] has no private half in what is published, whatever form it came in", () => {
    for (const kind of KINDS) {
      const { keys } = parseSigningKeys(`${JSON.stringify({ ...privateJwk(kind), canary: "x" })}`);
      expect(Object.keys(keys[0]!.jwk).sort()).toEqual([...Object.keys(publicJwk(kind)), "alg", "kid", "use"].sort());
    }
  });
});
