import { describe, expect, test } from "vitest";
import type { RunningRecipe } from "../recipe.ts";
import { runServer } from "../recipe.ts";
import type { World } from "../world.ts";

export function serversSuite(world: () => World): void {
  describe("a server with passport in Express, as on the “Use it from…” page", () => {
    const start = (service = "demo") =>
      runServer("express-passport.js", (origin) => ({
        AUTH_PROVIDER: world().origin,
        AUTH_SERVICE: service,
        APP_URL: `${origin}/`,
        SESSION_SECRET: "of the session cookie",
      }));

    test("logs its user in, with state and PKCE checked by passport, and out", async () => {
      await using(await start(), async ({ origin }) => {
        const person = world().newPerson();
        await world().takeRequests();
        const location = await person.logIn(`${origin}/login`, { from: origin });
        const page = await person.open(location);
        const iss = world().issuer();
        expect(JSON.parse(page.body)).toEqual({ iss, sub: "alice", name: "Alice Example" });
        expect(await world().takeRequests()).toEqual({ authorize: 1, callback: 1, decision: 1, token: 1, jwks: 1 });
        expect(JSON.parse((await world().newPerson().open(`${origin}/`)).body)).toBeNull();

        // The same answer in another browser, which did not start a login [A18].
        expect((await world().newPerson().open(location)).status).toBe(403);
      });
    });

    test("a login that the app's page did not start goes by the start page, and works as well", async () => {
      await using(await start(), async ({ origin }) => {
        const person = world().newPerson();
        const page = await person.open(await person.logIn(`${origin}/login`, { name: "bob" }));
        expect(JSON.parse(page.body)).toMatchObject({ sub: "bob" });
      });
    });

    test("[A32] logs nobody in by a name, where the service has no identifier for them", async () => {
      await using(await start("nameonly"), async ({ origin }) => {
        const person = world().newPerson();
        const page = await person.open(`${origin}/login`, origin);
        // The provider has no ID token about such a user.
        expect(page).toMatchObject({ status: 400, body: expect.stringContaining("openid_without_sub") });
        expect(JSON.parse((await person.open(`${origin}/`)).body)).toBeNull();
      });
    });

    test("takes a No for a failed login, not for a broken server", async () => {
      await using(await start(), async ({ origin }) => {
        const person = world().newPerson();
        const question = await person.reachQuestion(`${origin}/login`, { from: origin });
        const page = await person.open(await person.answer(question, "no"));
        expect(page).toMatchObject({ status: 403, body: expect.stringContaining("You said no") });
      });
    });
  });

  describe("a server with sessions of its own, as on the “Use it from…” page", () => {
    const start = (service = "demo") =>
      runServer("own-sessions.js", (origin) => ({
        AUTH_PROVIDER: world().origin,
        AUTH_SERVICE: service,
        APP_URL: `${origin}/`,
      }));

    test("finds or creates its user by sub, issues its own session and ends it", async () => {
      await using(await start(), async ({ origin }) => {
        const person = world().newPerson();
        const first = await person.open(await person.logIn(`${origin}/login`, { from: origin }));
        const user = JSON.parse(first.body);
        expect(user).toMatchObject({ iss: world().issuer(), sub: "alice", name: "Alice Example" });

        // The same user in another browser gets the same account.
        const elsewhere = world().newPerson();
        const second = await elsewhere.open(await elsewhere.logIn(`${origin}/login`, { from: origin }));
        expect(JSON.parse(second.body)).toEqual(user);

        await person.submit(`${origin}/logout`);
        expect((await person.open(`${origin}/me`)).status).toBe(401);
        expect((await elsewhere.open(`${origin}/me`)).status).toBe(200);
      });
    });

    test("[A32] logs nobody in by a name, where the service has no identifier for them", async () => {
      await using(await start("nameonly"), async ({ origin }) => {
        const person = world().newPerson();
        const page = await person.open(`${origin}/login`, origin);
        expect(page).toMatchObject({ status: 400, body: expect.stringContaining("openid_without_sub") });
        expect((await person.open(`${origin}/me`)).status).toBe(401);
      });
    });

    test("[A32] takes neither an access token for a login, nor an answer that belongs to another login", async () => {
      await using(await start(), async ({ origin }) => {
        const victim = world().newPerson();
        const location = await victim.logIn(`${origin}/login`, { from: origin });
        const attacker = world().newPerson();
        expect((await attacker.open(location)).status).toBe(400);

        const mixedUp = new URL(await victim.logIn(`${origin}/login`, { from: origin }));
        mixedUp.searchParams.set("iss", `${world().origin}/odd`);
        expect((await victim.open(mixedUp.href)).status).toBe(400);
        const headers = { authorization: "Bearer some-access-token-of-alice" };
        expect((await fetch(`${origin}/me`, { headers })).status).toBe(401);
      });
    });
  });
}

async function using(
  server: RunningRecipe & { origin: string },
  use: (server: RunningRecipe & { origin: string }) => Promise<void>,
): Promise<void> {
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}
