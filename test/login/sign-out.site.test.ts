import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { DemoService } from "../../demo/service.ts";
import { startDemoService } from "../../demo/service.ts";
import { openBrowser } from "../tools/browser.ts";
import { allowAtService, answerNo, answerYes, denyAtService } from "../tools/people.ts";
import { freePort, startSite } from "../tools/site.ts";
import { startTokenServer } from "../tools/token-server.ts";

/** "Sign out everywhere", from the home page to the end of the grant, in a real browser. */

const SECRET = "secret-of-the-provider-at-the-service";

let browser: Browser;
let site: Awaited<ReturnType<typeof startSite>>;
let service: DemoService;
/** Where the service ends grants. */
let grants: Awaited<ReturnType<typeof startTokenServer>>;
let context: BrowserContext;

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
});
afterAll(async () => {
  await Promise.all([browser?.close(), site?.stop(), service?.stop(), grants?.stop()]);
});
afterEach(async () => {
  await context.close();
  grants.seen.length = 0;
});

async function begin(name: string): Promise<Page> {
  context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(site.origin);
  await page.getByRole("button", { name: `End ${name} access` }).click();
  return page;
}

describe("sign out everywhere", () => {
  test("logs in once more, asks, and has the service end the grant, even where the service cuts windows off", async () => {
    grants.answerWith({ json: {} });
    const page = await begin("Demo");
    await allowAtService(page);
    await page.getByRole("heading", { name: "Are you sure you want to end all Demo access?" }).waitFor();
    expect(page.url()).toBe(`${site.origin}/sign-out`);
    const exchanges = service.counts.token;
    expect(grants.seen).toHaveLength(0);

    await answerYes(page);
    await page.getByRole("heading", { name: "All Demo access has ended" }).waitFor();
    expect(service.counts.token).toBe(exchanges + 1);
    expect(grants.seen).toHaveLength(1);
    expect(grants.seen[0]!.form.get("token")).toMatch(/./);
  });

  test("No, and a refusal at the service, end nothing", async () => {
    const page = await begin("Demo");
    await allowAtService(page);
    await answerNo(page);
    await page.getByRole("heading", { name: "Nothing changed" }).waitFor();
    await context.close();

    const other = await begin("Demo");
    await denyAtService(other);
    await other.getByRole("heading", { name: "You didn’t log in to Demo" }).waitFor();
    expect(grants.seen).toHaveLength(0);
  });

  test("[A44] says so when the service fails", async () => {
    grants.answerWith({ status: 500, json: { error: "server_error" } });
    const page = await begin("Demo");
    await allowAtService(page);
    await answerYes(page);
    await page.getByRole("heading", { name: "That didn’t work" }).waitFor();
  });

  test("points to the service's own page where the provider cannot end it", async () => {
    const page = await begin("Without");
    const link = page.getByRole("link", { name: "view or end access at Without" });
    expect(await link.getAttribute("href")).toBe("https://service.example/apps");
  });
});
