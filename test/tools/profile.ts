import type { Browser, BrowserContext, Page } from "playwright-core";

/**
 * One person's browser, for all tests of a file. Most of what a login costs is a process for each new window of a site.
 * So all windows of a site share one, and pages that stay open keep it alive. Sites are apart from each other as ever
 * (`--site-per-process`).
 */
export const SHARED_PROCESSES = ["--process-per-site"];

export interface Profile {
  context: BrowserContext;
  /** The window that stays. */
  page: Page;
  /** As somebody comes who has never been here: one window, no cookies, nothing stored. */
  reset(): Promise<void>;
}

/** @param app a page of the app's origin that does nothing; @param others one of each other origin */
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

/** What the demo service asks of somebody who is still logged in there. */
export async function allowAgain(popup: Page): Promise<void> {
  await popup.getByRole("button", { name: /^allow/i }).click();
}
