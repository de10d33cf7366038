import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser, BrowserContext, BrowserContextOptions, Page, ViewportSize } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { broken } from "../../../server/answers/error-catalogue.ts";
import { errorPage } from "../../../server/answers/error-page.ts";
import { openBrowser } from "../../tools/browser.ts";
import type { LocalServer } from "../../tools/local-server.ts";
import { say } from "../../tools/words.ts";
import type { PageServer } from "./page-server.ts";
import { serveApp, servePages } from "./page-server.ts";
import { armed, PAGE_STATES, type PageState } from "./page-states.ts";
import { confirmPath, startPath } from "./questions.ts";

/** WCAG 2.2 AA, including target size, and axe's best practices. */
const ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const COLOUR_RULES = ["color-contrast", "link-in-text-block"];
/** The viewport that remains of 1280 × 1024 at 400 % zoom (WCAG 1.4.10). */
const ZOOMED = { width: 320, height: 256 };
const POPUP = { width: 480, height: 640 };

let browser: Browser;
let provider: PageServer;
let app: LocalServer;
let axe: string;
/** Shared by tests without special needs. Its windows stay open, because opening one takes longer than a test. */
let kept: BrowserContext;
let ours: Page;
let opener: Page;
let context: BrowserContext;
let requests: string[];

beforeAll(async () => {
  [browser, provider, app, axe] = await Promise.all([
    openBrowser(),
    servePages(),
    serveApp("<!doctype html><title>App</title>"),
    readFile(new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8"),
  ]);
  kept = await newContext();
  ours = await kept.newPage();
  opener = await kept.newPage();
});

beforeEach(() => {
  context = kept;
  requests = [];
});

/** Checked in every state: no other site learns who logs in where [A35]. */
afterEach(async () => {
  if (context !== kept) await context.close();
  const others = kept.pages().filter((page) => page !== ours && page !== opener);
  await Promise.all(others.map((page) => page.close()));
  expect(requests.filter((url) => ![provider.origin, app.origin].includes(new URL(url).origin))).toEqual([]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([provider?.stop(), app?.stop()]);
});

async function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport: POPUP, ...options });
  context.on("request", (request) => requests.push(request.url()));
  return context;
}

interface Looks extends NonNullable<Parameters<Page["emulateMedia"]>[0]> {
  viewport?: ViewportSize;
}

const USUAL_LOOKS = { colorScheme: "light", reducedMotion: "no-preference", forcedColors: "none" } as const;

/** The shared window, set up for this test. */
async function usualWindow({ viewport = POPUP, ...media }: Looks = {}): Promise<Page> {
  await ours.setViewportSize(viewport);
  await ours.emulateMedia({ ...USUAL_LOOKS, ...media });
  return ours;
}

/** Opens a state by its name. */
async function openState(name: string, looks: Looks = {}): Promise<Page> {
  return stateNamed(name).open({ context, window: await usualWindow(looks), opener, provider, app });
}

function stateNamed(name: string): PageState {
  return PAGE_STATES.find((candidate) => candidate.name === name)!;
}

describe("axe finds nothing, in light and in dark colours, nothing is wider than 320 pixels, and there is a way on:", () => {
  test.each(PAGE_STATES)("$name", async ({ name }) => {
    const page = await openState(name);
    expect(await accessibilityFaults(page, ALL_RULES), "light").toEqual([]);
    await page.emulateMedia({ colorScheme: "dark" });
    expect(await accessibilityFaults(page, COLOUR_RULES), "dark").toEqual([]);
    await page.setViewportSize({ width: 320, height: 480 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
    expect(await page.locator("main :is(a, button):visible").count(), "ways on").toBeGreaterThan(0);
  });
});

describe("a whole login", () => {
  /** Skips the service: the start page leads straight to the question. */
  function prepareLogin(): void {
    provider.reply = { status: 200, body: { location: provider.origin + confirmPath({ origin: app.origin }) } };
  }

  function prepareEnd(): void {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?code=c` } };
  }

  test("works by keyboard alone, and one always sees where one is", async () => {
    prepareLogin();
    const page = await usualWindow();
    await page.goto(provider.origin + startPath());
    await page.locator("h1").waitFor();
    await armed(page);
    expect(await pressTab(page)).toBe("Cancel");
    expect(await pressTab(page)).toBe("Continue to GitHub");
    await page.keyboard.press("Enter");
    await page.waitForURL(`${provider.origin}/confirm`);
    await armed(page);
    prepareEnd();
    expect(await pressTab(page)).toBe("No");
    expect(await pressTab(page)).toBe("Yes");
    expect(await pressTab(page)).toBe("Why am I being asked?");
    await page.keyboard.press("Enter");
    await page.locator("details a").waitFor();
    expect(await pressTab(page)).toBe("View or end access at GitHub");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    // The Enter above was a press, too, and Yes keeps the focus meanwhile.
    await armed(page);
    await page.keyboard.press("Space");
    await page.waitForURL(`${app.origin}/callback?code=c`);
  });

  test("works by the names alone that a screen reader says", async () => {
    prepareLogin();
    const page = await usualWindow();
    await page.goto(provider.origin + startPath());
    await page
      .getByRole("heading", { name: "You’re about to use GitHub to log in to https://notes.example" })
      .waitFor();
    await page.getByRole("button", { name: "Continue to GitHub" }).click();
    await page.getByRole("heading", { name: `Are you sure you want to log in to ${app.origin} ?` }).waitFor();
    prepareEnd();
    await armed(page);
    await page.getByRole("button", { name: "Yes", exact: true }).click();
    await page.waitForURL(`${app.origin}/callback?code=c`);
  });

  test("is read in this order by a screen reader", async () => {
    const page = await openState("confirm-loopback");
    expect(await page.locator("main").ariaSnapshot()).toBe(`- main:
  - paragraph: With your GitHub account
  - heading "Are you sure you want to log in to http://localhost:5500 ?" [level=1]
  - paragraph: ${say("notice.loopback")}
  - paragraph:
    - text: ${say("common.destination")}
    - code:
      - text: http://localhost:5500/
      - strong: callback
  - heading "It will be able to" [level=2]
  - list:
    - listitem: "${say("confirm.important")} Read and change all your repositories, including private ones"
    - listitem: Read your profile
  - paragraph: ${say("confirm.anyPage")}
  - status: Take a moment to read the question.
  - button "No"
  - button "Yes" [disabled]
  - group: Why am I being asked?`);
  });
});

describe.each(["en", "de"])("while a page loads, in the language %s,", (locale) => {
  test.each([
    ["confirm", 5],
    ["start", Infinity],
    ["error", Infinity],
    ["home", 6],
  ])("nothing on %s moves, and it asks for no more than %f things", async (name, most) => {
    // A new context has nothing cached.
    context = await newContext({ locale });
    // Delay the list of services and the texts.
    await context.route(/services\.json|languages/, async (route) => {
      await sleep(300);
      await route.continue();
    });
    const page = await stateNamed(name).open({ context, provider, app });
    expect(await layoutShiftOf(page)).toBe(0);
    // Not counted: the request that wakes the next function, and the favicon, which browsers cache.
    const loaded = new Set(requests.filter((url) => !url.includes("/token/")));
    expect(loaded.size, [...loaded].join("\n")).toBeLessThanOrEqual(most);
  });
});

describe("as people have set their computers", () => {
  test("at 400 % the gate opens once the question has been read, also one whose address is as long as the window", async () => {
    const page = await openState("confirm-armed", { viewport: ZOOMED });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(ZOOMED.width);

    const long = `https://${"a-long-name.".repeat(12)}example`;
    await page.goto("about:blank");
    await page.goto(provider.origin + confirmPath({ origin: long }));
    await page.locator(".origin").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(ZOOMED.width);
    await armed(page);
  });

  test("with more room between letters, words and lines, nothing is cut off (WCAG 1.4.12)", async () => {
    const page = await openState("confirm-many-scopes");
    await page.evaluate(() => {
      const { style } = document.body;
      Object.assign(style, { lineHeight: "1.5", letterSpacing: "0.12em", wordSpacing: "0.16em" });
    });
    expect(await cutOff(page)).toEqual([]);
  });

  test("with scripts blocked, every page says in plain words what is missing, or needs none", async () => {
    context = await newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    provider.pages.set("/error", errorPage(broken));
    for (const path of ["/", "/confirm", "/start", "/waiting", "/returned", "/sign-out", "/try"]) {
      await page.goto(provider.origin + path);
      await page
        .getByText(/needs JavaScript/)
        .first()
        .waitFor();
    }
    for (const path of ["/nowhere", "/error"]) {
      await page.goto(provider.origin + path);
      await page
        .getByText(/go back to/i)
        .first()
        .waitFor();
    }
  });

  test("nothing moves where motion is not wanted", async () => {
    expect(await animationsOf(await openState("confirm"))).toBe(1);
    expect(await animationsOf(await openState("confirm", { reducedMotion: "reduce" }))).toBe(0);
  });

  test("in forced colours, buttons keep their edges, the address its frame, and logos their light background", async () => {
    const page = await openState("confirm-armed", { forcedColors: "active", colorScheme: "dark" });
    for (const selector of [".no", ".yes", ".origin"]) {
      const { border, background } = await page.locator(selector).evaluate((element) => {
        const { borderTopWidth, borderTopStyle, borderTopColor, backgroundColor } = getComputedStyle(element);
        return { border: `${borderTopWidth} ${borderTopStyle} ${borderTopColor}`, background: backgroundColor };
      });
      expect(border, selector).toMatch(/^[1-9][\d.]*px solid rgb/);
      expect(border.endsWith(background), selector).toBe(false);
    }
    const colours = [".no", ".yes"].map((button) =>
      page.locator(button).evaluate((shown) => getComputedStyle(shown).backgroundColor),
    );
    expect(new Set(await Promise.all(colours)).size, "Yes is not the same as No").toBe(2);
    expect(await page.locator(".tile").evaluate((tile) => getComputedStyle(tile).backgroundColor)).toBe(
      "rgb(255, 255, 255)",
    );
  });
});

/** Presses Tab and checks that the focus is visible. @returns the name of the focused element */
async function pressTab(page: Page): Promise<string> {
  await page.keyboard.press("Tab");
  const { name, ring } = await page.evaluate(() => {
    const focused = document.activeElement!;
    const { outlineStyle, outlineWidth } = getComputedStyle(focused);
    return {
      name: (focused as HTMLElement).innerText.trim(),
      ring: outlineStyle === "solid" ? parseFloat(outlineWidth) : 0,
    };
  });
  expect(ring, `the ring around "${name}"`).toBeGreaterThanOrEqual(2);
  return name;
}

/** The layout shift since the page began to load, as the browser measures it. */
function layoutShiftOf(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        const observer = new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
        });
        observer.observe({ type: "layout-shift", buffered: true });
        // The observer is not called if there are no entries. Two frames are enough for all entries to arrive.
        requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(sum))));
      }),
  );
}

function animationsOf(page: Page): Promise<number> {
  return page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === "running").length);
}

/** Elements of the card whose text overflows. Elements that scroll are not included. */
function cutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    Array.from(document.querySelectorAll<HTMLElement>(".card *:not(.unseen, .content, .more)"))
      .filter(
        ({ scrollWidth, clientWidth, offsetWidth }) =>
          offsetWidth > 0 && clientWidth > 0 && scrollWidth > clientWidth + 1,
      )
      .map(({ tagName, className }) => `${tagName}.${className}`),
  );
}

/** Uses the DevTools protocol, because the page's policy blocks foreign scripts. */
async function accessibilityFaults(page: Page, rules: string[]): Promise<unknown> {
  const session = await context.newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: axe });
  // Remove the gradient at the edge of scrolling content, and the round marks beside a text: axe cannot check the contrast
  // of text on a gradient, and does not know where a mark is.
  const expression = `document.querySelectorAll(".content").forEach((content) => (content.style.background = "none"));
    document.adoptedStyleSheets = [new CSSStyleSheet()];
    document.adoptedStyleSheets[0].replaceSync(":is(.notice, .important)::before { background: none !important }");
    axe.run({ runOnly: ${JSON.stringify(rules)} }).then(({ violations, incomplete }) =>
      [...violations, ...incomplete].map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))`;
  const { result } = await session.send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
  await session.detach();
  return result.value;
}
