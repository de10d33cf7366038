import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import type { App } from "./app.ts";
import type { World } from "./world.ts";
import { startWorld, watchedContext } from "./world.ts";

/** The tests of a file share one world. Each test has a fresh context. */
export let world: World;
export let context: BrowserContext;
/** Policy violations and script errors of our pages in this test. It must be empty at the end. */
export let faults: string[];

/** Call this once per file, before the first `describe`. */
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
