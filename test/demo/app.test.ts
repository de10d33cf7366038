import { afterAll, beforeAll, expect, test } from "vitest";
import { fillSnippet } from "../../client/snippets/fill.ts";
import { startDemoApp } from "../../demo/app-server.ts";
import { readSnippets } from "../../scripts/build/snippets.ts";

/** What the demo app tells a newcomer. test/login/oauth.site.test.ts logs in with it. */

const providerOrigin = "http://localhost:8888";
let app: Awaited<ReturnType<typeof startDemoApp>>;

beforeAll(async () => {
  app = await startDemoApp({ providerOrigin, serviceOrigin: "http://localhost:8889" });
});
afterAll(() => app?.stop());

test("shows the code of the docs and of the home page, with the address of the provider on this computer", async () => {
  const { code } = (await (await fetch(`${app.origin}/config.json`)).json()) as { code: string };
  const values = { provider: providerOrigin, service: "demo", serviceName: "Demo", clientId: "" };
  expect(code).toBe(fillSnippet((await readSnippets())["auth.html"]!, values));
  expect(code).toContain(`from "${providerOrigin}/auth.js"`);
});

test("says first what to press and whom to choose, and tells each of its two buttons apart", async () => {
  const html = await (await fetch(app.origin)).text();
  expect(html).toContain("Press a button and choose Alice");
  for (const id of ["in-popup", "in-page"]) {
    expect(html).toContain(`aria-describedby="${id}"`);
    expect(html).toMatch(new RegExp(`<p id="${id}">[^<]{20}`));
  }
});
