import { createHmac, KeyObject, sign } from "node:crypto";
import fc from "fast-check";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { readDpopProof } from "../../server/request/dpop.ts";
import { DPOP_ALGORITHMS } from "../../server/request/dpop-algorithms.ts";
import { CANARY, call, EVIL, GOOD, PROVIDER, pkcePair, redeem, testProvider } from "../tools/harness.ts";
import type { DpopKey } from "./refresh-tools.ts";
import {
  dpopProof,
  expectError,
  FORM,
  fakeServices,
  forgeJws,
  logIn,
  newDpopKey,
  nonceIn,
  proofClaims,
  proofHeader,
  REFRESHING,
  refreshWith,
  sealRefresh,
  tokensIn,
} from "./refresh-tools.ts";
import { RUNS, sealOne, serviceOf } from "./tools.ts";

const provider = testProvider({ github: REFRESHING });
const lenient = testProvider({ github: { ...REFRESHING, refreshWithoutDpop: true } });
const HTU = `${PROVIDER}/token/github`;
/** The maximum age of a proof without a nonce, how far in the future it may be, and the lifetime of a nonce. */
const MAX_AGE_SECONDS = 60;
const MAX_AHEAD_SECONDS = 5;
const NONCE_SECONDS = 60;
const NOW_SECONDS = Date.parse("2026-06-01T12:00:00Z") / 1_000;

let key: DpopKey;
let attacker: DpopKey;
let token: string;
let services: ReturnType<typeof fakeServices>;
beforeAll(async () => {
  [key, attacker] = await Promise.all([newDpopKey(), newDpopKey()]);
});
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: NOW_SECONDS * 1_000 });
  services = fakeServices();
  token = sealRefresh(provider, { thumbprint: key.thumbprint });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const attempt = async (proof: string) => await refreshWith(provider, { refresh_token: token }, { proof });

async function expectAccepted(proof: string): Promise<void> {
  await tokensIn(await attempt(proof));
  expect(services.seen).toHaveLength(1);
  services.seen.length = 0;
}

/** Both grants refuse the proof, and the service receives no request. */
async function expectInvalid(proof: string): Promise<void> {
  await expectError(await attempt(proof), "invalid_dpop_proof");
  const { verifier, challenge } = pkcePair();
  const code = sealOne("code", provider, { browser: "x", challenge });
  await expectError(
    await redeem(provider, { code, code_verifier: verifier }, { headers: { dpop: proof } }),
    "invalid_dpop_proof",
  );
  expect(services.seen).toEqual([]);
}

/** Both grants refuse the proof and return a nonce for the next one. The refusal does not use up the code or token. */
async function expectNonceWanted(proof: string): Promise<void> {
  const refreshed = await attempt(proof);
  const nonce = nonceIn(refreshed);
  await expectError(refreshed, "use_dpop_nonce");
  const { verifier, challenge } = pkcePair();
  const parameters = { code: sealOne("code", provider, { browser: "x", challenge }), code_verifier: verifier };
  const redeemed = await redeem(provider, parameters, { headers: { dpop: proof } });
  expect(nonceIn(redeemed)).not.toBe(nonce);
  await expectError(redeemed, "use_dpop_nonce");
  expect(services.seen).toEqual([]);
  await tokensIn(
    await redeem(provider, parameters, { headers: { dpop: await dpopProof(key, { claims: { nonce } }) } }),
  );
  services.seen.length = 0;
}

/** The nonce in the answer to a proof with a wrong clock. */
async function newNonce(): Promise<string> {
  return nonceIn(await attempt(await dpopProof(key, { claims: { iat: 0 } })));
}

/** Signs headers and claims that a library would reject. */
function signedByKey(header: unknown, claims: unknown, by: DpopKey = key): string {
  const privateKey = KeyObject.from(by.privateKey);
  return forgeJws(header, claims, (input) =>
    sign("sha256", Buffer.from(input), { key: privateKey, dsaEncoding: "ieee-p1363" }),
  );
}

describe("published proofs (RFC 9449 §4.1, §5, §7.1)", () => {
  const HEADER =
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
  const THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
  const TOKEN_ENDPOINT = "https://server.example.com/token";
  const RESOURCE = "https://resource.example.org/protectedresource";
  const proofs = [
    {
      method: "POST",
      htu: TOKEN_ENDPOINT,
      iat: 1_562_262_616,
      rest: "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg",
    },
    {
      method: "POST",
      htu: TOKEN_ENDPOINT,
      iat: 1_562_265_296,
      rest: "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjY1Mjk2fQ.pAqut2IRDm_De6PR93SYmGBPXpwrAk90e8cP2hjiaG5QsGSuKDYW7_X620BxqhvYC8ynrrvZLTk41mSRroapUA",
    },
    {
      method: "GET",
      htu: RESOURCE,
      iat: 1_562_262_618,
      rest: "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA",
    },
  ];
  test.each(proofs)(
    "$method $htu at $iat proves the published thumbprint, and nothing for another request",
    async ({ method, htu, iat, rest }) => {
      const read = async (changes: { method?: string; endpoint?: string; seconds?: number } = {}) => {
        vi.setSystemTime((changes.seconds ?? iat) * 1_000);
        const request = new Request(htu, { method: changes.method ?? method, headers: { dpop: `${HEADER}.${rest}` } });
        return await readDpopProof(request, changes.endpoint ?? htu, { provider, service: serviceOf(provider) });
      };
      expect(await read()).toBe(THUMBPRINT);
      await expect(read({ method: method === "GET" ? "POST" : "GET" })).rejects.toMatchObject({
        message: "invalid_dpop_proof",
      });
      await expect(read({ endpoint: htu === RESOURCE ? TOKEN_ENDPOINT : RESOURCE })).rejects.toMatchObject({
        message: "invalid_dpop_proof",
      });
      await expect(read({ seconds: NOW_SECONDS })).rejects.toMatchObject({ message: "use_dpop_nonce" });
    },
  );

  test("without a header there is no proof, and no error yet", async () => {
    const context = { provider, service: serviceOf(provider) };
    expect(await readDpopProof(new Request(TOKEN_ENDPOINT), TOKEN_ENDPOINT, context)).toBeUndefined();
  });
});

describe("[A29] a right proof", () => {
  test.each(DPOP_ALGORITHMS)("is accepted with %s", async (alg) => {
    const one = await newDpopKey(alg);
    token = sealRefresh(provider, { thumbprint: one.thumbprint });
    await expectAccepted(await dpopProof(one));
  });

  test.each([
    ["a query", `${HTU}?a=b`],
    ["a fragment", `${HTU}#top`],
    ["a query and a fragment", `${HTU}?a=b#top`],
    ["an upper-case host", "https://AUTH.EXAMPLE/token/github"],
    ["an upper-case scheme", "HTTPS://auth.example/token/github"],
    ["the default port", "https://auth.example:443/token/github"],
    ["dot segments", "https://auth.example/x/../token/./github"],
  ])("may write htu with %s, since it is compared after normalisation (§4.3)", async (_, htu) => {
    await expectAccepted(await dpopProof(key, { claims: { htu } }));
  });

  test("may carry claims that nobody asked for", async () => {
    await expectAccepted(await dpopProof(key, { claims: { ath: "y", sub: "z" } }));
  });

  test("is about our configured address, whatever host the request names [A16]", async () => {
    const post = async (url: string, proof: string) => {
      const form = { grant_type: "refresh_token", client_id: `${GOOD}/`, refresh_token: token };
      return await call("token", provider, url, {
        method: "POST",
        headers: { "content-type": FORM, dpop: proof },
        body: new URLSearchParams(form).toString(),
      });
    };
    await tokensIn(await post(`${EVIL}/token/github`, await dpopProof(key)));
    const forEvil = await dpopProof(key, { claims: { htu: `${EVIL}/token/github` } });
    await expectError(await post(`${EVIL}/token/github`, forEvil), "invalid_dpop_proof");
  });
});

describe("[A29] a proof that RFC 9449 §4.3 does not allow", () => {
  test("1. two headers", async () => {
    const proof = await dpopProof(key);
    const headers = new Headers({ dpop: proof });
    headers.append("dpop", proof);
    await expectInvalid(headers.get("dpop")!);
    await expectInvalid(`${proof},${await dpopProof(attacker)}`);
  });

  test("2. no JWT", async () => {
    const [header, claims, signature] = (await dpopProof(key)).split(".");
    const flattened = JSON.stringify({ protected: header, payload: claims, signature });
    const texts = [
      "",
      "x",
      "a.b",
      "a.b.c",
      "..",
      "...",
      `${header}.${claims}`,
      `${header}.${claims}.`,
      `${header}..${signature}`,
      `.${claims}.${signature}`,
    ];
    for (const text of [
      ...texts,
      `${header}.${claims}.${signature}.`,
      `${header}.${claims}.${signature}.x.y`,
      `DPoP ${header}.${claims}.${signature}`,
      flattened,
      token,
    ]) {
      await expectInvalid(text);
    }
    await expectInvalid(signedByKey("no JSON", proofClaims()));
    await expectInvalid(signedByKey(proofHeader(key), "no JSON"));
    await expectInvalid(signedByKey(proofHeader(key), [proofClaims()]));
    await expectInvalid(signedByKey(proofHeader(key), "null"));
  });

  test.each(["jti", "htm", "htu", "iat"])("3. no %s, or null", async (name) => {
    await expectInvalid(await dpopProof(key, { claims: { [name]: undefined } }));
    await expectInvalid(signedByKey(proofHeader(key), { ...proofClaims(), [name]: null }));
  });

  test.each([1, 0, true, null, {}, [], ["jti"], [["jti"]]])("3. a jti that is no text: %j", async (jti) => {
    await expectInvalid(signedByKey(proofHeader(key), { ...proofClaims(), jti }));
  });

  test.each([
    undefined,
    "",
    "JWT",
    "at+jwt",
    "dpop",
    "jwt+dpop",
    "dpop+jwt ",
    "auth-provider-refresh",
    ["dpop+jwt"],
    null,
    1,
  ])("4. typ %j", async (typ) => {
    await expectInvalid(signedByKey({ ...proofHeader(key), typ }, proofClaims()));
  });

  test("5. alg none, with and without a signature, in any case", async () => {
    for (const alg of ["none", "None", "NONE", "nOnE"]) {
      await expectInvalid(forgeJws({ ...proofHeader(key), alg }, proofClaims()));
      await expectInvalid(signedByKey({ ...proofHeader(key), alg }, proofClaims()));
      await expectInvalid(forgeJws({ typ: "dpop+jwt", alg }, proofClaims()));
    }
  });

  test("5. a symmetric alg, with a key of its own or with the public key as the secret", async () => {
    const secret = "x".repeat(32);
    const oct = { kty: "oct", k: Buffer.from(secret).toString("base64url") };
    const hmac = (bits: number, by: string) => (input: string) => createHmac(`sha${bits}`, by).update(input).digest();
    for (const bits of [256, 384, 512]) {
      await expectInvalid(
        forgeJws({ ...proofHeader(key), alg: `HS${bits}`, jwk: oct }, proofClaims(), hmac(bits, secret)),
      );
      await expectInvalid(
        forgeJws(
          { ...proofHeader(key), alg: `HS${bits}`, jwk: { ...key.publicJwk, ...oct } },
          proofClaims(),
          hmac(bits, secret),
        ),
      );
      await expectInvalid(
        forgeJws({ ...proofHeader(key), alg: `HS${bits}` }, proofClaims(), hmac(bits, JSON.stringify(key.publicJwk))),
      );
      await expectInvalid(
        forgeJws({ ...proofHeader(key), alg: `HS${bits}` }, proofClaims(), hmac(bits, CANARY.clientSecret)),
      );
    }
  });

  test.each([undefined, null, "", "es256", "ES256K", "ES384", "RS256", "PS256", "EdDSA", ["ES256"], 1])(
    "5. alg %j for a key of P-256",
    async (alg) => {
      await expectInvalid(signedByKey({ ...proofHeader(key), alg }, proofClaims()));
    },
  );

  test("5. an asymmetric alg that the metadata does not list", async () => {
    for (const alg of ["RS384", "PS512"]) await expectInvalid(await dpopProof(await newDpopKey(alg)));
  });

  test("6. a signature by another key than the one it names", async () => {
    await expectInvalid(await dpopProof(attacker, { header: { jwk: key.publicJwk } }));
    const [header, claims] = (await dpopProof(key)).split(".");
    await expectInvalid([header, claims, (await dpopProof(attacker)).split(".")[2]].join("."));
  });

  test("6. one bit of the header, the claims or the signature changed", async () => {
    const parts = (await dpopProof(key)).split(".").map((part) => Buffer.from(part, "base64url"));
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 2 }), fc.nat(), fc.nat({ max: 7 }), async (part, byte, bit) => {
        const changed = parts.map((bytes) => Buffer.from(bytes));
        changed[part]![byte % changed[part]!.length]! ^= 1 << bit;
        await expectError(
          await attempt(changed.map((bytes) => bytes.toString("base64url")).join(".")),
          "invalid_dpop_proof",
        );
      }),
      RUNS,
    );
    expect(services.seen).toEqual([]);
  });

  test("7. a private key in jwk", async () => {
    await expectInvalid(await dpopProof(key, { header: { jwk: key.privateJwk } }));
    const rsa = await newDpopKey("RS256");
    await expectInvalid(await dpopProof(rsa, { header: { jwk: rsa.privateJwk } }));
  });

  test("7. no key in jwk, or none that can be used", async () => {
    const { x: _, ...halfAKey } = key.publicJwk;
    const jwks = [
      undefined,
      null,
      "",
      "key",
      [],
      [key.publicJwk],
      {},
      { keys: [key.publicJwk] },
      halfAKey,
      { ...key.publicJwk, crv: "P-521" },
      { ...key.publicJwk, kty: "RSA" },
      JSON.stringify(key.publicJwk),
    ];
    for (const jwk of jwks) await expectInvalid(signedByKey({ ...proofHeader(key), jwk }, proofClaims()));
  });

  test("7. a key that is only pointed at, which nobody fetches [A12]", async () => {
    for (const name of ["kid", "jku", "x5u", "x5c", "x5t"]) {
      const value = name === "x5c" ? [`${EVIL}/key`] : `${EVIL}/key`;
      await expectInvalid(signedByKey({ typ: "dpop+jwt", alg: "ES256", [name]: value }, proofClaims()));
    }
  });

  test.each(["GET", "post", "Post", "", " POST", "POST ", ["POST"], 1, "PUT"])("8. htm %j", async (htm) => {
    await expectInvalid(signedByKey(proofHeader(key), { ...proofClaims(), htm }));
  });

  test.each([
    "https://evil.example/token/github",
    "https://auth.example.evil.example/token/github",
    "https://auth.example@evil.example/token/github",
    "https://sub.auth.example/token/github",
    "https://auth.example:8443/token/github",
    "https://auth.example./token/github",
    "http://auth.example/token/github",
    "https://auth.example/token/other",
    "https://auth.example/token",
    "https://auth.example/token/github/",
    "https://auth.example/token/Github",
    "https://auth.example//token/github",
    "https://auth.example/token/github/x",
    "https://auth.example/revoke/github",
    "https://auth.example/userinfo/github",
    "https://auth.example/authorize/github",
    "https://auth.example/github",
    "https://auth.example/?/token/github",
    "https://auth.example/#/token/github",
    "https://github.example/login/oauth/access_token",
    "blob:https://auth.example/token/github",
    "/token/github",
    "//auth.example/token/github",
    "",
    "x",
  ])("9. htu of another endpoint: %j", async (htu) => {
    await expectInvalid(await dpopProof(key, { claims: { htu } }));
  });

  test.each([[[HTU]], [{ href: HTU }], [1], [true], [{}], [[]]])("9. htu that is no text: %j", async (htu) => {
    await expectInvalid(signedByKey(proofHeader(key), { ...proofClaims(), htu }));
  });

  const tooOld = [-MAX_AGE_SECONDS - 1, -90, -299, -300, -3_600, -NOW_SECONDS];
  const tooNew = [MAX_AHEAD_SECONDS + 1, 30, 299, 300, 86_400, NOW_SECONDS * 999];
  test.each([...tooOld, ...tooNew])("11. made %i seconds from now, without a nonce [A63]", async (seconds) => {
    await expectNonceWanted(await dpopProof(key, { claims: { iat: NOW_SECONDS + seconds } }));
  });

  test.each([-MAX_AGE_SECONDS, -59, -1, 0, 1, MAX_AHEAD_SECONDS])(
    "11. but made %i seconds from now is in time",
    async (seconds) => {
      await expectAccepted(await dpopProof(key, { claims: { iat: NOW_SECONDS + seconds } }));
    },
  );

  test("11. a proof runs out by itself", async () => {
    const proof = await dpopProof(key);
    vi.setSystemTime((NOW_SECONDS + MAX_AGE_SECONDS) * 1_000);
    await expectAccepted(proof);
    vi.setSystemTime((NOW_SECONDS + MAX_AGE_SECONDS) * 1_000 + 1);
    await expectNonceWanted(proof);
  });

  test.each([`"${NOW_SECONDS}"`, "null", "true", "[]", "{}"])("11. an iat that is no time: %s", async (iat) => {
    await expectInvalid(signedByKey(proofHeader(key), claimsWithIat(iat)));
  });

  test.each(["1e999", "-1e999", "-0"])("11. an iat that is no time of ours: %s", async (iat) => {
    await expectNonceWanted(signedByKey(proofHeader(key), claimsWithIat(iat)));
  });

  /** Builds the JSON as text, because `JSON.stringify` cannot write such numbers. */
  function claimsWithIat(iat: string): string {
    const { jti, htm, htu } = proofClaims() as Record<string, string>;
    return `{"jti":"${jti}","htm":"${htm}","htu":"${htu}","iat":${iat}}`;
  }

  test("11. what it says about its own time is kept as well", async () => {
    await expectInvalid(await dpopProof(key, { claims: { exp: NOW_SECONDS - 1 } }));
    await expectInvalid(await dpopProof(key, { claims: { nbf: NOW_SECONDS + 1 } }));
  });

  test("an extension that must be understood and is not (RFC 7515 §4.1.11)", async () => {
    await expectInvalid(signedByKey({ ...proofHeader(key), crit: ["exp"], exp: 1 }, proofClaims()));
    await expectInvalid(signedByKey({ ...proofHeader(key), crit: ["b64"], b64: false }, proofClaims()));
    await expectInvalid(signedByKey({ ...proofHeader(key), crit: [] }, proofClaims()));
  });

  test("larger than 8 KiB [A46]", async () => {
    await expectAccepted(await proofOfLength(8_192));
    await expectInvalid(await proofOfLength(8_193));
    await expectInvalid(await dpopProof(key, { claims: { padding: "x".repeat(20_000) } }));
  });
});

describe("[A29] a nonce (RFC 9449 §8)", () => {
  const HOUR = 3_600;

  test.each([-365 * 24 * HOUR, -600, -61, 0, 6, 600, HOUR, 10 * 365 * 24 * HOUR])(
    "lets a computer whose clock is wrong by %i seconds log in and refresh",
    async (wrongBySeconds) => {
      const iat = NOW_SECONDS + wrongBySeconds;
      const nonce = await newNonce();
      services.answerWith(
        Response.json({
          access_token: CANARY.accessToken,
          token_type: "bearer",
          refresh_token: "canary-refresh-token-0123456789",
        }),
      );
      const { refresh_token: bound } = await tokensIn(
        await logIn(provider, { key, proof: await dpopProof(key, { claims: { iat, nonce } }) }),
      );
      expect(services.seen).toHaveLength(1);
      const proof = await dpopProof(key, { claims: { iat, nonce } });
      await tokensIn(await refreshWith(provider, { refresh_token: bound }, { proof }));
      expect(services.seen).toHaveLength(2);
    },
  );

  test("is one that a header can hold (§8.1), is never the same, and is readable by every origin (§8)", async () => {
    const nonces = new Set<string>();
    for (let count = 0; count < 50; count += 1) {
      const response = await attempt(await dpopProof(key, { claims: { iat: 0 } }));
      expect(response.headers.get("access-control-expose-headers")?.toLowerCase().split(", ")).toContain("dpop-nonce");
      expect(response.headers.get("cache-control")).toBe("no-store");
      nonces.add(nonceIn(response));
    }
    expect(nonces.size).toBe(50);
    for (const nonce of nonces) expect(nonce).toMatch(/^[\x21\x23-\x5B\x5D-\x7E]{1,400}$/);
  });

  test("comes with this refusal only: whoever has one that is old by the next refresh would have to ask twice (§8.2)", async () => {
    const accepted = await attempt(await dpopProof(key));
    const invalid = await attempt("x");
    const without = await refreshWith(provider, { refresh_token: token });
    const useless = await refreshWith(provider, { refresh_token: "x" }, { proof: await dpopProof(key) });
    for (const response of [accepted, invalid, without, useless]) expect(response.headers.get("dpop-nonce")).toBeNull();
  });

  test("is good for a minute and the tolerance between two clocks, whatever iat says [A63]", async () => {
    const nonce = await newNonce();
    for (const [seconds, accepted] of [
      [NONCE_SECONDS + 29, true],
      [NONCE_SECONDS + 30, false],
      [HOUR, false],
    ] as const) {
      vi.setSystemTime((NOW_SECONDS + seconds) * 1_000);
      for (const iat of [NOW_SECONDS, NOW_SECONDS + seconds, 0]) {
        const proof = await dpopProof(key, { claims: { nonce, iat } });
        if (accepted) await expectAccepted(proof);
        else await expectNonceWanted(proof);
      }
    }
  });

  test("of an instance whose clock is ahead by more than the tolerance is none", async () => {
    vi.setSystemTime((NOW_SECONDS + 31) * 1_000);
    const nonce = await newNonce();
    vi.setSystemTime(NOW_SECONDS * 1_000);
    await expectNonceWanted(await dpopProof(key, { claims: { nonce } }));
  });

  test.each([
    ["made up", () => "x"],
    ["empty", () => ""],
    ["of another service", () => sealOne("nonce", provider, { browser: "x", service: "other" })],
    [
      "of another provider",
      () => sealOne("nonce", testProvider({ env: { URL: "https://staging.auth.example" } }), { browser: "x" }),
    ],
    [
      "of another key",
      () =>
        sealOne("nonce", testProvider({ env: { GITHUB_CLIENT_SECRET: "another-secret-0123456789abcdef" } }), {
          browser: "x",
        }),
    ],
    ["a sealed value of another kind", () => token],
    ["a code", () => sealOne("code", provider, { browser: "x" })],
    ["changed by a letter", () => `${sealOne("nonce", provider, { browser: "x" }).slice(0, -1)}.`],
    ["longer than a sealed value", () => "x".repeat(5_000)],
  ])("that is %s asks for a right one, also where iat is right", async (_, nonce) => {
    await expectNonceWanted(await dpopProof(key, { claims: { nonce: nonce() } }));
    await expectNonceWanted(await dpopProof(key, { claims: { nonce: nonce(), iat: NOW_SECONDS - 600 } }));
  });

  test.each([null, true, 0, 1, [], {}, [["x"]]])("that is no text asks for a right one: %j", async (nonce) => {
    await expectNonceWanted(await dpopProof(key, { claims: { nonce } }));
  });

  test("in a list is none, although its only member is right", async () => {
    await expectNonceWanted(await dpopProof(key, { claims: { nonce: [await newNonce()] } }));
  });

  test("makes up for the time and for nothing else that RFC 9449 §4.3 demands", async () => {
    const nonce = await newNonce();
    const { iat: _, ...timeless } = proofClaims();
    await expectInvalid(signedByKey(proofHeader(key), { ...timeless, nonce }));
    await expectInvalid(await dpopProof(key, { claims: { nonce, htm: "GET" } }));
    await expectInvalid(await dpopProof(key, { claims: { nonce, htu: `${EVIL}/token/github` } }));
    await expectInvalid(await dpopProof(key, { claims: { nonce, jti: undefined } }));
    await expectInvalid(await dpopProof(key, { claims: { nonce }, header: { typ: "JWT" } }));
    await expectInvalid(await dpopProof(key, { claims: { nonce }, header: { jwk: attacker.publicJwk } }));
    await expectInvalid(forgeJws(proofHeader(key), { ...proofClaims(), nonce }));
    await expectError(await attempt(await dpopProof(attacker, { claims: { nonce } })), "invalid_dpop_proof");
  });

  test("is given to a right proof only, so a wrong one learns no more than before", async () => {
    const wrong = { htm: "GET", iat: 0 };
    const response = await attempt(await dpopProof(key, { claims: wrong }));
    expect(response.headers.get("dpop-nonce")).toBeNull();
    await expectError(response, "invalid_dpop_proof");
  });

  test("is asked for before anything else is looked at: the answer to a right token is that to any other", async () => {
    const late = await dpopProof(key, { claims: { iat: NOW_SECONDS - 600 } });
    const bodies = await Promise.all(
      [token, "x", sealRefresh(provider, { thumbprint: attacker.thumbprint }), undefined].map(async (one) => {
        const response = await refreshWith(provider, { refresh_token: one }, { proof: late });
        return { status: response.status, body: await response.text() };
      }),
    );
    expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(1);
    expect(bodies[0]!.body).toContain('"use_dpop_nonce"');
    expect(services.seen).toEqual([]);
  });
});

describe("[A29] a stolen proof", () => {
  test("is good again for a minute, together with its refresh token, and then no more", async () => {
    const proof = await dpopProof(key, { claims: { iat: NOW_SECONDS + MAX_AHEAD_SECONDS } });
    const end = MAX_AHEAD_SECONDS + MAX_AGE_SECONDS;
    for (const seconds of [0, end]) {
      vi.setSystemTime((NOW_SECONDS + seconds) * 1_000);
      await expectAccepted(proof);
    }
    for (const seconds of [end + 1, 300, 590]) {
      vi.setSystemTime((NOW_SECONDS + seconds) * 1_000);
      await expectNonceWanted(proof);
    }
  });

  test("refreshes nothing that is bound to another key", async () => {
    const theirs = sealRefresh(provider, { thumbprint: attacker.thumbprint });
    await expectError(
      await refreshWith(provider, { refresh_token: theirs }, { proof: await dpopProof(key) }),
      "invalid_dpop_proof",
    );
    expect(services.seen).toEqual([]);
  });

  test("a wrong one is refused even where none is needed", async () => {
    const unbound = sealRefresh(lenient);
    await expectError(await refreshWith(lenient, { refresh_token: unbound }, { proof: "x" }), "invalid_dpop_proof");
    const late = await dpopProof(key, { claims: { iat: NOW_SECONDS - 301 } });
    await expectError(await refreshWith(lenient, { refresh_token: unbound }, { proof: late }), "use_dpop_nonce");
    expect(services.seen).toEqual([]);
  });
});

describe("[A29] whatever stands in the DPoP header", () => {
  test("arbitrary text proves nothing, and the service does not hear of it", async () => {
    const headerText = fc.string({
      unit: fc
        .integer({ min: 0x20, max: 0xff })
        .filter((code) => code !== 0x7f)
        .map((code) => String.fromCharCode(code)),
      maxLength: 200,
    });
    const parts = fc.array(
      fc
        .base64String({ maxLength: 60 })
        .map((part) => part.replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_")),
      { minLength: 1, maxLength: 5 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          headerText,
          parts.map((all) => all.join(".")),
        ),
        async (text) => {
          await expectError(await attempt(text), "invalid_dpop_proof");
        },
      ),
      RUNS,
    );
    expect(services.seen).toEqual([]);
  });

  test("any claims, rightly signed, prove exactly this request at this time or nothing", async () => {
    const or = (right: unknown, ...others: unknown[]) =>
      fc.oneof(
        { weight: 4, arbitrary: fc.constant(right) },
        { weight: 1, arbitrary: fc.constantFrom(undefined, ...others) },
        { weight: 1, arbitrary: fc.jsonValue() },
      );
    const claims = fc.record({
      jti: or("jti", "", 1),
      htm: or("POST", "GET", "post"),
      htu: or(HTU, `${HTU}?x`, `${HTU}/`, EVIL),
      iat: or(NOW_SECONDS, NOW_SECONDS + 5, NOW_SECONDS + 6, NOW_SECONDS - 60, NOW_SECONDS - 61, String(NOW_SECONDS)),
    });
    await fc.assert(
      fc.asyncProperty(claims, async (set) => {
        const { jti, htm, htu, iat } = set;
        const isRight =
          typeof jti === "string" &&
          htm === "POST" &&
          (htu === HTU || htu === `${HTU}?x`) &&
          typeof iat === "number" &&
          iat >= NOW_SECONDS - MAX_AGE_SECONDS &&
          iat <= NOW_SECONDS + MAX_AHEAD_SECONDS;
        services.seen.length = 0;
        const response = await attempt(signedByKey(proofHeader(key), set));
        expect(response.status).toBe(isRight ? 200 : 400);
        expect(services.seen).toHaveLength(isRight ? 1 : 0);
      }),
      RUNS,
    );
  });
});

/** Base64url cannot have every length, so header and claims are both padded until the total length fits. */
async function proofOfLength(length: number): Promise<string> {
  const pad = (size: number) => "x".repeat(size);
  for (let inHeader = 0; inHeader < 8; inHeader += 1) {
    for (let inClaims = 5_500; inClaims < 6_100; inClaims += 1) {
      const jws = forgeJws({ ...proofHeader(key), pad: pad(inHeader) }, { ...proofClaims(), pad: pad(inClaims) }, () =>
        Buffer.alloc(64),
      );
      if (jws.length === length)
        return signedByKey({ ...proofHeader(key), pad: pad(inHeader) }, { ...proofClaims(), pad: pad(inClaims) });
    }
  }
  throw new Error(`no proof of ${length} characters`);
}
