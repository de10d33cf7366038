/**
 * The common setup of the page tests: our pages in a real Chromium, with a fake server and an app that opens them.
 * Each file that imports this has its own browser. Tests with the same options share a context.
 */

import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { Question, StartQuestion, WaitingQuestion } from "../../../shared/page-messages.ts";
import { openBrowser } from "../../tools/browser.ts";
import { closeOthers, type Kept, keepWindows, openFrom } from "../../tools/kept-windows.ts";
import { roundTrip, stopTime } from "../../tools/later.ts";
import type { LocalServer } from "../../tools/local-server.ts";
import { readAll, untilEnabled } from "../../tools/people.ts";
import { watchPolicy } from "../../tools/policy.ts";
import type { PageServer } from "./page-server.ts";
import { serveApp, servePages } from "./page-server.ts";
import * as usual from "./questions.ts";

const appHtml = `<!doctype html><title>App</title><p>The app</p><script>
  window.messages = [];
  addEventListener("message", ({ data, origin }) => window.messages.push({ data, origin }));
</script>`;

let browser: Browser;
export let provider: PageServer;
export let app: LocalServer;
export let context: BrowserContext;
let violations: string[];
let errors: string[];
let current: Kept;
const kept = new Map<string, Kept>();

beforeAll(async () => {
  [browser, provider, app] = await Promise.all([openBrowser(), servePages(), serveApp(appHtml)]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([provider?.stop(), app?.stop()]);
});

beforeEach(() => {
  violations = [];
  errors = [];
  provider.posts = [];
  provider.referers = [];
  provider.reply = { status: 500, body: {} };
  provider.pages.clear();
  provider.services = {};
});

/** Must be true of every page after every test. */
afterEach(async () => {
  for (const each of kept.values()) await closeOthers(each);
  expect(violations, "violations of the content security policy").toEqual([]);
  expect(errors, "uncaught errors of the pages").toEqual([]);
  const own = provider.referers.filter((referer) => referer.startsWith(provider.origin));
  expect(own, "requests of the pages with a Referer [A35]").toEqual([]);
});

export interface Options extends Pick<BrowserContextOptions, "viewport" | "locale" | "hasTouch"> {
  /** The clock stands still until the test advances it. */
  stopped?: boolean;
}

/** The default size of a window. Tests may set another one. */
const VIEWPORT = { width: 480, height: 600 };
/** An empty page of the provider's origin. */
const QUIET_PATH = "/favicon.svg";

/** Reuses a context with the same options. Windows of earlier tests are closed. */
export async function openContext({ viewport: _, ...options }: Options = {}): Promise<BrowserContext> {
  const key = JSON.stringify(options);
  current = kept.get(key) ?? (await keepContext(options));
  kept.set(key, current);
  context = current.context;
  return context;
}

async function keepContext({ stopped = false, ...options }: Options): Promise<Kept> {
  // Drawing the countdown takes most of the time in tests that wait for it to end.
  const context = await browser.newContext({ viewport: VIEWPORT, reducedMotion: "reduce", ...options });
  if (stopped) await stopTime(context);
  await watchPolicy(context, (violation) => violations.push(violation));
  context.on("weberror", (error) => errors.push(String(error.error())));
  return await keepWindows(context, provider.origin + QUIET_PATH, app.origin);
}

export async function openPage(path: string, options: Options = {}): Promise<Page> {
  await openContext(options);
  const page = await openWindow(provider.origin + path, options);
  await saysSomething(page);
  return page;
}

/** A window that sees no opener. If a size is given, it is set before the page loads. */
export async function openWindow(url: string, { viewport }: Options = {}): Promise<Page> {
  const [ours] = current.windows;
  if (viewport === undefined || viewport === null) return await openFrom(ours!, url);

  const page = await openFrom(ours!, provider.origin + QUIET_PATH);
  await page.setViewportSize(viewport);
  await page.goto(url);
  return page;
}

/** Waits for the first heading: a page may load its language and rare texts after the document. */
/** A page that has loaded may still be loading what it shows. */
export async function saysSomething(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor({ state: "attached" });
}

/** The app's page, freshly loaded. */
export async function openApp(options: Options = {}): Promise<Page> {
  await openContext(options);
  const page = current.windows[1]!.isClosed() ? await context.newPage() : current.windows[1]!;
  current.windows[1] = page;
  await page.goto(app.origin);
  return page;
}

/** Opens a popup from a page on another site, as an app does. */
export async function openPopup(path: string, options: Options = {}): Promise<{ opener: Page; popup: Page }> {
  const opener = await openApp(options);
  const popup = await openPopupFrom(opener, path);
  await saysSomething(popup);
  return { opener, popup };
}

export async function openPopupFrom(opener: Page, path: string): Promise<Page> {
  const opened = opener.waitForEvent("popup");
  await opener.evaluate((url) => void window.open(url, "popup", "width=480,height=600"), provider.origin + path);
  return await opened;
}

export function messagesOf(opener: Page): Promise<unknown[]> {
  return opener.evaluate(() => (window as unknown as { messages: unknown[] }).messages);
}

/** The messages that the app has received from the popup so far. A last message marks the end. */
export async function messagesUpToNow(opener: Page, popup: Page): Promise<unknown[]> {
  await popup.evaluate(() => window.opener.postMessage("last", "*"));
  await expect.poll(async () => (await messagesOf(opener)).at(-1)).toMatchObject({ data: "last" });
  return (await messagesOf(opener)).slice(0, -1);
}

/** Otherwise the page would close before the test can look at it. */
export async function keepOpen(popup: Page): Promise<void> {
  await popup.evaluate(() => void (window.close = () => {}));
}

/** The default questions, about this file's app. */
export const questionOf = (changes: Partial<Question> = {}) =>
  usual.questionOf({ origin: app.origin, scopes: ["repo"], ...changes });
export const confirmPath = (changes: Partial<Question> = {}) => usual.confirmPath(questionOf(changes));
export const startPath = (changes: Partial<StartQuestion> = {}) =>
  usual.startPath({ origin: app.origin, redirectUri: `${app.origin}/callback`, ...changes });
export const waitingPath = (changes: Partial<WaitingQuestion> = {}) =>
  usual.waitingPath({ origin: app.origin, ...changes });
export const returnedPath = () => usual.returnedPath(questionOf({ delivery: "message" }));
export const { signOutPath, unnamedPath } = usual;

export function yes(page: Page) {
  return page.getByRole("button", { name: "Yes", exact: true });
}

export function no(page: Page) {
  return page.getByRole("button", { name: "No", exact: true });
}

export async function waitUntilArmed(page: Page): Promise<void> {
  await untilEnabled(yes(page));
}

/** Presses Yes as soon as it is enabled. */
export async function pressYes(page: Page): Promise<void> {
  await readAll(page);
  await yes(page).click();
}

/** The question has not been answered: No still works. */
export async function expectStillOpen(page: Page): Promise<void> {
  await no(page).click();
  await page.waitForURL(`${app.origin}/callback?code=c`);
  expect(decisions()).toEqual(["no"]);
}

export async function centreOfYes(page: Page): Promise<{ x: number; y: number }> {
  const { x, y, width, height } = (await yes(page).boundingBox())!;
  return { x: x + width / 2, y: y + height / 2 };
}

/** A mouse that does not move. @returns a function that presses it there */
export async function restingMouse(page: Page, { x, y }: { x: number; y: number }): Promise<() => Promise<void>> {
  const session = await context.newCDPSession(page);
  const press = { x, y, button: "left", clickCount: 1 } as const;
  return async () => {
    await session.send("Input.dispatchMouseEvent", { type: "mousePressed", ...press });
    await session.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...press });
  };
}

/** Every page with a button behind the gate: its name, its path and the button's selector. */
export const GATED: [string, () => string, string][] = [
  ["the question", confirmPath, ".yes"],
  ["the start page", startPath, ".yes"],
  ["the waiting window", waitingPath, ".yes"],
  ["the end of all access", signOutPath, ".yes"],
  ["the home page", () => "/", ".choices button"],
];

/** Where a press of the button led, or what it sent. The waiting window's preparation request is not included. */
export function traces(): unknown[] {
  return [...provider.posts.filter(({ body }) => !isPreparation(body)), ...opened];
}

function isPreparation(body: unknown): boolean {
  return JSON.stringify(body) === JSON.stringify({ request: "sealed" }) && isWaitingWindow;
}

let isWaitingWindow = false;
let opened: string[] = [];
const noteWindow = (window: Page): void => void opened.push(window.url());

/** Opens the page in a window large enough to show all of it. */
export async function openGated(path: string): Promise<Page> {
  isWaitingWindow = path.startsWith("/waiting");
  provider.services = { Github: { id: "github", name: "GitHub" } };
  provider.reply = { status: 200, body: { location: `${app.origin}/service`, ended: true } };
  const page = await openPage(path, { viewport: { width: 480, height: 720 }, stopped: true });
  opened = [];
  context.off("page", noteWindow);
  context.on("page", noteWindow);
  return page;
}

/** The page does nothing by itself, however long it is open. Requires a stopped clock. */
export async function expectToStay(page: Page): Promise<void> {
  const url = page.url();
  const left: string[] = [];
  page.on("request", (request) => request.isNavigationRequest() && left.push(request.url()));
  await context.clock.runFor("05:00");
  await roundTrip(page);
  expect(left).toEqual([]);
  expect(page.url()).toBe(url);
}

export function decisions(): unknown[] {
  return provider.posts.map(({ body }) => (body as { decision: unknown }).decision);
}
