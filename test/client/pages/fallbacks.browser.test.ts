import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import english from "../../../client/languages/en.json" with { type: "json" };
import { readLanguages } from "../../../scripts/build/page-scripts.ts";
import { openBrowser } from "../../tools/browser.ts";
import { closeOthers, type Kept, keepWindows, openFrom } from "../../tools/kept-windows.ts";
import { watchPolicy } from "../../tools/policy.ts";
import type { PageServer } from "./page-server.ts";
import { serveApp, servePages } from "./page-server.ts";
import { armed } from "./page-states.ts";
import { confirmPath, unnamedPath } from "./questions.ts";

/** The rare messages of the confirmation page, which are in a separate script, and what happens if it does not load. */

const FALLBACKS_SCRIPT = "/confirm-fallbacks.js";
const ORIGIN = "https://notes.example";
const ODD_ORIGIN = "https://xn--pple-43d.com:8443";
/** Begins with a Cyrillic letter. */
const DECODED_HOST = "\u0430pple.com";
const BY_MESSAGE = { delivery: "message" } as const;
/** The texts are in English, as the functions send them. */
const REFUSAL = {
  error: "invalid_grant",
  error_description: `${english["reason.expired.text"]} ${english["reason.expired.advice"]}`,
  reason: "expired",
};
const APP_HTML = `<!doctype html><title>App</title><script>
  window.messages = [];
  addEventListener("message", ({ data }) => window.messages.push(data));
</script>`;

type Key = keyof typeof english;

let browser: Browser;
let provider: PageServer;
let app: Awaited<ReturnType<typeof serveApp>>;
let context: BrowserContext;
let current: Kept;
const kept = new Map<string, Kept>();
let languages: Map<string, Record<string, string>>;
let requests: string[];
let violations: string[];

beforeAll(async () => {
  languages = new Map([["en", english], ...(await readLanguages())]);
  [browser, provider, app] = await Promise.all([openBrowser(), servePages(), serveApp(APP_HTML)]);
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([provider?.stop(), app?.stop()]);
});

beforeEach(() => {
  requests = [];
  violations = [];
  provider.posts = [];
  provider.reply = { status: 200, body: { location: `${ORIGIN}/callback` } };
});

afterEach(async () => {
  for (const each of kept.values()) await closeOthers(each);
  expect(violations, "violations of the content security policy, and errors").toEqual([]);
});

/** The context of this name, created for the first test that needs it. */
async function openContext(locale = "en", name = locale, prepare?: (context: BrowserContext) => Promise<unknown>) {
  current = kept.get(name) ?? (await keepContext(locale, prepare));
  kept.set(name, current);
  context = current.context;
}

async function keepContext(locale: string, prepare?: (context: BrowserContext) => Promise<unknown>): Promise<Kept> {
  const context = await browser.newContext({ viewport: { width: 480, height: 640 }, locale });
  await watchPolicy(context, (violation) => violations.push(violation));
  await context.addInitScript(() => void (window.close = () => undefined));
  context.on("weberror", (error) => violations.push(String(error.error())));
  context.on("request", (request) => requests.push(new URL(request.url()).pathname));
  await context.route(`${ORIGIN}/**`, (route) => route.fulfill({ contentType: "text/html", body: "<!doctype html>" }));
  await prepare?.(context);
  return await keepWindows(context, `${provider.origin}/favicon.svg`, app.origin);
}

function openPage(path: string): Promise<Page> {
  return openFrom(current.windows[0]!, provider.origin + path);
}

async function openPopup(path: string): Promise<{ opener: Page; page: Page }> {
  const opener = current.windows[1]!;
  await opener.goto(app.origin);
  const opened = opener.waitForEvent("popup");
  await opener.evaluate((url) => void window.open(url, "popup", "width=480,height=640"), provider.origin + path);
  return { opener, page: await opened };
}

async function pressYes(page: Page): Promise<void> {
  await armed(page);
  const yes = page.locator(".yes");
  await yes.hover();
  await yes.click();
}

/** Makes the page believe that its opener has been closed. */
async function loseOpener(page: Page): Promise<void> {
  await page.evaluate(() => void Object.defineProperty(window, "opener", { value: { closed: true } }));
}

function say(locale: string, key: Key, origin = ORIGIN): string {
  return languages.get(locale)![key]!.replaceAll("{service}", "GitHub").replaceAll("{origin}", origin);
}

async function expectWords(page: Page, locale: string, title: Key, sentences: Key[], origin?: string): Promise<void> {
  await page
    .locator("h1")
    .getByText(say(locale, title, origin), { exact: true })
    .waitFor();
  const words = await page.locator("main").textContent();
  for (const key of sentences) expect(words).toContain(say(locale, key, origin));
  expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale);
}

describe.each(["en", "ar"])("in the language %s, the page says", (locale) => {
  beforeEach(() => openContext(locale));

  test("that there is nothing to confirm", async () => {
    const page = await openPage("/confirm");
    await expectWords(page, locale, "confirm.nothing.title", ["confirm.nothing.text", "common.what"]);
  });

  test("that it asks nothing inside another page [A66]", async () => {
    provider.pages.set("/frame", `<iframe src="${confirmPath({ origin: ORIGIN })}" width="400" height="400"></iframe>`);
    const page = await context.newPage();
    await page.route("**/*", async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { "content-type": response.headers()["content-type"] ?? "" } });
    });
    await page.goto(`${provider.origin}/frame`);
    await page.frameLocator("iframe").getByText(say(locale, "common.framed")).waitFor();
  });

  test("that the service has refused", async () => {
    const page = await openPage(confirmPath({ origin: ORIGIN, refused: true }));
    await expectWords(page, locale, "confirm.refused.title", ["confirm.refused.text", "confirm.back"]);
  });

  test("that it took too long, also when that happens before one's eyes", async () => {
    const page = await openPage(confirmPath({ origin: ORIGIN, lifetimeSeconds: 0, canStartAgain: false }));
    await expectWords(page, locale, "confirm.expired.title", ["confirm.expired.text", "confirm.back"]);
    const second = await openPage(confirmPath({ origin: ORIGIN, lifetimeSeconds: 2 }));
    await second
      .locator(".time-left")
      .getByText(say(locale, "confirm.expired.soon").split("{time}")[0]!.trim())
      .waitFor();
    const words: (keyof typeof english)[] = [
      "confirm.expired.text",
      "confirm.expired.advice",
      "confirm.back",
      "confirm.expired.again",
    ];
    await expectWords(second, locale, "confirm.expired.title", words);
  });

  test("that the way back is cut", async () => {
    const page = await openPage(confirmPath({ origin: ORIGIN, ...BY_MESSAGE }));
    await expectWords(page, locale, "confirm.lost.title", ["confirm.lost.text", "confirm.lost.advice"]);
    const cms = await openPage(unnamedPath());
    await expectWords(cms, locale, "confirm.lost.title", ["confirm.cut", "confirm.lost.advice"]);
  });

  test("that the app's window is gone, before and after the answer", async () => {
    const { page } = await openPopup(confirmPath({ origin: ORIGIN, ...BY_MESSAGE }));
    await armed(page);
    await loseOpener(page);
    await pressYes(page);
    await expectWords(page, locale, "confirm.gone.title", ["confirm.gone.text", "common.reopen"]);
    expect(provider.posts).toEqual([]);

    await page.close();
    const late = await openPopup(confirmPath({ origin: ORIGIN, ...BY_MESSAGE }));
    provider.reply = { status: 200, body: { message: {}, targetOrigin: app.origin } };
    await late.page.route("**/decision", async (route) => {
      await loseOpener(late.page);
      await route.continue();
    });
    await pressYes(late.page);
    await expectWords(late.page, locale, "confirm.gone.title", ["confirm.gone.late", "common.reopen"]);
  });

  test("that it waits for the name of an app, and then asks about it", async () => {
    const { opener, page } = await openPopup(unnamedPath({ claimedHost: "good.example" }));
    await expectWords(page, locale, "confirm.meeting.title", ["confirm.meeting.text"]);
    await opener.evaluate(() => open("", "popup")!.postMessage("authorizing:github", "*"));
    await page.locator(".question").waitFor();
    const mismatch = say(locale, "confirm.mismatch", app.origin).replace("{claimed}", "good.example");
    expect(await page.locator(".notice p").allTextContents()).toEqual([mismatch, say(locale, "notice.loopback")]);
  });

  test("what is unusual about an address, as soon as it asks and whenever it asks [A33][A58]", async () => {
    const page = await openPage(confirmPath({ origin: ODD_ORIGIN }));
    const lookalike = say(locale, "notice.lookalike").replace("{decoded}", DECODED_HOST);
    const warnings = [lookalike, say(locale, "notice.port")];
    await page.locator(".question").waitFor();
    expect(await page.locator(".notice p").allTextContents()).toEqual(warnings);
    provider.reply = "cut";
    await pressYes(page);
    await page.getByText(say(locale, "common.unreachable.title")).waitFor();
    const unreachable = [say(locale, "common.unreachable.title"), say(locale, "common.unreachable.text")];
    expect(await page.locator(".notice p").allTextContents()).toEqual([...unreachable, ...warnings]);
  });

  test("why the server has refused", async () => {
    provider.reply = { status: 400, body: { ...REFUSAL, answer: { location: `${ORIGIN}/callback` } } };
    const page = await openPage(confirmPath({ origin: ORIGIN }));
    await page.locator(".no").click();
    await expectWords(page, locale, "confirm.failed", [
      "reason.expired.text",
      "reason.expired.advice",
      "common.restart",
      "confirm.back",
    ]);
  });

  test("why it asks, to those who ask", async () => {
    const page = await openPage(confirmPath({ origin: ORIGIN }));
    await page.locator("summary").click();
    await page.locator("details a").waitFor();
    const link = say(locale, "common.manage");
    const undo = say(locale, "confirm.why.undo").replace("{link}", link);
    expect(await page.locator("details p").allTextContents()).toEqual([
      say(locale, "confirm.why.reason"),
      say(locale, "confirm.why.effect"),
      undo,
      say(locale, "confirm.why.names").replace("{names}", "read:user repo"),
    ]);
  });
});

describe("without the script of what is rarely said", () => {
  beforeEach(() =>
    openContext("en", "without it", (context) => context.route(`**${FALLBACKS_SCRIPT}`, (route) => route.abort())),
  );

  /** The page asks nothing, sends nothing, and says what to do instead. Its only button loads it again. */
  async function expectClosed(page: Page): Promise<void> {
    await expectWords(page, "en", "common.unreachable.title", ["common.unreachable.text"]);
    expect(await page.locator("button, .actions > *").allTextContents()).toEqual([say("en", "common.again")]);
    expect(provider.posts).toEqual([]);
  }

  test.each([
    ["nothing to confirm", "/confirm"],
    ["a refusal at the service", confirmPath({ origin: ORIGIN, refused: true })],
    ["a question that has expired", confirmPath({ origin: ORIGIN, lifetimeSeconds: 0 })],
    ["a way back that is cut", confirmPath({ origin: ORIGIN, ...BY_MESSAGE })],
    ["an app without a name", unnamedPath()],
    ["an address that is worth a warning [A33][A58]", confirmPath({ origin: ODD_ORIGIN })],
    ["an app that says it is elsewhere [A8]", confirmPath({ origin: ORIGIN, claimedHost: "good.example" })],
  ])("of %s, the page says that it could not be loaded, and asks nothing", async (_, path) => {
    await expectClosed(await openPage(path));
  });

  test("a question that expires is closed at that moment, whenever the words arrive", async () => {
    const words = Promise.withResolvers<void>();
    const page = await context.newPage();
    await page.route(`**${FALLBACKS_SCRIPT}`, async (route) => {
      await words.promise;
      await route.abort();
    });
    await page.goto(provider.origin + confirmPath({ origin: ORIGIN, lifetimeSeconds: 2 }));
    await armed(page);
    await page.locator(".yes").waitFor({ state: "detached" });
    expect(await page.locator("button").count()).toBe(0);
    words.resolve();
    await expectClosed(page);
  });

  test("a Yes that can reach nobody is not sent", async () => {
    const { page } = await openPopup(confirmPath({ origin: ORIGIN, ...BY_MESSAGE }));
    await armed(page);
    await loseOpener(page);
    await pressYes(page);
    await expectClosed(page);
  });

  test("an app still hears of a failure", async () => {
    const answer = { message: { error: "server_error" }, targetOrigin: app.origin };
    provider.reply = { status: 400, body: { ...REFUSAL, answer } };
    const { opener, page } = await openPopup(confirmPath({ origin: ORIGIN, ...BY_MESSAGE }));
    await pressYes(page);
    await expectWords(page, "en", "common.unreachable.title", ["common.unreachable.text"]);
    expect(await opener.evaluate(() => (window as unknown as { messages: unknown[] }).messages)).toEqual([
      answer.message,
    ]);
  });

  test("the question can be answered, though nobody says why it is asked", async () => {
    const page = await openPage(confirmPath({ origin: ORIGIN }));
    await page.locator("summary").click();
    await page.locator("details p", { hasText: english["common.unreachable.title"] }).waitFor();
    await pressYes(page);
    await page.waitForURL(`${ORIGIN}/callback`);
  });
});

test.each(["yes", "no"])("a login that ends with %s asks for nothing of it", async (decision) => {
  await openContext();
  const page = await openPage(confirmPath({ origin: ORIGIN }));
  if (decision === "yes") await pressYes(page);
  else await page.locator(".no").click();
  await page.waitForURL(`${ORIGIN}/callback`);
  expect(requests).not.toContain(FALLBACKS_SCRIPT);
  expect(provider.posts).toHaveLength(1);
});
