import type { BrowserContext, Locator, Page } from "playwright-core";
import { expect } from "vitest";

/**
 * For what must not happen. A while proves nothing: on a busy machine it is too short. So a test moves the time of its pages
 * on, or does what comes after.
 */

const NOON = Date.parse("2026-06-01T12:00:00Z");

/** From now on, time stands still in this context's pages, until `context.clock.runFor` moves it on. Timers obey, and so does
 * `timeStamp` of events; what the network and the user do takes no time. */
export async function stopTime({ clock }: BrowserContext): Promise<void> {
  await clock.install({ time: NOON });
  await clock.pauseAt(NOON);
}

/** Opens the gate of a page whose time stands still. It counts from when the browser has seen that all is in view. */
export async function passGate(yes: Locator): Promise<void> {
  const lookASecondLater = async (): Promise<boolean> => {
    await yes.page().clock.runFor(1_000);
    return await yes.isEnabled();
  };
  await expect.poll(lookASecondLater).toBe(true);
}

/** Afterwards, whatever the page had begun has reached its server, since a request that it begins now has. */
export async function roundTrip(page: Page): Promise<void> {
  await page.evaluate(() => fetch("/services.json").then((response) => response.text()));
}
