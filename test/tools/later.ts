import type { BrowserContext, Locator, Page } from "playwright-core";
import { expect } from "vitest";

/**
 * Helpers to show that something does not happen. Waiting for a fixed time proves nothing: on a busy machine it is too
 * short. Instead, a test advances its pages' clock, or triggers a later event.
 */

const NOON = Date.parse("2026-06-01T12:00:00Z");

/**
 * Stops the clock in this context's pages until `context.clock.runFor` advances it. Timers and the `timeStamp` of
 * events follow this clock. The network and the user take no time.
 */
export async function stopTime({ clock }: BrowserContext): Promise<void> {
  await clock.install({ time: NOON });
  await clock.pauseAt(NOON);
}

/**
 * Waits until Yes is enabled on a page whose clock is stopped. The wait begins when the browser has seen that all is in
 * view.
 */
export async function passGate(yes: Locator): Promise<void> {
  const lookASecondLater = async (): Promise<boolean> => {
    await yes.page().clock.runFor(1_000);
    return await yes.isEnabled();
  };
  await expect.poll(lookASecondLater).toBe(true);
}

/** Afterwards, every request that the page had begun has reached its server, because a later one has. */
export async function roundTrip(page: Page): Promise<void> {
  await page.evaluate(() => fetch("/services.json").then((response) => response.text()));
}
