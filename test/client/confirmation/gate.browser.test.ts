import type { Page } from "playwright-core";
import { beforeEach, describe, expect, test } from "vitest";
import { broken } from "../../../server/answers/error-catalogue.ts";
import { errorPage } from "../../../server/answers/error-page.ts";
import type { Question } from "../../../shared/page-messages.ts";
import { passGate, roundTrip } from "../../tools/later.ts";
import { readAll, seen } from "../../tools/people.ts";
import { say } from "../../tools/words.ts";
import {
  app,
  centreOfYes,
  confirmPath,
  context,
  decisions,
  expectStillOpen,
  GATED,
  no,
  openGated,
  openPage,
  provider,
  restingMouse,
  startPath,
  traces,
  waitUntilArmed,
  yes,
} from "../pages/pages-in-browser.ts";

/** Whether the browser trusts the click that a label forwards when a script clicks the label. */
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
    expect(await page.getByRole("status").textContent()).toBe("That was too fast. Wait a second, then press again.");
    await waitUntilArmed(page);
    expect(await page.getByRole("status").textContent(), "still there for whoever reads slowly").toContain(
      "press again",
    );
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
    await session.send("Input.dispatchMouseEvent", {
      type: "mousePressed",
      x,
      y,
      button: "right",
      buttons: 2,
      clickCount: 1,
    });
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
    await page.waitForFunction(() => document.querySelector(".yes")?.ariaDisabled === "true");
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

  test.each(["Enter", "Space"])(
    "keeps the focus when %s comes too soon, says so, and takes the next one after the pause",
    async (key) => {
      const page = await openPage(confirmPath(), { stopped: true });
      await page.getByText(say("gate.counting")).waitFor();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      const focused = () => page.evaluate(() => document.activeElement?.textContent);
      expect(await focused(), "before it is open, too").toBe("Yes");
      await page.keyboard.press(key);
      expect(await page.getByRole("status").textContent()).toBe(say("gate.refused"));
      expect(await focused()).toBe("Yes");
      await passGate(yes(page));
      await page.evaluate(() => void dispatchEvent(new Event("blur")));
      expect(await yes(page).isDisabled()).toBe(true);
      expect(await focused(), "after the window was left and entered").toBe("Yes");
      expect(provider.posts).toEqual([]);
      await passGate(yes(page));
      await page.keyboard.press(key);
      await page.waitForURL(`${app.origin}/callback?code=c`);
      expect(decisions()).toEqual(["yes"]);
    },
  );

  test("gets no focus from a click that came too soon: the next key may be meant for something else [A6]", async () => {
    const page = await openPage(confirmPath(), { stopped: true });
    const press = await restingMouse(page, await centreOfYes(page));
    await press();
    expect(await page.getByRole("status").textContent()).toBe(say("gate.refused"));
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("BODY");
    await passGate(yes(page));
    await page.keyboard.press("Enter");
    await expectStillOpen(page);
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
    // Newer browsers do not trust the click that a label forwards when a script clicks it. There is no other way to
    // click without a pointer or key. For them, the unit tests of `client/confirmation/press.ts` must suffice.
    skip(!(await trustsClicksOfLabels(page)), "this browser cannot imitate assistive technology");
    const bareClick = () =>
      page.evaluate(() => {
        // A label forwards its click without any pointer or key, and the browser trusts the click it generates.
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
      for (const name of ["pointerdown", "mousedown", "pointerup", "mouseup", "click"])
        element.dispatchEvent(type(name));
    });
    await roundTrip(page);
    expect(traces()).toEqual([]);
    await passGate(button);
    await button.click();
    await expect.poll(traces).toHaveLength(1);
  });

  test.each([150, 250, 400, 900])(
    "takes no click of a mouse that clicks every %i ms, and one after a quiet second, unmoved [A7]",
    async (everyMs) => {
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
    },
  );
});

describe("[A7] what the card says has to be read", () => {
  const SMALL = [
    [480, 320],
    [480, 220],
  ] as const;
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

  /** Scrolls with the wheel to the end. */
  async function scrollDown(page: Page): Promise<void> {
    await page.mouse.move(200, 40);
    for (let wheels = 0; wheels < 100 && !(await isAtEnd(page)); wheels += 1) {
      await page.mouse.wheel(0, 30);
      await seen(page);
    }
  }

  async function scrollUp(page: Page): Promise<void> {
    await page.mouse.wheel(0, -10_000);
    await page
      .locator(".content")
      .evaluate((content) => content.querySelector(".origin")!.scrollIntoView({ block: "nearest" }));
  }

  /** The button stays disabled for as long as the question is valid. */
  async function expectToStayClosed(page: Page, button = yes(page)): Promise<void> {
    await seen(page);
    await context.clock.runFor("02:00");
    expect(await button.isDisabled()).toBe(true);
  }

  function isAtEnd(page: Page): Promise<boolean> {
    return page
      .locator(".content")
      .evaluate(({ scrollTop, clientHeight, scrollHeight }) => scrollTop + clientHeight >= scrollHeight - 1);
  }

  test.each(SMALL)("in a window of %i × %i, Yes waits until it has been scrolled through", async (width, height) => {
    const page = await openPage(confirmPath(), { viewport: { width, height }, stopped: true });
    await page.getByRole("status").getByText("Scroll down to read the rest.").waitFor();
    await expectToStayClosed(page);
    await scrollDown(page);
    // The origin is out of view.
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
      await page.close();
    }
  });

  test("each of 31 scopes has been in view before Yes opens, in whatever order", async () => {
    const page = await openPage(confirmPath({ scopes: MANY }), { stopped: true });
    await expectToStayClosed(page);
    // Jump to the end, so that the part in between has not been seen.
    await page.locator(".content").evaluate((content) => (content.scrollTop = content.scrollHeight));
    await seen(page);
    await scrollUp(page);
    await page.getByText("read the rest").waitFor();
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
    await page.getByRole("status").getByText("Scroll down to read the rest.").waitFor();
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
