import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { readLanguages } from "../../../scripts/build/page-scripts.ts";
import { expired, invalid_code_challenge } from "../../../server/answers/error-catalogue.ts";
import { errorPage } from "../../../server/answers/error-page.ts";
import { openBrowser } from "../../tools/browser.ts";
import { roundTrip } from "../../tools/later.ts";
import { readAll } from "../../tools/people.ts";
import type { PageServer } from "../pages/page-server.ts";
import { servePages } from "../pages/page-server.ts";
import { confirmPath } from "../pages/questions.ts";

/** Pages in a browser that prefers another language, one written from right to left. */

const origin = "https://app.example:8443";

let browser: Browser;
let provider: PageServer;
let context: BrowserContext;
let arabic: Record<string, string>;

beforeAll(async () => {
  [browser, provider] = await Promise.all([openBrowser(), servePages()]);
  arabic = (await readLanguages()).get("ar")!;
});

beforeEach(async () => {
  context = await newContext();
  // Disable timeouts: on a busy machine, the texts may take longer to load than the page allows.
  await context.addInitScript(() => void (AbortSignal.timeout = () => new AbortController().signal));
});

function newContext(): Promise<BrowserContext> {
  return browser.newContext({ locale: "ar-EG", viewport: { width: 480, height: 640 } });
}

afterEach(() => context.close());

afterAll(async () => {
  await browser?.close();
  await provider?.stop();
});

test("asks in the reader's language, from right to left, and the origin stays as it is [A33]", async () => {
  const page = await context.newPage();
  await page.goto(provider.origin + confirmPath({ origin, scopes: ["read:user"] }));
  await page.locator(".origin").waitFor();
  expect(await root(page)).toEqual({ lang: "ar", dir: "rtl" });
  expect(await page.locator("h1").textContent()).toBe(arabic["confirm.title"]!.replace("{origin}", origin));
  expect(await page.title()).toBe(await page.locator("h1").textContent());
  expect(await page.locator(".origin").evaluate((place) => getComputedStyle(place).direction)).toBe("ltr");
  expect(await page.locator("bdi").allTextContents()).toContain("GitHub");
  expect(await page.locator(".scopes li").first().textContent()).toBe(arabic["scope.Read your profile"]);
  const yes = page.getByRole("button", { name: arabic["confirm.yes"]!, exact: true });
  await readAll(page);
  await expect.poll(() => yes.isEnabled()).toBe(true);
});

test("says in English, and marks as English, what it has no other words for", async () => {
  const page = await context.newPage();
  await page.goto(provider.origin + confirmPath({ scopes: ["own:scope"] }));
  const description = page.locator(".scopes [lang=en]");
  await description.waitFor();
  expect(await description.textContent()).toBe("Do things of the owner's own");
  expect(await description.getAttribute("dir")).toBe("ltr");
});

test.each(["is not there", "never comes", "is of another version of the page"])(
  "asks in English when the language %s, and keeps to it",
  async (how) => {
    await context.close();
    context = await newContext();
    const page = await context.newPage();
    let answer = (): void => {};
    await page.route("**/languages/**", async (route) => {
      if (how === "is not there")
        return await route.fulfill({ status: 404, contentType: "text/html", body: "<!doctype html>" });
      if (how === "is of another version of the page")
        return await route.fulfill({ json: { ...arabic, version: "old" } });
      await new Promise<void>((resolve) => (answer = resolve));
      await route.fulfill({ json: arabic }).catch(() => {});
    });
    await page.goto(provider.origin + confirmPath({ origin }));
    await page.locator(".origin").waitFor();
    answer();
    await roundTrip(page);
    expect(await page.locator("h1").textContent()).toBe(`Are you sure you want to log in to ${origin}?`);
    expect(await root(page)).toEqual({ lang: "en", dir: "ltr" });
  },
);

test("loads nothing more for a reader of English, and one small file for others", async () => {
  const english = await browser.newContext({ locale: "en-GB" });
  expect(await requestsOf(await english.newPage())).toEqual([]);
  await english.close();
  expect(await requestsOf(await context.newPage())).toEqual(["/languages/ar/confirm.json"]);
});

test("explains a failure in the reader's language, and leaves to developers what is theirs", async () => {
  provider.pages.set("/failed", errorPage(expired));
  provider.pages.set("/faulty", errorPage(invalid_code_challenge));
  const page = await context.newPage();
  await page.goto(`${provider.origin}/failed`);
  await page.getByText(arabic["reason.expired.text"]!).waitFor();
  expect(await page.locator("main [lang=en]").count()).toBe(0);
  expect(await page.title()).toBe(arabic["error.title"]);

  await page.goto(`${provider.origin}/faulty`);
  await page.getByText(arabic["reason.other.text"]!).waitFor();
  expect(await page.locator("main [lang=en]").allTextContents()).toEqual([
    invalid_code_challenge.text,
    invalid_code_challenge.advice,
  ]);
});

test("puts every word of the home page into the reader's language", async () => {
  const page = await context.newPage();
  await page.goto(provider.origin);
  await page.getByRole("heading", { level: 1, name: arabic["home.title"]! }).waitFor();
  expect(await page.locator("[data-text][lang]").count()).toBe(0);
  const left = await page
    .locator("body :is(h1, h2, p, li, a, strong)")
    .evaluateAll((places) =>
      places
        .filter((place) => !place.closest("noscript, [hidden]") && /^[\x20-\x7E]+$/.test(place.textContent.trim()))
        .map((place) => place.textContent),
    );
  expect(left).toEqual(["services.json"]);
});

async function root(page: Page): Promise<{ lang: string; dir: string }> {
  return await page.evaluate(() => ({ lang: document.documentElement.lang, dir: document.documentElement.dir }));
}

async function requestsOf(page: Page): Promise<string[]> {
  const paths: string[] = [];
  page.on("request", (request) => paths.push(new URL(request.url()).pathname));
  await page.goto(provider.origin + confirmPath({ origin }));
  await page.locator(".origin").waitFor();
  return paths.filter((path) => path.startsWith("/languages/"));
}
