import { expect } from "vitest";
import type { Page } from "playwright-core";

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

/** Scrolls through all that a page of ours says, where its window is too small for it, and back to the question. */
export async function readAll(page: Page): Promise<void> {
  await page.locator(".content").evaluate(async (content) => {
    const drawn = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    for (let top = 0; top < content.scrollHeight; top += content.clientHeight / 2) {
      content.scrollTop = top;
      await drawn();
    }
    content.scrollTop = 0;
    (content.querySelector(".origin") ?? content.querySelector("h1"))?.scrollIntoView({ block: "nearest" });
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
  await expect.poll(() => yes.isEnabled(), { timeout: 10_000 }).toBe(true);
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
