import type { Browser, BrowserContext, Frame, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DemoService } from "../../../demo/service.ts";
import { startDemoService } from "../../../demo/service.ts";
import { openBrowser } from "../../tools/browser.ts";
import { allowAtService, answerNo, answerYes, denyAtService, readAll } from "../../tools/people.ts";
import type { Profile } from "../../tools/profile.ts";
import { allowAgain, openProfile } from "../../tools/profile.ts";
import { freePort, startSite } from "../../tools/site.ts";
import {
  clickLogin,
  eventsOf,
  logOutOf,
  openAuthApp,
  outcomeOf,
  startAuthApp,
  startFramingPage,
  tokenOf,
  userErrorOf,
  userOf,
} from "./auth-app.ts";

/**
 * `auth.js` as an app loads it: from the provider, in a page on another origin, in a real browser,
 * against a real authorization server.
 */

const SECRET = "secret-of-the-provider-at-the-service";

/** Tests move the page's clock past this lifetime. DPoP proofs from the future then need a nonce (RFC 9449 §8). */
const SHORT_LIFETIME_MS = 200_000;

let browser: Browser;
let site: Awaited<ReturnType<typeof startSite>>;
let app: Awaited<ReturnType<typeof startAuthApp>>;
let services: Record<"demo" | "short" | "cutting", DemoService>;
let context: BrowserContext;
/** The `clocked` profile has a fake clock. */
let profiles: Record<"usual" | "clocked", Profile>;

beforeAll(async () => {
  const port = await freePort();
  const provider = `http://localhost:${port}`;
  const registration = { clientId: "client", clientSecret: SECRET };
  const service = (id: string, options: { cutOpener?: boolean; accessTokenLifetimeSeconds?: number } = {}) =>
    startDemoService({ ...registration, redirectUris: [`${provider}/callback/${id}`], ...options });
  services = {
    demo: await service("demo"),
    short: await service("short", { accessTokenLifetimeSeconds: SHORT_LIFETIME_MS / 1_000 }),
    cutting: await service("cutting", { cutOpener: true }),
  };
  [browser, app] = await Promise.all([openBrowser(), startAuthApp(provider)]);
  site = await startSite({
    port,
    services: {
      Demo: services.demo.record,
      Short: { ...services.short.record, name: "Short" },
      Cutting: { ...services.cutting.record, name: "Cutting" },
    },
    secrets: Object.fromEntries(["Demo", "Short", "Cutting"].map((key) => [key, { client_secret: SECRET }])),
  });
  const open = () =>
    openProfile(browser, `${app.origin}/blank`, [
      `${provider}/favicon.svg`,
      `${services.demo.origin}/people/alice.svg`,
    ]);
  profiles = { usual: await open(), clocked: await open() };
  await profiles.clocked.context.clock.install();
});

afterAll(async () => {
  const stopServices = Object.values(services ?? {}).map((service) => service.stop());
  await Promise.all([browser?.close(), app?.stop(), site?.stop(), ...stopServices]);
});

async function newApp(path = "/demo"): Promise<Page> {
  const { page, reset } = profiles.usual;
  context = profiles.usual.context;
  await reset();
  return await openAuthApp(page, `${app.origin}${path}`);
}

/** An app with a short token lifetime and a fake clock. */
async function newShortApp({ aheadSeconds = 0 } = {}): Promise<Page> {
  const { page, reset } = profiles.clocked;
  context = profiles.clocked.context;
  await reset();
  await context.clock.setSystemTime(Date.now() + aheadSeconds * 1_000);
  return await openAuthApp(page, `${app.origin}/short`);
}

async function expectOutcome(page: Page | Frame, expected: object): Promise<void> {
  await expect.poll(() => outcomeOf(page).catch(() => null)).toMatchObject(expected);
}

const ALICE = { username: "alice", name: "Alice Example", id: "alice" };

/** Logs in, from the click to the user object. */
async function logInAs(page: Page, user: object): Promise<Page> {
  const popup = await clickLogin(page);
  await allowAtService(popup);
  await answerYes(popup);
  await expectOutcome(page, { user });
  return popup;
}
const logIn = (page: Page) => logInAs(page, ALICE);

describe("a login in a popup", () => {
  test("ends with the user, the event, a closed popup and a token that the service takes; a reload remembers it without asking anybody", async () => {
    const page = await newApp();
    expect(await outcomeOf(page)).toEqual({ user: null });
    const requests: string[] = [];
    context.on("request", (request) => {
      if (request.url().startsWith(site.origin)) requests.push(`${request.method()} ${request.url()}`);
    });

    const startedAtMs = performance.now();
    const popup = await clickLogin(page);
    await popup.getByRole("button", { name: /log in as Alice/i }).waitFor();
    const atServiceMs = performance.now() - startedAtMs;
    await allowAtService(popup);
    await popup.getByRole("heading", { name: `Are you sure you want to log in to ${app.origin}` }).waitFor();
    const answered = popup.waitForRequest(`${site.origin}/decision`);
    await answerYes(popup);
    await answered;
    const answeredAtMs = performance.now();
    await page.waitForFunction("window.outcome", undefined, { polling: 10 });
    const toUserMs = performance.now() - answeredAtMs;

    const avatar = `${services.demo.origin}/people/alice.svg`;
    expect(await outcomeOf(page)).toMatchObject({ user: { ...ALICE, avatar } });
    expect(await userOf(page)).toMatchObject(ALICE);
    expect(await eventsOf(page)).toEqual(["mv-login alice"]);
    await expect.poll(() => popup.isClosed()).toBe(true);
    const summary = requests.map((request) => request.replace(site.origin, "").replace(/[?#].*/, ""));
    console.log(`click → service ${atServiceMs.toFixed(0)} ms, Yes → user ${toUserMs.toFixed(0)} ms`);
    console.log(summary.join("\n"));

    const headers = { authorization: `Bearer ${await tokenOf(page)}` };
    expect(await (await fetch(`${services.demo.origin}/me`, { headers })).json()).toMatchObject({ sub: "alice" });

    const before = requests.length;
    await openAuthApp(page, `${app.origin}/demo`);
    expect(await outcomeOf(page)).toMatchObject({ user: ALICE });
    expect(await eventsOf(page)).toEqual([]);
    expect(requests.slice(before).map((request) => new URL(request.split(" ")[1]!).pathname)).toEqual(["/auth.js"]);
  });

  test("a closed popup, a refusal at the service and No reject in words, and the next click works", async () => {
    const page = await newApp();
    await (await clickLogin(page)).close();
    await expectOutcome(page, { code: "closed", typed: true });

    await denyAtService(await clickLogin(page));
    await expectOutcome(page, { code: "access_denied", typed: true });
    expect(await userOf(page)).toBeNull();

    const popup = await clickLogin(page);
    await allowAgain(popup);
    await answerNo(popup);
    await expectOutcome(page, { code: "access_denied", typed: true });
    expect(await userOf(page)).toBeNull();

    const next = await clickLogin(page);
    await allowAgain(next);
    await answerYes(next);
    await expectOutcome(page, { user: ALICE });
  });

  describe("a second login takes the place of the first, and closes its window", () => {
    /** Records the error codes of failed logins in `ended`. */
    const noteEnds = (page: Page) =>
      page.evaluate(() => {
        const page = window as any;
        page.ended = [];
        document.querySelector<HTMLElement>("#popup")!.onclick = () => {
          const login = page.auth.login();
          login.catch(({ code }: { code: string }) => page.ended.push(code));
          page.watch(login);
        };
      });
    const ended = (page: Page) => page.evaluate(() => (window as any).ended);

    test("also where nothing was prepared before the clicks", async () => {
      const page = await newApp();
      // Without preparation, the login has to wait for the list of services.
      const { promise: bothClicked, resolve: release } = Promise.withResolvers<void>();
      await page.route("**/services.json", (route) => bothClicked.then(() => route.continue()));
      await page.reload();
      await noteEnds(page);
      const first = await clickLogin(page);
      const second = await clickLogin(page);
      await expect.poll(() => first.isClosed()).toBe(true);
      release();
      await allowAtService(second);
      await answerYes(second);
      await expectOutcome(page, { user: ALICE });
      expect(await ended(page)).toEqual(["superseded"]);
    });

    test("prepared: the answer is that to the second", async () => {
      const page = await newApp();
      await noteEnds(page);
      const first = await clickLogin(page);
      const second = await clickLogin(page);
      await expect.poll(() => first.isClosed()).toBe(true);
      await denyAtService(second);
      await expectOutcome(page, { code: "access_denied", typed: true });
      expect(await ended(page)).toEqual(["superseded", "access_denied"]);
    });
  });

  test("an answer that never comes ends in a timeout", async () => {
    const page = await newShortApp();
    const popup = await clickLogin(page);
    await popup.getByRole("button", { name: /log in as Alice/i }).waitFor();
    await page.clock.runFor("16:00");
    await expectOutcome(page, { code: "timeout", typed: true });
  });
});

test("where the service does not tell who the user is, the token is good, the app reads why, and every page load asks again", async () => {
  const page = await newApp();
  type Answer = [status: number | undefined, error: string];
  const answerWith = async ([status, error]: Answer): Promise<void> => {
    const headers = { "access-control-allow-origin": "*", "content-type": "application/json" };
    const body = JSON.stringify({ error, error_description: "No." });
    await context.unroute("**/userinfo/demo");
    await context.route("**/userinfo/demo", (route) => {
      if (route.request().method() === "OPTIONS") return route.continue();
      return status === undefined ? route.abort() : route.fulfill({ status, headers, body });
    });
  };
  const expectUnknown = async ([, error]: Answer): Promise<void> => {
    await expectOutcome(page, { user: { username: "" } });
    expect(await userErrorOf(page)).toBe(error);
    const me = await fetch(`${services.demo.origin}/me`, {
      headers: { authorization: `Bearer ${await tokenOf(page)}` },
    });
    expect(me.status).toBe(200);
  };

  // The response to a token without the required scope.
  const atFirst: Answer = [401, "invalid_token"];
  await answerWith(atFirst);
  await logInAs(page, { username: "" });
  await expectUnknown(atFirst);
  expect(await eventsOf(page)).toEqual(["mv-login "]);

  const later: Answer[] = [
    [403, "insufficient_scope"],
    [429, "temporarily_unavailable"],
    [503, "temporarily_unavailable"],
    [undefined, "unreachable"],
  ];
  for (const answer of later) {
    await answerWith(answer);
    await openAuthApp(page, `${app.origin}/demo`);
    await expectUnknown(answer);
  }

  await context.unroute("**/userinfo/demo");
  await openAuthApp(page, `${app.origin}/demo`);
  expect(await outcomeOf(page)).toMatchObject({ user: ALICE });
  expect(await userErrorOf(page)).toBeUndefined();
  expect(await eventsOf(page)).toEqual(["mv-login alice"]);
});

describe("an app inside a page of another site", () => {
  /** As in users' browsers, the frame's storage is separate from that of the app's own windows. */
  async function openFramed(path: string): Promise<{ page: Page; frame: Frame; stop: () => Promise<void> }> {
    const around = await startFramingPage(app.origin);
    const page = await newApp(path);
    await page.evaluate(() => localStorage.setItem("mark", "of the app's own windows"));
    await page.goto(around.origin + path);
    const frame = page.mainFrame().childFrames()[0]!;
    await frame.waitForFunction("window.loaded && window.outcome");
    expect(await frame.evaluate(() => localStorage.getItem("mark"))).toBeNull();
    return { page, frame, stop: around.stop };
  }

  async function expectClosedToBeNoticed(page: Page, frame: Frame): Promise<void> {
    await (await clickLogin(page, frame)).close();
    await expectOutcome(frame, { code: "closed", typed: true });
  }

  test("[A40] logs in at a service that cuts popups off: ours stays, and is missed soon; the service gets a window of its own", async () => {
    const { page, frame, stop } = await openFramed("/cutting");
    await expectClosedToBeNoticed(page, frame);
    const popup = await clickLogin(page, frame);
    const opened = context.waitForEvent("page");
    const go = popup.locator("button.yes");
    await go.waitFor();
    await readAll(popup);
    await expect.poll(() => go.isEnabled()).toBe(true);
    await go.click();
    await allowAtService(await opened);
    await answerYes(popup);
    await expectOutcome(frame, { user: ALICE });
    await stop();
  });

  test("opens a window where it would otherwise leave the page, which a frame cannot, and learns soon that one is closed", async () => {
    const { page, frame, stop } = await openFramed("/demo");
    await expectClosedToBeNoticed(page, frame);
    const opened = page.waitForEvent("popup");
    await frame.locator("#redirect").click();
    const popup = await opened;
    await allowAtService(popup);
    await answerYes(popup);
    await expectOutcome(frame, { user: ALICE });
    await stop();
  });
});

describe("what an app says of the account", () => {
  const logInWith = (page: Page, options: object) =>
    page.evaluate((options) => {
      const { auth, watch } = window as any;
      document.querySelector<HTMLElement>("#popup")!.onclick = () => watch(auth.login(options));
    }, options);

  test("reaches the service, if its record says that it listens", async () => {
    const page = await newApp();
    await logInWith(page, { prompt: "login select_account", loginHint: "bob" });
    const asked = context.waitForEvent("request", (request) =>
      request.url().startsWith(`${services.demo.origin}/auth?`),
    );
    const popup = await clickLogin(page);
    const { searchParams } = new URL((await asked).url());
    expect(Object.fromEntries(searchParams)).toMatchObject({ prompt: "consent login", login_hint: "bob" });
    await allowAtService(popup, "Bob");
    await answerYes(popup);
    await expectOutcome(page, { user: { username: "bob" } });
  });

  test("[A43] prompt=none is answered login_required at once, in a popup and in a hidden frame", async () => {
    const page = await newApp();
    await logInWith(page, { prompt: "none" });
    await clickLogin(page);
    await expectOutcome(page, { code: "login_required", typed: true });

    const challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    const query = new URLSearchParams({
      ...{
        client_id: `${app.origin}/`,
        redirect_uri: `${app.origin}/silent`,
        response_type: "code",
        state: "s",
        prompt: "none",
      },
      ...{ code_challenge: challenge, code_challenge_method: "S256" },
    });
    await page.evaluate(
      (url) => document.body.append(Object.assign(document.createElement("iframe"), { src: url })),
      `${site.origin}/authorize/demo?${query}`,
    );
    const landed = () =>
      page
        .frames()
        .map((frame) => new URL(frame.url()))
        .find(({ pathname }) => pathname === "/silent");
    await expect.poll(() => landed()?.searchParams.get("error")).toBe("login_required");
    expect(landed()!.searchParams.get("state")).toBe("s");
  });
});

describe("a login that leaves the page", () => {
  test("comes back to where the user was, query and fragment included; apps of one origin that have names log in and out by themselves", async () => {
    const url = `${app.origin}/demo/one?tab=2#part`;
    const page = await newApp("/demo/one?tab=2#part");
    const other = await openAuthApp(await context.newPage(), `${app.origin}/demo/two`);
    await page.locator("#redirect").click();
    await allowAtService(page);
    await answerYes(page);
    await page.waitForURL(url);
    await expectOutcome(page, { user: ALICE });
    expect(await eventsOf(page)).toEqual(["mv-login alice"]);
    await page.reload();
    await page.waitForFunction("window.loaded && window.outcome");
    expect(page.url()).toBe(url);
    expect(await userOf(page)).toMatchObject(ALICE);
    expect(await userOf(other)).toBeNull();

    const popup = await clickLogin(other);
    await allowAgain(popup);
    await answerYes(popup);
    await expectOutcome(other, { user: ALICE });
    await logOutOf(page);
    expect(await eventsOf(other)).toEqual(["mv-login alice"]);
    expect(await tokenOf(other)).not.toContain("error");
  });

  test("happens by itself where the browser blocks the popup, and may return by a page of its own that does nothing else", async () => {
    const page = await newApp("/demo?tab=3");
    await page.evaluate(() => {
      const { Auth, use } = window as any;
      use(new Auth({ service: "demo", redirectUri: "/callback" }));
      window.open = () => null;
    });
    await page.locator("#popup").click();
    await allowAtService(page);
    await answerYes(page);
    await page.waitForURL(`${app.origin}/demo?tab=3`);
    await expectOutcome(page, { user: ALICE });
  });

  test('"Back" ends the wait; after a refusal, the page that comes back is told why', async () => {
    const page = await newApp();
    await page.locator("#redirect").click();
    await page.getByRole("button", { name: /log in as Alice/i }).waitFor();
    await page.goBack();
    await page.waitForFunction("window.loaded && window.outcome");
    expect(["closed", undefined]).toContain((await outcomeOf(page))?.code);
    expect(await userOf(page)).toBeNull();

    await page.locator("#redirect").click();
    await denyAtService(page);
    await page.getByRole("button", { name: `Back to ${app.origin}` }).click();
    await expectOutcome(page, { code: "access_denied", typed: true });
    expect(new URL(page.url()).search).toBe("");
  });

  test("[A18] a response that nobody asked for is taken out of the address, and changes nothing", async () => {
    const page = await newApp();
    for (const query of ["?code=stolen&state=auth-provider.x&iss=x", "?error=server_error&state=auth-provider.x"]) {
      await openAuthApp(page, `${app.origin}/demo${query}`);
      expect(page.url()).toBe(`${app.origin}/demo`);
      expect(await outcomeOf(page)).toEqual({ user: null });
    }
    await openAuthApp(page, `${app.origin}/demo?code=of-another-library&state=x`);
    expect(new URL(page.url()).searchParams.get("code")).toBe("of-another-library");
  });
});

describe("a service that cuts the popup from the app (Cross-Origin-Opener-Policy: same-origin)", () => {
  test("[A40] the popup goes on to the app's own page, which hands the code to the page that waits; of two tabs at the same moment, to each its own", async () => {
    const page = await newApp("/cutting");
    const first = await logIn(page);
    expect(await eventsOf(page)).toEqual(["mv-login alice"]);
    await expect.poll(() => first.isClosed() || first.url()).toBe(true);

    const other = await openAuthApp(await context.newPage(), `${app.origin}/cutting`);
    const popup = await clickLogin(page);
    const otherPopup = await clickLogin(other);
    for (const waiting of [popup, otherPopup]) await allowAgain(waiting);
    await answerYes(otherPopup);
    await expectOutcome(other, { user: ALICE });
    expect(await outcomeOf(page)).toBeNull();
    await answerYes(popup);
    await expectOutcome(page, { user: ALICE });
  });
});

describe("bad input", () => {
  test("messages of other windows, origins and extensions are ignored without ending the wait, also of a click before anything is prepared", async () => {
    const page = await newApp();
    await page.evaluate(() => {
      const { open } = window;
      window.open = (url, ...others) => {
        (window as any).state = new URL(String(url)).searchParams.get("state");
        return open(url, ...others);
      };
      const heardLast = (target: EventTarget) =>
        new Promise((resolve) => target.addEventListener("message", ({ data }: any) => data === "last" && resolve(0)));
      const { Auth, watch } = window as any;
      document.querySelector<HTMLElement>("#popup")!.onclick = () => {
        Object.assign(window, { auth: new Auth({ service: "Demo" }) });
        watch((window as any).auth.login());
      };
      Object.assign(window, {
        heardLast: Promise.all([heardLast(window), heardLast(new BroadcastChannel("auth-provider"))]),
      });
    });
    const popup = await clickLogin(page);
    await popup.getByRole("button", { name: /log in as Alice/i }).waitFor();
    const state = await page.evaluate(() => {
      const { state } = window as any;
      const forged = { type: "authorization_response", response: { code: "forged", state, iss: "x" } };
      for (const data of [forged, null, "text", 7, { type: "authorization_response" }, { target: "extension" }, []]) {
        window.postMessage(data, "*");
        window.dispatchEvent(new MessageEvent("message", { data, origin: "http://service.example" }));
      }
      for (const data of [null, "text", 7, {}, { response: { ...forged.response, state: "of another tab" } }]) {
        new BroadcastChannel("auth-provider").postMessage(data);
      }
      new BroadcastChannel("auth-provider").postMessage("last");
      return state as string;
    });
    // The service's page has the opener while it is shown, but even with the right state it is not the provider.
    await popup.evaluate((state) => {
      opener.postMessage({ type: "authorization_response", response: { code: "forged", state } }, "*");
      opener.postMessage("last", "*");
    }, state);
    await page.evaluate(() => (window as any).heardLast.then(() => undefined));
    expect(await outcomeOf(page)).toBeNull();
    await allowAtService(popup);
    await answerYes(popup);
    await expectOutcome(page, { user: ALICE });
  });

  test("[A19] a hostile page in the opener's place gets nothing", async () => {
    const page = await newApp();
    const popup = await clickLogin(page);
    await allowAtService(popup);
    await popup.getByRole("heading", { name: /are you sure/i }).waitFor();
    // The page navigates by itself: if Playwright navigated it, the popup would lose its opener.
    await page.evaluate((url) => void (location.href = url), `${services.demo.origin}/`);
    await page.waitForURL(`${services.demo.origin}/`);
    await page.evaluate(() => {
      (window as any).received = [];
      addEventListener("message", ({ data }) => (window as any).received.push(data));
    });
    await popup.evaluate(() => void (window.close = () => {}));
    await answerYes(popup);
    await popup.getByRole("heading", { name: "Done" }).waitFor();
    await popup.evaluate(() => opener.postMessage("last", "*"));
    const received = () => page.evaluate(() => (window as any).received);
    await expect.poll(received).not.toEqual([]);
    expect(await received()).toEqual(["last"]);
  });

  test("storage that throws makes a login last as long as its page", async () => {
    const context = await browser.newContext();
    await context.addInitScript(() => {
      for (const name of ["localStorage", "sessionStorage", "indexedDB"]) {
        const get = () => {
          throw new DOMException("Denied", "SecurityError");
        };
        Object.defineProperty(window, name, { get });
      }
    });
    const page = await openAuthApp(await context.newPage(), `${app.origin}/demo`);
    await logIn(page);
    expect(await tokenOf(page)).not.toContain("error");
    await page.locator("#redirect").click();
    await expectOutcome(page, { code: "storage_unavailable", typed: true });
    await openAuthApp(page, `${app.origin}/demo`);
    expect(await userOf(page)).toBeNull();
    await context.close();
  });

  test("what lies in the storage already may be anything", async () => {
    const page = await newApp();
    for (const rubbish of ["null", "{", "[]", '{"accessToken":7}', '{"accessToken":"x","user":null}']) {
      await page.evaluate(([key, value]) => localStorage.setItem(key!, value!), [
        `auth-provider ${site.origin} demo`,
        rubbish,
      ] as const);
      await openAuthApp(page, `${app.origin}/demo`);
      expect(await userOf(page), rubbish).toBeNull();
    }
  });

  test.each([
    ["a provider that is not there", { authProvider: "http://localhost:1" }, "unreachable"],
    ["a service that it does not have", { service: "nowhere" }, "unknown_service"],
  ])("%s rejects in words, and leaves no window behind", async (_, options, code) => {
    const page = await newApp();
    await page.evaluate((options) => {
      const { Auth, use } = window as any;
      use(new Auth({ service: "demo", ...options }));
    }, options);
    const opened = page.waitForEvent("popup");
    await page.locator("#popup").click();
    const popup = await opened;
    await expectOutcome(page, { code, typed: true });
    await expect.poll(() => popup.isClosed()).toBe(true);
  });
});

describe("a session", () => {
  const keysCanBeRead = (page: Page) =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          const opening = indexedDB.open("auth-provider");
          opening.onsuccess = () => {
            const all = opening.result.transaction("dpop-keys").objectStore("dpop-keys").getAll();
            all.onsuccess = () => resolve(all.result.map(({ privateKey }) => privateKey.extractable));
          };
        }),
    );

  test("[A29] outlives its access token by one refresh for all tabs, with a key that no script can read; ended in one, none brings it back", async () => {
    const page = await newShortApp();
    await logIn(page);
    const other = await openAuthApp(await context.newPage(), `${app.origin}/short`);
    const first = await tokenOf(page);
    await context.clock.fastForward(SHORT_LIFETIME_MS);

    const before = services.short.counts.token;
    const tokens = await Promise.all([tokenOf(page), tokenOf(other), tokenOf(page), tokenOf(other)]);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(first);
    expect(tokens[0]).not.toContain("error");
    expect(services.short.counts.token).toBe(before + 1);
    expect(await keysCanBeRead(page)).toEqual([false]);

    // A refresh is in progress while the other tab logs out.
    await context.clock.fastForward(SHORT_LIFETIME_MS);
    const { promise: ended, resolve: release } = Promise.withResolvers<void>();
    await page.route("**/token/short", (route) => ended.then(() => route.continue()));
    const asked = page.waitForRequest("**/token/short");
    const token = tokenOf(page);
    await asked;
    await logOutOf(other);
    await expect.poll(() => eventsOf(page)).toContain("mv-logout alice");
    release();
    expect(await token).toMatch(/^error (logged_out|session_expired)$/);
    expect(await userOf(page)).toBeNull();
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
  });

  test.each([-6 * 3_600, -600, 600, 6 * 3_600])(
    "[A29] begins and is refreshed on a computer whose clock is %i seconds off",
    async (aheadSeconds) => {
      const page = await newShortApp({ aheadSeconds });
      const before = services.short.counts.token;
      await logIn(page);
      const first = await tokenOf(page);
      await context.clock.fastForward(SHORT_LIFETIME_MS);
      const second = await tokenOf(page);
      expect(second).not.toBe(first);
      expect(second).not.toContain("error");
      expect(services.short.counts.token).toBe(before + 2);
      expect(await userErrorOf(page)).toBeUndefined();
    },
  );

  test("[A29] that cannot begin for all that says so, and names the clock", async () => {
    const page = await newShortApp({ aheadSeconds: 6 * 3_600 });
    const headers = {
      "access-control-allow-origin": "*",
      "access-control-expose-headers": "dpop-nonce",
      "dpop-nonce": "n",
    };
    const body = JSON.stringify({ error: "use_dpop_nonce", error_description: "Send it again." });
    await page.route("**/token/short", (route) =>
      route.fulfill({ status: 400, headers: { ...headers, "content-type": "application/json" }, body }),
    );
    const popup = await clickLogin(page);
    await allowAtService(popup);
    await answerYes(popup);
    await expectOutcome(page, { code: "use_dpop_nonce", message: expect.stringContaining("clock"), typed: true });
  });

  test("that the service has ended is over: token() says so, and the app hears of it", async () => {
    const page = await newShortApp();
    await logIn(page);
    const account = await context.newPage();
    await account.goto(`${services.short.origin}/`);
    await account.getByRole("button", { name: /log out/i }).click();
    await context.clock.fastForward(SHORT_LIFETIME_MS);

    expect(await tokenOf(page)).toBe("error session_expired");
    expect(await eventsOf(page)).toEqual(["mv-login alice", "mv-logout alice"]);
    expect(await tokenOf(page)).toBe("error logged_out");
  });

  test("without a refresh token is dropped when its access token ends", async () => {
    const page = await newShortApp();
    await page.evaluate(() => {
      const { Auth, use } = window as any;
      use(new Auth({ service: "short", refresh: false }));
    });
    await logIn(page);
    await context.clock.fastForward(SHORT_LIFETIME_MS);
    await expect.poll(() => eventsOf(page)).toContain("mv-logout alice");
    expect(await userOf(page)).toBeNull();
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
  });

  test("[A44] begun in one tab, is there in the others; logout ends its token at the service, and the login in all tabs", async () => {
    const page = await newApp();
    const other = await openAuthApp(await context.newPage(), `${app.origin}/demo`);
    await logIn(page);
    await expect.poll(() => eventsOf(other)).toEqual(["mv-login alice"]);
    const token = await tokenOf(page);
    expect(await tokenOf(other)).toBe(token);
    await logOutOf(page);

    expect(await userOf(page)).toBeNull();
    await expect.poll(() => eventsOf(other)).toEqual(["mv-login alice", "mv-logout alice"]);
    expect(await page.evaluate(() => localStorage.length)).toBe(0);
    const me = await fetch(`${services.demo.origin}/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(me.status).toBe(401);
    expect(await tokenOf(page)).toBe("error logged_out");
  });
});

describe("the modules as they are served", () => {
  test.each([
    ["/auth.js", /javascript/],
    ["/react-admin.js", /javascript/],
    ["/login-button.js", /javascript/],
    // Hosts disagree about the media type of `.ts`.
    ["/auth.d.ts", /./],
    ["/react-admin.d.ts", /./],
    ["/login-button.d.ts", /./],
    ["/login-button/de.json", /json/],
  ])("%s can be loaded from any origin", async (path, type) => {
    const response = await fetch(`${site.origin}${path}`);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toMatch(type);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(response.headers.get("cross-origin-resource-policy")).toBe("cross-origin");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
  });
});
