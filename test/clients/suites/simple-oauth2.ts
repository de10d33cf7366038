import { createHash, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { fromNpm } from "../npm.ts";
import type { World } from "../world.ts";

const APP = "http://[::1]:4321";
const REDIRECT_URI = `${APP}/callback`;

export function simpleOAuth2Suite(world: () => World): void {
  describe("simple-oauth2, which takes nothing but JSON for an answer", () => {
    test.each([
      ["Basic with an empty secret", "", { authorizationMethod: "header" }],
      [
        "Basic with an empty secret, not encoded",
        "",
        { authorizationMethod: "header", credentialsEncodingMode: "loose" },
      ],
      ["an empty client_secret in the body", "", { authorizationMethod: "body" }],
      ["an empty client_secret in a JSON body", "", { authorizationMethod: "body", bodyFormat: "json" }],
      ["Basic with the word for a secret", "public", { authorizationMethod: "header" }],
      ["the word for a secret in the body", "public", { authorizationMethod: "body" }],
    ])("logs in, refreshes and revokes with %s", async (_, secret, options) => {
      const { AuthorizationCode } = fromNpm("simple-oauth2");
      const client = new AuthorizationCode({
        client: { id: `${APP}/`, secret },
        auth: {
          tokenHost: world().origin,
          authorizePath: "/authorize/unbound",
          tokenPath: "/token/unbound",
          revokePath: "/revoke/unbound",
        },
        options,
      });
      const codeVerifier = randomBytes(32).toString("base64url");
      const state = randomBytes(16).toString("hex");
      const url = client.authorizeURL({
        redirect_uri: REDIRECT_URI,
        scope: ["profile", "offline_access"],
        state,
        code_challenge: createHash("sha256").update(codeVerifier).digest("base64url"),
        code_challenge_method: "S256",
      });
      const landed = new URL(await world().newPerson().logIn(url, { from: APP })).searchParams;
      expect(landed.get("state")).toBe(state);

      const wanted = { code: landed.get("code"), redirect_uri: REDIRECT_URI };
      const wrong = client.getToken({ ...wanted, code_verifier: "x".repeat(43) });
      await expect(wrong).rejects.toMatchObject({ data: { payload: { error: "invalid_grant" } } });
      const token = await client.getToken({ ...wanted, code_verifier: codeVerifier });
      expect(token.expired()).toBe(false);
      const refreshed = await token.refresh();
      expect(refreshed.token.access_token).not.toBe(token.token.access_token);
      expect(refreshed.token.refresh_token).toEqual(expect.any(String));
      await refreshed.revokeAll();
      await expect(refreshed.refresh()).rejects.toMatchObject({ data: { payload: { error: "invalid_grant" } } });
    });
  });
}
