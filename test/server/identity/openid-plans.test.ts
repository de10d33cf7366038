import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  fakeIdentity,
  type IdentifiedBody,
  ISSUER,
  idTokenOf,
  keysOf,
  PROFILE,
  PROFILE_CLAIMS,
  signingProvider,
  tokenResponseOf,
  verified,
} from "../../attacks/identity-tools.ts";
import {
  dpopProof,
  expectError,
  newDpopKey,
  REFRESHING,
  refreshWith,
  SERVICE_REFRESH_TOKEN,
} from "../../attacks/refresh-tools.ts";
import { expectRefused, reachCode } from "../../attacks/tools.ts";
import { authorizationRequest, CANARY, call, EVIL, GOOD, pkcePair, redeem } from "../../tools/harness.ts";

/**
 * What the OpenID Foundation's conformance suite checks in its plans "config" and "basic" (August 2026), as far as it can
 * apply to public clients: each test has the name of its module. The suite itself needs Java and confidential clients.
 *
 * Not here, because they do not apply, and why:
 *
 * - `oidcc-prompt-none-logged-in`, `oidcc-id-token-hint`: nobody is ever logged in here without a click.
 * - `oidcc-max-age-1`, `oidcc-max-age-10000`: services do not say when the user has logged in, so max_age is refused.
 * - `oidcc-ensure-post-request-succeeds`: only our own pages may post to the authorization endpoint.
 * - `oidcc-server-client-secret-post` and client authentication: every app is a public client.
 * - `oidcc-scope-address`, `oidcc-scope-phone`, `oidcc-scope-all`: there are no such claims, and the metadata does not say so.
 * - `oidcc-userinfo-post-body`: optional, and refused: a token belongs in a header.
 * - `oidcc-codereuse-30seconds`: the revocation of tokens after a second use, which only the service could do.
 * - `oidcc-prompt-login`: passed on to services that support it (`prompt_parameters`), which we cannot check.
 */

const provider = signingProvider();

beforeEach(() => void fakeIdentity());
afterEach(() => vi.restoreAllMocks());

/** The answer to an authorization request with these parameters, from a page of the app. */
async function start(overrides: Record<string, string | undefined>): Promise<Response> {
  const query = authorizationRequest(pkcePair().challenge, { scope: "openid", ...overrides });
  return await call("authorize", provider, `/authorize/github?${query}`, { headers: { referer: `${GOOD}/` } });
}

async function userinfo(init: RequestInit = {}): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer ${CANARY.accessToken}` };
  const response = await call("userinfo", provider, "/userinfo/github", { headers, ...init });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  return (await response.json()) as Record<string, unknown>;
}

describe("oidcc-config-certification-test-plan: oidcc-discovery-endpoint-verification", () => {
  const discover = async () => {
    const response = await call("metadata", provider, "/github/.well-known/openid-configuration");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    return (await response.json()) as Record<string, string> & Record<`${string}_supported`, string[]>;
  };

  test("CheckDiscEndpointIssuer: the issuer is the address of the document without its end, byte for byte", async () => {
    expect((await discover()).issuer).toBe(ISSUER);
  });

  test("CheckDiscEndpointAllEndpointsAreHttps, …AuthorizationEndpoint, …TokenEndpoint, …UserinfoEndpoint", async () => {
    const document = await discover();
    const addresses = Object.entries(document).filter(([name]) => /_endpoint$|_uri$/.test(name));
    expect(addresses.map(([name]) => name).sort()).toEqual(
      ["authorization_endpoint", "jwks_uri", "token_endpoint", "userinfo_endpoint"].sort(),
    );
    for (const [, address] of addresses) expect(address).toMatch(/^https:/);
  });

  test("OIDCCCheckDiscEndpoint…Supported: the values that Discovery 1.0 §3 demands", async () => {
    const document = await discover();
    expect(document).toMatchObject({
      response_types_supported: ["code"],
      subject_types_supported: ["public"],
      id_token_signing_alg_values_supported: ["RS256"],
      code_challenge_methods_supported: ["S256"],
      request_uri_parameter_supported: false,
    });
    expect(document.grant_types_supported).toContain("authorization_code");
    expect(document.scopes_supported!.slice(0, 3)).toEqual(["openid", "profile", "email"]);
    for (const scope of document.scopes_supported!) expect(scope).toMatch(/^[\x21\x23-\x5B\x5D-\x7E]+$/);
    expect(document.claims_supported).toEqual(
      expect.arrayContaining(["sub", "iss", "aud", "exp", "iat", "name", "picture", "email"]),
    );
  });

  test("ValidateJwksSequence: each key can be used, has a kid of its own, and nothing private or symmetric", async () => {
    const { keys } = await keysOf(provider);
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length);
    for (const key of keys) {
      expect(Object.keys(key).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
      expect(key).toMatchObject({ kty: "RSA", alg: "RS256", use: "sig" });
    }
  });
});

describe("oidcc-basic-certification-test-plan", () => {
  test("oidcc-server: the ID token passes every check of Core §3.1.3.7, and its claims have their types", async () => {
    const { protectedHeader, payload } = await verified(
      provider,
      await idTokenOf(provider, { scope: "openid profile email", nonce: "n-0S6" }),
    );
    expect(protectedHeader).toMatchObject({ alg: "RS256" });
    expect(payload).toEqual({
      iss: ISSUER,
      sub: "583231",
      aud: `${GOOD}/`,
      iat: expect.any(Number),
      exp: expect.any(Number),
      nonce: "n-0S6",
      at_hash: expect.stringMatching(/^[\w-]{22}$/),
      ...PROFILE_CLAIMS,
      email: PROFILE.email,
    });
  });

  test("oidcc-response-type-missing: is an error, and no code", async () => {
    await expectRefused(await start({ response_type: undefined }), "unsupported_response_type");
  });

  test("oidcc-idtoken-signature: RS256, with a kid that the keys have", async () => {
    const { alg, kid } = decodeProtectedHeader(await idTokenOf(provider));
    expect(alg).toBe("RS256");
    expect((await keysOf(provider)).keys.map((key) => key.kid)).toContain(kid);
  });

  test("oidcc-idtoken-unsigned: is not offered", async () => {
    const document = await (await call("metadata", provider, "/github/.well-known/openid-configuration")).text();
    expect(document).not.toMatch(/"none"[^\]]*\][^,]*,\s*"claims|signing_alg_values_supported": \[[^\]]*"none"/);
  });

  test.each([{ method: "GET" }, { method: "POST" }])(
    "oidcc-userinfo-get, oidcc-userinfo-post-header: the same sub as in the ID token ($method)",
    async (init) => {
      expect((await userinfo(init)).sub).toBe(decodeJwt(await idTokenOf(provider)).sub);
    },
  );

  test("oidcc-ensure-request-without-nonce-succeeds-for-code-flow", async () => {
    expect(decodeJwt(await idTokenOf(provider, { scope: "openid" }))).not.toHaveProperty("nonce");
  });

  test("oidcc-scope-profile: the claims of Core §5.4, at the userinfo endpoint too", async () => {
    expect(decodeJwt(await idTokenOf(provider, { scope: "openid profile" }))).toMatchObject(PROFILE_CLAIMS);
    expect(await userinfo()).toMatchObject(PROFILE_CLAIMS);
  });

  test("oidcc-scope-email", async () => {
    expect(decodeJwt(await idTokenOf(provider, { scope: "openid email" })).email).toBe(PROFILE.email);
    expect((await userinfo()).email).toBe(PROFILE.email);
  });

  test.each<[module: string, parameters: Record<string, string>]>([
    ["oidcc-display-page", { display: "page" }],
    ["oidcc-display-popup", { display: "popup" }],
    ["oidcc-login-hint", { login_hint: "bob@example.com" }],
    ["oidcc-ui-locales", { ui_locales: "se de" }],
    ["oidcc-claims-locales", { claims_locales: "se" }],
    ["oidcc-ensure-request-with-acr-values-succeeds", { acr_values: "1 2" }],
    ["oidcc-ensure-request-with-unknown-parameter-succeeds", { extra: "foobar" }],
    ["oidcc-claims-essential", { claims: JSON.stringify({ userinfo: { name: { essential: true } } }) }],
    ["oidcc-ensure-request-with-valid-pkce-succeeds", {}],
  ])("%s: a wish that is not known or not fulfilled does not stop the login", async (_, parameters) => {
    expect(decodeJwt(await idTokenOf(provider, { scope: "openid", ...parameters })).sub).toBe("583231");
  });

  test("oidcc-prompt-none-not-logged-in: login_required, to the page of the app", async () => {
    const { searchParams } = new URL((await start({ prompt: "none" })).headers.get("location")!);
    expect(searchParams.get("error")).toBe("login_required");
    expect(searchParams.has("code")).toBe(false);
  });

  test("oidcc-codereuse: a second use is an error", async () => {
    const { code, verifier } = await reachCode(provider, { overrides: { scope: "openid" } });
    const form = { code, code_verifier: verifier };
    expect((await redeem(provider, form)).status).toBe(200);
    vi.restoreAllMocks();
    vi.spyOn(globalThis, "fetch").mockResolvedValue(Response.json({ error: "invalid_grant" }, { status: 400 }));
    await expectError(await redeem(provider, form), "service_refused_grant");
  });

  test("oidcc-ensure-registered-redirect-uri: no redirect to an address that is not the client's", async () => {
    await expectRefused(await start({ redirect_uri: `${EVIL}/callback` }), "invalid_redirect_uri");
  });

  test("oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", async () => {
    await expectRefused(await start({ request: "e30.e30." }), "request_not_supported");
  });

  test("oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported", async () => {
    await expectRefused(await start({ request_uri: `${GOOD}/request.jwt` }), "request_uri_not_supported");
  });

  test("oidcc-ensure-request-object-with-redirect-uri: an object cannot replace the redirect URI", async () => {
    const request = `e30.${Buffer.from(JSON.stringify({ redirect_uri: `${GOOD}/other` })).toString("base64url")}.`;
    await expectRefused(await start({ request }), "request_not_supported");
  });

  test("oidcc-refresh-token: the new ID token has iss, sub and aud of the first, and a time of its own", async () => {
    const refreshing = signingProvider({ github: REFRESHING });
    vi.restoreAllMocks();
    fakeIdentity({ refresh_token: SERVICE_REFRESH_TOKEN });
    const key = await newDpopKey();
    const { code, verifier } = await reachCode(refreshing, {
      overrides: { scope: "openid offline_access", dpop_jkt: key.thumbprint },
    });
    const headers = { dpop: await dpopProof(key) };
    const answer = await redeem(refreshing, { code, code_verifier: verifier }, { headers });
    const first = (await answer.json()) as IdentifiedBody;
    vi.useFakeTimers({ now: Date.now() + 10_000, toFake: ["Date"] });
    const form = { refresh_token: first.refresh_token };
    const again = await refreshWith(refreshing, form, { proof: await dpopProof(key) });
    vi.useRealTimers();
    const [before, after] = [first, (await again.json()) as IdentifiedBody].map((body) => decodeJwt(body.id_token!));
    expect([after!.iss, after!.sub, after!.aud]).toEqual([before!.iss, before!.sub, before!.aud]);
    expect(after!.iat).toBeGreaterThan(before!.iat!);
    // Bound to the client: another one cannot use it.
    const stolen = await refreshWith(refreshing, { ...form, client_id: `${EVIL}/` }, { proof: await dpopProof(key) });
    await expectError(stolen, "invalid_refresh_token");
  });

  test("every token response may be kept by nobody (Core §3.1.3.3)", async () => {
    const response = await tokenResponseOf(provider);
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("pragma")).toBe("no-cache");
  });
});
