import type { Browser, BrowserContext, Page } from "playwright-core";

/**
 * One user's browser, for all tests of a file. Most of the cost of a login is starting a process for each new window of
 * a site. So all windows of a site share one process, and pages that stay open keep it alive. Different sites still
 * have separate processes (`--site-per-process`).
 */
export const SHARED_PROCESSES = ["--process-per-site"];

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
  const page = await openPage(context, app);
  const staying = new Set([page]);
  for (const url of others) staying.add(await openPage(context, url));
  const developerTools = await context.newCDPSession(page);

  async function reset(): Promise<void> {
    const others = context.pages().filter((page) => !staying.has(page));
    await Promise.all([...others.map((page) => page.close()), context.unrouteAll(), page.unrouteAll()]);
    await page.goto(app);
    await page.evaluate(() => sessionStorage.clear());
    await developerTools.send("Storage.clearDataForOrigin", { origin: "*", storageTypes: "all" });
    await context.clearCookies();
  }

  return { context, page, reset };
}

async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** Answers the demo service for a user who is still logged in there. */
export async function allowAgain(popup: Page): Promise<void> {
  await popup.getByRole("button", { name: /^allow/i }).click();
}
