import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser } from "../../tools/browser.ts";
import { watchPolicy } from "../../tools/policy.ts";
import { type PageServer, servePages } from "./page-server.ts";
import { confirmPath, returnedPath, signOutPath, startPath, waitingPath } from "./questions.ts";

/** A first visit waits for one response only: the document contains its style and its script. */

const ORIGIN = "https://app.example";

let browser: Browser;
let provider: PageServer;
let context: BrowserContext;
let page: Page;
/** The requests to this provider, in order. */
let requests: string[];
let violations: string[];

beforeAll(async () => {
  [browser, provider] = await Promise.all([openBrowser(), servePages()]);
});

afterAll(async () => {
  await browser?.close();
  await provider?.stop();
});

beforeEach(async () => {
  requests = [];
  violations = [];
  context = await browser.newContext({ viewport: { width: 480, height: 640 }, locale: "en" });
  await watchPolicy(context, (violation) => violations.push(violation));
  page = await context.newPage();
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
});

afterEach(async () => {
  await context.close();
  expect(violations, "violations of the content security policy").toEqual([]);
});

/** All other requests stay pending forever, as on a stalled connection. */
async function openDocumentOnly(path: string): Promise<void> {
  await context.route("**/*", async (route) => {
    if (route.request().resourceType() === "document") await route.continue();
  });
  await page.goto(provider.origin + path, { waitUntil: "commit" });
}

/** A value that comes from the style sheet. */
function accentOf(of: Page): Promise<string> {
  return of.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--accent"));
}

describe("with nothing but its document", () => {
  test("the confirmation is painted: the question, the app's origin and both buttons, in their style", async () => {
    await openDocumentOnly(confirmPath({ origin: ORIGIN }));
    const no = page.getByRole("button", { name: "No", exact: true });
    const yes = page.getByRole("button", { name: "Yes", exact: true });
    await yes.waitFor();
    expect(await page.locator("h1").textContent()).toBe(`Are you sure you want to log in to ${ORIGIN}?`);
    expect(await page.locator(".origin").isVisible()).toBe(true);
    expect(await no.isEnabled()).toBe(true);
    for (const each of [no, yes]) expect((await each.boundingBox())!.height).toBeGreaterThanOrEqual(44);
    expect(await accentOf(page)).not.toBe("");
    const paints = await page.evaluate(() => performance.getEntriesByType("paint").map(({ name }) => name));
    expect(paints).toContain("first-contentful-paint");
    await expect.poll(() => yes.isEnabled()).toBe(true);
  });

  test.each([
    ["the start page", startPath({ origin: ORIGIN })],
    ["the question whether everything should end", signOutPath()],
  ])("%s is painted", async (_, path) => {
    await openDocumentOnly(path);
    await page.locator("h1").waitFor();
    expect(await accentOf(page)).not.toBe("");
  });
});

describe("what a first visit asks for", () => {
  test.each([
    ["/confirm", confirmPath({ origin: ORIGIN })],
    ["/start", startPath()],
    ["/waiting", waitingPath()],
    ["/returned", returnedPath()],
    ["/sign-out", signOutPath()],
    ["/", "/"],
    ["/nowhere", "/nowhere"],
  ])("%s: no style sheet and no script", async (pathname, path) => {
    await page.goto(provider.origin + path, { waitUntil: "networkidle" });
    expect(requests[0]).toBe(pathname);
    expect(requests.slice(1).filter((each) => /\.(?:css|js)$/.test(each))).toEqual([]);
    expect(await accentOf(page)).not.toBe("");
  });
});
