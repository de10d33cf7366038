import type { BrowserContext, Page } from "playwright-core";

/**
 * Processes are what takes time in a browser. A context that stays for many tests, with one window for each site, spares
 * them: the tests' own windows, which are new, share the processes of these.
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

/** A new window that nobody has opened, as far as it can tell; `from` is one of the same site. */
export async function openFrom(from: Page, address: string): Promise<Page> {
  const opened = from.context().waitForEvent("page");
  await from.evaluate((address) => void window.open(address, "_blank", "noreferrer"), address);
  return await opened;
}

/** All but those that stay. */
export async function closeOthers({ context, windows }: Kept): Promise<void> {
  const others = context.pages().filter((page) => !windows.includes(page));
  await Promise.all(others.map((page) => page.close()));
}
