import type { BrowserContext, CDPSession, Page } from "playwright-core";
import { chromium } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { Question, WaitingQuestion } from "../../shared/page-messages.ts";
import { encodeFragment } from "../../shared/page-messages.ts";
import { questionOf } from "../client/pages/questions.ts";
import { passGate, roundTrip, stopTime } from "../tools/later.ts";
import { answerYes, readAll } from "../tools/people.ts";
import { freePort } from "../tools/site.ts";
import { say } from "../tools/words.ts";
import type { App } from "./browser/app.ts";
import { DIALECTS } from "./browser/app.ts";
import { context, openApp, setTheStage, world } from "./browser/stage.ts";
import type { HostilePage } from "./browser/windows.ts";
import {
  centreOf,
  holdKey,
  keepOpen,
  LONG,
  openWindow,
  pressWithJitter,
  sayLast,
  setWindow,
  untilHeard,
  yes,
} from "./browser/windows.ts";

/**
 * What a hostile app can do to the question in a real browser. The user has already allowed the service, so only the
 * press of Yes stands between the app and a token. Every test checks what the servers have released.
 * `leaks.browser.test.ts` shows that a press releases something in every dialect.
 */

/** Intervals of double clicks, from the fastest to one that is barely a double click. The gate opens after a second. */
const DOUBLE_CLICKS_MS = [0, 50, 150, 300, 500, 800, 999];

const port = await freePort();
setTheStage([`--remote-debugging-port=${port}`]);

/**
 * Runs one test in the same browser, but without Playwright's emulation that gives every window the focus. The clock is
 * paused in all pages.
 */
async function onDesktop(act: (desktop: BrowserContext) => Promise<void>): Promise<void> {
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true });
  try {
    const [desktop] = browser.contexts();
    await stopTime(desktop!);
    await act(desktop!);
  } finally {
    await browser.close();
  }
}

/** Opens the hostile app's page and a login window, which reaches the question without user action. */
async function openQuestion(): Promise<{ page: Page; popup: Page }> {
  const page = await openApp(world.hostile);
  const popup = await openWindow(page, world.login("message", world.hostile), { name: "login" });
  await yes(popup).waitFor();
  return { page, popup };
}

function questionAbout(app: App): RegExp {
  return new RegExp(`are you sure you want to log in to ${app.origin.replace(/[[\]]/g, "\\$&")}\\b`, "i");
}

/** Navigates the opened window, which its opener can always do. */
async function lead(opener: Page, url: string): Promise<void> {
  await opener.evaluate((url) => void ((window as unknown as HostilePage).opened.location.href = url), url);
}

/** Reads the question's data. No other page can read it, but worst-case tests give it to the attacker. */
async function readShown<Shown>(page: Page): Promise<Shown> {
  return await page.evaluate(() => (history.state as { value: Shown }).value);
}

async function expectQuestion(page: Page, app: App): Promise<void> {
  await page.getByRole("heading", { name: questionAbout(app) }).waitFor();
}

/** No Yes was accepted, no token was requested from the service, and no app has received a secret. */
function expectNothingReleased(): void {
  expect(world.decisions().filter(({ decision, status }) => decision === "yes" && status === 200)).toEqual([]);
  expect(world.tokenRequests()).toBe(0);
  for (const app of [world.hostile, world.honest, world.neighbour]) expect(world.leakedTo(app)).toEqual([]);
}

/** Stricter: no decision was even attempted. */
function expectNoDecision(): void {
  expect(world.decisions()).toEqual([]);
  expectNothingReleased();
}

describe("[A1] without a press", () => {
  test("[A45] twenty windows of every dialect, all brought to the question by the service, release nothing", async () => {
    await context.clock.install();
    const { page } = await openQuestion();
    const all: Page[] = [];
    for (const dialect of DIALECTS) {
      const popups: Page[] = [];
      for (let count = 0; count < 4; count += 1)
        popups.push(await openWindow(page, world.login(dialect, world.hostile)));
      await Promise.all(popups.map((popup) => expectQuestion(popup, world.hostile)));
      all.push(...popups);
    }
    await context.clock.runFor(LONG);
    await Promise.all(all.map(roundTrip));
    expectNoDecision();
    // The handshake of the CMS dialect is the same for every app.
    expect(new Set(world.hostile.heard())).toEqual(new Set(["authorizing:github"]));
  });

  test("[A2] a page that knows the ticket cannot post it, whatever it posts with", async () => {
    const { popup } = await openQuestion();
    const { ticket } = await readShown<{ ticket: string }>(popup);
    const body = JSON.stringify({
      ticket,
      origin: world.hostile.origin,
      service: "github",
      decision: "yes",
      opener: true,
    });

    // The neighbour is on the same site, so the browser sends the cookie with its requests.
    for (const app of [world.hostile, world.neighbour]) {
      const page = await openApp(app);
      await page.evaluate(postInEveryWay, { url: `${world.provider.origin}/decision`, body });
    }
    const posts = () => world.provider.exchanges.filter(({ url, method }) => url === "/decision" && method === "POST");
    // Five of each page's six attempts arrive. The sixth needs a CORS preflight, which fails.
    await expect.poll(() => posts().filter(({ status }) => status >= 400).length).toBe(10);
    expect(posts()).toHaveLength(10);
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

    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.srcdoc = `<script>fetch(${JSON.stringify(url)}, ${JSON.stringify({ ...post, mode: "no-cors" })})</script>`;
    document.body.append(frame);
    await new Promise((resolve) => (frame.onload = resolve));

    // Last: Chromium's page crashed now and then when a frame moved to its own process while a form opened a window.
    const form = document.createElement("form");
    Object.assign(form, { action: url, method: "POST", enctype: "text/plain", target: "_blank" });
    const input = document.createElement("input");
    // `text/plain` joins name and value with "=", which ends up in an unused JSON member.
    Object.assign(input, { name: body.replace(/}$/, ',"x":"'), value: '"}' });
    form.append(input);
    document.body.append(form);
    form.submit();
  }
});

describe("[A6] fragments and keys", () => {
  const FRAGMENTS = ["yes", "yes_button", "Yes", ":~:text=Yes", ":~:text=Yes&text=No"];

  test("no fragment of the app's gives anything the focus; a key held from before does nothing", async () => {
    await stopTime(context);
    const { page } = await openQuestion();
    const popups: Page[] = [];
    for (const fragment of FRAGMENTS) {
      for (const dialect of ["message", "madata"] as const) {
        popups.push(await openWindow(page, `${world.login(dialect, world.hostile)}#${fragment}`));
      }
    }
    for (const popup of popups) {
      await yes(popup).waitFor();
      expect(await focused(popup), popup.url()).toBe("BODY");
      expect(popup.url()).toBe(`${world.provider.origin}/confirm`);
    }
    await holdKey(popups[0]!, "Enter");
    await holdKey(popups[1]!, "Space");
    for (const popup of popups) {
      await passGate(yes(popup));
      expect(await focused(popup), "once it is ready").toBe("BODY");
      await roundTrip(popup);
    }
    expectNoDecision();
  });

  async function focused(page: Page): Promise<string | undefined> {
    return await page.evaluate(() => document.activeElement?.tagName);
  }

  test("Enter or Space, held since the app's page, does nothing even where Yes has got the focus", async () => {
    await stopTime(context);
    const page = await openApp(world.hostile);
    const popups: Page[] = [];
    for (const key of ["Enter", "Space"] as const) {
      const popup = await openWindow(page, world.login("message", world.hostile));
      await yes(popup).waitFor();
      await yes(popup).evaluate((button: HTMLButtonElement) => void setInterval(() => button.focus(), 20));
      await holdKey(popup, key);
      await passGate(yes(popup));
      await roundTrip(popup);
      popups.push(popup);
    }
    expectNoDecision();
    // A new press of the same key counts as an answer.
    await popups[0]!.keyboard.press("Enter");
    await expect.poll(() => world.decisions()).toEqual([{ decision: "yes", status: 200 }]);
  });

  test("there is nothing to paste, drop or type into, and no key of its own that leads to Yes", async () => {
    const { popup } = await openQuestion();
    await waitUntilArmed(popup);
    const fields = "input, textarea, select, form, label, [contenteditable], [draggable=true]";
    const shortcuts = "[accesskey], [autofocus], button[id], button[name]";
    expect(await popup.locator(`${fields}, ${shortcuts}`).count()).toBe(0);
    await popup.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "\r\n");
      for (const target of [document.body, ...document.querySelectorAll("button")]) {
        target.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, clipboardData }));
        target.dispatchEvent(new DragEvent("drop", { bubbles: true, dataTransfer: clipboardData }));
      }
    });
    for (const key of ["Enter", "Space", "y", "Alt+y", "Control+Enter", "Escape"]) await popup.keyboard.press(key);
    await roundTrip(popup);
    expectNoDecision();
  });

  test("Tab and Enter in turn, as a game on the app's page might have them pressed, end in No", async () => {
    const { popup } = await openQuestion();
    for (let press = 0; press < 30 && world.decisions().length === 0; press += 1) {
      await popup.keyboard.press(press % 2 === 0 ? "Tab" : "Enter").catch(() => {});
      await roundTrip(popup).catch(() => {});
    }
    await expect.poll(() => world.decisions()).toEqual([{ decision: "no", status: 200 }]);
    expectNothingReleased();
  });
});

describe("[A7] double clicks", () => {
  test("the second click of one that began on the app's page is none, however late it comes within the second", async () => {
    await stopTime(context);
    const page = await openApp(world.hostile);
    for (const delayMs of DOUBLE_CLICKS_MS) {
      const popup = await openWindow(page, world.login("message", world.hostile));
      const press = await preparePress(popup);
      await context.clock.runFor(delayMs);
      await press();
      await roundTrip(popup);
      expectNoDecision();
      await popup.close();
    }

    const popup = await openWindow(page, world.login("message", world.hostile));
    const press = await preparePress(popup);
    await passGate(yes(popup));
    await press();
    await expect.poll(() => world.decisions()).toEqual([{ decision: "yes", status: 200 }]);
  });

  test("a question that was ready, then covered by another window, is none for the click that uncovers it", async () => {
    await onDesktop(async (desktop) => {
      const question = await desktop.newPage();
      await question.bringToFront();
      // The text must be in view, and browsers differ in how much of the window their own interface takes.
      await setWindow(question, { width: 800, height: 900 });
      await question.goto(world.hostile.origin);
      await question.evaluate((url) => location.assign(url), world.login("navigation", world.hostile));
      const press = await preparePress(question);
      for (const delayMs of DOUBLE_CLICKS_MS) {
        await passGate(yes(question));
        await cover(question);
        await question.clock.runFor(delayMs);
        await press();
        await roundTrip(question);
        expectNoDecision();
      }
      await question.close();
    });
  });

  /** Hides the question, as another window on top would, and shows it again. */
  async function cover(question: Page): Promise<void> {
    await setWindow(question, { windowState: "minimized" });
    await question.waitForFunction(() => document.visibilityState === "hidden", undefined, { polling: 20 });
    await setWindow(question, { windowState: "normal" });
    await question.waitForFunction(() => document.visibilityState === "visible", undefined, { polling: 20 });
  }

  test("a button held since the page before, or let go elsewhere than it was pressed, is none", async () => {
    const page = await openApp(world.hostile);
    const popup = await openWindow(page, `${world.hostile.origin}/decoy`, { name: "login" });
    await popup.mouse.move(240, 320);
    await popup.mouse.down();
    await lead(page, world.login("message", world.hostile));
    await yes(popup).waitFor();
    const [there, elsewhere] = [await centreOf(yes(popup)), await centreOf(popup.getByRole("heading", { level: 1 }))];
    await waitUntilArmed(popup);
    await popup.mouse.move(there.x, there.y);
    await popup.mouse.up();
    await roundTrip(popup);
    expectNoDecision();

    for (const [from, to] of [
      [elsewhere, there],
      [there, elsewhere],
    ] as const) {
      await popup.mouse.move(from.x, from.y);
      await popup.mouse.down();
      await popup.mouse.move(to.x, to.y, { steps: 3 });
      await popup.mouse.up();
    }
    await roundTrip(popup);
    expectNoDecision();
  });

  async function preparePress(question: Page): Promise<() => Promise<void>> {
    await yes(question).waitFor();
    const [mouse, centre] = await Promise.all([question.context().newCDPSession(question), centreOf(yes(question))]);
    return () => pressWithJitter(mouse, centre);
  }
});

async function waitUntilArmed(question: Page): Promise<void> {
  await expect.poll(() => yes(question).isEnabled()).toBe(true);
}

describe("[A7] clicks in a row", () => {
  /** Clicks without moving the pointer. The page in the window may be about to unload. */
  async function click(mouse: CDPSession, { x, y }: { x: number; y: number }): Promise<void> {
    const press = { x, y, button: "left", clickCount: 1 } as const;
    await mouse.send("Input.dispatchMouseEvent", { type: "mousePressed", ...press });
    await mouse.send("Input.dispatchMouseEvent", { type: "mouseReleased", ...press });
  }

  test.each([150, 250, 400, 900])(
    "every %i ms, begun before the question came, are none; one after a second of quiet is",
    async (everyMs) => {
      await stopTime(context);
      const { page, popup } = await openQuestion();
      const place = await centreOf(yes(popup));
      const mouse = await context.newCDPSession(popup);
      await lead(page, `${world.hostile.origin}/decoy`);
      await popup.waitForURL(`${world.hostile.origin}/decoy`);
      await click(mouse, place);
      await lead(page, world.login("message", world.hostile));
      await yes(popup).waitFor();
      for (let atMs = 0; atMs < 3_000; atMs += everyMs) {
        await click(mouse, place);
        await context.clock.runFor(everyMs);
      }
      await roundTrip(popup);
      expectNoDecision();
      await passGate(yes(popup));
      await click(mouse, place);
      await expect.poll(() => world.decisions()).toEqual([{ decision: "yes", status: 200 }]);
    },
  );

  test("on the start page, which a login that no page of the app has started shows, bring nobody to the service", async () => {
    await stopTime(context);
    const page = await openApp(world.hostile);
    const popup = await openWindow(page, world.login("navigation", world.honest));
    const go = popup.getByRole("button", { name: /^continue/i });
    await go.waitFor();
    await go.evaluate((button: HTMLButtonElement) => button.click());
    const mouse = await context.newCDPSession(popup);
    for (let clicks = 0; clicks < 15; clicks += 1) {
      await click(mouse, await centreOf(go));
      await context.clock.runFor(200);
    }
    await roundTrip(popup);
    expect(world.service.exchanges).toEqual([]);
    await passGate(go);
    await click(mouse, await centreOf(go));
    await yes(popup).waitFor();
  });
});

describe("[A7] windows", () => {
  /** Chromium does not allow a side shorter than 100 pixels. */
  const TOO_SMALL = [
    [100, 100],
    [480, 100],
    [120, 640],
  ] as const;

  test("one too small to show the whole question is never ready, and the app can neither size, move nor scroll it", async () => {
    await stopTime(context);
    const page = await openApp(world.hostile);
    const popups: Page[] = [];
    for (const [width, height] of TOO_SMALL) {
      const features = `popup,width=${width},height=${height}`;
      const popup = await openWindow(page, world.login("message", world.hostile), { features });
      await popup.setViewportSize({ width, height });
      await yes(popup).waitFor({ state: "attached" });
      expect(await page.evaluate(reach)).toEqual(Array(8).fill("SecurityError"));
      popups.push(popup);
    }
    // After this, the browser has computed what is in view.
    await Promise.all(popups.map(roundTrip));
    await context.clock.runFor(LONG);
    for (const popup of popups) expect(await yes(popup).isDisabled(), JSON.stringify(popup.viewportSize())).toBe(true);
    expectNoDecision();
  });

  test.each([
    [480, 320],
    [480, 220],
  ])(
    "one of %i × %i, which hides what the app would be able to do, is not ready before that is read",
    async (width, height) => {
      await stopTime(context);
      const page = await openApp(world.hostile);
      const popup = await openWindow(page, world.login("message", world.hostile), {
        features: `popup,width=${width},height=${height}`,
      });
      await popup.setViewportSize({ width, height });
      await yes(popup).waitFor();
      await roundTrip(popup);
      await context.clock.runFor(LONG);
      expect(await yes(popup).isDisabled()).toBe(true);
      await readAll(popup);
      await passGate(yes(popup));
      await yes(popup).click();
      await expect.poll(() => world.decisions()).toEqual([{ decision: "yes", status: 200 }]);
    },
  );

  function reach(): string[] {
    const { opened } = window as unknown as HostilePage;
    const attempts = [
      () => opened.resizeTo(480, 640),
      () => opened.moveTo(0, 0),
      () => opened.scrollTo(0, 100),
      () => opened.history.back(),
      () => opened.document.body,
      () => opened.location.hash,
      () => opened.dispatchEvent(new Event("pointermove")),
      () => opened.name,
    ];
    return attempts.map((attempt) => {
      try {
        return String(attempt());
      } catch (error) {
        return (error as Error).name;
      }
    });
  }

  test("one without the focus is never ready, and one that is resized has to begin anew", async () => {
    await onDesktop(async (desktop) => {
      const app = await desktop.newPage();
      await app.goto(world.hostile.origin);
      const popup = await openWindow(app, world.login("message", world.hostile));
      await yes(popup).waitFor();
      if (!(await popup.evaluate(() => document.hasFocus()))) {
        await popup.clock.runFor(LONG);
        expect(await yes(popup).isDisabled()).toBe(true);
      }
      await popup.mouse.click(200, 200);
      await passGate(yes(popup));
      await setWindow(popup, { width: 500, height: 660 });
      await expect.poll(() => yes(popup).isDisabled()).toBe(true);
      await Promise.all([popup.close(), app.close()]);
      expectNoDecision();
    });
  });
});

describe("[A66] framing", () => {
  const PATHS = [
    "/",
    "/confirm",
    "/start",
    "/waiting",
    "/returned",
    "/sign-out",
    "/nowhere",
    "/callback/github?code=x&state=x",
  ];

  test("no page of ours is shown in a frame of any kind", async () => {
    await context.clock.install();
    const { page, popup } = await openQuestion();
    const question = await readShown<Question>(popup);
    const addresses = [
      ...PATHS.map((path) => world.provider.origin + path),
      `${world.provider.origin}/confirm#${encodeFragment(question)}`,
      world.login("message", world.hostile),
      world.login("cms", world.hostile),
    ];
    await page.evaluate((addresses) => {
      const kinds: [string, string, Record<string, string>][] = [
        ["iframe", "src", {}],
        ["iframe", "src", { sandbox: "allow-scripts allow-same-origin allow-forms allow-popups" }],
        ["iframe", "src", { credentialless: "" }],
        ["object", "data", { type: "text/html" }],
        ["embed", "src", { type: "text/html" }],
      ];
      for (const [tag, attribute, attributes] of kinds) {
        for (const address of addresses) {
          const element = document.createElement(tag);
          for (const [name, value] of Object.entries({
            ...attributes,
            width: "300",
            height: "300",
            [attribute]: address,
          })) {
            element.setAttribute(name, value);
          }
          document.body.append(element);
        }
      }
    }, addresses);
    await page.waitForLoadState("networkidle");
    await context.clock.runFor(LONG);
    await roundTrip(page);
    expect(
      page
        .frames()
        .map((frame) => frame.url())
        .filter((url) => url.startsWith(world.provider.origin)),
    ).toEqual([]);
    expect(
      world.provider.exchanges.filter(({ headers }) => headers["sec-fetch-dest"] === "iframe").length,
    ).toBeGreaterThan(20);
    expectNoDecision();
  });
});

describe("[A19] the window that opened the question", () => {
  test("of another origin than the question names hears nothing, whether it began so or has become so", async () => {
    // Both logins name the honest app. The hostile app starts one, and takes over the opener of the other later.
    const began = await openApp(world.hostile);
    const became = await openApp(world.honest);
    const popups = [];
    for (const opener of [began, became]) {
      const popup = await openWindow(opener, world.login("message", world.honest));
      await expectQuestion(popup, world.honest);
      popups.push(popup);
    }
    await became.goto(`${world.hostile.origin}/taken-over`);
    for (const popup of popups) {
      await keepOpen(popup);
      await answerYes(popup);
      await popup.getByRole("heading", { name: "Done" }).waitFor();
      await sayLast(popup);
    }
    await expect.poll(() => world.hostile.heard()).toHaveLength(2);
    expect(world.hostile.heard()).toEqual(["last", "last"]);
    expect(world.decisions()).toHaveLength(2);
    expect(world.leakedTo(world.hostile)).toEqual([]);
    expect(world.leakedTo(world.honest)).toEqual([]);
    expect(world.tokenRequests()).toBe(0);
  });

  test("stays the only one that is told: a window of the same name is another window", async () => {
    const page = await openApp(world.honest);
    const popup = await openWindow(page, world.login("message", world.honest), { name: "login" });
    await expectQuestion(popup, world.honest);
    // The honest app opens the hostile app in a new window, so both are in the same browsing context group.
    const hostile = await openWindow(page, `${world.hostile.origin}/`, { name: "other" });
    const hostileQuestion = await openWindow(hostile, world.login("message", world.hostile), { name: "login" });
    await expectQuestion(hostileQuestion, world.hostile);
    await expectQuestion(popup, world.honest);

    await answerYes(popup);
    await expect.poll(() => world.leakedTo(world.honest)).toHaveLength(1);
    expect(world.leakedTo(world.hostile)).toEqual([]);
  });

  test("[A39] several logins of several apps at once: each app is told its own, and nobody another's", async () => {
    const apps = [world.honest, world.hostile];
    const popups = [];
    for (const app of apps) {
      const popup = await openWindow(await openApp(app), world.login("message", app));
      await expectQuestion(popup, app);
      popups.push(popup);
    }
    await answerYes(popups[0]!);
    await expect.poll(() => world.leakedTo(world.honest)).toHaveLength(1);
    expect(world.hostile.heard()).toEqual([]);
    await answerYes(popups[1]!);
    await expect.poll(() => world.leakedTo(world.hostile)).toHaveLength(1);
    expect(world.leakedTo(world.honest)).toHaveLength(1);
    expect(JSON.stringify(world.honest.heard())).not.toBe(JSON.stringify(world.hostile.heard()));
  });

  test("[A40] that is not there, or was cut off by the service, is told nothing: no question is asked", async () => {
    const page = await openApp(world.hostile);
    const withoutOpener = async () => {
      const opened = context.waitForEvent("page");
      await page.evaluate((url) => void open(url, "_blank", "noopener"), world.login("message", world.hostile));
      return await opened;
    };
    for (const begin of [withoutOpener, () => openWindow(page, world.login("message", world.hostile, "unannounced"))]) {
      const popup = await begin();
      await popup.getByText(/nothing was handed over/i).waitFor();
      expect(await popup.getByRole("button").allTextContents()).toEqual([say("common.closeWindow")]);
    }
    expectNoDecision();
  });

  test("[A40] of a waiting window cannot open the service from afar, nor bring a ticket of its own making", async () => {
    const page = await openApp(world.hostile);
    const waitingWindow = await openWindow(page, world.login("message", world.hostile, "cut"), { name: "login" });
    await waitingWindow.getByRole("link", { name: /^open /i }).waitFor();
    const { waitingWindow: id, service } = await readShown<WaitingQuestion>(waitingWindow);
    await page.evaluate((id) => {
      const { opened } = window as unknown as HostilePage;
      for (const data of [id, { waitingWindow: id }, "received", { ticket: "forged", waitingWindow: id }])
        opened.postMessage(data, "*");
      new BroadcastChannel(`waiting:${id}`).postMessage({ ticket: "forged" });
    }, id);
    await untilHeard(page, waitingWindow);
    await roundTrip(waitingWindow);
    expect(world.service.exchanges).toEqual([]);

    // Worst case: the page knows the id. The forged question names the hostile app and releases nothing.
    const question = { ...forgedQuestion(world.hostile), service, waitingWindow: id };
    const forged = encodeFragment({ waitingWindow: id, service, question });
    const returned = await openWindow(page, `${world.provider.origin}/returned#${forged}`);
    await yes(waitingWindow).waitFor();
    await answerYes(waitingWindow);
    await expect.poll(() => world.decisions()).toEqual([{ decision: "yes", status: 400 }]);
    expectNothingReleased();
    if (!returned.isClosed()) await returned.close();
  });
});

/** A question that anyone could forge. */
function forgedQuestion(app: App, ticket = "forged"): Question {
  return questionOf({ ticket, origin: app.origin, scopes: ["read:user"], delivery: "message" });
}

describe("[A6] an opener that will not leave the question alone", () => {
  test("messages of every kind that anything here listens to, two thousand of them, change nothing", async () => {
    const { page, popup } = await openQuestion();
    await page.evaluate((origin) => {
      const { opened } = window as unknown as HostilePage;
      const answer = { location: `${origin}/callback?code=forged` };
      const messages: unknown[] = [
        "authorizing:github",
        "authorization:github:success:{}",
        { type: "authorization_response", response: { code: "forged", state: "state-of-the-app" } },
        { backend: "Github", token: "forged" },
        { message: "forged", targetOrigin: "*" },
        { decision: "yes" },
        answer,
        "received",
        null,
        0,
      ];
      for (let round = 0; round < 200; round += 1) for (const message of messages) opened.postMessage(message, "*");
      const { port1 } = new MessageChannel();
      opened.postMessage("authorizing:github", "*", [port1]);
    }, world.hostile.origin);
    // Messages from an extension: sent in the page itself, without a source or with a forged one.
    await popup.evaluate((origin) => {
      for (const data of [
        "authorizing:github",
        { decision: "yes" },
        { ticket: "x" },
        { type: "authorization_response" },
      ]) {
        window.postMessage(data, "*");
        dispatchEvent(new MessageEvent("message", { data, origin, source: null }));
        dispatchEvent(new MessageEvent("message", { data, origin, source: opener as Window }));
      }
    }, world.honest.origin);
    await untilHeard(page, popup);
    await roundTrip(popup);
    await expectQuestion(popup, world.hostile);
    expect(popup.url()).toBe(`${world.provider.origin}/confirm`);
    expect(await page.evaluate(() => (window as unknown as HostilePage).opened.length), "frames [A64]").toBe(0);
    expectNoDecision();
  });

  test("a question that changes ten times a second is never ready, and each has its second from the start", async () => {
    await stopTime(context);
    const { page, popup } = await openQuestion();
    const mouse = await context.newCDPSession(popup);
    const centre = await centreOf(yes(popup));
    for (let turn = 0; turn < 15; turn += 1) {
      const app = turn % 2 === 0 ? world.honest : world.hostile;
      await lead(page, `${world.provider.origin}/confirm#${encodeFragment(forgedQuestion(app))}`);
      await expectQuestion(popup, app);
      await context.clock.runFor(100);
      await pressWithJitter(mouse, centre);
    }
    await roundTrip(popup);
    expectNoDecision();
  });

  test("the ticket of one question under the name of another opens nothing", async () => {
    const { page, popup } = await openQuestion();
    const { ticket } = await readShown<{ ticket: string }>(popup);
    const url = `${world.provider.origin}/confirm#${encodeFragment(forgedQuestion(world.honest, ticket))}`;
    await lead(page, url);
    await expectQuestion(popup, world.honest);
    await answerYes(popup);
    await popup.getByRole("heading", { name: "That didn’t work" }).waitFor();
    await sayLast(popup);
    await expect.poll(() => world.hostile.heard()).not.toEqual([]);
    expect(world.hostile.heard()).toEqual(["last"]);
    expect(world.decisions()).toEqual([{ decision: "yes", status: 400 }]);
    expectNothingReleased();
  });

  test("a window led away and brought back asks from the start, and the page in between learns nothing", async () => {
    await stopTime(context);
    const { page, popup } = await openQuestion();
    await passGate(yes(popup));
    await lead(page, `${world.hostile.origin}/between`);
    await popup.waitForURL("**/between");
    const found = await popup.evaluate(() => {
      const { navigation } = window as unknown as { navigation: { entries(): { url: string | null }[] } };
      const entries = navigation.entries().map(({ url }) => url);
      return JSON.stringify([history.state, entries, performance.getEntries(), document.referrer]);
    });
    expect(found).not.toContain(world.provider.origin);

    await popup.goBack();
    await yes(popup).waitFor();
    expect(await yes(popup).isDisabled()).toBe(true);
    await pressWithJitter(await context.newCDPSession(popup), await centreOf(yes(popup)));
    await roundTrip(popup);
    expectNoDecision();
  });
});
