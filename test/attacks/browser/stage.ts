import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import type { App } from "./app.ts";
import type { World } from "./world.ts";
import { startWorld, watchedContext } from "./world.ts";

/** What the tests of a file share: one world for all of them, and a fresh context for each. */
export let world: World;
export let context: BrowserContext;
/** What pages of ours have done in this test against their own policy, and every error in them: none, at its end. */
export let faults: string[];

/** To be called once, before the tests of a file are described. */
export function setTheStage(browserArguments: string[] = []): void {
  beforeAll(async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    world = await startWorld(browserArguments);
  });

  afterAll(async () => {
    await world?.stop();
    vi.restoreAllMocks();
  });

  beforeEach(async () => {
    faults = [];
    context = await watchedContext(world, faults);
    world.reset();
  });

  afterEach(async () => {
    await context.close();
    expect(faults).toEqual([]);
  });
}

export async function openApp(app: App): Promise<Page> {
  const page = await context.newPage();
  await page.goto(app.origin);
  return page;
}
