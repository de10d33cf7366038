import { setTimeout as sleep } from "node:timers/promises";
import type { CDPSession, Locator, Page } from "playwright-core";

/** The gate's second, with some room for a slow machine. */
export const ARMED_AFTER_MS = 1_250;

/** Long enough for a press to reach the server, for the cases where none must. */
export const QUIET_MS = 250;

const POPUP = "popup,width=480,height=640";

/** A window that a page opens, as apps do. The page keeps it as `opened`, for whatever it does with it later. */
export async function openWindow(opener: Page, url: string, { name = "_blank", features = POPUP } = {}): Promise<Page> {
  const popup = opener.waitForEvent("popup");
  await opener.evaluate(
    ([url, name, features]) => void Object.assign(window, { opened: open(url, name, features) }),
    [url, name, features] as const,
  );
  return await popup;
}

/** What the hostile page can do with the window that it has opened. */
export type HostilePage = Window & { opened: Window };

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

/** A key that somebody has held down since before this window was there: it only ever repeats. */
export async function holdKey(page: Page, key: "Enter" | "Space", durationMs: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const event = key === "Enter" ? ENTER : SPACE;
  const until = performance.now() + durationMs;
  while (performance.now() < until) {
    await session.send("Input.dispatchKeyEvent", { type: "keyDown", ...event, autoRepeat: true });
    await sleep(30);
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
