import type { Page } from "playwright-core";
import { expect } from "vitest";

/** What a person does on the pages of a login. */

/** Chooses a pretend person at the demo service, and allows what is asked. */
export async function allowAtService(popup: Page, person: "Alice" | "Bob" = "Alice"): Promise<void> {
  await popup.getByRole("button", { name: new RegExp(`log in as ${person}`, "i") }).click();
  await popup.getByRole("button", { name: /^allow/i }).click();
}

export async function denyAtService(popup: Page): Promise<void> {
  await popup.getByRole("button", { name: /log in as Alice/i }).click();
  await popup.getByRole("button", { name: /^deny/i }).click();
}

/** Until the page has been drawn, and knows of it: what it observes comes with the frames, which no stopped clock stops. */
export async function seen(page: Page): Promise<void> {
  await page.locator(".content").evaluate(waitForFrames);
}

/** The first one tells the page that it has been scrolled, the next ones what is in view then. */
async function waitForFrames(content: Element): Promise<void> {
  for (let frames = 0; frames < 3; frames += 1) {
    await new Promise<void>((resolve) => {
      const observer = new IntersectionObserver(() => {
        observer.disconnect();
        resolve();
      });
      observer.observe(content);
    });
  }
}

/** Scrolls through all that a page of ours says, where its window is too small for it, and back to the question. */
export async function readAll(page: Page): Promise<void> {
  const content = page.locator(".content");
  const steps = await content.evaluate(({ scrollHeight, clientHeight }) =>
    Math.ceil((2 * scrollHeight) / clientHeight),
  );
  for (let step = 0; step < steps; step += 1) {
    await content.evaluate((element, step) => (element.scrollTop = (step * element.clientHeight) / 2), step);
    await seen(page);
  }
  await content.evaluate((element) => {
    element.scrollTop = 0;
    (element.querySelector(".origin") ?? element.querySelector("h1"))?.scrollIntoView({ block: "nearest" });
  });
}

/** Reads the question, moves the mouse, waits until Yes may be pressed, and presses it. */
export async function answerYes(popup: Page): Promise<void> {
  const yes = popup.getByRole("button", { name: /^yes/i });
  await yes.waitFor();
  await readAll(popup);
  const box = (await yes.boundingBox())!;
  await popup.mouse.move(box.x + 3, box.y - 20);
  await popup.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 5 });
  await expect.poll(() => yes.isEnabled()).toBe(true);
  await popup.mouse.down();
  await popup.mouse.up();
}

export async function answerNo(popup: Page): Promise<void> {
  await popup.getByRole("button", { name: /^no/i }).click();
}

/** The whole page as a person reads it. */
export async function readPage(page: Page): Promise<string> {
  return await page.locator("body").innerText();
}
