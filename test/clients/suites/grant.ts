import type { Server } from "node:http";
import { describe, expect, test } from "vitest";
import { freePort } from "../../tools/site.ts";
import { fromNpm } from "../npm.ts";
import type { World } from "../world.ts";

/** Grant leaves its result here. */
interface GrantRequest {
  session: { grant: { response: unknown } };
}

async function startServer(provider: string): Promise<{ origin: string; stop(): Promise<void> }> {
  const express = fromNpm("express");
  const session = fromNpm("express-session");
  const grant = fromNpm("grant");
  const port = await freePort();
  const origin = `http://[::1]:${port}`;

  const app = express();
  app.use(session({ secret: "of the session cookie", resave: false, saveUninitialized: true }));
  app.use(
    grant.express({
      defaults: { origin, transport: "session", state: true, nonce: true, response: ["tokens", "raw", "profile"] },
      demo: {
        oauth: 2,
        authorize_url: `${provider}/authorize/demo`,
        access_url: `${provider}/token/demo`,
        profile_url: `${provider}/userinfo/demo`,
        key: `${origin}/`,
        secret: "",
        pkce: true,
        scope: ["openid", "profile", "email"],
        scope_delimiter: " ",
        callback: "/done",
        custom_params: { prompt: "login" },
      },
    }),
  );
  app.get("/done", (request: GrantRequest, response: { json(body: unknown): void }) => {
    response.json(request.session.grant.response);
  });
  const server = await new Promise<Server>((resolve) => {
    const listening: Server = app.listen(port, "::1", () => resolve(listening));
  });
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { origin, stop };
}

export function grantSuite(world: () => World): void {
  describe("grant", () => {
    test("logs in, without asking for JSON and with more parameters than anybody knows", async () => {
      const server = await startServer(world().origin);
      try {
        const person = world().newPerson();
        const page = await person.open(await person.logIn(`${server.origin}/connect/demo`, { from: server.origin }));
        expect(JSON.parse(page.body)).toMatchObject({
          access_token: expect.any(String),
          raw: { token_type: "Bearer", scope: expect.stringMatching(/^openid (profile email|email profile)$/) },
          profile: { sub: "alice", email: "alice@demo.example" },
        });

        const question = await person.reachQuestion(`${server.origin}/connect/demo`, { from: server.origin });
        const refused = await person.open(await person.answer(question, "no"));
        expect(JSON.parse(refused.body)).toMatchObject({ error: "access_denied", iss: world().issuer() });
      } finally {
        await server.stop();
      }
    });
  });
}
