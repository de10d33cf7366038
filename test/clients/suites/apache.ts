import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROJECT } from "../../../scripts/files/project.ts";
import { freePort } from "../../../scripts/network/free-port.ts";
import { APACHE, startApache } from "../../tools/apache.ts";
import type { LocalServer } from "../../tools/local-server.ts";
import type { World } from "../world.ts";

/** A web server that checks ID tokens by itself (mod_auth_openidc), with the directives of the "Use it from…" page. */

/** The directives in the page's table, each as one piece of code. */
async function documentedDirectives(issuer: string, app: string): Promise<string[]> {
  const page = await readFile(join(PROJECT, "docs/use-from.md"), "utf8");
  const row = page.split("\n").find((line) => line.startsWith("| Apache's [mod_auth_openidc]")) ?? "";
  const directives = [...row.matchAll(/`(OIDC[^`]+)`/g)].map(([, directive = ""]) => directive);
  expect(directives.length).toBeGreaterThan(7);
  return directives.map((directive) => directive.replace("ISSUER", issuer).replaceAll("https://app.example", app));
}

export function apacheSuite(world: () => World): void {
  const isMissing = !APACHE.isInstalled();
  if (isMissing)
    console.log(
      `${APACHE.name} is not installed, so its tests are skipped: apt-get install ${APACHE.packages.join(" ")}`,
    );

  describe.skipIf(isMissing)("mod_auth_openidc, as Debian has it", () => {
    let apache: LocalServer;

    beforeAll(async () => {
      const port = await freePort();
      apache = await startApache(port, [
        ...(await documentedDirectives(world().issuer(), `http://127.0.0.1:${port}`)),
        // Otherwise only what looks like a browser is sent to log in, and "fetch" does not.
        "OIDCUnAuthAction auth true",
        "<Location />",
        "AuthType openid-connect",
        "Require user alice",
        "</Location>",
      ]);
    });
    afterAll(() => apache?.stop());

    /** What a person sees who opens a page there. */
    async function visit(name: "alice" | "bob") {
      const person = world().newPerson();
      const from = `${apache.origin}/notes`;
      const landed = await person.logIn(from, { from, name });
      return await person.open(landed, from);
    }

    test("lets in the user whom it names, by `sub` of an ID token that it has checked, and shows the page asked for", async () => {
      const { url, body } = await visit("alice");
      expect(body).toBe("user=alice");
      expect(url.href).toBe(`${apache.origin}/notes`);
    });

    test("lets in nobody else", async () => {
      expect((await visit("bob")).status).toBe(401);
    });

    test("asks for the login with PKCE, a state and a nonce", async () => {
      const response = await fetch(`${apache.origin}/notes`, { redirect: "manual", headers: { accept: "text/html" } });
      const asked = new URL(response.headers.get("location")!);
      expect(asked.origin + asked.pathname).toBe(`${world().origin}/authorize/demo`);
      const { code_challenge_method: method, ...parameters } = Object.fromEntries(asked.searchParams);
      expect(method).toBe("S256");
      expect(parameters).toMatchObject({
        scope: "openid profile",
        nonce: expect.any(String),
        state: expect.any(String),
      });
    });
  });
}
