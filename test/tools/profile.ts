import type { Browser, BrowserContext, Page } from "playwright-core";
import { closeOthers, keepWindows } from "./kept-windows.ts";

/** One user's browser, for all tests of a file: the windows that stay open spare each login most of its processes. */
export interface Profile {
  context: BrowserContext;
  /** The window that stays open. */
  page: Page;
  /** Resets the browser to that of a first-time visitor: one window, no cookies, no stored data. */
  reset(): Promise<void>;
}

/** @param app an idle page of the app's origin; @param others one page of each other origin */
export async function openProfile(browser: Browser, app: string, others: string[]): Promise<Profile> {
  const context = await browser.newContext();
  const kept = await keepWindows(context, app, ...others);
  const page = kept.windows[0]!;
  const developerTools = await context.newCDPSession(page);

  async function reset(): Promise<void> {
    await Promise.all([closeOthers(kept), context.unrouteAll(), page.unrouteAll()]);
    await page.goto(app);
    await page.evaluate(() => sessionStorage.clear());
    await developerTools.send("Storage.clearDataForOrigin", { origin: "*", storageTypes: "all" });
    await context.clearCookies();
  }

  return { context, page, reset };
}

/** Answers the demo service for a user who is still logged in there. */
export async function allowAgain(popup: Page): Promise<void> {
  await popup.getByRole("button", { name: /^allow/i }).click();
}
