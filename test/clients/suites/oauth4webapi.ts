import * as oauth from "oauth4webapi";
import { describe, expect, test } from "vitest";
import type { World } from "../world.ts";

/** A static app without a server: the test is the app's code, and nothing loads its pages. */
export const APP = "http://[::1]:4321";
const client: oauth.Client = { client_id: `${APP}/` };
/** This redirect URI has a query, which must be preserved. */
const REDIRECT_URI = `${APP}/callback?from=menu`;

/** The library needs this option for plain http on loopback. No other check is relaxed. */
const insecure = { [oauth.allowInsecureRequests]: true };

const INVALID_GRANT = { error: "invalid_grant", status: 400 };
const INVALID_PROOF = { error: "invalid_dpop_proof", status: 400 };

interface Keys {
  pair: oauth.CryptoKeyPair;
  handle: oauth.DPoPHandle;
}

/** @param aheadSeconds how far the clock of the app's computer is ahead */
export async function newKeys(aheadSeconds = 0): Promise<Keys> {
  const pair = await oauth.generateKeyPair("ES256");
  return { pair, handle: oauth.DPoP({ [oauth.clockSkew]: aheadSeconds }, pair) };
}

/** RFC 9449 §8: the library remembers the nonce, but leaves it to the caller to repeat the request. */
async function withNonce<Result>(ask: () => Promise<Result>): Promise<Result> {
  try {
    return await ask();
  } catch (error) {
    if (!oauth.isDPoPNonceError(error)) throw error;
    return await ask();
  }
}

export async function discover(issuer: string, algorithm: "oauth2" | "oidc"): Promise<oauth.AuthorizationServer> {
  const url = new URL(issuer);
  return await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, { algorithm, ...insecure }));
}

/** Completes a login with every check that the library offers. */
export async function logIn(
  world: World,
  as: oauth.AuthorizationServer,
  { keys, scope }: { keys?: Keys; scope?: string } = {},
): Promise<oauth.TokenEndpointResponse> {
  const codeVerifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const url = new URL(as.authorization_endpoint!);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: REDIRECT_URI,
    response_type: "code",
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
    ...(scope === undefined ? {} : { scope }),
    ...(keys ? { dpop_jkt: await keys.handle.calculateThumbprint() } : {}),
  }).toString();
  const landed = new URL(await world.newPerson().logIn(url.href, { from: APP }));
  expect(landed.searchParams.get("from")).toBe("menu");
  const parameters = oauth.validateAuthResponse(as, client, landed, state);
  return await withNonce(async () => {
    const response = await oauth.authorizationCodeGrantRequest(
      as,
      client,
      oauth.None(),
      parameters,
      REDIRECT_URI,
      codeVerifier,
      { ...insecure, ...(keys ? { DPoP: keys.handle } : {}) },
    );
    return await oauth.processAuthorizationCodeResponse(as, client, response);
  });
}

async function refresh(
  as: oauth.AuthorizationServer,
  refreshToken: string,
  keys: Keys | undefined,
  headers: Record<string, string> = {},
): Promise<oauth.TokenEndpointResponse> {
  const options = { ...insecure, headers, ...(keys ? { DPoP: keys.handle } : {}) };
  return await withNonce(async () => {
    const response = await oauth.refreshTokenGrantRequest(as, client, oauth.None(), refreshToken, options);
    return await oauth.processRefreshTokenResponse(as, client, response);
  });
}

async function userInfo(as: oauth.AuthorizationServer, accessToken: string): Promise<oauth.UserInfoResponse> {
  const response = await oauth.userInfoRequest(as, client, accessToken, insecure);
  return await oauth.processUserInfoResponse(as, client, oauth.skipSubjectCheck, response);
}

/** Revokes a token. The demo service then also revokes all other tokens from the same login. */
async function revoke(as: oauth.AuthorizationServer, token: string): Promise<void> {
  await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, oauth.None(), token, insecure));
}

export function oauth4webapiSuite(world: () => World): void {
  describe("oauth4webapi", () => {
    test.each(["oauth2", "oidc"] as const)("finds us by %s discovery at once", async (algorithm) => {
      const as = await discover(world().issuer(), algorithm);
      expect(as.issuer).toBe(world().issuer());
      expect(as.authorization_response_iss_parameter_supported).toBe(true);
    });

    test("logs in with DPoP, refreshes with rotation, reads the profile and ends its tokens", async () => {
      const { service, takeRequests } = world();
      const as = await discover(world().issuer(), "oauth2");
      const keys = await newKeys();
      await takeRequests();
      const before = { ...service.counts };

      const tokens = await logIn(world(), as, { keys });
      // The second `authorize` request comes from the start page, because this redirect URI has a query.
      const perLogin = { authorize: 2, callback: 1, decision: 1, token: 1 };
      expect(await takeRequests(), "requests to us per login").toEqual(perLogin);
      expect(service.counts).toEqual({ authorize: before.authorize + 1, token: before.token + 1 });
      expect(tokens).toMatchObject({ expires_in: 3600, refresh_token: expect.any(String) });
      expect(await userInfo(as, tokens.access_token)).toEqual({
        sub: "alice",
        id: "alice",
        username: "alice",
        name: "Alice Example",
        avatar: expect.stringMatching(/^http/),
        // The standard names, because this provider has ID tokens.
        preferred_username: "alice",
        picture: expect.stringMatching(/^http/),
      });
      await takeRequests();

      const refreshed = await refresh(as, tokens.refresh_token!, keys);
      expect(await takeRequests(), "requests to us per refresh").toEqual({ token: 1 });
      expect(service.counts.token).toBe(before.token + 2);
      expect(refreshed.access_token).not.toBe(tokens.access_token);
      expect(refreshed.refresh_token).not.toBe(tokens.refresh_token);
      const again = await refresh(as, refreshed.refresh_token!, keys);
      expect(again.refresh_token).toEqual(expect.any(String));

      await revoke(as, again.access_token);
      await expect(userInfo(as, again.access_token)).rejects.toMatchObject({
        status: 401,
        cause: [{ scheme: "bearer", parameters: { error: "invalid_token" } }],
      });
      // Revoking an invalid or expired token succeeds (RFC 7009 section 2.2).
      await revoke(as, again.access_token);
      await revoke(as, "never-was-a-token");
      await revoke(as, again.refresh_token!);
      await expect(refresh(as, again.refresh_token!, keys)).rejects.toMatchObject(INVALID_GRANT);
    });

    test.each([-600, 600])(
      "[A29] logs in and refreshes on a computer whose clock is %i seconds off",
      async (aheadSeconds) => {
        const { service, takeRequests } = world();
        const as = await discover(world().issuer(), "oauth2");
        const keys = await newKeys(aheadSeconds);
        await takeRequests();
        const before = service.counts.token;

        const tokens = await logIn(world(), as, { keys });
        expect(await takeRequests()).toEqual({ authorize: 2, callback: 1, decision: 1, token: 2 });
        expect(service.counts.token).toBe(before + 1);
        const later = { ...keys, handle: oauth.DPoP({ [oauth.clockSkew]: aheadSeconds }, keys.pair) };
        const refreshed = await refresh(as, tokens.refresh_token!, later);
        expect(await takeRequests()).toEqual({ token: 2 });
        await refresh(as, refreshed.refresh_token!, later);
        expect(await takeRequests(), "with the nonce that it still has").toEqual({ token: 1 });
        expect(service.counts.token).toBe(before + 3);
      },
    );

    test("[A29] a refresh token is worth nothing without its key, and nothing is asked of the service", async () => {
      const as = await discover(world().issuer(), "oauth2");
      const keys = await newKeys();
      const { refresh_token: token } = await logIn(world(), as, { keys });
      const before = world().service.counts.token;

      await expect(refresh(as, token!, await newKeys())).rejects.toMatchObject(INVALID_PROOF);
      await expect(refresh(as, token!, undefined)).rejects.toMatchObject(INVALID_PROOF);
      const other: oauth.Client = { client_id: "http://[::1]:9999/" };
      const foreign = await oauth.refreshTokenGrantRequest(as, other, oauth.None(), token!, {
        ...insecure,
        DPoP: oauth.DPoP(other, keys.pair),
      });
      await expect(oauth.processRefreshTokenResponse(as, other, foreign)).rejects.toMatchObject(INVALID_GRANT);
      expect(world().service.counts.token).toBe(before);
    });

    test("[A30] a page of another origin cannot use a refresh token", async () => {
      const as = await discover(world().issuer(), "oauth2");
      const keys = await newKeys();
      const { refresh_token: token } = await logIn(world(), as, { keys });
      const before = world().service.counts.token;
      const stolen = refresh(as, token!, keys, { origin: "https://evil.example" });
      await expect(stolen).rejects.toMatchObject(INVALID_GRANT);
      expect(world().service.counts.token).toBe(before);
      await refresh(as, token!, keys, { origin: APP });
    });

    test("of two refreshes at the same moment, whoever loses is told so clearly", async () => {
      const as = await discover(world().issuer(), "oauth2");
      const keys = await newKeys();
      const { refresh_token: token } = await logIn(world(), as, { keys });
      const results = await Promise.allSettled([refresh(as, token!, keys), refresh(as, token!, keys)]);
      const lost = results.filter((result) => result.status === "rejected");
      expect(lost.length).toBeLessThanOrEqual(1);
      for (const { reason } of lost) expect(reason).toMatchObject(INVALID_GRANT);
    });

    test("without a key there is no refresh token, unless the owner allows it and the app asks for it", async () => {
      const bound = await discover(world().issuer("demo"), "oauth2");
      expect(await logIn(world(), bound, { scope: "profile offline_access" })).not.toHaveProperty("refresh_token");
      const unbound = await discover(world().issuer("unbound"), "oauth2");
      expect(await logIn(world(), unbound, { scope: "profile" })).not.toHaveProperty("refresh_token");
      const tokens = await logIn(world(), unbound, { scope: "profile offline_access" });
      await refresh(unbound, tokens.refresh_token!, undefined);
    });

    test("is spared a service's null, commas, foreign ID token and number for an id", async () => {
      const as = await discover(world().issuer("odd"), "oauth2");
      expect(as).not.toHaveProperty("revocation_endpoint");
      expect(as.grant_types_supported).toEqual(["authorization_code"]);
      const tokens = await logIn(world(), as);
      // The library validates every ID token against our issuer, so it has passed that check by now.
      const { access_token: accessToken, ...others } = tokens;
      expect(others).toEqual({ token_type: "bearer", scope: "user:email read:user" });
      expect(await userInfo(as, accessToken)).toEqual({
        sub: "583231",
        id: "583231",
        username: "octocat",
        name: "octocat",
        avatar: "https://odd.example/1.png",
        preferred_username: "octocat",
        picture: "https://odd.example/1.png",
      });
    });

    test("learns of a No, with state and issuer checked", async () => {
      const as = await discover(world().issuer(), "oauth2");
      const state = oauth.generateRandomState();
      const url = new URL(as.authorization_endpoint!);
      url.search = new URLSearchParams({
        client_id: `${APP}/`,
        redirect_uri: REDIRECT_URI,
        response_type: "code",
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(oauth.generateRandomCodeVerifier()),
        code_challenge_method: "S256",
      }).toString();
      const before = world().service.counts.token;

      for (const atService of ["allow", "deny"] as const) {
        const person = world().newPerson();
        const question = await person.reachQuestion(url.href, { from: APP, atService });
        const landed = new URL(await person.answer(question, "no"));
        expect(() => oauth.validateAuthResponse(as, client, landed, state)).toThrow(
          expect.objectContaining({ error: "access_denied", error_description: expect.any(String) }),
        );
      }
      expect(world().service.counts.token).toBe(before);
    });
  });
}
