import { randomBytes } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { freePort } from "../../tools/site.ts";
import { fromNpm } from "../npm.ts";
import { RECIPES } from "../recipe.ts";
import type { World } from "../world.ts";

const CLIENTS = fileURLToPath(new URL("../", import.meta.url));
/** Inside the packages' folder, so that the recipe's imports resolve. */
const BUNDLES = join(CLIENTS, "node_modules/.cache/recipes");

interface CustomProvider {
  new (modelName: string): { addProvider(instance: object, options: object): void };
}

async function loadRecipe(service: string): Promise<CustomProvider> {
  await mkdir(BUNDLES, { recursive: true });
  const outfile = join(BUNDLES, `ezbackend-${service}-${process.pid}.mjs`);
  await build({
    entryPoints: [join(RECIPES, "ezbackend-provider.js")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    alias: { "@ezbackend/auth": join(CLIENTS, "ezbackend-stand-in.js"), "fastify-passport": "@fastify/passport" },
    external: ["@fastify/passport", "jose", "passport-oauth2"],
    logLevel: "error",
  });
  const { AuthProvider } = (await import(pathToFileURL(outfile).href)) as { AuthProvider: CustomProvider };
  await rm(outfile);
  return AuthProvider;
}

/** Starts a Fastify server as EzBackend sets it up, with this provider only. */
async function startBackend(provider: string, service = "demo") {
  const port = await freePort();
  const origin = `http://[::1]:${port}`;
  Object.assign(process.env, { AUTH_PROVIDER: provider, AUTH_SERVICE: service, APP_URL: `${origin}/` });
  const AuthProvider = await loadRecipe(service);

  const passport = fromNpm("@fastify/passport").default;
  const server = fromNpm("fastify")();
  const cookie = { path: "/", sameSite: "lax", secure: false, httpOnly: true };
  await server.register(fromNpm("@fastify/secure-session"), { key: randomBytes(32), cookie });
  await server.register(passport.initialize());
  await server.register(passport.secureSession());
  const users = new Map<string, unknown>();
  await server.register(
    async (scope: object) => {
      const options = { successRedirectURL: "/me", failureRedirectURL: "/refused" };
      new AuthProvider("User").addProvider({ server: scope, users }, options);
    },
    { prefix: "/user" },
  );
  server.get("/me", async (request: { user: unknown }) => request.user ?? { user: null });
  server.get("/refused", async () => "refused");
  await server.listen({ port, host: "::1" });
  return { origin, users, stop: () => server.close() as Promise<void> };
}

export function ezbackendSuite(world: () => World): void {
  describe("a custom provider of EzBackend through @fastify/passport, as on the “Use it from…” page", () => {
    test("logs its user in through login and callback route, creates their row, and logs them out", async () => {
      const backend = await startBackend(world().origin);
      try {
        const person = world().newPerson();
        const login = `${backend.origin}/user/auth/demo/login`;
        const location = await person.logIn(login, { from: backend.origin });
        expect(location).toContain(`${backend.origin}/user/auth/demo/callback?`);
        const page = await person.open(location);
        expect(page.url.pathname).toBe("/me");
        const profile = { iss: world().issuer(), sub: "alice", name: "Alice Example" };
        expect(JSON.parse(page.body)).toMatchObject({ demoId: "alice", demoData: profile });
        expect([...backend.users.keys()]).toEqual(["demo-alice"]);

        const out = await person.open(`${backend.origin}/user/auth/demo/logout`);
        expect(JSON.parse(out.body)).toEqual({ user: null });

        // In a browser that did not start the login, the same answer logs nobody in [A18].
        expect((await world().newPerson().open(location)).url.pathname).toBe("/refused");
        const question = await person.reachQuestion(login, { from: backend.origin });
        const refused = await person.open(await person.answer(question, "no"));
        expect(refused.url.pathname).toBe("/refused");
      } finally {
        await backend.stop();
      }
    });

    test("[A32] creates no row by a name, where the service has no identifier for its users", async () => {
      const backend = await startBackend(world().origin, "nameonly");
      try {
        const person = world().newPerson();
        const login = `${backend.origin}/user/auth/nameonly/login`;
        const page = await person.open(login, backend.origin);
        // The provider has no ID token about such a user.
        expect(page).toMatchObject({ status: 400, body: expect.stringContaining("openid_without_sub") });
        expect(backend.users.size).toBe(0);
      } finally {
        await backend.stop();
      }
    });
  });
}
