import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { DemoService } from "../../demo/service.ts";
import { startDemoService } from "../../demo/service.ts";
import { type AdminServer, CMSES, type Cms, startAdminServer } from "../clients/cms-admin.ts";
import { type FakeGithub, startFakeGithub } from "../clients/fake-github.ts";
import type { StartedLogin } from "../tools/app.ts";
import { listen, openPopup, prepareLogin, received, receivedUpToNow, redeemInPage, startApp } from "../tools/app.ts";
import { openBrowser } from "../tools/browser.ts";
import type { LocalServer } from "../tools/local-server.ts";
import { startLocalServer } from "../tools/local-server.ts";
import { allowAtService, answerNo, answerYes, denyAtService, readPage } from "../tools/people.ts";
import type { Profile } from "../tools/profile.ts";
import { allowAgain, openProfile } from "../tools/profile.ts";
import { freePort, startSite } from "../tools/site.ts";
import { say } from "../tools/words.ts";

/**
 * Services whose pages cut their window off from the app (`Cross-Origin-Opener-Policy: same-origin`), and apps that
 * have only that window. The provider keeps it as the waiting window and opens another window for the service.
 */

const SECRET = "secret-of-the-provider-at-the-service";
const CLIENT_ID = "provider-under-test";

let browser: Browser;
let site: Awaited<ReturnType<typeof startSite>>;
let service: DemoService;
let hostile: LocalServer;
let github: FakeGithub;
let admin: AdminServer;
let app: Awaited<ReturnType<typeof startApp>>;
let otherApp: Awaited<ReturnType<typeof startApp>>;
let profile: Profile;
let context: BrowserContext;

beforeAll(async () => {
  const port = await freePort();
  const provider = `http://localhost:${port}`;
  const registration = { clientId: CLIENT_ID, clientSecret: SECRET };
  github = await startFakeGithub({ ...registration, callback: provider });
  [service, hostile, app, otherApp, admin, browser] = await Promise.all([
    startDemoService({ ...registration, redirectUris: [`${provider}/callback/cutting`], cutOpener: true }),
    startHostileService(),
    startApp("127.0.0.1"),
    startApp("127.0.0.1"),
    startAdminServer({ baseUrl: provider }),
    openBrowser({ args: github.chromiumArgs }),
  ]);
  site = await startSite({
    port,
    services: {
      Cutting: { ...service.record, name: "Cutting" },
      Hostile: {
        client_id: CLIENT_ID,
        authorization_endpoint: `${hostile.origin}/authorize`,
        token_endpoint: `${hostile.origin}/token`,
        opener: "cut",
      },
      Github: { url: `${github.origin}/login/oauth/access_token`, client_id: CLIENT_ID, opener: "cut" },
    },
    secrets: Object.fromEntries(["Cutting", "Hostile", "Github"].map((key) => [key, { client_secret: SECRET }])),
  });
  profile = await openProfile(browser, `${app.origin}/`, [`${site.origin}/favicon.svg`]);
  context = profile.context;
});
afterAll(async () => {
  await Promise.all(
    [browser, site, service, hostile, github, admin, app, otherApp].map(
      (part) => part && ("stop" in part ? part.stop() : part.close()),
    ),
  );
});
beforeEach(async () => {
  github.reset();
  await profile.reset();
});

/** A service whose page tries to navigate its opener away before it redirects back. */
async function startHostileService(): Promise<LocalServer> {
  return await startLocalServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://service.invalid");
    if (url.pathname === "/token") {
      response.writeHead(200, { "content-type": "application/json" });
      return response.end('{"access_token":"token-of-the-hostile-service","token_type":"bearer"}');
    }
    response.writeHead(200, { "content-type": "text/html" });
    return response.end(`<!doctype html><title>Hostile</title><h1>Hostile service</h1><a>Back</a><script>
      const evil = location.origin + "/evil";
      window.found = [];
      const attempt = (name, act) => { try { found.push(name + ": " + act()); } catch (error) { found.push(name + ": " + error.name); } };
      attempt("opener", () => opener === null ? "none" : (opener.location = evil, "led away"));
      attempt("parent", () => parent === window ? "none" : "some");
      attempt("by name", () => { const other = open("", "waiting"); const known = other !== null && other.location.href !== "about:blank"; other?.close(); return known ? "found" : "none"; });
      attempt("channel", () => { new BroadcastChannel("waiting:").postMessage({}); return "none"; });
      const request = new URLSearchParams(location.search);
      document.querySelector("a").href = request.get("redirect_uri") + "?" + new URLSearchParams({ code: "code", state: request.get("state") });
    </script>`);
  });
}

interface Waiting {
  page: Page;
  waitingWindow: Page;
  login: StartedLogin;
}

/** An app's page and its popup, which has become the waiting window. */
async function begin(origin = app.origin, serviceId = "cutting", page = profile.page): Promise<Waiting> {
  await page.goto(`${origin}/`);
  await listen(page);
  return await openWaitingWindow(page, serviceId);
}

async function openWaitingWindow(page: Page, serviceId = "cutting"): Promise<Waiting> {
  const login = await prepareLogin(page, site.origin, { service: serviceId, redirectUri: null });
  const waitingWindow = await openPopup(page, login.url);
  await waitingWindow.getByRole("link", { name: /^open /i }).waitFor();
  return { page, waitingWindow, login };
}

/** The same in another window. */
const beginBeside = async (origin = app.origin) => await begin(origin, "cutting", await context.newPage());

async function openService({ waitingWindow }: Pick<Waiting, "waitingWindow">): Promise<Page> {
  const opened = context.waitForEvent("page");
  await waitingWindow.getByRole("link", { name: /^open /i }).click();
  return await opened;
}

interface Response {
  code?: string;
  state?: string;
  error?: string;
}

/** The last of exactly `number` messages that the app has received. */
async function theResponse(page: Page, number = 1): Promise<Response> {
  await expect.poll(async () => (await received(page)).length).toBe(number);
  const message = (await received(page)).at(-1);
  expect(message!.origin).toBe(site.origin);
  return (message!.data as { response: Response }).response;
}

describe("web_message without a redirect URI", () => {
  test("the waiting window names the app, waits for the service's window, also after a reload, asks, and tells the app", async () => {
    const { page, waitingWindow, login } = await begin();
    expect(waitingWindow.url()).toBe(`${site.origin}/waiting`);
    expect(await readPage(waitingWindow)).toContain(app.origin);
    expect(service.counts.authorize).toBe(0);
    await waitingWindow.reload();
    await waitingWindow.getByRole("link", { name: /^open /i }).waitFor();

    const own = await openService({ waitingWindow });
    await own.getByRole("button", { name: /log in as Alice/i }).waitFor();
    expect(await own.evaluate(() => window.opener)).toBeNull();
    await allowAtService(own);
    await waitingWindow.getByRole("heading", { name: `Are you sure you want to log in to ${app.origin}` }).waitFor();
    expect(waitingWindow.url()).toBe(`${site.origin}/confirm`);
    // It closes by itself, perhaps while it is read.
    const text = await readPage(own).catch(() => "");
    expect(own.isClosed() || text.includes(say("returned.done.title"))).toBe(true);
    expect(await received(page)).toEqual([]);

    await answerYes(waitingWindow);
    const { code, state } = await theResponse(page);
    expect(state).toBe(login.state);
    expect((await redeemInPage(page, site.origin, login, code!, {}, "cutting")).status).toBe(200);
    await expect.poll(() => waitingWindow.isClosed()).toBe(true);
    await expect.poll(() => own.isClosed()).toBe(true);
  });

  test("Cancel in the waiting window, a refusal at the service and No are told to the app", async () => {
    const cancelled = await begin();
    const { page } = cancelled;
    await cancelled.waitingWindow.getByRole("button", { name: "Cancel" }).click();
    expect(await theResponse(page)).toMatchObject({ error: "access_denied", state: cancelled.login.state });
    await expect.poll(() => cancelled.waitingWindow.isClosed()).toBe(true);

    const refused = await openWaitingWindow(page);
    await denyAtService(await openService(refused));
    expect(await theResponse(page, 2)).toMatchObject({ error: "access_denied", state: refused.login.state });

    const declined = await openWaitingWindow(page);
    await allowAgain(await openService(declined));
    await answerNo(declined.waitingWindow);
    expect(await theResponse(page, 3)).toMatchObject({ error: "access_denied", state: declined.login.state });
  });

  test("a waiting window that is gone: the service's window says so, and nothing is handed over", async () => {
    const exchanges = service.counts.token;
    const { page, waitingWindow } = await begin();
    const own = await openService({ waitingWindow });
    await own.getByRole("button", { name: /log in as Alice/i }).waitFor();
    await waitingWindow.close();
    await allowAtService(own);
    await own.getByRole("heading", { name: say("returned.gone.title") }).waitFor();
    expect(service.counts.token).toBe(exchanges);
    expect(await received(page)).toEqual([]);
  });
});

describe.each(Object.keys(CMSES) as Cms[])("%s at a service that cuts the opener", (cms) => {
  test("logs in through the waiting window", async () => {
    github.options.cutOpener = true;
    const { page } = profile;
    await page.goto(admin.url(cms));
    const button = page.getByRole("button", { name: /^(log ?in|sign in) with/i });
    await button.waitFor();
    const popup = page.waitForEvent("popup");
    await button.click();
    const waitingWindow = await popup;
    await waitingWindow.getByRole("heading", { name: "You’re about to log in with GitHub" }).waitFor();
    expect(github.counts.authorize).toBe(0);

    await openService({ waitingWindow });
    await waitingWindow.getByRole("heading", { name: `Are you sure you want to log in to ${admin.origin}` }).waitFor();
    expect(github.counts.token).toBe(0);
    await answerYes(waitingWindow);
    await page.getByText("Notes of Mona").first().waitFor();
  });
});

describe("[A40] attacks on the waiting window", () => {
  test("two apps' windows at once: each gets its own login, whichever comes back first", async () => {
    const first = await begin();
    const second = await beginBeside(otherApp.origin);
    const firstService = await openService(first);
    await firstService.getByRole("button", { name: /log in as Alice/i }).waitFor();
    await allowAtService(await openService(second));

    await second.waitingWindow
      .getByRole("heading", { name: `Are you sure you want to log in to ${otherApp.origin}` })
      .waitFor();
    expect(first.waitingWindow.url()).toBe(`${site.origin}/waiting`);
    await answerYes(second.waitingWindow);
    expect(await theResponse(second.page)).toMatchObject({ state: second.login.state });
    expect(await received(first.page)).toEqual([]);

    await allowAtService(firstService, "Bob");
    await first.waitingWindow
      .getByRole("heading", { name: `Are you sure you want to log in to ${app.origin}` })
      .waitFor();
    await answerYes(first.waitingWindow);
    expect(await theResponse(first.page)).toMatchObject({ state: first.login.state });
    expect(await received(second.page)).toHaveLength(1);
  });

  /** The data that the service's window brings back in the fragment of `/returned`. */
  async function takeTicket(waiting: Waiting): Promise<{ waitingWindow: string; question: unknown }> {
    const own = await openService(waiting);
    const answered = own.waitForResponse((response) => response.url().includes("/callback/cutting"));
    // Stop the page, because its script would take the ticket first.
    await own.addInitScript(() => void (location.pathname === "/returned" && window.stop()));
    await allowAtService(own);
    const { hash } = new URL((await (await answered).allHeaders()).location!);
    return JSON.parse(Buffer.from(hash.slice(1), "base64url").toString()) as {
      waitingWindow: string;
      question: unknown;
    };
  }

  function idOf({ waitingWindow }: Waiting): Promise<string> {
    return waitingWindow.evaluate(() => (history.state as { value: { waitingWindow: string } }).value.waitingWindow);
  }

  async function say(id: string, ...values: unknown[]): Promise<void> {
    const page = await context.newPage();
    await page.goto(`${site.origin}/`);
    await page.evaluate(
      ({ name, values }) => values.forEach((value) => new BroadcastChannel(name).postMessage(value)),
      { name: `waiting:${id}`, values },
    );
  }

  /** The waiting window has received all messages so far and is still waiting. */
  async function expectToWait(waiting: Waiting): Promise<void> {
    const id = await idOf(waiting);
    await waiting.waitingWindow.evaluate((name) => {
      const channel = new BroadcastChannel(name);
      const heardLast = new Promise<void>(
        (resolve) => (channel.onmessage = ({ data }) => data === "last" && resolve()),
      );
      Object.assign(window, { heardLast });
    }, `waiting:${id}`);
    await say(id, "last");
    await waiting.waitingWindow.evaluate(() => (window as unknown as { heardLast: Promise<void> }).heardLast);
    expect(waiting.waitingWindow.url()).toBe(`${site.origin}/waiting`);
  }

  test("a foreign ticket, for another app: it is not even shown; a ticket under an id that nobody waits under goes nowhere", async () => {
    const first = await begin();
    const second = await beginBeside(otherApp.origin);
    const foreign = await takeTicket(second);
    const id = await idOf(first);
    await say(
      id,
      foreign.question,
      foreign,
      { ...(foreign.question as object), waitingWindow: id },
      null,
      "received",
      {},
    );
    await expectToWait(first);
    expect(await readPage(first.waitingWindow)).toContain(app.origin);

    await say("AAAAAAAAAAAAAAAAAAAAAA", foreign.question);
    await expectToWait(second);
  });

  test("a foreign ticket that names the same app: Yes is refused, and no window is told a code", async () => {
    const first = await begin();
    const second = await beginBeside();
    const foreign = await takeTicket(second);
    await say(await idOf(first), foreign.question);
    await first.waitingWindow.getByRole("heading", { name: "Are you sure" }).waitFor();
    await answerYes(first.waitingWindow);
    await first.waitingWindow.getByText("The page showed something other than what was requested").waitFor();
    expect(await receivedUpToNow(first.page, first.waitingWindow)).toEqual([]);
    expect(await receivedUpToNow(second.page, second.waitingWindow)).toEqual([]);
  });

  test("a service page that tries to navigate its opener finds none", async () => {
    const waiting = await begin(app.origin, "hostile");
    const own = await openService(waiting);
    await own.getByRole("heading", { name: "Hostile service" }).waitFor();
    expect(await own.evaluate(() => (window as unknown as { found: string[] }).found)).toEqual([
      "opener: none",
      "parent: none",
      "by name: none",
      "channel: none",
    ]);
    await expectToWait(waiting);

    await own.getByRole("link", { name: "Back" }).click();
    await waiting.waitingWindow
      .getByRole("heading", { name: `Are you sure you want to log in to ${app.origin}` })
      .waitFor();
    await answerYes(waiting.waitingWindow);
    expect(await theResponse(waiting.page)).toMatchObject({ state: waiting.login.state });
  });

  test("[A6] a fragment of somebody's own making opens nothing and promises nothing", async () => {
    const { page } = profile;
    const fragment = Buffer.from(
      JSON.stringify({ request: "x", waitingWindow: "y", service: "cutting", location: "https://evil.example/" }),
    ).toString("base64url");
    await page.goto(`${site.origin}/waiting#${fragment}`);
    await page.getByRole("heading", { name: "We couldn’t start this login" }).waitFor();
    expect(await page.getByRole("link", { name: /^open/i }).count()).toBe(0);
  });
});
