import type { CDPSession, Locator, Page } from "playwright-core";

/** Longer than any gate, shorter than a question is open. */
export const LONG = "05:00";

const POPUP = "popup,width=480,height=640";

/** A window that a page opens, as apps do. The page keeps it as `opened`, for whatever it does with it later. */
export async function openWindow(opener: Page, url: string, { name = "_blank", features = POPUP } = {}): Promise<Page> {
  const popup = opener.waitForEvent("popup");
  await opener.evaluate(([url, name, features]) => void Object.assign(window, { opened: open(url, name, features) }), [
    url,
    name,
    features,
  ] as const);
  return await popup;
}

/** What the hostile page can do with the window that it has opened. */
export type HostilePage = Window & { opened: Window };

/** The window has heard, and acted on, all that the page which has opened it has said so far. */
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

/** The page would be gone before anybody could look. */
export async function keepOpen(popup: Page): Promise<void> {
  await popup.evaluate(() => void (window.close = () => {}));
}

/** What the window says last to the page that has opened it: all else has been said before. */
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

/** A press by a hand that is not quite still, without the way that a mouse pointer comes along. */
export async function pressWithJitter(mouse: CDPSession, { x, y }: { x: number; y: number }): Promise<void> {
  await mouse.send("Input.dispatchMouseEvent", { type: "mouseMoved", x: x + 1, y });
  await mouse.send("Input.dispatchMouseEvent", { type: "mousePressed", x: x + 1, y, button: "left", clickCount: 1 });
  await mouse.send("Input.dispatchMouseEvent", { type: "mouseReleased", x: x + 1, y, button: "left", clickCount: 1 });
}

const ENTER = { key: "Enter", code: "Enter", text: "\r", windowsVirtualKeyCode: 13 };
const SPACE = { key: " ", code: "Space", text: " ", windowsVirtualKeyCode: 32 };

/** A key that somebody has held down since before this window was there: it only ever repeats, until a while after Yes is
 * ready. Time must have been stopped. */
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

/** As the window manager does. */
export async function setWindow(page: Page, bounds: Bounds): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { windowId } = await session.send("Browser.getWindowForTarget");
  await session.send("Browser.setWindowBounds", { windowId, bounds });
  await session.detach();
}
