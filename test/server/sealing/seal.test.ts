import { createHash } from "node:crypto";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { CompactEncrypt } from "jose/jwe/compact/encrypt";
import { jwtDecrypt } from "jose/jwt/decrypt";
import { EncryptJWT } from "jose/jwt/encrypt";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Provider } from "../../../server/provider/provider.ts";
import { callbackUri } from "../../../server/provider/provider.ts";
import { seal, unseal } from "../../../server/sealing/seal.ts";
import type { SealedKind } from "../../../server/sealing/transaction.ts";
import {
  boundJar,
  deriveSealingKey,
  forgeJwe,
  leastCpuMs,
  oauthTransaction,
  RUNS,
  sealOne,
  serviceOf,
} from "../../attacks/tools.ts";
import { CANARY, PROVIDER, testProvider } from "../../tools/harness.ts";

const KINDS: [kind: SealedKind, lifetimeSeconds: number][] = [
  ["request", 600],
  ["state", 900],
  ["ticket", 600],
  ["code", 60],
  ["refresh", 7_776_000],
  ["nonce", 60],
];
const TOLERANCE_SECONDS = 30;

const provider = testProvider();
const context = { provider, service: serviceOf(provider) };
const { browser } = boundJar();

describe("what is sealed", () => {
  test("[A26] comes out as it went in, of whatever letters", () => {
    const text = fc.string({ unit: "binary", maxLength: 300 });
    fc.assert(
      fc.property(text, text, fc.array(text, { maxLength: 5 }), (state, code, scopes) => {
        const transaction = oauthTransaction({ state, scopes });
        const content = { transaction, serviceCode: { code, redirectUri: callbackUri(context) } };
        const value = seal("code", content, context);
        expect(value).toMatch(/^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/);
        expect(unseal("code", value, context)).toEqual({ content, expired: false });
      }),
      RUNS,
    );
  });

  test("[A25] says nothing to anybody else: all that can be read is the algorithm and the kind", () => {
    const value = sealOne("state", provider, { browser });
    const [header, ...rest] = value.split(".").map((part) => Buffer.from(part, "base64url").toString("latin1"));
    expect(JSON.parse(header!)).toEqual({
      alg: "dir",
      enc: "A256GCM",
      typ: "auth-provider-state",
    });
    for (const word of ["v".repeat(43), "good.example", "read:user", browser, "content"])
      expect(rest.join("")).not.toContain(word);
  });

  test("[A27] the same content is never sealed to the same value", () => {
    const values = Array.from({ length: 200 }, () => sealOne("code", provider, { browser, challenge: "c".repeat(43) }));
    expect(new Set(values.map((value) => value.split(".")[2])).size).toBe(200);
  });
});

describe("the format is the standard's, not one of ours (RFC 7516, RFC 7519)", () => {
  test.each(KINDS)("a library opens a %s that we sealed", async (kind) => {
    const key = deriveSealingKey(CANARY.clientSecret, kind, "github", PROVIDER);
    const value = sealOne(kind, provider, { browser });
    const { payload, protectedHeader } = await jwtDecrypt(value, key, {
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: ["A256GCM"],
      issuer: PROVIDER,
      audience: "github",
      requiredClaims: ["iat", "exp", "content"],
      ...(kind !== "refresh" && { maxTokenAge: 900 }),
    });
    expect(protectedHeader).toEqual({ alg: "dir", enc: "A256GCM", typ: `auth-provider-${kind}` });
    expect(unseal(kind, value, context)?.content).toEqual(payload.content);
  });

  test.each(KINDS)("we open a %s that a library sealed with our header and key", async (kind) => {
    const key = deriveSealingKey(CANARY.clientSecret, kind, "github", PROVIDER);
    const content = { transaction: oauthTransaction(), browser };
    const value = await new EncryptJWT({ content })
      .setProtectedHeader({ alg: "dir", enc: "A256GCM", typ: `auth-provider-${kind}` })
      .setIssuer(PROVIDER)
      .setAudience("github")
      .setIssuedAt()
      .setExpirationTime("30 seconds")
      .encrypt(key);
    expect(unseal(kind, value, context)).toEqual({ content, expired: false });
  });
});

describe("[A27] what was changed does not open", () => {
  test.each(KINDS)("%s: any bit of any letter, not even to another spelling of the same bytes", (kind) => {
    const value = sealOne(kind, provider, { browser });
    for (let index = 0; index < value.length; index += 1) {
      for (const bit of [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40]) {
        const changed =
          value.slice(0, index) + String.fromCharCode(value.charCodeAt(index) ^ bit) + value.slice(index + 1);
        expect(unseal(kind, changed, context), `letter ${index}, bit ${bit}`).toBeUndefined();
      }
    }
  });

  test.each<[string, (value: string) => string]>([
    ["padding", (value) => `${value}==`],
    ["padding inside", (value) => value.replace(/\.[^.]+$/, (tag) => `=${tag}`)],
    [
      "the other alphabet",
      (value) =>
        value
          .replaceAll("-", "+")
          .replaceAll("_", "/")
          .replace(/\w$/, (last) => `${last}=`),
    ],
    ["a line break at the end", (value) => `${value}\n`],
    ["a space before", (value) => ` ${value}`],
    ["a sixth part", (value) => `${value}.AA`],
    ["an encrypted key", (value) => value.replace("..", ".AA.")],
    ["a shorter tag", (value) => value.slice(0, -6)],
    ["a longer initialisation vector", (value) => value.replace("..", "..AAAA")],
    ["a letter outside the alphabet in the ciphertext", (value) => value.replace(/\.([^.]+)\.([^.]+)$/, ".$1é.$2")],
  ])("spelled with %s", (_, respell) => {
    const value = sealOne("state", provider, { browser });
    expect(unseal("state", respell(value), context)).toBeUndefined();
  });

  test.each(KINDS)("%s: any truncation, from either end", (kind) => {
    const value = sealOne(kind, provider, { browser });
    for (let length = 0; length < value.length; length += 1) {
      expect(unseal(kind, value.slice(0, length), context), `first ${length}`).toBeUndefined();
      expect(unseal(kind, value.slice(length + 1), context), `without the first ${length + 1}`).toBeUndefined();
    }
  });

  test("parts of two values, in any combination", () => {
    const [left, right] = [sealOne("code", provider, { browser }), sealOne("code", provider, { browser })];
    const [a, b] = [left!.split("."), right!.split(".")];
    for (let mask = 0; mask < 32; mask += 1) {
      const mixed = a.map((part, index) => (mask & (1 << index) ? b[index]! : part)).join(".");
      if (mixed === left || mixed === right) continue;
      expect(unseal("code", mixed, context)).toBeUndefined();
    }
  });

  test("any other text at all", () => {
    const real = sealOne("state", provider, { browser });
    const parts = real.split(".");
    const part = fc.oneof(
      fc.constantFrom(...parts, "e30", "bnVsbA", "eyJhbGciOiJkaXIifQ"),
      fc.base64String().map((text) => text.replaceAll(/[+/=]/g, "_")),
    );
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.array(part, { maxLength: 7 }).map((all) => all.join(".")),
    );
    fc.assert(
      fc.property(text, (value) => {
        fc.pre(value !== real);
        expect(unseal("state", value, context)).toBeUndefined();
      }),
      RUNS,
    );
  });
});

describe("[A27] a header that somebody else wrote", () => {
  const key = deriveSealingKey(CANARY.clientSecret, "state", "github", PROVIDER);
  const good = { alg: "dir", enc: "A256GCM", typ: "auth-provider-state" };
  const payload = () => JSON.stringify(claims());

  test("the key is the one that the design derives, so that the forgeries below are real ones", () => {
    expect(unseal("state", forgeJwe(good, payload(), key), context)).toMatchObject({ expired: false });
  });

  test("[A27] in another order or with white space: does not open, although it says the same", () => {
    const { alg, enc, typ } = good;
    for (const header of [
      { typ, alg, enc },
      { enc, alg, typ },
    ]) {
      expect(unseal("state", forgeJwe(header, payload(), key), context)).toBeUndefined();
    }
    expect(unseal("state", forgeJwe(` ${JSON.stringify(good)}`, payload(), key), context)).toBeUndefined();
  });

  test.each<[string, object]>([
    ["no algorithm at all", { ...good, alg: "none" }],
    ["no algorithm named", { enc: "A256GCM", typ: good.typ }],
    [
      "a password-based algorithm with a count that keeps a processor busy for hours",
      { ...good, alg: "PBES2-HS256+A128KW", p2c: 1_000_000_000, p2s: "c2FsdHNhbHRzYWx0" },
    ],
    ["key wrapping", { ...good, alg: "A256KW" }],
    ["GCM key wrapping", { ...good, alg: "A256GCMKW", iv: "AAAAAAAAAAAAAAAA", tag: "AAAAAAAAAAAAAAAAAAAAAA" }],
    ["a public-key algorithm", { ...good, alg: "ECDH-ES", epk: { kty: "EC", crv: "P-256", x: "AA", y: "AA" } }],
    ["RSA", { ...good, alg: "RSA1_5" }],
    ["another letter case", { ...good, alg: "DIR" }],
    ["another encryption", { ...good, enc: "A128GCM" }],
    ["an encryption with CBC", { ...good, enc: "A256CBC-HS512" }],
    ["no encryption named", { alg: "dir", typ: good.typ }],
    ["an unknown critical member", { ...good, crit: ["x"], x: 1 }],
    ["an empty list of critical members", { ...good, crit: [] }],
    ["a critical b64", { ...good, crit: ["b64"], b64: false }],
    ["no kind", { alg: "dir", enc: "A256GCM" }],
    ["another kind", { ...good, typ: "auth-provider-code" }],
    ["a common kind", { ...good, typ: "JWT" }],
    ["a key id", { ...good, kid: "00000000" }],
    ["a key id that is empty", { ...good, kid: "" }],
    [
      "the key id of our key, as values had it once",
      { ...good, kid: createHash("sha256").update(key).digest("hex").slice(0, 8) },
    ],
    ["an address of keys", { ...good, kid: "https://evil.example/keys", jku: "https://evil.example/keys" }],
    ["an issuer in the header that differs from the one inside", { ...good, iss: "https://evil.example" }],
  ])("%s: does not open, and not slowly", async (_, header) => {
    const fetched = vi.spyOn(globalThis, "fetch");
    const value = forgeJwe(header, payload(), key);
    expect(await leastCpuMs(async () => expect(unseal("state", value, context)).toBeUndefined())).toBeLessThan(50);
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
  });

  test.each(["A256GCMKW"])("%s with our own key, done right: does not open", async (alg) => {
    const importedKey = await crypto.subtle.importKey("raw", new Uint8Array(key), "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]);
    const value = await new CompactEncrypt(Buffer.from(payload()))
      .setProtectedHeader({ ...good, alg })
      .encrypt(importedKey);
    expect(unseal("state", value, context)).toBeUndefined();
  });

  test("a compression bomb is not unpacked without limit", async () => {
    const bomb = deflateRawSync(Buffer.from(JSON.stringify({ ...claims(), padding: "x".repeat(50_000_000) })), {
      level: 9,
    });
    const values = [forgeJwe({ ...good, zip: "DEF" }, bomb, key), forgeJwe({ ...good, zip: "GZIP" }, payload(), key)];
    for (const value of values) {
      expect(await leastCpuMs(async () => expect(unseal("state", value, context)).toBeUndefined())).toBeLessThan(50);
    }
  });

  test("a megabyte is not decoded", async () => {
    for (const value of [forgeJwe(good, `${payload()}${" ".repeat(1_000_000)}`, key), "e".repeat(1_000_000)]) {
      expect(await leastCpuMs(async () => expect(unseal("state", value, context)).toBeUndefined())).toBeLessThan(50);
    }
  });

  test.each<[string, object | string]>([
    ["no expiry", { exp: undefined }],
    ["an expiry that is a text", { exp: "9999999999" }],
    ["no expiry but null", { exp: null }],
    ["no time of issue", { iat: undefined }],
    ["a time of issue that is a text", { iat: "0" }],
    ["a time of issue in the future", { iat: seconds() + 3_600, exp: seconds() + 4_000 }],
    ["no issuer", { iss: undefined }],
    ["another provider", { iss: "https://staging.auth.example" }],
    ["a list of providers", { iss: [PROVIDER] }],
    ["no service", { aud: undefined }],
    ["another service", { aud: "other" }],
    ["no content", { content: undefined }],
    ["a start in the future", { nbf: seconds() + 3_600 }],
    ["no object", "null"],
    ["a list", "[]"],
    ["no JSON", "x"],
  ])("[A26][A63] inside, %s: does not open", (_, change) => {
    const text = typeof change === "string" ? change : JSON.stringify({ ...claims(), ...change });
    expect(unseal("state", forgeJwe(good, text, key), context)).toBeUndefined();
  });

  test.each<[string, object]>([
    ["an expiry in the past", { exp: seconds() - 60 }],
    ["a negative expiry", { exp: -1 }],
    ["an expiry of zero", { exp: 0 }],
    [
      "an expiry in a thousand years, but issued longer ago than its kind may last",
      { iat: seconds() - 931, exp: seconds() + 31_536_000_000 },
    ],
  ])("[A63] inside, %s: has expired", (_, change) => {
    const opened = unseal("state", forgeJwe(good, JSON.stringify({ ...claims(), ...change }), key), context);
    expect(opened?.expired).toBe(true);
  });

  function claims(): Record<string, unknown> {
    const content = { transaction: oauthTransaction(), browser };
    return { content, iss: PROVIDER, aud: "github", iat: seconds(), exp: seconds() + 900 };
  }
});

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

describe("[A63] time", () => {
  const noon = new Date("2026-06-01T12:00:00.500Z");
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"], now: noon }));
  afterEach(() => void vi.useRealTimers());

  test.each(KINDS)(
    "a %s is good for %i seconds and the tolerance between two clocks, and not one second more",
    (kind, lifetimeSeconds) => {
      const value = sealOne(kind, provider, { browser });
      const openedAfter = (ageSeconds: number) => {
        vi.setSystemTime(noon.getTime() + ageSeconds * 1_000);
        return unseal(kind, value, context)?.expired;
      };
      expect(openedAfter(0)).toBe(false);
      expect(openedAfter(lifetimeSeconds - 1)).toBe(false);
      expect(openedAfter(lifetimeSeconds)).toBe(false);
      expect(openedAfter(lifetimeSeconds + TOLERANCE_SECONDS - 1)).toBe(false);
      expect(openedAfter(lifetimeSeconds + TOLERANCE_SECONDS)).toBe(true);
      expect(openedAfter(lifetimeSeconds + TOLERANCE_SECONDS + 1)).toBe(true);
      expect(openedAfter(1_000_000_000)).toBe(true);
    },
  );

  test.each(KINDS)("a %s may come from a clock that is ahead by the tolerance, and not one second more", (kind) => {
    const value = sealOne(kind, provider, { browser });
    vi.setSystemTime(noon.getTime() - TOLERANCE_SECONDS * 1_000);
    expect(unseal(kind, value, context)?.expired).toBe(false);
    vi.setSystemTime(noon.getTime() - (TOLERANCE_SECONDS + 1) * 1_000);
    expect(unseal(kind, value, context)).toBeUndefined();
  });
});

describe("[A51] keys", () => {
  const FIRST = "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV";
  const SECOND = "Wm3-yC6rDk9tXs0Nv5HbZq2LjPg8AaFuEi7oKx4TfRV";

  function opens(value: string, by: Provider, kind: SealedKind = "code"): boolean {
    return unseal(kind, value, { provider: by, service: serviceOf(by) }) !== undefined;
  }
  const headerOf = (value: string) => value.split(".")[0];
  const withEnv = (env: Record<string, string>) => testProvider({ env });

  test("the first of SEALING_KEY seals, all of them open, and a removed one opens nothing", () => {
    const before = withEnv({ SEALING_KEY: FIRST });
    const rotated = withEnv({ SEALING_KEY: `${SECOND} ${FIRST}` });
    const after = withEnv({ SEALING_KEY: SECOND });
    const old = sealOne("code", before, { browser });
    const fresh = sealOne("code", rotated, { browser });
    expect([opens(old, before), opens(old, rotated), opens(old, after)]).toEqual([true, true, false]);
    expect([opens(fresh, before), opens(fresh, rotated), opens(fresh, after)]).toEqual([false, true, true]);
  });

  test("of three keys every one opens, wherever it stands, and only what it made", () => {
    const THIRD = "Xe5-tF2mSj8qYb1Kw7VhCz4NrGd9LaPuQi6oMx3TkRZ";
    const made = [FIRST, SECOND, THIRD].map((key) => sealOne("refresh", withEnv({ SEALING_KEY: key }), { browser }));
    for (const keys of [[FIRST, SECOND, THIRD], [THIRD, FIRST], [SECOND]]) {
      const by = withEnv({ SEALING_KEY: keys.join(" ") });
      expect(made.map((value) => opens(value, by, "refresh"))).toEqual(
        [FIRST, SECOND, THIRD].map((key) => keys.includes(key)),
      );
    }
  });

  test("nothing that can be read tells by which key a value was made, so that it confirms no guess of one", () => {
    const secrets = [FIRST, SECOND].map((key) => withEnv({ SEALING_KEY: key }));
    const elsewhere = withEnv({ SEALING_KEY: FIRST, URL: "https://staging.auth.example" });
    for (const [kind] of KINDS) {
      const headers = [...secrets, elsewhere].flatMap((by) =>
        ["github", "other"].map((service) => headerOf(sealOne(kind, by, { service, browser }))),
      );
      expect(new Set(headers).size, kind).toBe(1);
    }
  });

  test("a value of the days when it named its key does not open, so that its app logs in again", () => {
    const key = deriveSealingKey(FIRST, "refresh", "github", PROVIDER);
    const kid = createHash("sha256").update(key).digest("hex").slice(0, 8);
    const claims = { iss: PROVIDER, aud: "github", iat: seconds(), exp: seconds() + 60, content: {} };
    const header = { alg: "dir", enc: "A256GCM", typ: "auth-provider-refresh", kid };
    expect(opens(forgeJwe(header, JSON.stringify(claims), key), withEnv({ SEALING_KEY: FIRST }), "refresh")).toBe(
      false,
    );
  });

  test("SEALING_KEY replaces the client secret as the source of keys", () => {
    expect(opens(sealOne("code", withEnv({ SEALING_KEY: FIRST }), { browser }), provider)).toBe(false);
    expect(opens(sealOne("code", provider, { browser }), withEnv({ SEALING_KEY: FIRST }))).toBe(false);
  });

  test("the previous client secret opens and never seals", () => {
    const renewed = { GITHUB_CLIENT_SECRET: "a-new-client-secret-0123456789" };
    const rotated = withEnv({ ...renewed, GITHUB_CLIENT_SECRET_PREVIOUS: CANARY.clientSecret });
    const old = sealOne("code", provider, { browser });
    expect(opens(old, rotated)).toBe(true);
    expect(opens(old, withEnv(renewed))).toBe(false);
    expect(opens(sealOne("code", rotated, { browser }), provider)).toBe(false);
    expect(opens(sealOne("code", rotated, { browser }), withEnv(renewed))).toBe(true);
  });

  test.each(["", "YOUR_OLD_SECRET", "short", "0".repeat(40)])(
    "a previous secret that is none opens nothing: %j",
    async (previous) => {
      const renewed = withEnv({
        GITHUB_CLIENT_SECRET: "a-new-client-secret-0123456789",
        GITHUB_CLIENT_SECRET_PREVIOUS: previous,
      });
      expect(serviceOf(renewed).keyMaterial).toEqual(["a-new-client-secret-0123456789"]);
    },
  );

  test("each kind, service and provider has its own, also where all come from one SEALING_KEY", () => {
    const purposes = [PROVIDER, "https://staging.auth.example"].flatMap((origin) =>
      ["github", "other"].flatMap((service) => KINDS.map(([kind]) => ({ origin, service, kind }))),
    );
    for (const { origin, service, kind } of purposes) {
      const by = withEnv({ SEALING_KEY: FIRST, URL: origin });
      const claims = { iss: origin, aud: service, iat: seconds(), exp: seconds() + 60, content: {} };
      const header = { alg: "dir", enc: "A256GCM", typ: `auth-provider-${kind}` };
      const opening = purposes.filter((made) => {
        const value = forgeJwe(
          header,
          JSON.stringify(claims),
          deriveSealingKey(FIRST, made.kind, made.service, made.origin),
        );
        return unseal(kind, value, { provider: by, service: serviceOf(by, service) }) !== undefined;
      });
      expect(opening).toEqual([{ origin, service, kind }]);
    }
  });

  test("no two lists of kind, service and provider run together into one", () => {
    const of = (kind: string, service: string) => deriveSealingKey(FIRST, kind, service, PROVIDER).toString("hex");
    expect(of("code", "x1")).not.toBe(of("codex", "1"));
    expect(of("state", "")).not.toBe(of("", "state"));
  });
});
