/**
 * Tests how the current Mavo and Madata handle messages from the popup. The provider's answers rely on this behaviour.
 * The popup is a stub here, so a failure means that a client has changed, not the provider.
 */

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openBrowser } from "../tools/browser.ts";
import { closeOthers, type Kept, keepWindows } from "../tools/kept-windows.ts";
import { roundTrip } from "../tools/later.ts";
import type { LocalServer } from "../tools/local-server.ts";
import { startLocalServer } from "../tools/local-server.ts";
import { type FakeGithub, startFakeGithub } from "./fake-github.ts";
import { type AppServer, logInAndWatch, MAVO_TOKEN_KEY, type Outcome, readState, startAppServer } from "./pages.ts";

const CLIENT_ID = "client-of-the-stub";
const VALID_TOKEN = "gho_valid";

/** Madata stores tokens under the provider's host name. */
const MADATA_TOKEN_KEY = "madata:token:localhost/github";

const PENDING: Outcome = { state: "pending" };
const NO_USER: Outcome = { state: "resolved", value: null };
const AUTHENTICATION_ERROR: Outcome = { state: "rejected", reason: "Authentication error" };
const INVALID_TOKEN: Outcome = { state: "rejected", reason: "Invalid access token" };

interface Row {
  title: string;
  message: unknown;
  /** `waiting` is the result of the wait for the popup, and `outcome` is the result of `login()`. */
  mavo: { waiting: Outcome; outcome: Outcome; stored: string | undefined };
  madata: { waiting: Outcome; outcome: Outcome; stored: string | undefined };
}

/**
 * Mavo's `login()` swallows the rejection of its own wait and ends without a user. Madata 0.0.1-alpha.5 stores the
 * token incorrectly, so every login ends with "Invalid access token". It also accepts any message as an answer.
 */
const ROWS: Row[] = [
  {
    title: "a token that the API rejects is discarded by Mavo",
    message: { backend: "Github", token: "gho_rejected" },
    mavo: { waiting: { state: "resolved", value: "gho_rejected" }, outcome: NO_USER, stored: undefined },
    madata: { waiting: NO_USER, outcome: INVALID_TOKEN, stored: "undefined" },
  },
  {
    title: "no token under the backend's own name poisons Mavo's storage: never to be sent",
    message: { backend: "Github" },
    mavo: { waiting: AUTHENTICATION_ERROR, outcome: NO_USER, stored: "undefined" },
    madata: { waiting: NO_USER, outcome: INVALID_TOKEN, stored: undefined },
  },
  {
    title: "an error under the backend's own name poisons Mavo's storage: never to be sent",
    message: { backend: "Github", error: "access_denied" },
    mavo: { waiting: AUTHENTICATION_ERROR, outcome: NO_USER, stored: "undefined" },
    madata: { waiting: NO_USER, outcome: INVALID_TOKEN, stored: undefined },
  },
  {
    title: "an empty token poisons both storages: never to be sent",
    message: { backend: "Github", token: "" },
    mavo: { waiting: AUTHENTICATION_ERROR, outcome: NO_USER, stored: "" },
    madata: { waiting: NO_USER, outcome: INVALID_TOKEN, stored: "undefined" },
  },
  {
    title: "a null token poisons Mavo's storage: never to be sent",
    message: { backend: "Github", token: null },
    mavo: { waiting: AUTHENTICATION_ERROR, outcome: NO_USER, stored: "null" },
    madata: { waiting: NO_USER, outcome: INVALID_TOKEN, stored: undefined },
  },
  {
    title: "another backend's name ends the wait and stores nothing: this is how to refuse",
    message: { backend: "Github:refused" },
    mavo: { waiting: AUTHENTICATION_ERROR, outcome: NO_USER, stored: undefined },
    madata: { waiting: AUTHENTICATION_ERROR, outcome: AUTHENTICATION_ERROR, stored: undefined },
  },
  {
    title: "an empty backend is ignored by Mavo",
    message: { backend: "" },
    mavo: { waiting: PENDING, outcome: PENDING, stored: undefined },
    madata: { waiting: AUTHENTICATION_ERROR, outcome: AUTHENTICATION_ERROR, stored: undefined },
  },
  {
    title: "a message without a backend is ignored by Mavo",
    message: { type: "authorization_response" },
    mavo: { waiting: PENDING, outcome: PENDING, stored: undefined },
    madata: { waiting: AUTHENTICATION_ERROR, outcome: AUTHENTICATION_ERROR, stored: undefined },
  },
  {
    title: "a string is ignored by Mavo",
    message: "authorizing:github",
    mavo: { waiting: PENDING, outcome: PENDING, stored: undefined },
    madata: { waiting: AUTHENTICATION_ERROR, outcome: AUTHENTICATION_ERROR, stored: undefined },
  },
  {
    title: "null breaks the listener of both, and the wait goes on",
    message: null,
    mavo: { waiting: PENDING, outcome: PENDING, stored: undefined },
    madata: { waiting: PENDING, outcome: PENDING, stored: undefined },
  },
];

describe("messages to Madata's clients", () => {
  let provider: LocalServer;
  let github: FakeGithub;
  let apps: AppServer;
  let browser: Browser;
  let kept: Kept;

  beforeAll(async () => {
    provider = await startStubProvider();
    github = await startFakeGithub({ clientId: CLIENT_ID, clientSecret: "unused", callback: provider.origin });
    github.issuedTokens.push(VALID_TOKEN);
    apps = await startAppServer({ clientId: CLIENT_ID, authProvider: provider.origin });
    browser = await openBrowser({ args: github.chromiumArgs });
    kept = await keepWindows(await browser.newContext(), apps.emptyUrl, provider.origin);
  });

  afterEach(async () => {
    await closeOthers(kept);
    await kept.context.clearCookies();
  });

  afterAll(async () => {
    await browser?.close();
    await apps?.stop();
    await github?.stop();
    await provider?.stop();
  });

  describe("Mavo 0.3.2", () => {
    test("the token of its backend logs the user in and is stored", async () => {
      const { app, popup } = await openLogin(apps.mavoUrl);

      await post(popup, { backend: "Github", token: VALID_TOKEN });

      await app.getByRole("link", { name: "Mona Lisa Octocat" }).waitFor();
      const { waiting, stored } = await readState(app);
      expect(waiting).toEqual({ state: "resolved", value: VALID_TOKEN });
      expect(stored[MAVO_TOKEN_KEY]).toBe(VALID_TOKEN);
    });

    test.each(ROWS)("$title", async ({ message, mavo }) => {
      const { app, popup } = await openLogin(apps.mavoUrl);

      await post(popup, message);

      await expectState(app, MAVO_TOKEN_KEY, mavo);
    });

    test("a closed popup leaves the login pending for ever, so every ending needs a message", async () => {
      const { app, popup } = await openLogin(apps.mavoUrl);

      await popup.close();

      await roundTrip(app);
      const { waiting, stored } = await readState(app);
      expect(waiting).toEqual(PENDING);
      expect(stored).toEqual({});
    });

    test("[A19] the right message from another window than its popup is ignored", async () => {
      const { app } = await openLogin(apps.mavoUrl);
      const other = await openOtherWindow(app);

      await post(other, { backend: "Github", token: VALID_TOKEN });

      await untilHeard(app);
      const { waiting, stored } = await readState(app);
      expect(waiting).toEqual(PENDING);
      expect(stored).toEqual({});
    });

    test.each([
      { title: "after a refusal the next login reports itself once", first: { backend: "Github:refused" }, logins: 1 },
      { title: "after silence the next login reports itself twice", first: undefined, logins: 2 },
    ])("$title", async ({ first, logins }) => {
      const { app, popup } = await openLogin(apps.mavoUrl);
      await countLogins(app);
      if (first) await post(popup, first);
      if (first) await untilHeard(app);
      await popup.close();

      const secondPopup = await openPopup(app);
      await post(secondPopup, { backend: "Github", token: VALID_TOKEN });

      await app.getByRole("link", { name: "Mona Lisa Octocat" }).waitFor();
      await app.waitForFunction((count) => (window as unknown as LoginCounter).logins >= count, logins);
      await roundTrip(app);
      expect(await app.evaluate(() => (window as unknown as LoginCounter).logins)).toBe(logins);
    });
  });

  describe("Madata 0.0.1-alpha.5", () => {
    test("takes its client id from the provider's /services.json", async () => {
      await openLogin(apps.madataUrl);

      expect(github.authorizeRequests.at(-1)?.searchParams.get("client_id")).toBe(CLIENT_ID);
    });

    test("the token of its backend is received, then lost by its own fault", async () => {
      const { app, popup } = await openLogin(apps.madataUrl);

      await post(popup, { backend: "Github", token: VALID_TOKEN });

      await expectState(app, MADATA_TOKEN_KEY, { waiting: NO_USER, outcome: INVALID_TOKEN, stored: "undefined" });
    });

    test.each(ROWS)("$title", async ({ message, madata }) => {
      const { app, popup } = await openLogin(apps.madataUrl);

      await post(popup, message);

      await expectState(app, MADATA_TOKEN_KEY, madata);
    });

    test("[A19] the right message from another window than its popup is ignored", async () => {
      const { app } = await openLogin(apps.madataUrl);
      const other = await openOtherWindow(app);

      await post(other, { backend: "Github", token: VALID_TOKEN });

      await untilHeard(app);
      const { waiting, stored } = await readState(app);
      expect(waiting).toEqual(PENDING);
      expect(stored).toEqual({});
    });
  });

  async function openLogin(url: string): Promise<{ app: Page; popup: Page }> {
    const app = kept.windows[0]!;
    // Leave the page of the previous login, which may still store something.
    await app.goto(apps.emptyUrl);
    await app.evaluate(() => [localStorage, sessionStorage].forEach((storage) => storage.clear()));
    await app.goto(url);
    return { app, popup: await openPopup(app) };
  }

  /** The popup goes through the fake GitHub, as in a real login, and ends at the stub provider. */
  async function openPopup(app: Page): Promise<Page> {
    const popup = await logInAndWatch(app);
    await popup.waitForURL((url) => url.origin === provider.origin && url.searchParams.has("code"));
    return popup;
  }

  async function openOtherWindow(app: Page): Promise<Page> {
    const other = app.waitForEvent("popup");
    await app.evaluate((url) => void open(url, "other"), provider.origin);
    const page = await other;
    await page.waitForURL(`${provider.origin}/`);
    return page;
  }
});

async function post(popup: Page, message: unknown): Promise<void> {
  await popup.evaluate((data) => window.opener.postMessage(data, "*"), message);
}

interface LoginCounter {
  logins: number;
}

async function countLogins(app: Page): Promise<void> {
  await app.evaluate(() => {
    const counter = Object.assign(window, { logins: 0 });
    addEventListener("mv-login", () => counter.logins++, true);
  });
}

/** Waits until the client has its message and has had time for a request of its own, which takes one round trip. */
async function untilHeard(app: Page): Promise<void> {
  await expect.poll(async () => (await readState(app)).received.length).toBe(1);
  await roundTrip(app);
}

async function expectState(app: Page, key: string, expected: Row["mavo"]): Promise<void> {
  await untilHeard(app);
  const stateOf = async () => {
    const { waiting, outcome, stored } = await readState(app);
    return { waiting, outcome, stored: stored[key] };
  };
  await expect.poll(stateOf).toEqual(expected);
}

async function startStubProvider(): Promise<LocalServer> {
  return await startLocalServer((request, response) => {
    if (request.url !== "/services.json") {
      return response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>Stub</title>");
    }
    const headers = { "content-type": "application/json", "access-control-allow-origin": "*" };
    return response.writeHead(200, headers).end(JSON.stringify({ Github: { client_id: CLIENT_ID } }));
  }, "localhost");
}
