import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { errorPage } from "../../netlify/error-page.ts";
import { broken } from "../../netlify/oauth/reasons.ts";
import { encodeFragment } from "../../netlify/oauth/question.ts";
import type { HoldingQuestion, Question, StartQuestion } from "../../netlify/oauth/question.ts";
import { openBrowser } from "../tools/browser.ts";
import type { LocalServer } from "../tools/local-server.ts";
import { passGate, roundTrip, stopTime } from "../tools/later.ts";
import { readAll, seen } from "../tools/people.ts";
import { watchPolicy } from "../tools/policy.ts";
import { serveApp, servePages } from "./page-server.ts";
import type { PageServer } from "./page-server.ts";
import * as usual from "./questions.ts";

const appHtml = `<!doctype html><title>App</title><p>The app</p><script>
  window.messages = [];
  addEventListener("message", ({ data, origin }) => window.messages.push({ data, origin }));
</script>`;

let browser: Browser;
let provider: PageServer;
let app: LocalServer;
let context: BrowserContext;
let violations: string[];
let errors: string[];

beforeAll(async () => {
  [browser, provider, app] = await Promise.all([openBrowser(), servePages(), serveApp(appHtml)]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([provider?.stop(), app?.stop()]);
});

beforeEach(() => {
  provider.posts = [];
  provider.referers = [];
  provider.reply = { status: 500, body: {} };
  provider.pages.clear();
  provider.services = {};
});

/** What must hold on every page, whatever the test is about. */
afterEach(async () => {
  await context.close();
  expect(violations, "violations of the content security policy").toEqual([]);
  expect(errors, "uncaught errors of the pages").toEqual([]);
  const own = provider.referers.filter((referer) => referer.startsWith(provider.origin));
  expect(own, "requests of the pages with a Referer [A35]").toEqual([]);
});

interface Options extends BrowserContextOptions {
  /** Time stands still until the test moves it on. */
  stopped?: boolean;
}

async function openContext({ stopped = false, ...options }: Options = {}): Promise<BrowserContext> {
  violations = [];
  errors = [];
  context = await browser.newContext({ viewport: { width: 480, height: 600 }, ...options });
  if (stopped) await stopTime(context);
  await watchPolicy(context, (violation) => violations.push(violation));
  context.on("weberror", (error) => errors.push(String(error.error())));
  return context;
}

async function openPage(path: string, options: Options = {}): Promise<Page> {
  const page = await (await openContext(options)).newPage();
  await page.goto(provider.origin + path);
  await saysSomething(page);
  return page;
}

/** What a page says may come after it has been loaded: its language, and the words for what is rare. */
async function saysSomething(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor({ state: "attached" });
}

/** As an app does: a popup, from a page on another site. */
async function openPopup(path: string, options: Options = {}): Promise<{ opener: Page; popup: Page }> {
  const opener = await (await openContext(options)).newPage();
  await opener.goto(app.origin);
  const opened = opener.waitForEvent("popup");
  await opener.evaluate((url) => void window.open(url, "popup", "width=480,height=600"), provider.origin + path);
  const popup = await opened;
  await saysSomething(popup);
  return { opener, popup };
}

function messagesOf(opener: Page): Promise<unknown[]> {
  return opener.evaluate(() => (window as unknown as { messages: unknown[] }).messages);
}

/** What the popup has told the app so far: a message that it says now comes after them. */
async function messagesUpToNow(opener: Page, popup: Page): Promise<unknown[]> {
  await popup.evaluate(() => window.opener.postMessage("last", "*"));
  await expect.poll(async () => (await messagesOf(opener)).at(-1)).toMatchObject({ data: "last" });
  return (await messagesOf(opener)).slice(0, -1);
}

/** The page would be gone before anybody could look. */
async function keepOpen(popup: Page): Promise<void> {
  await popup.evaluate(() => void (window.close = () => {}));
}

/** What the pages are asked here: the usual, about the app of this file. */
const questionOf = (changes: Partial<Question> = {}) =>
  usual.questionOf({ origin: app.origin, scopes: ["repo"], ...changes });
const confirmPath = (changes: Partial<Question> = {}) => usual.confirmPath(questionOf(changes));
const startPath = (changes: Partial<StartQuestion> = {}) =>
  usual.startPath({ origin: app.origin, redirectUri: `${app.origin}/callback`, ...changes });
const holdingPath = (changes: Partial<HoldingQuestion> = {}) => usual.holdingPath({ origin: app.origin, ...changes });
const returnedPath = () => usual.returnedPath(questionOf({ delivery: "message" }));
const { signOutPath, unnamedPath } = usual;

function yes(page: Page) {
  return page.getByRole("button", { name: "Yes", exact: true });
}

function no(page: Page) {
  return page.getByRole("button", { name: "No", exact: true });
}

async function waitUntilArmed(page: Page): Promise<void> {
  await expect.poll(() => yes(page).isEnabled()).toBe(true);
}

/** As soon as it can be pressed. */
async function pressYes(page: Page): Promise<void> {
  await readAll(page);
  await yes(page).click();
}

/** Nothing before was an answer: then this would be none any more. */
async function expectStillOpen(page: Page): Promise<void> {
  await no(page).click();
  await page.waitForURL(`${app.origin}/callback?code=c`);
  expect(decisions()).toEqual(["no"]);
}

async function centreOfYes(page: Page): Promise<{ x: number; y: number }> {
  const { x, y, width, height } = (await yes(page).boundingBox())!;
  return { x: x + width / 2, y: y + height / 2 };
}

/** A mouse that lies still at one place. @returns what presses it there */
async function restingMouse(page: Page, { x, y }: { x: number; y: number }): Promise<() => Promise<void>> {
  const session = await context.newCDPSession(page);
  const press = { x, y, button: "left", clickCount: 1 } as const;
  return async () => {
    await session.send("Input.dispatchMouseEvent", { type: "mousePressed", ...press });
    await session.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...press });
  };
}

/** What every page with a button behind the gate is, and how it is named. */
const GATED: [string, () => string, string][] = [
  ["the question", confirmPath, ".yes"],
  ["the start page", startPath, ".yes"],
  ["the holding window", holdingPath, ".yes"],
  ["the end of all access", signOutPath, ".yes"],
  ["the home page", () => "/", ".choices button"],
];

/** Where a press of the button has led, or what it has sent. The holding window has sent one thing before. */
function traces(): unknown[] {
  return [...provider.posts.filter(({ body }) => !isPreparation(body)), ...opened];
}

function isPreparation(body: unknown): boolean {
  return JSON.stringify(body) === JSON.stringify({ request: "sealed" }) && isHolding;
}

let isHolding = false;
let opened: string[] = [];

/** Large enough for all that such a page says. */
async function openGated(path: string): Promise<Page> {
  isHolding = path.startsWith("/holding");
  opened = [];
  provider.services = { Github: { id: "github", name: "GitHub" } };
  provider.reply = { status: 200, body: { location: `${app.origin}/service`, ended: true } };
  const page = await openPage(path, { viewport: { width: 480, height: 720 }, stopped: true });
  context.on("page", (other) => opened.push(other.url()));
  return page;
}

/** However long somebody looks at it, this page does nothing by itself. To be called where time has been stopped. */
async function expectToStay(page: Page): Promise<void> {
  const url = page.url();
  const left: string[] = [];
  page.on("request", (request) => request.isNavigationRequest() && left.push(request.url()));
  await context.clock.runFor("05:00");
  await roundTrip(page);
  expect(left).toEqual([]);
  expect(page.url()).toBe(url);
}

function decisions(): unknown[] {
  return provider.posts.map(({ body }) => (body as { decision: unknown }).decision);
}

describe("the question", () => {
  test("names the origin, all of whose pages it is about, and the service, and leaves nothing in the address bar [A35][A57]", async () => {
    const page = await openPage(confirmPath());
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(
      `Are you sure you want to log in to ${app.origin}?`,
    );
    expect(await page.locator("main").textContent()).toContain("GitHub");
    expect(await page.locator("main").textContent()).toContain("Any page on this site will be able to do this.");
    expect(page.url()).toBe(`${provider.origin}/confirm`);
  });

  test("is there again after a reload, and asks anew when the fragment changes", async () => {
    const page = await openPage(confirmPath());
    await page.reload();
    expect(await page.locator(".origin").textContent()).toBe(app.origin);
    const [, other = ""] = confirmPath({ origin: "https://other.example" }).split("#");
    await page.evaluate((fragment) => void (location.hash = fragment), other);
    await page.locator(".origin", { hasText: "other.example" }).waitFor();
    expect(page.url()).toBe(`${provider.origin}/confirm`);
  });

  test("shows scopes in words, unknown ones as code after words of our own, and what root Madata cannot tell [A31]", async () => {
    const page = await openPage(confirmPath({ scopes: ["gist", "Only_reads_your_public_name,_nothing_else.", "constructor"] }));
    const ours = "What GitHub knows by this name; we have no words for it:";
    expect(await page.locator(".scopes li").allTextContents()).toEqual([
      "Create and change gists gist",
      `${ours} "Only_reads_your_public_name,_nothing_else."`,
      `${ours} "constructor"`,
    ]);
    expect(await page.locator(".scopes code").allTextContents()).toEqual([
      "gist",
      '"Only_reads_your_public_name,_nothing_else."',
      '"constructor"',
    ]);
    await page.close();

    const madata = await context.newPage();
    await madata.goto(provider.origin + confirmPath({ scopes: null }));
    expect(await madata.locator(".scopes li").allTextContents()).toEqual([
      "Everything you have just allowed at GitHub",
    ]);
  });

  test("shows no more of an unknown scope than a known one can have, and the rest to whoever wants to see it [A31]", async () => {
    const scope = `Only_reads_your_public_name,_nothing_else._${"This_app_is_safe._".repeat(4)}`;
    const page = await openPage(confirmPath({ scopes: [scope] }));
    const [beginning, whole] = [page.locator(".scopes summary code"), page.locator(".scopes details > code")];
    expect(await beginning.textContent()).toBe(`"${scope.slice(0, 48)}…`);
    expect(await whole.isVisible()).toBe(false);
    await page.locator(".scopes summary").click();
    expect(await whole.textContent()).toBe(`"${scope}"`);
    expect(await whole.isVisible()).toBe(true);
  });

  test.each([
    "https://mallory.github.io",
    "https://accounts.google.com.mallory.co.uk:8443",
    "http://localhost:5500",
    "http://[::1]:5500",
    "https://192.0.2.7",
  ])("emphasises nothing within %s: every letter of the host, and the port, is as strong as any other [A33]", async (origin) => {
    const page = await openPage(confirmPath({ origin }));
    const looks = await page.locator(".origin").evaluate((shown) => {
      const texts = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
      const found: [string, string][] = [];
      for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
        const { color, fontWeight, fontSize, textDecorationLine } = getComputedStyle(text.parentElement!);
        found.push([text.textContent!, [color, fontWeight, fontSize, textDecorationLine].join()]);
      }
      return found;
    });
    const [[scheme, quiet], ...host] = looks as [[string, string], ...[string, string][]];
    expect([scheme, host.map(([letters]) => letters).join("")].join("")).toBe(origin);
    expect(scheme).toBe(origin.slice(0, origin.indexOf("//") + 2));
    expect(new Set(host.map(([, look]) => look)).size).toBe(1);
    expect(host[0]![1]).not.toBe(quiet);
  });

  test("says what is unusual about an address [A33][A58]", async () => {
    const page = await openPage(confirmPath({ origin: "https://xn--pple-43d.com:8443", unknownStart: true }));
    const notices = await page.locator(".notice").allTextContents();
    expect(notices).toHaveLength(3);
    expect(notices[0]).toContain("xn--");
    expect(notices[1]).toContain("port");
    expect(notices[2]).toContain("We cannot tell where this login was started");
    const program = "This is a program on this computer. Go on only if you have started it yourself.";
    const extension = "This is a browser extension. Its address does not tell which one, so go on only if you have started this login in it yourself.";
    for (const [origin, notice] of [
      ["http://localhost:5500", program],
      ["http://app.localhost:5500", program],
      ["http://tauri.localhost", program],
      ["https://jkkddibpmfdipcemdgepabhpfkijpkog.chromiumapp.org", extension],
      ["https://752493f00e7f37a30094c6339f9e2c101b607b58.extensions.allizom.org", extension],
    ] as const) {
      await page.goto("about:blank");
      await page.goto(provider.origin + confirmPath({ origin }));
      expect(await page.locator(".notice").allTextContents(), origin).toEqual([notice]);
    }
  });

  test("shows every character of a host of 250 characters on 320 pixels [A33]", async () => {
    const labels = ["accounts.google.com.".padEnd(63, "a"), "b".repeat(63), "c".repeat(63), "d".repeat(45)];
    const origin = `https://${labels.join(".")}.evil.example`;
    expect(new URL(origin).hostname).toHaveLength(250);
    const page = await openPage(confirmPath({ origin }), { viewport: { width: 320, height: 568 } });
    expect(await page.locator(".origin").textContent()).toBe(origin);
    expect(await hiddenCharacters(page)).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  test("shows the whole redirect URI, if it is more than the origin, and emphasises what is [A21]", async () => {
    const beyond = "go/https://evil.example/?next=%2F";
    const page = await openPage(confirmPath({ redirectUri: `${app.origin}/${beyond}` }));
    expect(await page.locator(".destination").textContent()).toBe(`Afterwards you will be sent to ${app.origin}/${beyond}`);
    expect(await page.locator(".address strong").textContent()).toBe(beyond);
    for (const redirectUri of [app.origin, `${app.origin}/`]) {
      await page.goto("about:blank");
      await page.goto(provider.origin + confirmPath({ redirectUri }));
      await yes(page).waitFor();
      expect(await page.locator(".address").count()).toBe(0);
    }
  });

  test("shows no redirect URI where the result travels by message only", async () => {
    const { popup } = await openPopup(confirmPath({ delivery: "message" }));
    await yes(popup).waitFor();
    expect(await popup.locator(".address").count()).toBe(0);
  });

  test.each(["en", "ar"])("in the language %s, shows all 2,000 characters of a redirect URI, no line of which looks like an address of its own [A21][A33]", async (locale) => {
    const redirectUri = `${app.origin}/${"go/https://evil.example/?".repeat(100)}`.slice(0, 2_000);
    const page = await openPage(confirmPath({ redirectUri }), { viewport: { width: 320, height: 568 }, locale });
    const address = page.locator(".address");
    expect(await address.textContent()).toBe(redirectUri);
    expect(await address.evaluate((shown) => getComputedStyle(shown).direction)).toBe("ltr");
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    const { lines, clipped } = await address.evaluate((shown) => {
      const range = new Range();
      range.selectNodeContents(shown);
      const box = shown.getBoundingClientRect();
      const rects = Array.from(range.getClientRects());
      const lefts = new Map<number, number>();
      for (const { top, left } of rects) lefts.set(Math.round(top), Math.min(left, lefts.get(Math.round(top)) ?? Infinity));
      const clipped = rects.filter(({ left, right, width }) => width > 0 && (left < box.left - 1 || right > box.right + 1)).length;
      return { lines: [...lefts].sort(([a], [b]) => a - b).map(([, left]) => left), clipped };
    });
    expect(clipped).toBe(0);
    expect(lines.length).toBeGreaterThan(40);
    for (const left of lines.slice(1)) expect(left).toBeGreaterThan(lines[0]! + 8);
  });

  test.each([
    [480, 600],
    [360, 320],
    [320, 256],
  ])("has both buttons in view at %i × %i, without scrolling", async (width, height) => {
    const path = confirmPath({ unknownStart: true, redirectUri: `${app.origin}/` });
    const page = await openPage(path, { viewport: { width, height } });
    for (const locator of [no(page), yes(page)]) {
      const box = (await locator.boundingBox())!;
      expect(box.y + box.height).toBeLessThanOrEqual(height);
      expect(box.height).toBeGreaterThanOrEqual(44);
    }
    await readAll(page);
    await waitUntilArmed(page);
  });

  test("shows hostile text as text [A5]", async () => {
    const hostile = `'><img/src=x/onerror=window.__x=1></script><script>window.__x=1</script>`;
    const redirectUri = `${app.origin}/'&lt;img/src=x/onerror=window.__x=1&gt;javascript:window.__x=1`;
    const page = await openPage(confirmPath({ service: "example", scopes: [hostile], redirectUri }));
    await page.locator(".more summary").click();
    await page.getByText("knows only this login page").waitFor();
    expect(await page.locator(".scopes details > code").textContent()).toBe(`"${hostile}"`);
    expect(await page.locator(".address").textContent()).toBe(redirectUri);
    expect(await page.evaluate(() => "__x" in window)).toBe(false);
    expect(await page.locator("main a, main img, main script").count()).toBe(0);
  });

  test("is not asked inside another page [A66]", async () => {
    provider.pages.set("/frame", `<iframe src="${confirmPath()}" width="400" height="400"></iframe>`);
    const page = await (await openContext()).newPage();
    // The header refuses frames already; without it, the page itself does.
    await page.route("**/*", async (route) => {
      const response = await route.fetch();
      const { "content-type": contentType = "", "referrer-policy": referrerPolicy = "" } = response.headers();
      const headers = { "content-type": contentType, "referrer-policy": referrerPolicy };
      await route.fulfill({ response, headers });
    });
    await page.goto(`${provider.origin}/frame`);
    const frame = page.frameLocator("iframe");
    await frame.getByText("does not work inside another page").waitFor();
    expect(await frame.getByRole("button").count()).toBe(0);
  });

  test.each([["nothing", "/confirm"], ["rubbish", "/confirm#yes"], ["another shape", "/confirm#e30"]])(
    "is not asked when the fragment is %s",
    async (_name, path) => {
      const page = await openPage(path);
      expect(await page.locator("h1").textContent()).toBe("There is nothing to confirm here");
      expect(page.url()).toBe(`${provider.origin}/confirm`);
    },
  );
});

/** Whether a label that a script clicks passes a trusted click on. */
async function trustsClicksOfLabels(page: Page): Promise<boolean> {
  return await page.evaluate(() => {
    const label = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    let trusted = false;
    box.addEventListener("click", (event) => (trusted = event.isTrusted));
    label.append(box);
    document.body.append(label);
    label.click();
    label.remove();
    return trusted;
  });
}

describe("the gate", () => {
  beforeEach(() => {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?code=c` } };
  });

  test("ignores clicks in the first second, and takes one after it [A7]", async () => {
    const page = await openPage(confirmPath(), { stopped: true });
    const centre = await centreOfYes(page);
    await page.mouse.move(centre.x, centre.y);
    for (const pauseMs of [0, 150, 150, 699]) {
      await context.clock.runFor(pauseMs);
      await page.mouse.down();
      await page.mouse.up();
    }
    expect(await yes(page).isDisabled()).toBe(true);
    await passGate(yes(page));
    await page.mouse.move(centre.x + 3, centre.y);
    await page.mouse.down();
    await page.mouse.up();
    await page.waitForURL(`${app.origin}/callback?code=c`);
    expect(decisions()).toEqual(["yes"]);
  });

  test("takes the press of a mouse that has lain there all the time, after a second in which nothing was pressed [A7]", async () => {
    const page = await openPage(confirmPath());
    const press = await restingMouse(page, await centreOfYes(page));
    await press();
    expect(await page.getByRole("status").textContent()).toBe("Too quick to count. Wait a second, then press once more.");
    await waitUntilArmed(page);
    expect(await page.getByRole("status").textContent(), "still there for whoever reads slowly").toContain("press once more");
    await press();
    await page.waitForURL(`${app.origin}/callback?code=c`);
    expect(decisions()).toEqual(["yes"]);
  });

  test("begins anew with a press of anything else in the page [A7]", async () => {
    const page = await openPage(confirmPath(), { stopped: true });
    await passGate(yes(page));
    for (const place of [".account", "summary", ".card"]) {
      await page.locator(place).click();
      expect(await yes(page).isDisabled(), place).toBe(true);
      await passGate(yes(page));
    }
    await page.keyboard.press("Enter");
    expect(await yes(page).isDisabled(), "Enter").toBe(true);
    await passGate(yes(page));
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    expect(await yes(page).isEnabled(), "keys that move the focus or scroll").toBe(true);
  });

  test("is not passed by a left button that is pressed again and again while the right one is held [A7]", async () => {
    const page = await openPage(confirmPath(), { stopped: true });
    const { x, y } = await centreOfYes(page);
    const session = await context.newCDPSession(page);
    await session.send("Input.dispatchMouseEvent", { type: "mousePressed", x, y, button: "right", buttons: 2, clickCount: 1 });
    const press = { x, y, button: "left", clickCount: 1 } as const;
    for (let presses = 0; presses < 10; presses += 1) {
      await session.send("Input.dispatchMouseEvent", { type: "mousePressed", ...press, buttons: 3 });
      await session.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...press, buttons: 2 });
      await context.clock.runFor(250);
    }
    await expectStillOpen(page);
  });

  test("does not take a press in a window that has been moved under the mouse [A7]", async () => {
    const page = await openPage(confirmPath());
    const press = await restingMouse(page, await centreOfYes(page));
    await waitUntilArmed(page);
    await page.evaluate(() => Object.defineProperty(window, "screenX", { value: window.screenX + 40 }));
    await press();
    expect(await yes(page).isDisabled()).toBe(true);
    await roundTrip(page);
    expect(provider.posts).toEqual([]);
    await waitUntilArmed(page);
    await press();
    await page.waitForURL(`${app.origin}/callback?code=c`);
  });

  test("begins anew when the window changes its size [A7]", async () => {
    const page = await openPage(confirmPath());
    await waitUntilArmed(page);
    await page.setViewportSize({ width: 500, height: 620 });
    await page.waitForFunction(() => document.querySelector<HTMLButtonElement>(".yes")?.disabled);
    await waitUntilArmed(page);
  });

  test("begins anew when the window loses its focus [A7]", async () => {
    const page = await openPage(confirmPath());
    await waitUntilArmed(page);
    await page.evaluate(() => void dispatchEvent(new Event("blur")));
    expect(await yes(page).isDisabled()).toBe(true);
  });

  test("never opens while the origin is out of view [A7]", async () => {
    const page = await openPage(confirmPath(), { viewport: { width: 320, height: 130 }, stopped: true });
    await page.getByRole("status").getByText("Scroll to see the whole question.").waitFor();
    await context.clock.runFor("05:00");
    expect(await yes(page).isDisabled()).toBe(true);
    await readAll(page);
    await context.clock.runFor("02:00");
    expect(await yes(page).isDisabled()).toBe(true);
    expect(await page.getByRole("status").textContent()).toBe("Scroll to see the whole question.");
    expect(await no(page).isEnabled()).toBe(true);
  });

  test.each(["Enter", "Space"])("takes %s on Yes, which is second in the tab order", async (key) => {
    const page = await openPage(confirmPath());
    await waitUntilArmed(page);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("No");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Yes");
    await page.keyboard.press(key);
    await page.waitForURL(`${app.origin}/callback?code=c`);
    expect(decisions()).toEqual(["yes"]);
  });

  test.each(["Enter", "Space"])("does not take %s that is held from before [A6]", async (key) => {
    const page = await openPage(confirmPath());
    await page.keyboard.down(key);
    await waitUntilArmed(page);
    await page.evaluate(() => document.querySelector<HTMLButtonElement>(".yes")?.focus());
    for (let repetition = 0; repetition < 20; repetition += 1) await page.keyboard.down(key);
    await page.keyboard.up(key);
    await expectStillOpen(page);
  });

  test("is not reached by any fragment: nothing has the focus, and Yes has no name [A6]", async () => {
    const page = await openPage(confirmPath());
    const ids = await page.evaluate(() => Array.from(document.querySelectorAll("[id]"), ({ id }) => id));
    const attributes = await yes(page).evaluate((button) => button.getAttributeNames());
    expect(attributes.filter((name) => ["id", "name", "autofocus"].includes(name))).toEqual([]);
    for (const fragment of [...ids, "yes", "yes_button", "Yes"]) {
      await page.evaluate((hash) => void (location.hash = hash), fragment);
      await page.waitForURL(`${provider.origin}/confirm`);
      expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
    }
  });

  test("takes a bare click, as assistive technology makes it, once the time has passed [A7]", async ({ skip }) => {
    const page = await openPage(confirmPath(), { stopped: true });
    // Newer browsers do not trust a click that a script's click on a label makes, and nothing else makes one without
    // pointer or key; there, the unit tests of `client/press.ts` have to do.
    skip(!(await trustsClicksOfLabels(page)), "this browser cannot imitate assistive technology");
    const bareClick = () =>
      page.evaluate(() => {
        // A label passes its click on without any pointer or key; the browser trusts the click that it makes itself.
        const label = document.createElement("label");
        label.htmlFor = document.querySelector(".yes")!.id = "for-the-test";
        document.body.append(label);
        label.click();
        label.remove();
      });
    await bareClick();
    expect(await yes(page).isDisabled()).toBe(true);
    await passGate(yes(page));
    await bareClick();
    await page.waitForURL(`${app.origin}/callback?code=c`);
    expect(decisions()).toEqual(["yes"]);
  });

  test("takes a tap, but not taps in a row that began before [A7]", async () => {
    const page = await openPage(confirmPath(), { hasTouch: true, stopped: true });
    const { x, y } = await centreOfYes(page);
    for (let tap = 0; tap < 8; tap += 1) {
      await page.touchscreen.tap(x, y);
      await context.clock.runFor(200);
    }
    expect(await yes(page).isDisabled()).toBe(true);
    await passGate(yes(page));
    await page.touchscreen.tap(x, y);
    await page.waitForURL(`${app.origin}/callback?code=c`);
    expect(decisions()).toEqual(["yes"]);
  });
});

describe.each(GATED)("the gate of %s", (_, pathOf, selector) => {
  test("does not take the click of a script, whenever it comes [A7]", async () => {
    const page = await openGated(pathOf());
    const button = page.locator(selector);
    await button.waitFor();
    await button.evaluate((element: HTMLElement) => element.click());
    await passGate(button);
    await button.evaluate((element: HTMLElement) => element.click());
    await passGate(button);
    await button.evaluate((element) => {
      const type = (name: string) => new PointerEvent(name, { bubbles: true, pointerId: 1, isPrimary: true });
      for (const name of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"]) element.dispatchEvent(type(name));
    });
    await roundTrip(page);
    expect(traces()).toEqual([]);
    await passGate(button);
    await button.click();
    await expect.poll(traces).toHaveLength(1);
  });

  test.each([150, 250, 400, 900])("takes no click of a mouse that clicks every %i ms, and one after a quiet second, unmoved [A7]", async (everyMs) => {
    const page = await openGated(pathOf());
    const button = page.locator(selector);
    await button.waitFor();
    await button.scrollIntoViewIfNeeded();
    const { x, y, width, height } = (await button.boundingBox())!;
    const press = await restingMouse(page, { x: x + width / 2, y: y + height / 2 });
    for (let atMs = 0; atMs < 3_000; atMs += everyMs) {
      await press();
      await context.clock.runFor(everyMs);
    }
    await roundTrip(page);
    expect(traces()).toEqual([]);
    await passGate(button);
    await press();
    await expect.poll(traces).toHaveLength(1);
  });
});

describe("[A7] what the card says has to be read", () => {
  const SMALL = [[480, 320], [480, 220]] as const;
  const MANY = Array.from({ length: 31 }, (_, index) => `scope-${index}`);
  const WARNED: Partial<Question>[] = [
    { unknownStart: true },
    { scopesMerged: true },
    { offline: true },
    { claimedHost: "good.example" },
    { origin: "http://localhost:5500" },
    { origin: "https://xn--pple-43d.com:8443" },
    { origin: "http://192.0.2.1:8080" },
  ];

  /** By the wheel, as long as there is something below. */
  async function scrollDown(page: Page): Promise<void> {
    await page.mouse.move(200, 40);
    for (let wheels = 0; wheels < 100 && !(await isAtEnd(page)); wheels += 1) {
      await page.mouse.wheel(0, 30);
      await seen(page);
    }
  }

  async function scrollUp(page: Page): Promise<void> {
    await page.mouse.wheel(0, -10_000);
    await page.locator(".content").evaluate((content) => content.querySelector(".origin")!.scrollIntoView({ block: "nearest" }));
  }

  /** However long somebody waits, as far as the question is still open. */
  async function expectToStayClosed(page: Page, button = yes(page)): Promise<void> {
    await seen(page);
    await context.clock.runFor("02:00");
    expect(await button.isDisabled()).toBe(true);
  }

  function isAtEnd(page: Page): Promise<boolean> {
    return page.locator(".content").evaluate(({ scrollTop, clientHeight, scrollHeight }) => scrollTop + clientHeight >= scrollHeight - 1);
  }

  test.each(SMALL)("in a window of %i × %i, Yes waits until it has been scrolled through", async (width, height) => {
    const page = await openPage(confirmPath(), { viewport: { width, height }, stopped: true });
    await page.getByRole("status").getByText("Scroll down: there is more to read.").waitFor();
    await expectToStayClosed(page);
    await scrollDown(page);
    // Its address is out of view.
    await expectToStayClosed(page);
    await scrollUp(page);
    await passGate(yes(page));
  });

  test.each(SMALL)("at %i × %i, no warning of any kind is left out", async (width, height) => {
    for (const changes of WARNED) {
      const page = await openPage(confirmPath(changes), { viewport: { width, height }, stopped: true });
      await yes(page).waitFor();
      await expectToStayClosed(page);
      await scrollDown(page);
      await scrollUp(page);
      await passGate(yes(page));
      await context.close();
    }
  });

  test("each of 31 scopes has been in view before Yes opens, in whatever order", async () => {
    const page = await openPage(confirmPath({ scopes: MANY }), { stopped: true });
    await expectToStayClosed(page);
    // To the end, in one jump: what lies between has not been seen.
    await page.locator(".content").evaluate((content) => (content.scrollTop = content.scrollHeight));
    await seen(page);
    await scrollUp(page);
    await page.getByText("there is more to read").waitFor();
    await expectToStayClosed(page);
    await scrollDown(page);
    await scrollUp(page);
    await passGate(yes(page));
  });

  test("also by the keyboard alone: what scrolls can have the focus, and Yes can be reached and pressed", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?code=c` } };
    const page = await openPage(confirmPath({ scopes: MANY }), { stopped: true });
    await page.locator(".content[tabindex]").waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.className)).toBe("content");
    for (let keys = 0; keys < 60 && !(await isAtEnd(page)); keys += 1) {
      await page.keyboard.press("ArrowDown");
      await seen(page);
    }
    expect(await isAtEnd(page)).toBe(true);
    await page.keyboard.press("Home");
    await passGate(yes(page));
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${app.origin}/callback?code=c`);
  });

  test("and is announced where it is not, as what to do", async () => {
    const page = await openPage(confirmPath({ scopes: MANY }));
    await page.getByRole("status").getByText("Scroll down: there is more to read.").waitFor();
    await page.locator(".content").evaluate((content) => (content.scrollTop = content.scrollHeight));
    await page.getByRole("status").getByText("Scroll to see the whole question.").waitFor();
  });

  test("is the redirect URI on the start page, however long it is", async () => {
    const redirectUri = `${app.origin}/${"a/long/way/".repeat(60)}callback`;
    const page = await openPage(startPath({ redirectUri }), { viewport: { width: 480, height: 320 }, stopped: true });
    const go = page.getByRole("button", { name: "Continue to GitHub" });
    await expectToStayClosed(page, go);
    await scrollDown(page);
    await scrollUp(page);
    await passGate(go);
  });
});

test.each([
  ["No", confirmPath, ".no"],
  ["the way back to an app that the service has refused", () => confirmPath({ refused: true }), ".actions button"],
  ["the way back from an error", () => "/callback/github?error=x", ".actions button"],
])("%s is open at once, and does nothing when a script clicks [A43]", async (_, pathOf, selector) => {
  const answer = { location: `${app.origin}/callback?error=server_error` };
  provider.pages.set("/callback/github", errorPage(broken, answer));
  provider.reply = { status: 200, body: { location: answer.location } };
  const page = await openPage(pathOf());
  const button = page.locator(selector).first();
  await button.waitFor();
  expect(await button.isEnabled()).toBe(true);
  await button.evaluate((element: HTMLElement) => element.click());
  await roundTrip(page);
  expect(provider.posts).toEqual([]);
  expect(page.url().startsWith(provider.origin)).toBe(true);
  await button.click();
  await page.waitForURL(answer.location);
});

describe("the answer", () => {
  test("is posted once, with what was shown, and reaches exactly the app's window [A4]", async () => {
    provider.reply = { status: 200, body: { message: { token: "canary" }, targetOrigin: app.origin } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    const closed = popup.waitForEvent("close");
    await pressYes(popup);
    await closed;
    await expect.poll(() => messagesOf(opener)).toEqual([{ data: { token: "canary" }, origin: provider.origin }]);
    expect(provider.posts).toEqual([
      {
        path: "/confirm",
        contentType: "application/json",
        origin: provider.origin,
        body: { ticket: "sealed", origin: app.origin, service: "github", decision: "yes", opener: true },
      },
    ]);
  });

  test("is posted with the redirect URI that was shown, in either mode, Yes or No [A21]", async () => {
    const redirectUri = `${app.origin}/go/https://evil.example/%7E`;
    provider.reply = { status: 200, body: { location: `${app.origin}/callback` } };
    for (const delivery of ["navigation", "message"] as const) {
      const page = await openPage(confirmPath({ delivery, redirectUri }));
      await no(page).click();
      await page.waitForURL(`${app.origin}/callback`);
      await context.close();
    }
    const page = await openPage(confirmPath({ redirectUri }));
    await pressYes(page);
    await page.waitForURL(`${app.origin}/callback`);
    expect(provider.posts.map(({ body }) => body)).toMatchObject([
      { decision: "no", redirectUri },
      { decision: "no", redirectUri },
      { decision: "yes", redirectUri },
    ]);
  });

  test("does not reach a window of another origin [A4]", async () => {
    provider.reply = { status: 200, body: { message: { token: "canary" }, targetOrigin: "https://good.example" } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await keepOpen(popup);
    await pressYes(popup);
    await popup.getByRole("heading", { name: "Done" }).waitFor();
    expect(await messagesUpToNow(opener, popup)).toEqual([]);
  });

  test("is never sent to whatever origin there is [A4]", async () => {
    provider.reply = { status: 200, body: { message: { token: "canary" }, targetOrigin: "*" } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await pressYes(popup);
    await popup.getByRole("heading", { name: "That did not work" }).waitFor();
    expect(await messagesUpToNow(opener, popup)).toEqual([]);
    expect(await popup.content()).not.toContain("canary");
  });

  test("is No at once, however often it is pressed", async () => {
    provider.reply = { status: 200, body: { message: { error: "access_denied" }, targetOrigin: app.origin } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await keepOpen(popup);
    await no(popup).dblclick();
    await popup.locator(".question").waitFor({ state: "detached" });
    expect(await messagesUpToNow(opener, popup)).toHaveLength(1);
    expect(decisions()).toEqual(["no"]);
  });

  test("leads back to the app by navigation where that was asked", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?error=access_denied` } };
    const page = await openPage(confirmPath());
    await no(page).click();
    await page.waitForURL(`${app.origin}/callback?error=access_denied`);
    expect(provider.posts[0]?.body).toMatchObject({ decision: "no", opener: false });
  });

  test("is not given where the way back is cut, and nothing is posted", async () => {
    const page = await openPage(confirmPath({ delivery: "message" }));
    expect(await page.locator("h1").textContent()).toBe("The way back to the app is gone");
    expect(await page.getByRole("button").count()).toBe(0);
    expect(provider.posts).toEqual([]);
  });

  test("travels by navigation where the way back is cut but the app has a page for it [A40]", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?code=c` } };
    const page = await openPage(confirmPath({ delivery: "message", redirectUri: `${app.origin}/callback` }));
    await pressYes(page);
    await page.waitForURL(`${app.origin}/callback?code=c`);
    expect(provider.posts[0]?.body).toMatchObject({ decision: "yes", opener: false });
  });

  test("is not exchanged when the app's window has been closed", async () => {
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await waitUntilArmed(popup);
    await opener.close();
    await pressYes(popup);
    await popup.getByRole("heading", { name: "The app’s window is gone" }).waitFor();
    expect(provider.posts).toEqual([]);
  });

  test("says so when the server refuses, and tells the waiting app", async () => {
    const refusal = { error: "invalid_grant", error_description: "The login has expired.", reason: "expired" };
    const answer = { message: { error: "server_error" }, targetOrigin: app.origin };
    provider.reply = { status: 400, body: { ...refusal, answer } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await pressYes(popup);
    await popup.getByText("The login has expired.").waitFor();
    expect(await messagesUpToNow(opener, popup)).toEqual([{ data: { error: "server_error" }, origin: provider.origin }]);
    await popup.reload();
    expect(await popup.locator("h1").textContent()).toBe("There is nothing to confirm here");
  });

  test("leads back only by a click when the server refuses [A43]", async () => {
    const answer = { location: `${app.origin}/callback?error=server_error` };
    provider.reply = { status: 400, body: { error: "invalid_grant", error_description: "Expired.", reason: "expired", answer } };
    const page = await openPage(confirmPath(), { stopped: true });
    await passGate(yes(page));
    await pressYes(page);
    await page.getByText("Expired.").waitFor();
    await expectToStay(page);
    await page.getByRole("button", { name: `Back to ${app.origin}` }).click();
    await page.waitForURL(answer.location);
  });

  test.each([[502, "<html>"], [429, {}], [200, { location: "javascript:window.__x=1" }], [200, null]])(
    "that is %i %j becomes a sentence",
    async (status, body) => {
      provider.reply = { status, body };
      const page = await openPage(confirmPath());
      await no(page).click();
      await page.getByRole("heading", { name: "That did not work" }).waitFor();
      expect(await page.evaluate(() => "__x" in window)).toBe(false);
    },
  );

  test("can be given again when the server could not be reached; Yes only through the gate", async () => {
    provider.reply = "cut";
    const page = await openPage(confirmPath());
    await pressYes(page);
    await page.getByText("could not be reached").waitFor();
    expect(await yes(page).isDisabled()).toBe(true);
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?code=c` } };
    await pressYes(page);
    await page.waitForURL(`${app.origin}/callback?code=c`);
  });

  test("can be given again when the platform has turned it away (429), which spends no ticket", async () => {
    provider.reply = { status: 429, body: "" };
    const page = await openPage(confirmPath());
    await pressYes(page);
    await page.getByText("Too many logins are going on").waitFor();
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?code=c` } };
    await pressYes(page);
    await page.waitForURL(`${app.origin}/callback?code=c`);
    expect(decisions()).toEqual(["yes", "yes"]);
  });

  test("No can be given again when the server could not be reached", async () => {
    provider.reply = "cut";
    const page = await openPage(confirmPath());
    await no(page).click();
    const retry = page.getByRole("button", { name: "Try again" });
    await retry.waitFor();
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?error=access_denied` } };
    await retry.click();
    await page.waitForURL(`${app.origin}/callback?error=access_denied`);
  });
});

describe("where there is nothing to ask", () => {
  test("a refusal at the service is told to the waiting app at once", async () => {
    provider.reply = { status: 200, body: { message: { error: "access_denied" }, targetOrigin: app.origin } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message", refused: true }));
    await expect.poll(() => popup.isClosed()).toBe(true);
    await expect.poll(() => messagesOf(opener)).toEqual([{ data: { error: "access_denied" }, origin: provider.origin }]);
    expect(decisions()).toEqual(["no"]);
  });

  test("a refusal at the service leads back to the app only by a click [A43]", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?error=access_denied` } };
    const page = await openPage(confirmPath({ refused: true }), { stopped: true });
    expect(await page.locator("h1").textContent()).toBe("You did not allow it at GitHub");
    await expectToStay(page);
    expect(provider.posts).toEqual([]);
    await page.getByRole("button", { name: `Back to ${app.origin}` }).click();
    await page.waitForURL(`${app.origin}/callback?error=access_denied`);
  });

  test("a question that has expired tells the waiting app, and Yes goes away", async () => {
    provider.reply = { status: 200, body: { message: { error: "access_denied" }, targetOrigin: app.origin } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message", canStartAgain: false }), { stopped: true });
    await keepOpen(popup);
    await context.clock.runFor("10:00");
    await popup.getByRole("heading", { name: "This took too long" }).waitFor();
    await expect.poll(() => messagesOf(opener)).toEqual([{ data: { error: "access_denied" }, origin: provider.origin }]);
    expect(await messagesUpToNow(opener, popup)).toHaveLength(1);
    expect(decisions()).toEqual(["no"]);
  });

  test("a question that has expired leads back to the app only by a click [A43]", async () => {
    const page = await openPage(confirmPath({ lifetimeSeconds: 0 }));
    expect(await page.locator("h1").textContent()).toBe("This took too long");
    expect(await page.getByRole("button").allTextContents()).toEqual([`Back to ${app.origin}`, "Start again"]);
    expect(provider.posts).toEqual([]);
  });

  test("a question that has expired starts again at the service, once, and no app has been told anything", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service/authorize?state=s` } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }), { stopped: true });
    await context.clock.runFor("10:00");
    await popup.getByRole("heading", { name: "This took too long" }).waitFor();
    // The same gate as of every button that starts something.
    expect(await popup.getByRole("button", { name: "Start again" }).isDisabled()).toBe(true);
    await context.clock.runFor("00:02");
    await popup.getByRole("button", { name: "Start again" }).click();
    await popup.waitForURL(`${app.origin}/service/authorize?state=s`);
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", origin: provider.origin, body: { ticket: "sealed", origin: app.origin } }]);
    expect(await opener.evaluate(() => (window as unknown as { messages?: unknown[] }).messages ?? [])).toEqual([]);
  });

  test("with less than two minutes left, the question says how many, and can start again; before, it does not", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service/authorize?state=s` } };
    const { popup } = await openPopup(confirmPath({ delivery: "message" }), { stopped: true });
    await context.clock.runFor("07:58");
    expect(await popup.locator(".time-left").textContent()).toBe("");
    await context.clock.runFor("00:03");
    await popup.getByText("Time left to say Yes: 1:59").waitFor();
    await context.clock.runFor("01:00");
    expect(await popup.locator(".time-left p").textContent()).toBe("Time left to say Yes: 0:59");
    // It is no part of what has to be read, and announced only to whoever asks.
    expect(await popup.getByRole("timer").textContent()).toBe("0:59");
    expect(await popup.getByRole("button", { name: "Yes" }).isEnabled()).toBe(true);
    await popup.getByRole("button", { name: "Start again" }).click();
    await popup.waitForURL(`${app.origin}/service/authorize?state=s`);
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", body: { ticket: "sealed" } }]);
  });

  test("an app that opened the service by itself has to start again by itself", async () => {
    const { popup } = await openPopup(confirmPath({ delivery: "message", lifetimeSeconds: 60, canStartAgain: false }), { stopped: true });
    await context.clock.runFor("00:01");
    await popup.getByText("Time left to say Yes: 0:59").waitFor();
    expect(await popup.getByRole("button", { name: "Start again" }).count()).toBe(0);
  });
});

describe("the start page", () => {
  test("names the app and the whole redirect URI, and goes on by a click", async () => {
    const redirectUri = `${app.origin}/${"long/".repeat(40)}callback`;
    provider.reply = { status: 200, body: { location: `${app.origin}/service/authorize?state=s` } };
    const page = await openPage(startPath({ redirectUri }), { viewport: { width: 320, height: 568 } });
    await readAll(page);
    expect(page.url()).toBe(`${provider.origin}/start`);
    expect(await page.locator(".address").textContent()).toBe(redirectUri);
    expect(await page.locator(".address strong").allTextContents().then((pieces) => pieces.join(""))).toBe(redirectUri.slice(app.origin.length + 1));
    expect(provider.posts).toEqual([]);
    await page.getByRole("button", { name: "Continue to GitHub" }).click();
    await page.waitForURL(`${app.origin}/service/authorize?state=s`);
    const [post] = provider.posts;
    expect(post).toMatchObject({ path: "/authorize/github", origin: provider.origin, body: { request: "sealed" } });
  });

  test.each(["javascript:window.__x=1", "http://service.example/authorize", "/relative"])(
    "does not go to %s",
    async (location) => {
      provider.reply = { status: 200, body: { location } };
      const page = await openPage(startPath());
      await readAll(page);
      await page.getByRole("button", { name: "Continue to GitHub" }).click();
      await page.getByRole("heading", { name: "This login could not be started" }).waitFor();
      expect(page.url()).toBe(`${provider.origin}/start`);
    },
  );

  test("says why a login could not be started, and can be tried again without a connection", async () => {
    provider.reply = "cut";
    const page = await openPage(startPath());
    await readAll(page);
    const go = page.getByRole("button", { name: "Continue to GitHub" });
    await go.click();
    await page.getByText("could not be reached").waitFor();
    await readAll(page);
    provider.reply = { status: 400, body: { error: "invalid_request", error_description: "This start has expired.", reason: "expired" } };
    await go.click();
    await page.getByText("This start has expired.").waitFor();
  });

  test("can be used again by somebody who comes back from the service", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service/authorize?state=s` } };
    const page = await openPage(startPath());
    await readAll(page);
    await page.route(`${app.origin}/**`, (route) => route.fulfill({ status: 204 }));
    const go = page.getByRole("button", { name: "Continue to GitHub" });
    await go.click();
    await page.getByText("Going to GitHub").waitFor();
    expect(await go.isDisabled()).toBe(true);
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    await expect.poll(() => page.getByRole("status").textContent()).not.toContain("Going");
    expect(await go.isDisabled()).toBe(true);
    await readAll(page);
    await go.click();
    await page.getByText("Going to GitHub").waitFor();
    expect(provider.posts).toHaveLength(2);
  });

  test("has nothing to show without an app", async () => {
    const page = await openPage("/start#e30");
    expect(await page.locator("h1").textContent()).toBe("There is no login to start here");
  });
});

describe("the error page", () => {
  test("tells the waiting app at once", async () => {
    const answer = { message: { error: "server_error" }, targetOrigin: app.origin };
    provider.pages.set("/callback/github", errorPage(broken, answer));
    const { opener, popup } = await openPopup("/callback/github?code=canary&state=s");
    await popup.getByText("The app has been told.").waitFor();
    expect(await messagesUpToNow(opener, popup)).toEqual([{ data: { error: "server_error" }, origin: provider.origin }]);
    expect(popup.url()).toBe(`${provider.origin}/callback/github`);
  });

  test("leads back to the app only by a click [A43]", async () => {
    const answer = { location: `${app.origin}/callback?error=server_error` };
    provider.pages.set("/callback/github", errorPage(broken, answer));
    const page = await openPage("/callback/github?error=x", { stopped: true });
    await expectToStay(page);
    await page.getByRole("button", { name: "Back to the app" }).click();
    await page.waitForURL(answer.location);
  });

  test.each([{ location: "javascript:window.__x=1" }, { message: { token: 1 }, targetOrigin: "*" }])(
    "carries out no answer like %j [A4][A5]",
    async (answer) => {
      provider.pages.set("/callback/github", errorPage(broken, answer));
      const { opener, popup } = await openPopup("/callback/github");
      await popup.locator(".card").waitFor();
      expect(await messagesUpToNow(opener, popup)).toEqual([]);
      expect(await popup.getByRole("button").count()).toBe(0);
    },
  );

  test("says hostile text as text [A5]", async () => {
    const hostile = `"><img src=x onerror="window.__x=1"></title><script>window.__x=1</script>`;
    const answer = { message: hostile, targetOrigin: app.origin };
    provider.pages.set("/error", errorPage({ ...broken, text: hostile, advice: hostile }, answer));
    const page = await openPage("/error");
    expect(await page.getByText(hostile).count()).toBe(2);
    expect(await page.evaluate(() => "__x" in window)).toBe(false);
  });
});

describe("an app that has to name itself", () => {
  /** As a CMS does: it says what it hears back, and remembers everything. */
  async function openCms(path: string, { echo = true, ...options }: Options & { echo?: boolean } = {}) {
    const opener = await (await openContext(options)).newPage();
    await opener.goto(app.origin);
    if (echo) {
      await opener.evaluate(() => {
        addEventListener("message", ({ data, source, origin }) => {
          if (String(data).startsWith("authorizing:")) (source as Window).postMessage(data, { targetOrigin: origin });
        });
      });
    }
    const opened = opener.waitForEvent("popup");
    await opener.evaluate((url) => void window.open(url, "popup", "width=480,height=600"), provider.origin + path);
    const popup = await opened;
    await popup.waitForLoadState();
    return { opener, popup };
  }

  test("is asked about by the origin that the browser gives, and only that is sent to the server [A8]", async () => {
    provider.reply = { status: 200, body: { message: "authorization:github:success:{}", targetOrigin: app.origin } };
    const { opener, popup } = await openCms(unnamedPath({ claimedHost: "good.example", holding: "id" }));
    await popup.getByRole("heading", { name: app.origin }).waitFor();
    expect((await popup.locator(".notice").allTextContents())[0]).toContain("good.example");
    await pressYes(popup);
    await expect.poll(() => messagesOf(opener)).toHaveLength(2);
    expect(await messagesOf(opener)).toEqual([
      { data: "authorizing:github", origin: provider.origin },
      { data: "authorization:github:success:{}", origin: provider.origin },
    ]);
    expect(provider.posts[0]!.body).toMatchObject({ origin: app.origin, holding: "id", opener: true });
  });

  test("is waited for, and then told apart from noise [A8]", async () => {
    const { opener, popup } = await openCms(unnamedPath(), { echo: false, stopped: true });
    await popup.evaluate(() => window.postMessage("authorizing:github", "*"));
    await opener.evaluate((noise) => noise.forEach((data) => open("", "popup")!.postMessage(data, "*")), [
      null,
      {},
      "authorizing:gitlab",
      "authorization:github:success:{}",
    ]);
    await popup.getByText("Asking the app for its name").waitFor();
    await context.clock.runFor("05:00");
    await popup.getByText("The app does not answer").waitFor();
    expect(await popup.getByRole("button").count()).toBe(0);
    await opener.evaluate(() => open("", "popup")!.postMessage("authorizing:github", "*"));
    await yes(popup).waitFor();
  });

  test("without a window that opened this one, there is nobody to ask", async () => {
    const page = await openPage(unnamedPath());
    await page.getByRole("heading", { name: "The way back to the app is gone" }).waitFor();
  });

  test("no fragment makes this page say anything but a handshake to a window that it does not know", async () => {
    for (const handshake of ["authorization:github:success:{}", "authorizing:", "authorizing:a b", "x", 1, null]) {
      const { origin: _, ...rest } = questionOf();
      const { opener, popup } = await openPopup(`/confirm#${encodeFragment({ ...rest, handshake } as unknown as Question)}`);
      await popup.getByRole("heading", { name: "There is nothing to confirm here" }).waitFor();
      expect(await messagesUpToNow(opener, popup)).toEqual([]);
      await context.close();
    }
    await openContext();
  });

  test("hears of a failure that comes before the question, once it has named itself", async () => {
    const answer = { message: "authorization:github:error:{}", handshake: "authorizing:github" };
    provider.pages.set("/error", errorPage(broken, answer));
    const { opener, popup } = await openCms("/error");
    await popup.getByText("The app has been told").waitFor();
    expect((await messagesUpToNow(opener, popup)).at(-1)).toEqual({ data: "authorization:github:error:{}", origin: provider.origin });
  });
});

describe("the holding window", () => {
  test("has the server's address ready before the click, and nothing of its own fragment in it", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service` } };
    const page = await openPage(holdingPath());
    const link = page.getByRole("link", { name: "Open GitHub" });
    await link.waitFor();
    expect(page.url()).toBe(`${provider.origin}/holding`);
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", body: { request: "sealed" } }]);
    const opening = context.waitForEvent("page");
    await link.click();
    const service = await opening;
    await service.waitForURL(`${app.origin}/service`);
    expect(await service.evaluate(() => [window.opener, document.referrer])).toEqual([null, ""]);
    await page.getByText("Waiting for GitHub").waitFor();
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", body: { request: "sealed" } }]);
  });

  test.each(["javascript:alert(1)", "http://service.example/", "data:text/html,x", 7])("offers no way to %s", async (location) => {
    provider.reply = { status: 200, body: { location } };
    const page = await openPage(holdingPath());
    await page.getByRole("heading", { name: "This login could not be started" }).waitFor();
    expect(await page.getByRole("link", { name: /open/i }).count()).toBe(0);
  });

  test("goes on under its own id when its ticket arrives, and the gate begins there", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service` } };
    const { popup } = await openPopup(holdingPath());
    await popup.getByRole("link", { name: "Open GitHub" }).waitFor();
    const own = await context.newPage();
    await own.goto(provider.origin + returnedPath());
    await own.getByRole("heading", { name: "Go on in the other window" }).waitFor();
    await yes(popup).waitFor();
    provider.reply = { status: 400, body: { error: "access_denied", error_description: "Not so.", reason: "other_browser" } };
    await pressYes(popup);
    await popup.getByText("Not so.").waitFor();
    expect(provider.posts.at(-1)!.body).toMatchObject({ ticket: "sealed", holding: "id", decision: "yes" });
  });

  test("says so when the server cannot be reached, and tries again", async () => {
    provider.reply = "cut";
    const page = await openPage(holdingPath({ service: "dropbox" }));
    await page.getByRole("heading", { name: "The server could not be reached" }).waitFor();
    provider.reply = { status: 200, body: { location: "https://service.example/" } };
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: "Open Dropbox" }).waitFor();
  });

  test("is not to be found by whoever returns without it", async () => {
    const page = await openPage(returnedPath());
    await page.getByRole("heading", { name: "The waiting window is gone" }).waitFor();
    await page.getByRole("button", { name: "Look for it again" }).click();
    await page.getByRole("heading", { name: "The waiting window is gone" }).waitFor();
  });

  test.each(["/holding", "/returned", "/sign-out"])("%s has nothing to show by itself, or in a frame", async (path) => {
    const page = await openPage(path);
    await page.getByRole("heading", { name: /there is (no|nothing)/i }).waitFor();
    expect(provider.posts).toEqual([]);
  });
});

describe("sign out everywhere", () => {
  test("begins with a click on the home page, by a POST of its own", async () => {
    provider.services = { Github: { id: "github", name: "GitHub" } };
    provider.reply = { status: 200, body: { location: `${app.origin}/service` } };
    const page = await openPage("/");
    await page.getByRole("button", { name: "Sign out of GitHub" }).click();
    await page.waitForURL(`${app.origin}/service`);
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", body: { signOut: true } }]);
  });

  test("points to the service's own page where this site cannot end anything", async () => {
    provider.services = { Github: { id: "github", name: "GitHub" } };
    provider.reply = { status: 200, body: { manageUrl: "https://github.example/applications" } };
    const page = await openPage("/");
    await page.getByRole("button", { name: "Sign out of GitHub" }).click();
    expect(await page.getByRole("link", { name: "see and end access at GitHub" }).getAttribute("href")).toBe("https://github.example/applications");

    provider.reply = { status: 200, body: { manageUrl: "javascript:alert(1)" } };
    await page.getByRole("button", { name: "Sign out of GitHub" }).click();
    await page.getByText("Look in the settings of your GitHub account").waitFor();
  });

  test("says plainly what ends, waits for the gate, and says when it is done", async () => {
    provider.reply = { status: 200, body: { ended: true } };
    const page = await openPage(signOutPath(), { stopped: true });
    await page.getByRole("heading", { name: "Are you sure you want to sign out of GitHub everywhere?" }).waitFor();
    expect(await page.locator("main").textContent()).toContain("Every app that you have logged in to");
    const end = page.getByRole("button", { name: "Yes, sign out" });
    expect(await end.isDisabled()).toBe(true);
    await passGate(end);
    await end.click();
    await page.getByRole("heading", { name: "Signed out of GitHub everywhere" }).waitFor();
    expect(provider.posts).toMatchObject([
      { path: "/confirm", body: { ticket: "sealed", origin: provider.origin, service: "github", decision: "yes", opener: false } },
    ]);
    await page.reload();
    await page.getByRole("heading", { name: "There is nothing to sign out of here" }).waitFor();
  });

  test("No asks nobody", async () => {
    const page = await openPage(signOutPath());
    await page.getByRole("button", { name: "No", exact: true }).click();
    await page.getByRole("heading", { name: "Nothing was ended" }).waitFor();
    expect(provider.posts).toEqual([]);
  });

  test.each([
    ["an answer that is none", { status: 200, body: {} }],
    ["a failure of the service", { status: 502, body: { error: "x", error_description: "The service failed to answer.", reason: "service_failed" } }],
    ["no answer", "cut" as const],
  ])("never says that it worked after %s [A44]", async (_, reply) => {
    provider.reply = reply;
    const page = await openPage(signOutPath());
    await page.getByRole("button", { name: "Yes, sign out" }).click();
    await page.getByRole("heading", { name: "That did not work" }).waitFor();
    expect(await page.getByRole("link", { name: "See and end access at GitHub" }).count()).toBe(1);
  });
});

describe("the home page", () => {
  test("lists the services, and shows how an app uses this provider", async () => {
    provider.services = {
      Github: { id: "github", name: "GitHub", client_id: "c", icon: "/favicon.svg" },
      Other: { id: "other", name: "<b>Other</b>", client_id: "c", icon: "https://evil.example/logo.svg" },
    };
    const page = await openPage("/");
    await page.getByText("GitHub").first().waitFor();
    expect(await page.locator(".services li").allTextContents()).toEqual(["GitHub", "<<b>Other</b>"]);
    const samples = await page.locator(".sample").allTextContents();
    expect(samples[0]).toContain(`from "${provider.origin}/auth.js"`);
    expect(samples[0]).toContain('service: "github"');
    expect(samples[1]).toBe(`issuer: ${provider.origin}/github`);
  });

  test("says what to do when no service is set up yet", async () => {
    const page = await openPage("/");
    await page.getByText("No service is set up yet.").waitFor();
  });

  test.each(["?code=c&state=s", "?error=access_denied&state=s"])(
    "passes an authorization response of Madata's apps on: %s",
    async (query) => {
      provider.pages.set("/callback", "<!doctype html><title>Callback</title><h1>Callback</h1>");
      const page = await openPage(`/${query}`);
      await page.waitForURL(`${provider.origin}/callback${query}`);
    },
  );

  test.each(["?code=c", "?state=s", ""])("stays where it is otherwise: %s", async (query) => {
    const page = await openPage(`/${query}`);
    await page.getByText("No service is set up yet.").waitFor();
    expect(page.url()).toBe(`${provider.origin}/${query}`);
  });
});

/** How many characters of the origin cannot be seen: outside the window, or under something else. */
function hiddenCharacters(page: Page): Promise<number> {
  return page.evaluate(() => {
    const origin = document.querySelector(".origin")!;
    const texts = document.createTreeWalker(origin, NodeFilter.SHOW_TEXT);
    let hidden = 0;
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      for (let index = 0; index < text.textContent!.length; index += 1) {
        const range = new Range();
        range.setStart(text, index);
        range.setEnd(text, index + 1);
        const { x, y, width, height } = range.getBoundingClientRect();
        const seen = document.elementFromPoint(x + width / 2, y + height / 2);
        if (seen === null || !origin.contains(seen)) hidden += 1;
      }
    }
    return hidden;
  });
}
