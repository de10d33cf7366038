import { setTimeout as sleep } from "node:timers/promises";
import { chromium } from "playwright-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { encodeFragment } from "../../netlify/oauth/question.ts";
import { answerYes } from "../tools/people.ts";
import { freePort } from "../tools/site.ts";
import { DIALECTS } from "./browser/app.ts";
import type { App } from "./browser/app.ts";
import { ARMED_AFTER_MS, centreOf, holdKey, no, openWindow, POPUP, pressWithJitter, QUIET_MS, yes } from "./browser/windows.ts";
import type { HostilePage } from "./browser/windows.ts";
import { startWorld, watchedContext } from "./browser/world.ts";
import type { World } from "./browser/world.ts";

/**
 * What a hostile app can do to the question, in a real browser: the user has allowed the service long ago, so the press
 * of Yes is all that stands between the app and a token. Every test looks at what has left the servers.
 */

/** Speeds of double clicks, from the fastest to one that is hardly one any more. The gate opens after a second. */
const DOUBLE_CLICKS_MS = [0, 50, 150, 300, 500, 800];

let world: World;
/** The same browser without Playwright's pretence that every window has the focus. */
let desktop: Browser;
let context: BrowserContext;
let faults: string[];

beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  const port = await freePort();
  world = await startWorld([`--remote-debugging-port=${port}`]);
  desktop = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
});

afterAll(async () => {
  await desktop?.close();
  await world?.stop();
  vi.restoreAllMocks();
});

beforeEach(async () => {
  faults = [];
  context = await watchedContext(world, faults);
  world.reset();
});

afterEach(async () => {
  await context.close();
  expect(faults).toEqual([]);
});

async function openApp(app: App, path = "/"): Promise<Page> {
  const page = await context.newPage();
  await page.goto(app.origin + path);
  return page;
}

/** The hostile app's page, and the window in which its login has come to the question by itself. */
async function openQuestion(features = POPUP): Promise<{ page: Page; popup: Page }> {
  const page = await openApp(world.hostile);
  const popup = await openWindow(page, world.login("message", world.hostile), { name: "login", features });
  await yes(popup).waitFor();
  return { page, popup };
}

function questionAbout(app: App): RegExp {
  return new RegExp(`are you sure you want to log in to ${app.origin.replace(/[[\]]/g, "\\$&")}\\b`, "i");
}

async function expectQuestion(page: Page, app: App): Promise<void> {
  await page.getByRole("heading", { name: questionAbout(app) }).waitFor();
}

/** Nobody has said Yes: the server has released nothing, the service was asked for nothing, no app knows anything. */
function expectNothingReleased(): void {
  expect(world.decisions().filter(({ decision, status }) => decision === "yes" && status === 200)).toEqual([]);
  expect(world.exchanges()).toBe(0);
  for (const app of [world.hostile, world.honest, world.neighbour]) expect(world.leakedTo(app)).toEqual([]);
}

/** Stricter: not even an attempt. */
function expectNoDecision(): void {
  expect(world.decisions()).toEqual([]);
  expectNothingReleased();
}

describe("with a press of Yes", () => {
  test("each dialect hands over one secret, to the app that the question named: what no other test may find", async () => {
    const page = await openApp(world.hostile);
    // The binding cookie is there before several logins begin at once.
    await (await openWindow(page, world.login("message", world.hostile))).close();
    for (const dialect of DIALECTS) {
      world.reset();
      const popup = await openWindow(page, world.login(dialect, world.hostile));
      await expectQuestion(popup, world.hostile);
      await answerYes(popup);
      await expect.poll(() => world.leakedTo(world.hostile), { message: dialect }).toHaveLength(1);
      expect(world.decisions()).toEqual([{ decision: "yes", status: 200 }]);
      if (!popup.isClosed()) await popup.close();
    }
  });
});

describe("[A1] without a press", () => {
  test("[A45] twenty windows of every dialect, all brought to the question by the service, release nothing", async () => {
    const page = await openApp(world.hostile);
    await openWindow(page, world.login("message", world.hostile)).then(expectHostileQuestion);
    const addresses = DIALECTS.flatMap((dialect) => Array<string>(4).fill(world.login(dialect, world.hostile)));
    const popups: Page[] = [];
    for (const address of addresses) popups.push(await openWindow(page, address));
    await Promise.all(popups.map(expectHostileQuestion));
    await sleep(2 * ARMED_AFTER_MS);
    expectNoDecision();
    // The handshakes of the CMS dialect, which are the same words for everybody.
    expect(new Set(world.hostile.heard())).toEqual(new Set(["authorizing:github"]));
  });

  async function expectHostileQuestion(popup: Page): Promise<void> {
    await expectQuestion(popup, world.hostile);
  }

  test("[A2] a page that knows the ticket cannot post it, whatever it posts with", async () => {
    const { popup } = await openQuestion();
    const { ticket } = await popup.evaluate(() => (history.state as { value: { ticket: string } }).value);
    const body = JSON.stringify({ ticket, origin: world.hostile.origin, service: "github", decision: "yes", opener: true });

    // The neighbour is on the same site, so its requests carry the cookie.
    for (const app of [world.hostile, world.neighbour]) {
      const page = await openApp(app);
      await page.evaluate(postInEveryWay, { url: `${world.provider.origin}/confirm`, body });
      await expect.poll(() => page.context().pages().some((opened) => opened.url().endsWith("/confirm") && opened !== popup)).toBe(true);
    }
    const posts = () => world.provider.exchanges.filter(({ url, method, status }) => url === "/confirm" && method !== "GET" && status > 0);
    await expect.poll(() => posts().filter(({ method }) => method === "POST").length).toBeGreaterThanOrEqual(8);
    expect(posts().filter(({ status }) => status < 400)).toEqual([]);
    expect(posts().some(({ headers }) => headers.cookie?.includes("ap-dev="))).toBe(true);
    expectNothingReleased();

    await answerYes(popup);
    await expect.poll(() => world.leakedTo(world.hostile)).toHaveLength(1);
  });

  async function postInEveryWay({ url, body }: { url: string; body: string }): Promise<void> {
    const json = { "content-type": "application/json" };
    const post = { method: "POST", body, credentials: "include" } as const;
    const attempts = [
      () => fetch(url, { ...post, headers: json }),
      () => fetch(url, { ...post, mode: "no-cors" }),
      () => fetch(url, { ...post, mode: "no-cors", referrerPolicy: "unsafe-url", keepalive: true }),
      () => Promise.resolve(navigator.sendBeacon(url, body)),
    ];
    await Promise.allSettled(attempts.map((attempt) => attempt()));

    const form = document.createElement("form");
    Object.assign(form, { action: url, method: "POST", enctype: "text/plain", target: "_blank" });
    const input = document.createElement("input");
    // `text/plain` joins both with "=", which stands in a member that nobody reads.
    Object.assign(input, { name: body.replace(/}$/, ',"x":"'), value: '"}' });
    form.append(input);
    document.body.append(form);
    form.submit();

    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.srcdoc = `<script>fetch(${JSON.stringify(url)}, { method: "POST", mode: "no-cors", credentials: "include", body: ${JSON.stringify(body)} })</script>`;
    document.body.append(frame);
    await new Promise((resolve) => (frame.onload = resolve));
  }
});

describe("[A6] fragments and keys", () => {
  const FRAGMENTS = ["yes", "yes_button", "Yes", ":~:text=Yes", ":~:text=Yes&text=No"];

  test("no fragment of the app's gives anything the focus; a key held from before does nothing", async () => {
    const page = await openApp(world.hostile);
    const popups: Page[] = [];
    for (const fragment of FRAGMENTS) {
      for (const dialect of ["message", "madata"] as const) {
        popups.push(await openWindow(page, `${world.login(dialect, world.hostile)}#${fragment}`));
      }
    }
    // Set later, over the question itself.
    for (const popup of popups) {
      await yes(popup).waitFor();
      expect(await popup.evaluate(() => document.activeElement?.tagName), popup.url()).toBe("BODY");
      expect(popup.url()).toBe(`${world.provider.origin}/confirm`);
    }
    await Promise.all(popups.slice(0, 2).map((popup, index) => holdKey(popup, index === 0 ? "Enter" : "Space", ARMED_AFTER_MS)));
    expectNoDecision();
  });

  test("Enter or Space, held since the app's page, does nothing even where Yes has got the focus", async () => {
    const page = await openApp(world.hostile);
    const popups: Page[] = [];
    for (const key of ["Enter", "Space"] as const) {
      const popup = await openWindow(page, world.login("message", world.hostile));
      await yes(popup).waitFor();
      const focusing = yes(popup).evaluate((button: HTMLButtonElement) => void setInterval(() => button.focus(), 20));
      await Promise.all([focusing, holdKey(popup, key, ARMED_AFTER_MS + 500)]);
      popups.push(popup);
    }
    await sleep(QUIET_MS);
    expectNoDecision();
    // The same key, pressed anew, is an answer.
    await popups[0]!.keyboard.press("Enter");
    await expect.poll(() => world.decisions()).toEqual([{ decision: "yes", status: 200 }]);
  });

  test("Tab and Enter in turn, as a game on the app's page might have them pressed, end in No", async () => {
    const { popup } = await openQuestion();
    for (let press = 0; press < 30 && world.decisions().length === 0; press += 1) {
      await popup.keyboard.press(press % 2 === 0 ? "Tab" : "Enter").catch(() => {});
      await sleep(60);
    }
    await expect.poll(() => world.decisions()).toEqual([{ decision: "no", status: 200 }]);
    expectNothingReleased();
  });
});

describe("[A7] double clicks", () => {
  /** Milliseconds that the question has been on the screen, by its own clock. */
  async function watchAge(page: Page): Promise<() => Promise<number>> {
    await page.evaluate(() => {
      const shownAt = performance.now();
      addEventListener("pointerdown", () => Object.assign(window, { pressedAfterMs: performance.now() - shownAt }), true);
    });
    return () => page.evaluate(() => (window as unknown as { pressedAfterMs: number }).pressedAfterMs);
  }

  test("the second click of one that began on the app's page is none, however late it comes within the second", async () => {
    const page = await openApp(world.hostile);
    for (const delayMs of DOUBLE_CLICKS_MS) {
      const popup = await openWindow(page, world.login("message", world.hostile));
      await yes(popup).waitFor();
      const age = await watchAge(popup);
      const [mouse, centre] = await Promise.all([context.newCDPSession(popup), centreOf(yes(popup))]);
      await sleep(Math.max(0, delayMs - (await popup.evaluate(() => performance.now() * 0))));
      await pressWithJitter(mouse, centre);
      await sleep(QUIET_MS);
      // A machine too slow to press in time has proved nothing.
      if ((await age()) < 900) expect(world.decisions(), `after ${delayMs} ms`).toEqual([]);
      await popup.close();
    }
    expectNoDecision();

    const popup = await openWindow(page, world.login("message", world.hostile));
    const centre = await centreOf(yes(popup));
    const mouse = await context.newCDPSession(popup);
    await sleep(ARMED_AFTER_MS);
    await pressWithJitter(mouse, centre);
    await expect.poll(() => world.decisions()).toEqual([{ decision: "yes", status: 200 }]);
  });
});
