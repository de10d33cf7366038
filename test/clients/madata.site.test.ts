/**
 * The current Mavo and Madata, unmodified from npm, against the whole provider: from the click on "Login" in the app,
 * through GitHub and the question, to the token in the app.
 */

import type { Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser } from "../tools/browser.ts";
import { roundTrip } from "../tools/later.ts";
import { answerYes } from "../tools/people.ts";
import type { Profile } from "../tools/profile.ts";
import { openProfile } from "../tools/profile.ts";
import type { RunningSite, SiteOptions } from "../tools/site.ts";
import { freePort, startSite, startSiteOnNetlify } from "../tools/site.ts";
import { say } from "../tools/words.ts";
import { type FakeGithub, startFakeGithub, type TokenMode, USER } from "./fake-github.ts";
import { type AppServer, logInAndWatch, MAVO_TOKEN_KEY, type Outcome, readState, startAppServer } from "./pages.ts";

const CLIENT_ID = "client-of-the-owner";
const CLIENT_SECRET = "secret-of-the-owner-0123456789";

const PENDING: Outcome = { state: "pending" };
const AUTHENTICATION_ERROR: Outcome = { state: "rejected", reason: "Authentication error" };

interface World {
  github: FakeGithub;
  site: RunningSite;
  apps: AppServer;
  profile: Profile;
  stop(): Promise<void>;
}

describe("Madata's clients", () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  beforeEach(async () => {
    world.github.reset();
    await world.profile.reset();
  });
  afterAll(() => world?.stop());

  describe("a login", () => {
    test("Mavo logs in whole, from its Login button to the user's name: the code is exchanged once, and the secret is in no URL", async () => {
      await logInWithMavo(world);
    });

    test("Madata reads its client id from /services.json and receives exactly its one message", async () => {
      const { github, site, apps } = world;
      const app = await openApp(world, apps.madataUrl);
      const popup = await logInAndWatch(app);

      await expectQuestion(popup, apps.origin);
      expect(github.authorizeRequests[0]?.searchParams.get("client_id")).toBe(CLIENT_ID);
      expect(github.counts.token).toBe(0);
      await answerYes(popup);

      await expect.poll(() => readState(app).then(({ waiting }) => waiting.state)).not.toBe("pending");
      const { received } = await readState(app);
      expect(received).toEqual([{ data: { backend: "Github", token: github.issuedTokens[0] }, origin: site.origin }]);
      await expect.poll(() => popup.isClosed()).toBe(true);
    });
  });

  describe("no login", () => {
    test("Madata's wait ends cleanly with No and when the exchange fails, and nothing is stored", async () => {
      const { github, apps } = world;
      const app = await openApp(world, apps.madataUrl);
      const popup = await logInAndWatch(app);
      await popup.getByRole("button", { name: /^No/ }).click();
      await expectRejected(app);
      expect(github.counts.token).toBe(0);

      github.options.mode = "error-200";
      await app.reload();
      await answerYes(await logInAndWatch(app));
      await expectRejected(app);
      expect(github.counts.token).toBe(1);
    });

    test("No ends Mavo's wait, and nothing is exchanged or stored", async () => {
      const { github, apps } = world;
      const app = await openApp(world, apps.mavoUrl);
      const popup = await logInAndWatch(app);
      await popup.getByRole("button", { name: /^No/ }).click();
      await expectRejected(app);
      expect(github.counts.token).toBe(0);
    });

    test("a refusal at the service ends Mavo's wait", async () => {
      const { github, apps } = world;
      github.options.denied = true;
      const app = await openApp(world, apps.mavoUrl);
      await logInAndWatch(app);
      await expectRejected(app);
      expect(github.counts.token).toBe(0);
    });

    const brokenModes: TokenMode[] = ["500", "error-200", "no-token", "hang"];
    test.each(brokenModes)("token endpoint %s: the question comes first, Yes ends the wait cleanly", async (mode) => {
      const { github, apps } = world;
      github.options.mode = mode;
      const app = await openApp(world, apps.mavoUrl);
      const popup = await logInAndWatch(app);
      await expectQuestion(popup, apps.origin);
      expect(github.counts.token).toBe(0);
      expect(await waitingOf(app)).toEqual(PENDING);
      await answerYes(popup);
      await expectRejected(app);
      expect(github.counts.token).toBe(1);
    });
  });

  describe("attacks", () => {
    test("[A1] a silent login by another page: without a gesture nothing is exchanged or sent", async () => {
      const { github, apps } = world;
      const attacker = await openApp(world, apps.emptyUrl);
      const popup = await openAuthorization(attacker, { url: apps.emptyUrl, backend: "Github" });
      await expectQuestion(popup, apps.origin);

      await expect.poll(() => popup.getByRole("button", { name: /^Yes/ }).isEnabled()).toBe(true);
      expect(await popup.locator("body").innerText()).toContain(apps.origin);
      // The first message to the attacker is the refusal.
      await popup.getByRole("button", { name: /^No/ }).click();
      await expect.poll(() => messagesOf(attacker)).not.toEqual([]);
      expect((await messagesOf(attacker)).map(({ data }) => data)).toEqual([
        expect.objectContaining({ backend: "Github:refused" }),
      ]);
      expect(github.counts.token).toBe(0);
    });

    test("[A4] state.url that is no address, [A23] state.backend that is no service: an error page, nothing to press but to close it; no window of an address that is none is told", async () => {
      const { github, apps } = world;
      const attacker = await openApp(world, apps.emptyUrl);
      const notAddresses = ["*", "https://good.example@evil.example/"];
      for (const url of notAddresses) {
        const popup = await openAuthorization(attacker, { url, backend: "Github" });
        await expectErrorPage(popup);
        await popup.evaluate((url) => opener.postMessage(`last of ${url}`, "*"), url);
        await expect.poll(() => messagesOf(attacker)).not.toEqual([]);
        expect((await messagesOf(attacker)).map(({ data }) => data)).toEqual([`last of ${url}`]);
        await popup.close();
        await attacker.reload();
      }
      await expectErrorPage(await openAuthorization(attacker, { url: apps.emptyUrl, backend: "__proto__" }));
      expect(github.counts.token).toBe(0);
    });

    test("[A19] a login that another site started in the app's name is refused", async () => {
      const { github, apps } = world;
      const attacker = await openApp(world, onOtherSite(apps.emptyUrl));

      const popup = await openAuthorization(attacker, { url: apps.mavoUrl, backend: "Github" });

      await expectErrorPage(popup);
      expect(github.counts.token).toBe(0);
    });

    test("[A19] an opener that becomes the app: the question warns, and the app ignores the token", async () => {
      const { apps } = world;
      const attacker = await openApp(world, onOtherSite(apps.emptyUrl));
      // An attacker cannot forge the referrer, but can suppress it.
      await attacker.evaluate(() => {
        const meta = document.createElement("meta");
        document.head.append(Object.assign(meta, { name: "referrer", content: "no-referrer" }));
      });
      const popup = await openAuthorization(attacker, { url: apps.mavoUrl, backend: "Github" });
      await expectQuestion(popup, apps.origin);
      expect(await popup.locator("body").innerText()).toContain("can’t tell where this login was started");

      await attacker.evaluate((url) => void (location.href = url), apps.mavoUrl);
      await attacker.getByRole("button", { name: "Login" }).waitFor();
      await answerYes(popup);

      await expect.poll(() => messagesOf(attacker)).toHaveLength(1);
      // By now the app has handled any message: it would have asked GitHub for the user.
      await roundTrip(attacker);
      expect((await readState(attacker)).stored).toEqual({});
      expect(await attacker.getByRole("button", { name: "Login" }).isVisible()).toBe(true);
    });
  });
});

describe("where the platform's redirect rules do not hand the root to the callback", () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld((options) => startSiteOnNetlify({ ...options, redirectRules: false }));
  });
  afterAll(() => world?.stop());

  test("the home page's script does, and Mavo logs in whole", async () => {
    await logInWithMavo(world);
  });
});

async function logInWithMavo(world: World): Promise<void> {
  const { github, site, apps } = world;
  const app = await openApp(world, apps.mavoUrl);
  const opened = app.waitForEvent("popup");
  await app.getByRole("button", { name: "Login" }).click();
  const popup = await opened;

  await expectQuestion(popup, apps.origin);
  expect(github.counts.token).toBe(0);
  expect(await messagesOf(app)).toEqual([]);
  await answerYes(popup);

  await app.getByRole("link", { name: USER.name }).waitFor();
  expect(await app.locator("img.mv-avatar").getAttribute("src")).toBe(USER.avatar_url);
  const { received, stored } = await readState(app);
  const [token] = github.issuedTokens;
  expect(received).toEqual([{ data: { backend: "Github", token }, origin: site.origin }]);
  expect(stored).toEqual({ [MAVO_TOKEN_KEY]: token });
  expect(github.counts.user).toBeGreaterThan(0);
  await expectOneExchange(world);
  await expect.poll(() => popup.isClosed()).toBe(true);
}

/** There is one exchange. It has the registered redirect URI, and no URL contains the secret. */
async function expectOneExchange({ github, site }: World): Promise<void> {
  expect(github.tokenRequests).toHaveLength(1);
  const [{ url, parameters }] = github.tokenRequests as [FakeGithub["tokenRequests"][0]];
  expect(url).toBe("/login/oauth/access_token");
  expect(parameters.get("redirect_uri")).toBe(site.origin);
  expect(site.origin).not.toMatch(/\/$/);
  expect(github.issuedTokens).toHaveLength(1);
}

/** The question names the app and waits for an answer. */
async function expectQuestion(popup: Page, appOrigin: string): Promise<void> {
  await popup.getByRole("button", { name: /^Yes/ }).waitFor();
  expect(await popup.getByRole("heading", { level: 1 }).innerText()).toContain(appOrigin);
}

/** The waiting login ends and stores nothing that a later visit could mistake for a token. */
async function expectRejected(app: Page): Promise<void> {
  await expect.poll(() => waitingOf(app)).toEqual(AUTHENTICATION_ERROR);
  expect((await readState(app)).stored).toEqual({});
}

async function expectErrorPage(popup: Page): Promise<void> {
  await popup.getByRole("heading", { level: 1, name: "We can’t complete this login" }).waitFor();
  await expect.poll(() => popup.getByRole("button").allTextContents()).toEqual([say("common.closeWindow")]);
}

async function waitingOf(app: Page): Promise<Outcome> {
  return (await readState(app)).waiting;
}

async function messagesOf(app: Page) {
  return (await readState(app)).received;
}

async function openApp({ profile: { page } }: World, url: string): Promise<Page> {
  await page.goto(url);
  return page;
}

/** Any page can do this: open the service with the provider's client id and a forged `state`. */
async function openAuthorization(page: Page, state: { url: string; backend: string }): Promise<Page> {
  const url = new URL("https://github.com/login/oauth/authorize");
  url.search = new URLSearchParams({ client_id: CLIENT_ID, scope: "repo", state: JSON.stringify(state) }).toString();

  const popup = page.waitForEvent("popup");
  await page.evaluate((href) => void open(href, "popup"), url.href);
  return popup;
}

/** The same page under a host name that the browser treats as another site. */
function onOtherSite(url: string): string {
  return url.replace("127.0.0.1", "localhost");
}

async function startWorld(start: (options: SiteOptions) => Promise<RunningSite> = startSite): Promise<World> {
  // The service needs the provider's address before the provider starts.
  const port = await freePort();
  const callback = `http://localhost:${port}`;
  const github = await startFakeGithub({ clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, callback });
  const site = await start({
    port,
    services: { Github: { url: `${github.origin}/login/oauth/access_token`, client_id: CLIENT_ID } },
    secrets: { Github: { client_secret: CLIENT_SECRET } },
  });
  const apps = await startAppServer({ clientId: CLIENT_ID, authProvider: site.origin });
  const browser = await openBrowser({ args: github.chromiumArgs });
  const profile = await openProfile(browser, apps.emptyUrl, [`${site.origin}/favicon.svg`]);

  return {
    github,
    site,
    apps,
    profile,
    async stop() {
      await browser.close();
      await Promise.all([apps.stop(), site.stop(), github.stop()]);
    },
  };
}
