import type { BrowserContext, Page } from "playwright-core";

/**
 * In a browser, starting processes takes most of the time. A context that is kept for many tests, with one window per
 * site, avoids this: each test opens new windows, and these share the processes of the kept ones.
 */
export interface Kept {
  context: BrowserContext;
  windows: Page[];
}

export async function keepWindows(context: BrowserContext, ...addresses: string[]): Promise<Kept> {
  const windows: Page[] = [];
  for (const address of addresses) {
    const page = await context.newPage();
    await page.goto(address);
    windows.push(page);
  }
  return { context, windows };
}

/** Opens a new window that has no opener, as far as its page can tell. `from` is a window of the same site. */
export async function openFrom(from: Page, address: string): Promise<Page> {
  const opened = from.context().waitForEvent("page");
  await from.evaluate((address) => void window.open(address, "_blank", "noreferrer"), address);
  return await opened;
}

/** Closes all windows except the kept ones. */
export async function closeOthers({ context, windows }: Kept): Promise<void> {
  const others = context.pages().filter((page) => !windows.includes(page));
  await Promise.all(others.map((page) => page.close()));
}
