import type { CDPSession, Locator, Page } from "playwright-core";

/** Longer than any gate, but shorter than the lifetime of a question. */
export const LONG = "05:00";

const POPUP = "popup,width=480,height=640";

/** Opens a window from a page, as apps do. The page keeps a reference to it in `opened`. */
export async function openWindow(opener: Page, url: string, { name = "_blank", features = POPUP } = {}): Promise<Page> {
  const popup = opener.waitForEvent("popup");
  await opener.evaluate(([url, name, features]) => void Object.assign(window, { opened: open(url, name, features) }), [
    url,
    name,
    features,
  ] as const);
  return await popup;
}

/** What a hostile page can do to the window that it has opened. */
export type HostilePage = Window & { opened: Window };

/** Waits until the window has handled every message that its opener has sent so far. */
export async function untilHeard(opener: Page, popup: Page): Promise<void> {
  type Listening = Window & { heardLast: Promise<void> };
  await popup.evaluate(() => {
    const heardLast = new Promise<void>((resolve) =>
      addEventListener("message", ({ data }) => data === "last" && resolve()),
    );
    Object.assign(window, { heardLast });
  });
  await opener.evaluate(() => (window as unknown as HostilePage).opened.postMessage("last", "*"));
  await popup.evaluate(() => (window as unknown as Listening).heardLast);
}

/** Keeps the window open, so that a test can still inspect the page. */
export async function keepOpen(popup: Page): Promise<void> {
  await popup.evaluate(() => void (window.close = () => {}));
}

/** Sends a last message from the window to its opener. All other messages come before it. */
export async function sayLast(popup: Page): Promise<void> {
  await popup.evaluate(() => opener.postMessage("last", "*"));
}

export function yes(page: Page): Locator {
  return page.getByRole("button", { name: /^yes/i });
}

export async function centreOf(locator: Locator): Promise<{ x: number; y: number }> {
  const { x, y, width, height } = (await locator.boundingBox())!;
  return { x: x + width / 2, y: y + height / 2 };
}

/** A click with a slightly unsteady pointer, without the pointer's movement to the button. */
export async function pressWithJitter(mouse: CDPSession, { x, y }: { x: number; y: number }): Promise<void> {
  await mouse.send("Input.dispatchMouseEvent", { type: "mouseMoved", x: x + 1, y });
  await mouse.send("Input.dispatchMouseEvent", { type: "mousePressed", x: x + 1, y, button: "left", clickCount: 1 });
  await mouse.send("Input.dispatchMouseEvent", { type: "mouseReleased", x: x + 1, y, button: "left", clickCount: 1 });
}

const ENTER = { key: "Enter", code: "Enter", text: "\r", windowsVirtualKeyCode: 13 };
const SPACE = { key: " ", code: "Space", text: " ", windowsVirtualKeyCode: 32 };

/** Holds a key that was pressed before this window opened: it only repeats, until after Yes is enabled. Needs a paused
 * clock. */
export async function holdKey(page: Page, key: "Enter" | "Space"): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const event = key === "Enter" ? ENTER : SPACE;
  for (let repetition = 0; repetition < 20; repetition += 1) {
    await session.send("Input.dispatchKeyEvent", { type: "keyDown", ...event, autoRepeat: true });
    await page.clock.runFor(100);
  }
  await session.send("Input.dispatchKeyEvent", { type: "keyUp", ...event });
  await session.detach();
}

type Bounds = { windowState: "minimized" | "normal" } | { width: number; height: number };

/** Changes the window as a window manager does. */
export async function setWindow(page: Page, bounds: Bounds): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { windowId } = await session.send("Browser.getWindowForTarget");
  await session.send("Browser.setWindowBounds", { windowId, bounds });
  await session.detach();
}
