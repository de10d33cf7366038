import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DemoService } from "../../demo/service.ts";
import { startDemoService } from "../../demo/service.ts";
import { openBrowser } from "../tools/browser.ts";
import { allowAtService, answerNo, answerYes, denyAtService } from "../tools/people.ts";
import type { Profile } from "../tools/profile.ts";
import { allowAgain, openProfile } from "../tools/profile.ts";
import { freePort, startSite } from "../tools/site.ts";
import { startTokenServer } from "../tools/token-server.ts";
import { say } from "../tools/words.ts";

/** "Sign out everywhere" in a real browser, from the home page until the grant is revoked. */

const SECRET = "secret-of-the-provider-at-the-service";

let browser: Browser;
let site: Awaited<ReturnType<typeof startSite>>;
let service: DemoService;
/** The service's endpoint that revokes grants. */
let grants: Awaited<ReturnType<typeof startTokenServer>>;
let profile: Profile;

beforeAll(async () => {
  const port = await freePort();
  const provider = `http://localhost:${port}`;
  [browser, grants] = await Promise.all([openBrowser(), startTokenServer()]);
  service = await startDemoService({
    clientId: "provider-under-test",
    clientSecret: SECRET,
    redirectUris: [`${provider}/callback/demo`],
    cutOpener: true,
  });
  site = await startSite({
    port,
    services: {
      Demo: { ...service.record, grant_revocation_endpoint: grants.endpoint },
      Without: { ...service.record, name: "Without", manage_url: "https://service.example/apps" },
    },
    secrets: { Demo: { client_secret: SECRET }, Without: { client_secret: SECRET } },
  });
  profile = await openProfile(browser, `${provider}/favicon.svg`, [`${service.origin}/people/alice.svg`]);
});
afterAll(async () => {
  await Promise.all([browser?.close(), site?.stop(), service?.stop(), grants?.stop()]);
});
beforeEach(async () => {
  await profile.reset();
  grants.seen.length = 0;
});

async function begin(name: string): Promise<Page> {
  const { page } = profile;
  await page.goto(site.origin);
  await page.getByRole("button", { name: say("home.signOut.button", { service: name }) }).click();
  return page;
}

describe("sign out everywhere", () => {
  test("logs in once more, asks, and has the service end the grant, even where the service cuts windows off", async () => {
    grants.answerWith({ json: {} });
    const page = await begin("Demo");
    await allowAtService(page);
    await page.getByRole("heading", { name: say("signOut.title", { service: "Demo" }) }).waitFor();
    expect(page.url()).toBe(`${site.origin}/sign-out`);
    const exchanges = service.counts.token;
    expect(grants.seen).toHaveLength(0);

    await answerYes(page);
    await page.getByRole("heading", { name: say("signOut.done.title", { service: "Demo" }) }).waitFor();
    expect(service.counts.token).toBe(exchanges + 1);
    expect(grants.seen).toHaveLength(1);
    expect(grants.seen[0]!.form.get("token")).toMatch(/./);
  });

  test("a refusal at the service, and No, end nothing; [A44] says so when the service fails", async () => {
    grants.answerWith({ status: 500, json: { error: "server_error" } });
    await denyAtService(await begin("Demo"));
    const { page } = profile;
    await page.getByRole("heading", { name: "You didn’t log in to Demo" }).waitFor();

    await allowAgain(await begin("Demo"));
    await answerNo(page);
    await page.getByRole("heading", { name: "Nothing changed" }).waitFor();
    expect(grants.seen).toHaveLength(0);

    await begin("Demo");
    await answerYes(page);
    await page.getByRole("heading", { name: "That didn’t work" }).waitFor();
  });

  test("points to the service's own page where the provider cannot end it", async () => {
    const page = await begin("Without");
    const link = page.getByRole("link", { name: "view or end access at Without" });
    expect(await link.getAttribute("href")).toBe("https://service.example/apps");
  });
});
