import { describe, expect, test } from "vitest";
import { fromNpm } from "../npm.ts";
import type { RunningRecipe } from "../recipe.ts";
import { runRecipe, temporaryDirectory } from "../recipe.ts";
import type { World } from "../world.ts";

const APP = "http://[::1]:4321";

export function openidClientSuite(world: () => World): void {
  describe("openid-client", () => {
    test.each(["oauth2", "oidc"])("logs in by %s discovery, refreshes with DPoP, ends its token", async (algorithm) => {
      const client = fromNpm("openid-client");
      const options = { algorithm, execute: [client.allowInsecureRequests] };
      const config = await client.discovery(new URL(world().issuer()), `${APP}/`, {}, client.None(), options);
      expect(config.serverMetadata().supportsPKCE()).toBe(true);
      const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const expectedState = client.randomState();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: `${APP}/callback`,
        scope: "openid profile email",
        state: expectedState,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: "S256",
        dpop_jkt: await DPoP.calculateThumbprint(),
      });
      const landed = new URL(await world().newPerson().logIn(url.href, { from: APP }));
      const checks = { expectedState, pkceCodeVerifier };

      const forged = new URL(landed);
      forged.searchParams.set("iss", `${world().origin}/unbound`);
      await expect(client.authorizationCodeGrant(config, forged, checks, {}, { DPoP })).rejects.toThrow();

      const tokens = await client.authorizationCodeGrant(config, landed, checks, {}, { DPoP });
      expect(tokens.scope.split(" ")).toEqual(expect.arrayContaining(["openid", "email", "profile"]));
      const { sub, email } = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
      expect({ sub, email }).toEqual({ sub: "alice", email: "alice@demo.example" });
      const asBefore = { scope: "openid profile email" };
      const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, asBefore, { DPoP });
      await client.tokenRevocation(config, refreshed.access_token);
      await expect(client.fetchUserInfo(config, refreshed.access_token, "alice")).rejects.toThrow();
      await expect(client.refreshTokenGrant(config, tokens.refresh_token, {}, { DPoP })).rejects.toMatchObject({
        error: "invalid_grant",
        error_description: expect.any(String),
      });
    });
  });

  test.each(["ClientSecretBasic", "ClientSecretPost"])(
    "openid-client logs in and revokes with the word for a secret, by %s",
    async (method) => {
      const client = fromNpm("openid-client");
      const options = { algorithm: "oauth2", execute: [client.allowInsecureRequests] };
      const config = await client.discovery(
        new URL(world().issuer()),
        `${APP}/`,
        {},
        client[method]("public"),
        options,
      );
      expect(config.serverMetadata().token_endpoint_auth_methods_supported).toEqual([
        "none",
        "client_secret_post",
        "client_secret_basic",
      ]);
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: `${APP}/callback`,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: "S256",
      });
      const landed = new URL(await world().newPerson().logIn(url.href, { from: APP }));
      await expect(client.authorizationCodeGrant(config, landed, {})).rejects.toMatchObject({
        error: "invalid_request",
      });
      const tokens = await client.authorizationCodeGrant(config, landed, { pkceCodeVerifier });
      await client.tokenRevocation(config, tokens.access_token);
      await expect(client.fetchUserInfo(config, tokens.access_token, "alice")).rejects.toThrow();
    },
  );

  test.each([-600, 600])(
    "[A29] openid-client logs in and refreshes on a computer whose clock is %i seconds off",
    async (aheadSeconds) => {
      const client = fromNpm("openid-client");
      const options = { algorithm: "oauth2", execute: [client.allowInsecureRequests] };
      const metadata = { [client.clockSkew]: aheadSeconds };
      const config = await client.discovery(new URL(world().issuer()), `${APP}/`, metadata, client.None(), options);
      const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: `${APP}/callback`,
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
        code_challenge_method: "S256",
        dpop_jkt: await DPoP.calculateThumbprint(),
      });
      const landed = new URL(await world().newPerson().logIn(url.href, { from: APP }));
      await world().takeRequests();
      const before = world().service.counts.token;
      const tokens = await client.authorizationCodeGrant(config, landed, { pkceCodeVerifier }, {}, { DPoP });
      await client.refreshTokenGrant(config, tokens.refresh_token, {}, { DPoP });
      expect(await world().takeRequests(), "one of them to be given a nonce").toEqual({ token: 3 });
      expect(world().service.counts.token).toBe(before + 2);
    },
  );

  describe("a program on the command line (RFC 8252), as on the “Use it from…” page", () => {
    const start = (directory: string): RunningRecipe =>
      runRecipe("cli.js", { AUTH_ISSUER: world().issuer(), SESSION_FILE: `${directory}/session.json` });
    const YOU = /You are Alice Example \(ID: alice\)\./;

    test("logs in on a port of its own, and stays logged in", async () => {
      const directory = await temporaryDirectory();
      const first = start(directory);
      const url = (await first.prints(/http:\/\/localhost\S+/)).trim();
      const person = world().newPerson();
      const question = await person.reachQuestion(url);
      expect(question.origin).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      expect(question.offline).toBe(true);
      const page = await person.open(await person.answer(question));
      expect(page.body).toContain("go back to the terminal");
      await first.prints(YOU);
      expect(await first.exitCode, first.output.join("")).toBe(0);
      expect(first.output.join("")).not.toContain("refresh");

      await world().takeRequests();
      for (let times = 0; times < 2; times++) {
        const later = start(directory);
        await later.prints(YOU);
        expect(await later.exitCode).toBe(0);
        expect(later.output.join("")).not.toContain("Open this address");
      }
      expect(await world().takeRequests()).toEqual({ metadata: 2, token: 2, userinfo: 2 });
    });
  });
}
