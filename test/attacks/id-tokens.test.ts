import { createHmac } from "node:crypto";
import type { Context } from "@netlify/functions";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Service } from "../../server/provider/service.ts";
import type { Question } from "../../shared/page-messages.ts";
import type { ErrorName } from "../tools/error-name.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  EVIL,
  GOOD,
  PROVIDER,
  pkcePair,
  plainService,
  reachConfirmation,
  redeem,
  testProvider,
} from "../tools/harness.ts";
import {
  claimsOf,
  fakeIdentity,
  HOUR_SECONDS,
  type IdentifiedBody,
  ISSUER,
  idTokenOf,
  type KeyName,
  keysOf,
  PROFILE,
  PROFILE_CLAIMS,
  privateJwk,
  privatePem,
  publicJwk,
  publicPem,
  signingProvider,
  tokenResponseOf,
  USERINFO,
  verified,
} from "./identity-tools.ts";
import {
  dpopProof,
  expectError,
  newDpopKey,
  REFRESHING,
  ROTATED_REFRESH_TOKEN,
  refreshWith,
  SERVICE_REFRESH_TOKEN,
  sealRefresh,
  tokensIn,
} from "./refresh-tools.ts";
import { expectRefused, reachCode } from "./tools.ts";

const provider = signingProvider();

let services: ReturnType<typeof fakeIdentity>;
beforeEach(() => (services = fakeIdentity()));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** The error that an authorization request of the honest app gets. */
async function expectNoLogin(
  by: typeof provider,
  overrides: Record<string, string | undefined>,
  reason: ErrorName,
  service = "github",
): Promise<void> {
  const query = authorizationRequest(pkcePair().challenge, overrides);
  await expectRefused(await call("authorize", by, `/authorize/${service}?${query}`), reason);
  expect(services.seen).toEqual([]);
}

describe("[A69] the audience of an ID token", () => {
  test.each([`${GOOD}/`, GOOD])("is the client_id that the app has sent, as one text: %s", async (client_id) => {
    const idToken = await idTokenOf(provider, { client_id, scope: "openid" });
    const { payload } = await verified(provider, idToken, { audience: client_id });
    expect(payload.aud).toBe(client_id);
    expect(payload).not.toHaveProperty("azp");
  });

  test("is nobody else's: a backend of another app refuses it", async () => {
    const idToken = await idTokenOf(provider);
    await expect(verified(provider, idToken, { audience: `${EVIL}/` })).rejects.toThrow(/aud/);
  });

  test("cannot be changed when the code is redeemed, not even to another spelling", async () => {
    for (const client_id of [`${EVIL}/`, GOOD, `${GOOD}/b/`]) {
      const { code, verifier } = await reachCode(provider, { overrides: { scope: "openid" } });
      await expectError(await redeem(provider, { code, code_verifier: verifier, client_id }), "code_of_other_client");
    }
    expect(services.seen).toEqual([]);
  });

  test("is a whole origin: a path would look like a border between apps of one origin, and is none", async () => {
    for (const path of ["/b/", "/b", "/?a=b"]) {
      await expectNoLogin(provider, { client_id: `${GOOD}${path}`, scope: "openid" }, "openid_with_path");
    }
  });

  test.each([
    "http://localhost:3000",
    "http://127.0.0.1:3000",
    "http://[::1]:3000",
    "http://app.localhost",
    "https://localhost",
  ])("is never an address that every computer has: %s", async (origin) => {
    const at = { client_id: `${origin}/`, redirect_uri: `${origin}/callback`, scope: "openid" };
    await expectNoLogin(provider, at, "openid_on_loopback");
  });

  test("may be on loopback for a provider that only this computer can reach", async () => {
    const local = signingProvider({ env: { URL: "http://localhost:8888" } });
    const origin = "http://localhost:3000";
    const query = authorizationRequest(pkcePair().challenge, {
      client_id: `${origin}/`,
      redirect_uri: `${origin}/callback`,
      scope: "openid",
    });
    const response = await call("authorize", local, `/authorize/github?${query}`, { headers: { referer: origin } });
    expect(response.status).toBe(302);
  });
});

describe("[A70] the issuer of an ID token", () => {
  test("is that of the service, exactly as the metadata and the authorization response have it", async () => {
    expect((await claimsOf(provider)).iss).toBe(ISSUER);
    const metadata = await call("metadata", provider, "/github/.well-known/openid-configuration");
    expect(((await metadata.json()) as { issuer: string }).issuer).toBe(ISSUER);
  });

  test("keeps two services apart, although their users can have the same sub and the keys are the same", async () => {
    const ofOther = await idTokenOf(provider, { scope: "openid" }, "other");
    expect(decodeJwt(ofOther)).toMatchObject({ iss: "https://auth.example/other", sub: String(PROFILE.id) });
    await expect(verified(provider, ofOther)).rejects.toThrow(/iss/);
    await verified(provider, ofOther, { issuer: "https://auth.example/other" });
  });

  test("is refused where verifiers could not read it: SpacetimeDB takes 128 bytes", async () => {
    const long = signingProvider({ env: { URL: `https://${"a".repeat(60)}.${"b".repeat(50)}.example` } });
    await expectNoLogin(long, { scope: "openid" }, "openid_without_sub");
    const document = (await (
      await call("metadata", long, "/github/.well-known/openid-configuration")
    ).json()) as object;
    expect(document).not.toHaveProperty("jwks_uri");
  });
});

describe("[A71] an ID token of another login", () => {
  test("has another nonce: each repeats that of its own login, byte for byte", async () => {
    for (const nonce of ["n-0S6_WzA2Mj", "ü 中 %20+\"'", "x".repeat(2_048)]) {
      expect((await claimsOf(provider, { scope: "openid", nonce })).nonce).toBe(nonce);
    }
  });

  test("has a nonce only if the app has sent one", async () => {
    expect(await claimsOf(provider)).not.toHaveProperty("nonce");
  });

  test("a nonce travels sealed: neither the service nor a page gets it", async () => {
    const nonce = "canary-nonce-0123456789";
    const { question, toService } = await reachConfirmation(provider, { overrides: { scope: "openid", nonce } });
    expect(String(toService)).not.toContain(nonce);
    expect(JSON.stringify(question)).not.toContain(nonce);
  });

  test("two nonces in one request are refused", async () => {
    const query = `${authorizationRequest(pkcePair().challenge, { scope: "openid", nonce: "a" })}&nonce=b`;
    await expectRefused(await call("authorize", provider, `/authorize/github?${query}`), "duplicate_parameter");
  });

  test.each<[KeyName, string]>([
    ["RS256", "sha256"],
    ["ES256", "sha256"],
    ["EdDSA", "sha512"],
  ])("is not for this access token: at_hash with %s", async (kind, hash) => {
    const { createHash } = await import("node:crypto");
    const digest = createHash(hash).update(CANARY.accessToken).digest();
    const claims = await claimsOf(signingProvider({ env: { SIGNING_KEY: privatePem(kind) } }));
    expect(claims.at_hash).toBe(digest.subarray(0, digest.length / 2).toString("base64url"));
  });

  test("is over after an hour at most, and not valid before now", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const { iat, exp } = await claimsOf(provider);
    expect(exp! - iat!).toBeLessThanOrEqual(HOUR_SECONDS);
    expect(Math.abs(iat! - now)).toBeLessThan(30);
    const idToken = await idTokenOf(provider);
    vi.useFakeTimers({ now: Date.now() + (HOUR_SECONDS + 1) * 1_000, toFake: ["Date"] });
    await expect(verified(provider, idToken)).rejects.toThrow(/exp/);
  });

  test("a code gives one ID token, because the service redeems its own code once", async () => {
    const { code, verifier } = await reachCode(provider, { overrides: { scope: "openid" } });
    expect((await redeem(provider, { code, code_verifier: verifier })).status).toBe(200);
    services.answerWith(Response.json({ error: "invalid_grant" }, { status: 400 }));
    await expectError(await redeem(provider, { code, code_verifier: verifier }), "service_refused_grant");
  });

  test("says nothing about when the user logged in, because nobody knows, and refuses a request to promise it", async () => {
    for (const max_age of ["0", "1", "10000"]) {
      await expectNoLogin(provider, { scope: "openid", max_age }, "unsupported_max_age");
    }
    expect(await claimsOf(provider)).not.toHaveProperty("auth_time");
  });
});

describe("[A72] the algorithm of an ID token", () => {
  test.each<KeyName>(["RS256", "ES256", "EdDSA"])("is that of the owner's key: %s", async (kind) => {
    const by = signingProvider({ env: { SIGNING_KEY: privatePem(kind) } });
    const idToken = await idTokenOf(by);
    const { protectedHeader } = await verified(by, idToken);
    expect(protectedHeader).toEqual({ alg: kind, typ: "JWT", kid: (await keysOf(by)).keys[0]!.kid });
  });

  test("is nothing that a request can choose", async () => {
    const wishes = { id_token_signed_response_alg: "none", alg: "none", request: undefined };
    expect(decodeProtectedHeader(await idTokenOf(provider, { scope: "openid", ...wishes })).alg).toBe("RS256");
  });

  test("cannot become HS256 with a published key as the secret, nor none", async () => {
    const idToken = await idTokenOf(provider);
    const [, payload] = idToken.split(".");
    const { keys } = await keysOf(provider);
    const forge = (alg: string, sign: (text: string) => string) => {
      const text = `${Buffer.from(JSON.stringify({ alg, kid: keys[0]!.kid })).toString("base64url")}.${payload}`;
      return `${text}.${sign(text)}`;
    };
    const secret = publicPem();
    const hs256 = forge("HS256", (text) => createHmac("sha256", secret).update(text).digest("base64url"));
    await expect(verified(provider, hs256)).rejects.toThrow();
    await expect(
      verified(
        provider,
        forge("none", () => ""),
      ),
    ).rejects.toThrow();
    // Each published key names the one algorithm that it is for, so a verifier need not believe the header.
    for (const key of keys) expect(key).toMatchObject({ alg: "RS256", use: "sig" });
  });

  test.each(["not a key", publicPem(), `${privatePem()} x`, "   ", JSON.stringify({ kty: "oct", k: "AA" })])(
    "an unusable key signs nothing and publishes nothing: %#",
    async (SIGNING_KEY) => {
      const broken = signingProvider({ env: { SIGNING_KEY } });
      await expectError(await call("jwks", broken, "/github/jwks.json"), "not_configured");
      await expectError(await call("metadata", broken, "/github/.well-known/openid-configuration"), "not_configured");
      await expectError(await tokenResponseOf(broken), "not_configured");
    },
  );

  test("a variable that cannot be used does not give way to the file's key", async () => {
    const configuration = { services: [plainService({ userinfo: USERINFO })], localDevelopment: false };
    const { createProvider } = await import("../../server/provider/provider.ts");
    const secrets = { github: CANARY.clientSecret };
    const fromFile = { ...configuration, secrets, signingKey: privatePem() };
    const broken = createProvider(fromFile, { URL: PROVIDER, SIGNING_KEY: "YOUR_SIGNING_KEY" });
    await expectError(await call("jwks", broken, "/github/jwks.json"), "not_configured");
    expect((await keysOf(createProvider(fromFile, { URL: PROVIDER }))).keys).toHaveLength(1);
  });
});

describe("[A73] a signing key that leaks", () => {
  const PRIVATE = ["d", "p", "q", "dp", "dq", "qi", "k", "oth"];

  test("leaks nowhere here: what is published has only public members", async () => {
    for (const kind of ["RS256", "ES256", "EdDSA"] as const) {
      for (const SIGNING_KEY of [privatePem(kind), JSON.stringify(privateJwk(kind))]) {
        const response = await call("jwks", signingProvider({ env: { SIGNING_KEY } }), "/github/jwks.json");
        const text = await response.text();
        for (const key of (JSON.parse(text) as { keys: object[] }).keys) {
          expect(Object.keys(key).filter((name) => PRIVATE.includes(name))).toEqual([]);
        }
        expect(text).not.toContain(String(privateJwk(kind).d));
      }
    }
  });

  test("is replaced without a gap: first published, then signing, then only verifying, then gone", async () => {
    const steps = [
      signingProvider({ env: { SIGNING_KEY: privatePem("RS256") } }),
      signingProvider({ env: { SIGNING_KEY: `${privatePem("RS256")}\n${publicPem("next")}` } }),
      signingProvider({ env: { SIGNING_KEY: `${privatePem("next")}\n${JSON.stringify(publicJwk("RS256"))}` } }),
      signingProvider({ env: { SIGNING_KEY: privatePem("next") } }),
    ];
    const issued = await Promise.all(steps.map((step) => idTokenOf(step)));
    const used = issued.map((idToken) => decodeProtectedHeader(idToken).kid);
    expect([used[0] === used[1], used[1] === used[2], used[2] === used[3]]).toEqual([true, false, true]);
    // A verifier that has the keys of one step verifies what is signed in the next one, and the other way round.
    for (const [index, idToken] of issued.entries()) {
      for (const near of [steps[index - 1], steps[index], steps[index + 1]]) {
        if (near) await verified(near, idToken);
      }
    }
    await expect(verified(steps[3]!, issued[0]!)).rejects.toThrow();
  });

  test.each<[what: string, SIGNING_KEY: string, signing: string]>([
    ["one key", privatePem("ES256"), "ES256"],
    ["another private key that waits", `${privatePem("ES256")}${privatePem("RS256")}`, "ES256"],
    ["an old key of another kind", `${privatePem("EdDSA")}${publicPem("RS256")}`, "EdDSA"],
    ["an old key, and RSA", `${privatePem("RS256")}${publicPem("ES256")}`, "RS256"],
  ])("the metadata names the algorithm that a client gets, and no other: %s", async (_, SIGNING_KEY, signing) => {
    const by = signingProvider({ env: { SIGNING_KEY } });
    const document = await (await call("metadata", by, "/github/.well-known/openid-configuration")).json();
    expect(document).toMatchObject({ id_token_signing_alg_values_supported: [signing] });
    expect(decodeProtectedHeader(await idTokenOf(by)).alg).toBe(signing);
  });
});

describe("[A74] an account name that changes hands", () => {
  test("is never sub: it is the service's own identifier, as a text", async () => {
    expect((await claimsOf(provider)).sub).toBe("583231");
  });

  test.each<[string, Partial<Service>]>([
    ["has no profile", {}],
    ["knows its users by names only", { userinfo: { ...USERINFO, claims: { username: ["login"], email: ["email"] } } }],
  ])("a service that %s has no ID tokens, no keys and no promise of them", async (_, github) => {
    const by = signingProvider({ github: { userinfo: undefined, ...github } as Partial<Service> });
    await expectNoLogin(by, { scope: "openid" }, "openid_without_sub");
    await expectError(await call("jwks", by, "/github/jwks.json"), "no_id_tokens");
    const document = (await (await call("metadata", by, "/github/.well-known/openid-configuration")).json()) as object;
    expect(JSON.stringify(document)).not.toMatch(/jwks_uri|id_token|openid"/);
  });

  test.each<[string, unknown]>([
    ["lacks it", { login: "octocat" }],
    ["has an empty one", { ...PROFILE, id: "" }],
    ["has one that verifiers cannot store", { ...PROFILE, id: "x".repeat(129) }],
    ["has one that is no ASCII text", { ...PROFILE, id: "öcto" }],
    ["has a rounded number", { ...PROFILE, id: 2 ** 53 }],
    ["has one that a comparison without spaces takes for another's", { ...PROFILE, id: "583231 " }],
    ["has only a space", { ...PROFILE, id: " " }],
    ["has a line end in it", { ...PROFILE, id: "583231\n" }],
    ["has something else", { ...PROFILE, id: { a: 1 } }],
    ["has a list", { ...PROFILE, id: ["583231"] }],
    ["has nothing", { ...PROFILE, id: null }],
    ["is no object", []],
  ])("a profile that %s gives no token at all, instead of a sub that is cut, guessed or shared", async (_, profile) => {
    services = fakeIdentity({}, profile);
    const response = await tokenResponseOf(provider);
    expect(response.status).toBe(502);
    expect(await response.text()).not.toMatch(/id_token|access_token"/);
  });

  test.each(["0", "-1", "a b", "auth0|1", "../x", "'; --", '"x"', "%CE%A9", "9007199254740993"])(
    "a sub is passed on as it is: %j",
    async (id) => {
      services = fakeIdentity({}, { ...PROFILE, id });
      expect((await claimsOf(provider)).sub).toBe(id);
    },
  );

  test("a sub of 128 bytes is the longest", async () => {
    services = fakeIdentity({}, { ...PROFILE, id: "x".repeat(128) });
    expect((await claimsOf(provider)).sub).toHaveLength(128);
  });

  test("a service that refuses its own new token makes no user", async () => {
    for (const status of [401, 403, 404, 500]) {
      services = fakeIdentity({}, () => new Response("{}", { status }));
      const response = await tokenResponseOf(provider);
      expect(response.status).toBe(502);
      expect(response.headers.get("www-authenticate")).toBeNull();
    }
  });
});

describe("[A75] an e-mail address that was never verified", () => {
  const known = (emailVerified: Record<string, string | number | boolean>) =>
    signingProvider({ github: { userinfo: { ...USERINFO, emailVerified } } });
  const asked = { scope: "openid email" };

  test("is not said to be verified where nobody knows", async () => {
    services = fakeIdentity({}, { ...PROFILE, email_verified: true });
    const claims = await claimsOf(provider, asked);
    expect(claims.email).toBe(PROFILE.email);
    expect(claims).not.toHaveProperty("email_verified");
  });

  test.each<[said: unknown, email_verified: boolean]>([
    [true, true],
    [false, false],
    ["true", false],
    [1, false],
    [null, false],
    [undefined, false],
  ])("is verified only if the service says so in the recorded words: %j", async (verified, email_verified) => {
    services = fakeIdentity({}, { ...PROFILE, verified });
    expect(await claimsOf(known({ verified: true }), asked)).toMatchObject({ email: PROFILE.email, email_verified });
  });

  test("is verified where the service only ever names such addresses", async () => {
    expect(await claimsOf(known({}), asked)).toMatchObject({ email: PROFILE.email, email_verified: true });
  });

  test("without an address there is nothing to verify, and without the scope none is told", async () => {
    services = fakeIdentity({}, { ...PROFILE, email: null });
    expect(await claimsOf(known({}), asked)).not.toHaveProperty("email_verified");
    services = fakeIdentity();
    const claims = await claimsOf(known({}), { scope: "openid profile" });
    expect(claims).toMatchObject(PROFILE_CLAIMS);
    expect(claims).not.toHaveProperty("email");
    expect(claims).not.toHaveProperty("email_verified");
  });

  test("the owner's constant claims cannot say it, nor anything else that we have to check", async () => {
    const idTokenClaims = {
      role: "authenticated",
      email_verified: true,
      sub: "1",
      aud: "x",
      iss: "y",
      exp: 9e9,
      name: "Z",
    };
    const by = signingProvider({ github: { idTokenClaims: { ...idTokenClaims, at_hash: "h", nonce: "n" } } });
    const claims = await claimsOf(by, { scope: "openid profile", nonce: "own" });
    expect(claims).toMatchObject({ role: "authenticated", sub: "583231", name: PROFILE.name, nonce: "own" });
    expect(claims.exp).toBeLessThan(9e9);
  });
});

describe("[A76] a token of somebody else, presented here", () => {
  test.each([
    ["token exchange", { grant_type: "urn:ietf:params:oauth:grant-type:token-exchange", subject_token: "x" }],
    ["a JWT as a grant", { grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion: "x" }],
    ["client credentials", { grant_type: "client_credentials", scope: "openid" }],
    ["a password", { grant_type: "password", username: "x", password: "y", scope: "openid" }],
  ])("gives no ID token: %s", async (_, form) => {
    await expectError(await redeem(provider, { access_token: CANARY.accessToken, ...form }), "unsupported_grant_type");
    expect(services.seen).toEqual([]);
  });

  test("the userinfo endpoint tells a profile for it, but signs nothing", async () => {
    const answer = await call("userinfo", provider, "/userinfo/github?scope=openid", {
      headers: { authorization: `Bearer ${CANARY.accessToken}` },
    });
    expect(await answer.json()).not.toHaveProperty("id_token");
  });

  test("the profile comes from the token that the service has just issued for our own code, and no other", async () => {
    const { code, verifier } = await reachCode(provider, { overrides: { scope: "openid" } });
    const headers = { authorization: "Bearer canary-of-another-client" };
    const own = { code, code_verifier: verifier, access_token: "canary-of-another-client" };
    expect((await redeem(provider, own, { headers })).status).toBe(200);
    expect(services.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ["https://github.example/login/oauth/access_token", undefined],
      [USERINFO.endpoint, `Bearer ${CANARY.accessToken}`],
    ]);
  });

  test("the service's own ID token is never passed on, neither with ours nor without", async () => {
    services = fakeIdentity({ id_token: "canary-of-the-service", scope: "openid" });
    const google = { defaultScopes: ["openid", "profile", "email"], userinfo: USERINFO };
    const by = signingProvider({ github: google });
    for (const scope of ["openid", undefined]) {
      expect(await (await tokenResponseOf(by, { scope })).text()).not.toContain("canary-of-the-service");
    }
  });
});

describe("an app that does not ask for openid [A32]", () => {
  test.each([undefined, "read:user", "profile email", "openidx", "OPENID"])("gets no ID token: %s", async (scope) => {
    const body = (await (await tokenResponseOf(provider, { scope, nonce: "n" })).json()) as IdentifiedBody;
    expect(body).not.toHaveProperty("id_token");
    expect(services.seen.map(({ url }) => url)).toEqual(["https://github.example/login/oauth/access_token"]);
  });

  test("gets none either if the service's default scopes contain openid", async () => {
    const by = signingProvider({ github: { defaultScopes: ["openid", "profile"] } });
    expect(await (await tokenResponseOf(by, { scope: undefined })).json()).not.toHaveProperty("id_token");
  });
});

describe("openid at a provider without a key", () => {
  const keyless = testProvider({ github: { userinfo: USERINFO } });

  test("is refused with what its owner has to do", async () => {
    await expectNoLogin(keyless, { scope: "openid email" }, "openid_without_key");
    const query = authorizationRequest(pkcePair().challenge, { scope: "openid" });
    const answer = await call("authorize", keyless, `/authorize/github?${query}`, { headers: { referer: GOOD } });
    const page = await answer.text();
    expect(page).toContain("SIGNING_KEY");
    expect(page).toContain("npm run add-key");
    expect(page).toContain("invalid_scope");
  });

  test("is passed on as before to a service that has it itself, and still gives no ID token", async () => {
    const scopes = { defaultScopes: ["openid", "email"], scopeDescriptions: { openid: "Know who you are" } };
    const own = testProvider({ github: { userinfo: USERINFO, ...scopes } });
    services = fakeIdentity({ id_token: "canary-of-the-service" });
    for (const scope of [undefined, "openid email"]) {
      const { toService, question } = await reachConfirmation(own, { overrides: { scope } });
      expect(toService.searchParams.get("scope")).toBe("openid email");
      expect(question).not.toHaveProperty("identity");
      expect(await (await tokenResponseOf(own, { scope })).text()).not.toMatch(/id_token|canary-of-the-service/);
    }
  });

  test("everything else is as it was: metadata, userinfo, and no address of keys", async () => {
    const document = await (await call("metadata", keyless, "/github/.well-known/openid-configuration")).text();
    expect(document).not.toMatch(/jwks|id_token|claims_supported|"openid"/);
    await expectError(await call("jwks", keyless, "/github/jwks.json"), "no_id_tokens");
    const headers = { authorization: `Bearer ${CANARY.accessToken}` };
    const profile = await (await call("userinfo", keyless, "/userinfo/github", { headers })).json();
    expect(Object.keys(profile as object).sort()).toEqual(["avatar", "email", "id", "name", "sub", "url", "username"]);
  });
});

describe("[A31] what the question says about an ID token is what the app gets", () => {
  test.each<[scope: string, identity: Question["identity"]]>([
    ["openid", ["openid"]],
    ["email openid", ["openid", "email"]],
    ["openid profile email read:user", ["openid", "profile", "email"]],
  ])("%s", async (scope, identity) => {
    const { question } = await reachConfirmation(provider, { overrides: { scope } });
    expect(question.identity).toEqual(identity);
    expect(question.scopes).toEqual(["read:user"]);
    const body = (await (await tokenResponseOf(provider, { scope })).json()) as IdentifiedBody;
    expect(body.scope).toBe([...identity!, "read:user"].join(" "));
  });

  test("nothing, if there is none", async () => {
    const { question } = await reachConfirmation(provider, { overrides: { scope: "read:user" } });
    expect(question).not.toHaveProperty("identity");
  });

  test("a token with a scope that ours do not stand for is still not handed over", async () => {
    services = fakeIdentity({ scope: "read:user,repo" });
    await expectError(await tokenResponseOf(provider, { scope: "openid profile email" }), "granted_too_much");
  });

  test.each(["openid,profile", "openid, profile", "profile,openid read:user", " ,openid,,profile, "])(
    "separated by commas, as everywhere else: %j",
    async (scope) => {
      const { question, toService } = await reachConfirmation(provider, { overrides: { scope } });
      expect(question.identity).toEqual(["openid", "profile"]);
      expect(toService.searchParams.get("scope")).toBe("read:user");
      expect(await claimsOf(provider, { scope })).toMatchObject(PROFILE_CLAIMS);
    },
  );

  test("separated by commas where there is no key, get the same answer as with spaces", async () => {
    const keyless = testProvider({ github: { userinfo: USERINFO } });
    for (const scope of ["openid profile", "openid,profile", "read:user,openid"])
      await expectNoLogin(keyless, { scope }, "openid_without_key");
  });

  test("a scope of the owner's that has a comma and our word in it stays whole, and is the service's", async () => {
    const by = signingProvider({ github: { allowedScopes: ["openid,all", "read:user"] } });
    const { question, toService } = await reachConfirmation(by, { overrides: { scope: "openid,all" } });
    expect(question).not.toHaveProperty("identity");
    expect(toService.searchParams.get("scope")).toBe("openid,all");
  });

  test.each<[what: string, github: Partial<Service>, scope: string, forwarded: string | null]>([
    ["the least that identifies the user", {}, "openid", "read:user"],
    ["no profile and email where the service has none", {}, "openid profile email", "read:user"],
    ["nothing where it has no scopes", { defaultScopes: [] }, "openid email", null],
    ["what else the app asks for, once", {}, "openid gist read:user", "read:user gist"],
    [
      "its own openid, if the service speaks OpenID Connect, and no more than the app asks for",
      { defaultScopes: ["openid", "profile", "email"], userinfo: { ...USERINFO, claims: { sub: ["sub"] } } },
      "openid email",
      "openid email",
    ],
    [
      "its own openid beside what identifies the user",
      { scopeDescriptions: { openid: "Know who you are", email: "Read your email address" } },
      "openid email",
      "openid read:user email",
    ],
    ["the scopes in its record", { openidScopes: { email: ["user:email"] } }, "openid email", "read:user user:email"],
  ])("the service is asked for %s", async (_, github, scope, forwarded) => {
    const by = signingProvider({ github });
    const { toService } = await reachConfirmation(by, { overrides: { scope } });
    expect(toService.searchParams.get("scope")).toBe(forwarded);
  });

  test("scopes that the owner does not allow stay forbidden, whatever asks for them", async () => {
    const by = signingProvider({
      github: { allowedScopes: ["read:user"], openidScopes: { email: ["user:email"] } },
    });
    await expectNoLogin(by, { scope: "openid email" }, "invalid_scope");
    await expectNoLogin(by, { scope: "openid repo" }, "invalid_scope");
    await reachConfirmation(by, { overrides: { scope: "openid profile" } });
  });
});

describe("[A29] a refresh of a login with an ID token", () => {
  const refreshing = signingProvider({ github: REFRESHING });
  const identity = { scopes: ["openid" as const, "profile" as const], sub: "583231" };

  async function refresh(grant: Parameters<typeof sealRefresh>[1], parameters = {}): Promise<Response> {
    const key = await newDpopKey();
    const token = sealRefresh(refreshing, { thumbprint: key.thumbprint, ...grant });
    return await refreshWith(refreshing, { refresh_token: token, ...parameters }, { proof: await dpopProof(key) });
  }

  test("reads the profile again and gives a new ID token of the same user, without the nonce", async () => {
    services = fakeIdentity({}, { ...PROFILE, name: "New Name" });
    const body = (await tokensIn(await refresh({ identity }))) as IdentifiedBody;
    const { payload } = await verified(refreshing, body.id_token!);
    expect(payload).toMatchObject({ sub: "583231", aud: `${GOOD}/`, iss: ISSUER, name: "New Name" });
    expect(payload).not.toHaveProperty("nonce");
    expect(body.scope).toBe("openid profile read:user");
  });

  test("comes from a login that sealed who the user is", async () => {
    services = fakeIdentity({ refresh_token: SERVICE_REFRESH_TOKEN });
    const key = await newDpopKey();
    const { code, verifier } = await reachCode(refreshing, {
      overrides: { scope: "openid profile", nonce: "n", dpop_jkt: key.thumbprint },
    });
    const headers = { dpop: await dpopProof(key) };
    const first = (await (
      await redeem(refreshing, { code, code_verifier: verifier }, { headers })
    ).json()) as IdentifiedBody;
    expect(decodeJwt(first.id_token!).nonce).toBe("n");
    services = fakeIdentity();
    const form = { refresh_token: first.refresh_token, scope: "openid profile" };
    const second = (await tokensIn(
      await refreshWith(refreshing, form, { proof: await dpopProof(key) }),
    )) as IdentifiedBody;
    expect(decodeJwt(second.id_token!).sub).toBe(decodeJwt(first.id_token!).sub);
  });

  test("reads its scopes as the login did: separated by spaces or commas, and no more than it", async () => {
    for (const scope of ["openid,profile", "profile read:user", "openid, profile,read:user", ","]) {
      services = fakeIdentity();
      expect(await tokensIn(await refresh({ identity }, { scope })), scope).toHaveProperty("id_token");
    }
    for (const scope of ["openid,email", "openid,repo", "read:user,repo"])
      await expectError(await refresh({ identity }, { scope }), "invalid_scope");
    const merged = { scopes: ["repo,user"], identity };
    const owners = { ...REFRESHING, allowedScopes: ["repo,user"] };
    const key = await newDpopKey();
    const by = signingProvider({ github: owners });
    const token = sealRefresh(by, { thumbprint: key.thumbprint, ...merged });
    const form = { refresh_token: token, scope: "repo,user" };
    expect((await refreshWith(by, form, { proof: await dpopProof(key) })).status).toBe(200);
  });

  test.each<[what: string, profile: object]>([
    ["without sub", { login: "octocat" }],
    ["with an empty sub", { ...PROFILE, id: "" }],
    ["with the number as a rounded one", { ...PROFILE, id: 2 ** 60 }],
  ])("a profile %s proves nothing about anybody, so the refresh has no ID token", async (_, profile) => {
    services = fakeIdentity({ refresh_token: ROTATED_REFRESH_TOKEN }, profile);
    const body = await tokensIn(await refresh({ identity }));
    expect(body.refresh_token).toBeDefined();
    expect(body).not.toHaveProperty("id_token");
  });

  test("the same user's number as text is the same user (Core §12.2)", async () => {
    services = fakeIdentity({}, { ...PROFILE, id: String(PROFILE.id) });
    const { id_token: idToken } = (await tokensIn(await refresh({ identity }))) as IdentifiedBody;
    const { iss, sub, aud } = decodeJwt(idToken!);
    expect({ iss, sub, aud }).toEqual({ iss: ISSUER, sub: "583231", aud: `${GOOD}/` });
  });

  test("never turns into another user's login", async () => {
    services = fakeIdentity({}, { ...PROFILE, id: 1 });
    await expectError(await refresh({ identity }), "invalid_refresh_token");
  });

  test("keeps the rotated refresh token if the profile cannot be read now", async () => {
    for (const status of [401, 403, 500]) {
      services = fakeIdentity({ refresh_token: ROTATED_REFRESH_TOKEN }, () => new Response("", { status }));
      const body = (await tokensIn(await refresh({ identity }))) as IdentifiedBody;
      expect(body.refresh_token).toBeDefined();
      expect(body).not.toHaveProperty("id_token");
    }
  });

  test("gives no ID token to a login that had none, nor more than that login", async () => {
    expect(await tokensIn(await refresh({}, { scope: "openid" }))).not.toHaveProperty("id_token");
    await expectError(await refresh({ identity }, { scope: "openid email" }), "invalid_scope");
  });

  test("gives none after the owner has removed the key, and goes on", async () => {
    const keyless = testProvider({ github: { ...REFRESHING, userinfo: USERINFO } });
    const key = await newDpopKey();
    const token = sealRefresh(keyless, { thumbprint: key.thumbprint, identity });
    const body = await tokensIn(await refreshWith(keyless, { refresh_token: token }, { proof: await dpopProof(key) }));
    expect(body).not.toHaveProperty("id_token");
  });

  test("a service without refresh tokens has no renewal: the user logs in again", async () => {
    const body = (await (await tokenResponseOf(provider)).json()) as IdentifiedBody;
    expect(body).toHaveProperty("id_token");
    expect(body).not.toHaveProperty("refresh_token");
  });
});

describe("[A71] an id_token_hint (Core §3.1.2.1, §3.1.2.2)", () => {
  const hintOf = (claims: object) => {
    const parts = [{ alg: "none" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    return `${parts.join(".")}.`;
  };

  test("lets in the user whom it names", async () => {
    const hint = await idTokenOf(provider);
    expect((await claimsOf(provider, { scope: "openid", id_token_hint: hint })).sub).toBe("583231");
  });

  test("keeps everybody else out: neither an ID token nor an access token", async () => {
    const hint = await idTokenOf(provider);
    services = fakeIdentity({}, { ...PROFILE, id: 1 });
    const response = await tokenResponseOf(provider, { scope: "openid", id_token_hint: hint });
    await expectError(response, "other_user");
  });

  test("may be over, because it only says whom the app expects", async () => {
    const hint = hintOf({ iss: ISSUER, sub: "583231", exp: 1 });
    expect((await claimsOf(provider, { scope: "openid", id_token_hint: hint })).sub).toBe("583231");
  });

  test("may be as long as an ID token with a long picture", async () => {
    const hint = hintOf({ iss: ISSUER, sub: "583231", picture: "x".repeat(4_000) });
    expect((await claimsOf(provider, { scope: "openid", id_token_hint: hint })).sub).toBe("583231");
  });

  test.each<[what: string, hint: string]>([
    ["of another issuer", hintOf({ iss: "https://auth.example/other", sub: "583231" })],
    ["without sub", hintOf({ iss: ISSUER })],
    ["whose sub is a number", hintOf({ iss: ISSUER, sub: 583231 })],
    ["that is no JWT", "583231"],
    ["that is no JSON", "a.b.c"],
    ["that is a list", hintOf([ISSUER, "583231"])],
  ])("%s names nobody, so nobody is logged in", async (_, id_token_hint) => {
    await expectNoLogin(provider, { scope: "openid", id_token_hint }, "unusable_id_token_hint");
  });

  test("without a page gets the usual answer: nobody is logged in without a click", async () => {
    const hint = await idTokenOf(provider);
    services.seen.length = 0;
    await expectNoLogin(provider, { scope: "openid", prompt: "none", id_token_hint: hint }, "login_required");
  });

  test("is no secret for the service, and nothing without openid", async () => {
    const hint = hintOf({ iss: "https://else.example", sub: "canary-sub" });
    const { toService, question } = await reachConfirmation(provider, {
      overrides: { scope: "read:user", id_token_hint: hint },
    });
    expect(String(toService) + JSON.stringify(question)).not.toContain(hint);
  });
});

describe("[A11][A15] on previews and old deploys", () => {
  async function answerOf(deploy: object, path: string, init?: RequestInit): Promise<Response> {
    vi.resetModules();
    vi.stubEnv("URL", PROVIDER);
    vi.stubEnv("SIGNING_KEY", privatePem());
    vi.stubGlobal("CONFIGURATION", {
      services: [plainService({ userinfo: USERINFO })],
      secrets: { github: CANARY.clientSecret },
      localDevelopment: false,
    });
    const { default: answer } = await import("../../netlify/provider.ts");
    return await answer(new Request(`${PROVIDER}${path}`, init), { deploy } as unknown as Context);
  }

  test.each([
    ["a preview", { context: "deploy-preview", published: false }],
    ["an old deploy", { context: "production", published: false }],
  ])("%s signs nothing and publishes no key", async (_, deploy) => {
    const { code, verifier } = await reachCode(provider, { overrides: { scope: "openid" } });
    const form = { grant_type: "authorization_code", code, code_verifier: verifier, client_id: `${GOOD}/` };
    const body = new URLSearchParams({ ...form, redirect_uri: `${GOOD}/callback` });
    for (const [path, init] of [
      ["/github/jwks.json", {}],
      ["/github/.well-known/openid-configuration", {}],
      ["/token/github", { method: "POST", body }],
    ] as const) {
      await expectRefused(await answerOf(deploy, path, init), "not_here");
    }
    expect(services.seen).toEqual([]);
    const live = await answerOf({ context: "production", published: true }, "/token/github", { method: "POST", body });
    expect(await live.json()).toHaveProperty("id_token");
  });
});

test("nothing that an app names is fetched or believed in place of its own parameters [A12]", async () => {
  const request = `e30.${Buffer.from(JSON.stringify({ redirect_uri: EVIL })).toString("base64url")}.`;
  await expectNoLogin(provider, { scope: "openid", request }, "request_not_supported");
  await expectNoLogin(provider, { scope: "openid", request_uri: `${EVIL}/r.jwt` }, "request_uri_not_supported");
});

test("[A36] the keys are public, so a CDN may keep them until the next deploy, and a verifier for minutes", async () => {
  const response = await call("jwks", provider, "/github/jwks.json");
  expect(response.headers.get("content-type")).toBe("application/json");
  expect(response.headers.get("cache-control")).toBe("public, max-age=300, must-revalidate");
  const etag = response.headers.get("etag")!;
  const again = await call("jwks", provider, "/github/jwks.json", { headers: { "if-none-match": etag } });
  expect(again.status).toBe(304);
});
