import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import * as oauth from "oauth4webapi";
import { describe, expect, test } from "vitest";
import { RECIPES, runServer } from "../recipe.ts";
import type { World } from "../world.ts";

/** Programs that learn from an ID token who somebody is, as on the "Use it from…" page. */

const APP = "http://[::1]:4321";
const insecure = { [oauth.allowInsecureRequests]: true };

interface Choices {
  service?: "demo" | "unbound";
  name?: "alice" | "bob";
  app?: string;
}

/** Logs in with every check of oauth4webapi, also of the signature. */
export async function idTokenOf(world: World, { service = "demo", name = "alice", app = APP }: Choices = {}) {
  const issuer = new URL(world.issuer(service));
  const discovered = await oauth.discoveryRequest(issuer, { algorithm: "oidc", ...insecure });
  const as = await oauth.processDiscoveryResponse(issuer, discovered);
  const client: oauth.Client = { client_id: `${app}/` };
  const [codeVerifier, state, nonce] = [1, 2, 3].map(() => randomBytes(32).toString("base64url")) as [
    string,
    string,
    string,
  ];
  const url = new URL(as.authorization_endpoint!);
  url.search = new URLSearchParams({
    client_id: client.client_id,
    redirect_uri: `${app}/callback`,
    response_type: "code",
    scope: "openid profile email",
    state,
    nonce,
    code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
  }).toString();
  const landed = new URL(await world.newPerson().logIn(url.href, { from: app, name }));
  const parameters = oauth.validateAuthResponse(as, client, landed, state);
  const redeem = oauth.authorizationCodeGrantRequest;
  const response = await redeem(as, client, oauth.None(), parameters, `${app}/callback`, codeVerifier, insecure);
  const checks = { expectedNonce: nonce, requireIdToken: true };
  const tokens = await oauth.processAuthorizationCodeResponse(as, client, response, checks);
  await oauth.validateApplicationLevelSignature(as, response, insecure);
  return {
    idToken: tokens.id_token!,
    accessToken: tokens.access_token,
    claims: oauth.getValidatedIdTokenClaims(tokens)!,
  };
}

/** Imports a recipe with these environment variables, anew each time. */
async function importRecipe(file: string, env: Record<string, string>): Promise<any> {
  Object.assign(process.env, env);
  return await import(`${pathToFileURL(join(RECIPES, file)).href}?${randomBytes(8).toString("hex")}`);
}

/** A server that is a function from Request to Response, in the browser of somebody who uses it. */
function visit(home: string, handle: (request: Request) => Promise<Response>) {
  const jar = new Map<string, string>();
  return async (path: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(init.headers as Record<string, string>), cookie, origin: new URL(home).origin };
    const response = await handle(new Request(new URL(path, home), { ...init, headers, redirect: "manual" }));
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";", 1);
      jar.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    }
    return response;
  };
}

const form = (fields: Record<string, string>): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: new URLSearchParams(fields).toString(),
});

const SECRET = "of-the-session-cookie-0123456789abcdef";

export function idTokenSuite(world: () => World): void {
  describe("any server, with jose", () => {
    test("knows each user by an ID token for the app, and nobody by anything else", async () => {
      const server = await runServer("id-token-api.js", () => ({ ISSUER: world().issuer(), APP_URL: `${APP}/` }));
      const ask = (token: string, init: RequestInit = {}) =>
        fetch(`${server.origin}/note`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
      try {
        const alice = await idTokenOf(world());
        const bob = await idTokenOf(world(), { name: "bob" });
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify({ text: "Alice's" });
        expect((await ask(alice.idToken, { method: "PUT", headers, body })).status).toBe(204);
        expect(await (await ask(alice.idToken)).json()).toEqual({ text: "Alice's" });
        expect(await (await ask(bob.idToken)).json()).toBeNull();

        const [head, payload, signature] = alice.idToken.split(".");
        const none = Buffer.from('{"alg":"none"}').toString("base64url");
        const refused = {
          "an access token": alice.accessToken,
          "a token for another app": (await idTokenOf(world(), { app: "http://[::1]:4322" })).idToken,
          "a token about a user of another service": (await idTokenOf(world(), { service: "unbound" })).idToken,
          "claims of somebody else": `${head}.${bob.idToken.split(".")[1]}.${signature}`,
          "no algorithm": `${none}.${payload}.`,
          nothing: "",
        };
        for (const [what, token] of Object.entries(refused)) expect((await ask(token)).status, what).toBe(401);
      } finally {
        await server.stop();
      }
    });
  });

  describe("SurrealDB", () => {
    test("shows each user their own rows, and refuses tokens for other apps and of other issuers", async () => {
      const env = { ISSUER: world().issuer(), APP_URL: `${APP}/` };
      const { openDatabase, setUp, logIn, addNote, readNotes } = await importRecipe("surrealdb.js", env);
      const db = await openDatabase();
      try {
        await setUp(db);
        await logIn(db, (await idTokenOf(world())).idToken);
        await addNote(db, "Alice's");
        expect(await readNotes(db)).toEqual(["Alice's"]);
        await logIn(db, (await idTokenOf(world(), { name: "bob" })).idToken);
        expect(await readNotes(db)).toEqual([]);
        const other = await idTokenOf(world(), { app: "http://[::1]:4322" });
        await expect(logIn(db, other.idToken)).rejects.toThrow("another app");
        await expect(logIn(db, `${other.idToken.slice(0, -8)}AAAAAAAA`)).rejects.toThrow();
      } finally {
        await db.close();
      }
    });
  });

  describe("Auth.js", () => {
    test("logs its user in, with its checks of state, nonce, PKCE and ID token on", async () => {
      const home = "http://[::1]:4323/";
      const env = { ISSUER: world().issuer(), APP_URL: home, SESSION_SECRET: SECRET };
      const { handle } = await importRecipe("authjs.js", env);
      const open = visit(home, handle);
      const { csrfToken } = (await (await open("/auth/csrf")).json()) as { csrfToken: string };
      const start = await open("/auth/signin/github", form({ csrfToken, callbackUrl: home }));
      const authorization = start.headers.get("location")!;
      expect(new URL(authorization).searchParams.get("nonce")).toMatch(/\S/);
      const landed = await world().newPerson().logIn(authorization, { from: home });
      expect((await open(landed)).headers.get("location")).toBe(home);
      const { user } = (await (await open("/auth/session")).json()) as { user: object };
      expect(user).toMatchObject({ iss: world().issuer(), sub: "alice", name: "Alice Example" });
    });
  });

  describe("Better Auth", () => {
    test("logs its user in and keeps sub as the account's ID", async () => {
      const home = "http://[::1]:4324/";
      const env = { ISSUER: world().issuer(), APP_URL: home, SESSION_SECRET: SECRET };
      const { auth } = await importRecipe("better-auth.js", env);
      const open = visit(home, auth.handler);
      const start = await open("/api/auth/sign-in/social", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ provider: "github", callbackURL: home }),
      });
      const { url } = (await start.json()) as { url: string };
      const landed = await world().newPerson().logIn(url, { from: home });
      expect((await open(landed)).headers.get("location")).toBe(home);
      const { user } = (await (await open("/api/auth/get-session")).json()) as { user: object };
      expect(user).toMatchObject({ name: "Alice Example", email: "alice@demo.example" });
      const accounts = (await (await open("/api/auth/list-accounts")).json()) as { accountId: string }[];
      expect(accounts.map(({ accountId }) => accountId)).toEqual(["alice"]);
    });
  });
}
