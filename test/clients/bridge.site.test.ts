/**
 * Tests the Madata bridge with Mavo and Madata, unmodified from npm, at services whose pages cut the popup off from the
 * app. Such an app needs only one script tag, or Madata's own static `oAuth` setting.
 */

import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser } from "../tools/browser.ts";
import { answerNo, answerYes, readPage } from "../tools/people.ts";
import type { Profile } from "../tools/profile.ts";
import { openProfile } from "../tools/profile.ts";
import { freePort, startSite } from "../tools/site.ts";
import { type FakeGithub, startFakeGithub, USER } from "./fake-github.ts";
import { type AppServer, logInAndWatch, MAVO_TOKEN_KEY, readState, startAppServer } from "./pages.ts";

const CLIENT_ID = "client-of-the-owner";
const CLIENT_SECRET = "secret-of-the-owner-0123456789";
/** Mavo's own client id. The provider does not know it. */
const FOREIGN_CLIENT_ID = "client-of-somebody-else";

let browser: Browser;
let github: FakeGithub;
let site: Awaited<ReturnType<typeof startSite>>;
/** `bridged` uses the script tag, `pointed` uses the static `oAuth`, and `plain` uses neither. */
let bridged: AppServer;
let pointed: AppServer;
let plain: AppServer;
let profile: Profile;
let context: BrowserContext;

beforeAll(async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  github = await startFakeGithub({
    clientId: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    callback: origin,
  });
  const token = `${github.origin}/login/oauth/access_token`;
  const client = { clientId: CLIENT_ID, authProvider: origin };
  [site, bridged, pointed, plain, browser] = await Promise.all([
    startSite({
      port,
      services: {
        Github: { client_id: CLIENT_ID, token_endpoint: token, opener: "cut", madata: true },
        // The real client, with a service that behaves like Dropbox.
        Dropbox: {
          client_id: CLIENT_ID,
          authorization_endpoint: "https://github.com/login/oauth/authorize",
          token_endpoint: token,
          madata: true,
        },
        Kept: {
          client_id: CLIENT_ID,
          authorization_endpoint: "https://github.com/login/oauth/authorize",
          token_endpoint: token,
        },
      },
      secrets: Object.fromEntries(["Github", "Dropbox", "Kept"].map((key) => [key, { client_secret: CLIENT_SECRET }])),
    }),
    startAppServer({ ...client, clientId: FOREIGN_CLIENT_ID, scripts: [`${origin}/madata.js`] }),
    startAppServer({ ...client, oAuth: `${origin}/authorize/github` }),
    startAppServer(client),
    openBrowser({ args: github.chromiumArgs }),
  ]);
  profile = await openProfile(browser, plain.emptyUrl, [`${origin}/favicon.svg`]);
  context = profile.context;
});
afterAll(async () => {
  await Promise.all([browser?.close(), site?.stop(), bridged?.stop(), pointed?.stop(), plain?.stop(), github?.stop()]);
});
beforeEach(async () => {
  github.reset();
  github.options.cutOpener = true;
  await profile.reset();
});

async function openApp(url: string): Promise<Page> {
  const { page } = profile;
  await page.goto(url);
  return page;
}

async function pressLogin(app: Page): Promise<Page> {
  const popup = app.waitForEvent("popup");
  await app.getByRole("button", { name: "Login" }).click();
  return await popup;
}

/** Opens the service in a window of its own and returns that window. The question appears in the waiting window. */
async function goThroughService(waitingWindow: Page, name: string): Promise<Page> {
  const opened = context.waitForEvent("page");
  await waitingWindow.getByRole("link", { name: `Open ${name}` }).click();
  return await opened;
}

async function expectLoggedIn(app: Page): Promise<void> {
  await app.getByRole("link", { name: USER.name }).waitFor();
  const { received, stored } = await readState(app);
  const [token] = github.issuedTokens;
  expect(received).toEqual([{ data: { backend: "Github", token }, origin: site.origin }]);
  expect(stored).toEqual({ [MAVO_TOKEN_KEY]: token });
}

test("without the bridge, such a login ends on a page that says so, and nothing is exchanged", async () => {
  const popup = await pressLogin(await openApp(plain.mavoUrl));
  await popup.getByText(/nothing was handed over/i).waitFor();
  expect(github.counts.token).toBe(0);
});

describe("with one script tag", () => {
  test("Mavo logs in whole: its own popup stays, the service gets a second window, and the token arrives", async () => {
    const app = await openApp(bridged.mavoUrl);
    const waitingWindow = await pressLogin(app);
    await waitingWindow.getByRole("link", { name: "Open GitHub" }).waitFor();
    expect(await readPage(waitingWindow)).toContain(bridged.origin);
    expect(github.counts.authorize).toBe(0);

    await goThroughService(waitingWindow, "GitHub");
    await waitingWindow
      .getByRole("heading", { name: `Are you sure you want to log in to ${bridged.origin}` })
      .waitFor();
    expect(github.counts.token).toBe(0);
    expect(github.authorizeRequests[0]!.searchParams.get("client_id")).toBe(CLIENT_ID);
    expect(github.authorizeRequests[0]!.searchParams.get("scope")).toBe("repo");
    await answerYes(waitingWindow);
    await expectLoggedIn(app);
    await expect.poll(() => waitingWindow.isClosed()).toBe(true);
  });

  test("Madata's Dropbox logs in, up to its one message", async () => {
    const app = await openApp(bridged.madataDropboxUrl);
    const waitingWindow = await logInAndWatch(app);
    await goThroughService(waitingWindow, "Dropbox");
    await waitingWindow.getByText("everything you just allowed at Dropbox").waitFor();
    // The app names no scope and relies on the scopes that its owner chose at Dropbox.
    expect(github.authorizeRequests[0]!.searchParams.has("scope")).toBe(false);
    await answerYes(waitingWindow);
    await expect.poll(() => readState(app).then(({ waiting }) => waiting.state)).not.toBe("pending");
    const { received } = await readState(app);
    expect(received).toEqual([{ data: { backend: "Dropbox", token: github.issuedTokens[0] }, origin: site.origin }]);
  });

  test("Madata's Github receives exactly its one message", async () => {
    const app = await openApp(bridged.madataUrl);
    const waitingWindow = await logInAndWatch(app);
    await goThroughService(waitingWindow, "GitHub");
    await answerYes(waitingWindow);
    await expect.poll(() => readState(app).then(({ waiting }) => waiting.state)).not.toBe("pending");
    const { received } = await readState(app);
    expect(received).toEqual([{ data: { backend: "Github", token: github.issuedTokens[0] }, origin: site.origin }]);
  });

  test("a login that is faster than the list of services goes the same way; No, and Cancel before the service is even asked, end the app's wait", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await context.route("**/services.json", async (route) => {
      await released;
      await route.continue();
    });
    const app = await openApp(bridged.mavoUrl);
    const waitingWindow = await logInAndWatch(app);
    expect(waitingWindow.url()).toBe("about:blank");
    release();
    await goThroughService(waitingWindow, "GitHub");
    await answerNo(waitingWindow);
    const rejected = { state: "rejected", reason: "Authentication error" };
    await expect.poll(() => readState(app).then(({ waiting }) => waiting)).toEqual(rejected);

    await app.reload();
    const cancelled = await logInAndWatch(app);
    await cancelled.getByRole("button", { name: "Cancel" }).click();
    await expect.poll(() => readState(app).then(({ waiting }) => waiting)).toEqual(rejected);
    expect(github.counts.token).toBe(0);
    expect((await readState(app)).stored).toEqual({});
  });

  test("whatever else the app opens, it opens as before", async () => {
    const app = await openApp(bridged.emptyUrl);
    const list = app.waitForResponse(`${site.origin}/services.json`);
    await app.addScriptTag({ url: `${site.origin}/madata.js` });
    await (await list).finished();
    const state = (backend: string) => encodeURIComponent(JSON.stringify({ url: bridged.emptyUrl, backend }));
    const addresses = [
      "/mavo",
      `${bridged.origin}/empty?state=x`,
      `${bridged.origin}/empty?state=${state("Kept")}`,
      `${bridged.origin}/empty?state=${state("Nobody")}`,
      `${bridged.origin}/empty?state=${state("__proto__")}`,
      `${bridged.origin}/empty?state=${encodeURIComponent('{"url":1,"backend":"Github"}')}`,
    ];
    for (const address of addresses) {
      const opened = app.waitForEvent("popup");
      await app.evaluate((url) => void window.open(url), address);
      const popup = await opened;
      await popup.waitForLoadState();
      expect(popup.url()).toBe(new URL(address, bridged.origin).href);
      await popup.close();
    }
    const blank = app.waitForEvent("popup");
    expect(await app.evaluate(() => window.open() !== null)).toBe(true);
    expect((await blank).url()).toBe("about:blank");
  });
});

describe("with Madata's static oAuth pointed at /authorize", () => {
  test("Mavo logs in whole", async () => {
    const app = await openApp(pointed.mavoUrl);
    const waitingWindow = await pressLogin(app);
    await goThroughService(waitingWindow, "GitHub");
    await answerYes(waitingWindow);
    await expectLoggedIn(app);
  });

  test("Madata receives exactly its one message", async () => {
    const app = await openApp(pointed.madataUrl);
    const waitingWindow = await logInAndWatch(app);
    await goThroughService(waitingWindow, "GitHub");
    await answerYes(waitingWindow);
    await expect.poll(() => readState(app).then(({ waiting }) => waiting.state)).not.toBe("pending");
    expect((await readState(app)).received).toEqual([
      { data: { backend: "Github", token: github.issuedTokens[0] }, origin: site.origin },
    ]);
  });
});
