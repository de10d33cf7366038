import type { Locator, Page } from "playwright-core";

/** What a user does on the pages of a login. */

/** Chooses a demo user at the demo service and allows what the app asks for. */
export async function allowAtService(popup: Page, person: "Alice" | "Bob" = "Alice"): Promise<void> {
  await popup.getByRole("button", { name: new RegExp(`log in as ${person}`, "i") }).click();
  await popup.getByRole("button", { name: /^allow/i }).click();
}

export async function denyAtService(popup: Page): Promise<void> {
  await popup.getByRole("button", { name: /log in as Alice/i }).click();
  await popup.getByRole("button", { name: /^deny/i }).click();
}

/**
 * Waits until the page has been drawn and knows it. Its observers report with the frames, which a stopped clock does
 * not stop.
 */
export async function seen(page: Page): Promise<void> {
  await page.locator(".content").evaluate(see, "where it is" as const);
}

/** If the window is too small for the page, scrolls through all of it and back to the question. */
export async function readAll(page: Page): Promise<void> {
  await page.locator(".content").evaluate(see, "everything" as const);
}

/** Runs inside the page. A round trip for every scroll step would take much longer than the steps. */
export async function see(given: Element | null, what: "where it is" | "everything"): Promise<void> {
  const content = given ?? document.querySelector(".content")!;
  /** Waits a few frames: the first tells the page that it has scrolled, the next ones what is in view. */
  const drawn = async () => {
    for (let frames = 0; frames < 3; frames += 1) {
      await new Promise<void>((resolve) => {
        const observer = new IntersectionObserver(() => {
          observer.disconnect();
          resolve();
        });
        observer.observe(content);
      });
    }
  };
  if (what === "where it is") return await drawn();
  const { scrollHeight, clientHeight } = content;
  for (let top = 0; top < scrollHeight - clientHeight / 2; top += clientHeight / 2) {
    content.scrollTop = top;
    await drawn();
  }
  content.scrollTop = 0;
  (content.querySelector(".origin") ?? content.querySelector("h1"))?.scrollIntoView({ block: "nearest" });
}

/** Waits for an event inside the page. Polling from outside would keep the page busy. */
export async function untilEnabled(button: Locator): Promise<void> {
  await button.evaluate(async (element) => {
    const isReady = () => element.getAttribute("aria-disabled") !== "true";
    if (isReady()) return;
    await new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        if (!isReady() && element.isConnected) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(document, { subtree: true, childList: true, attributeFilter: ["aria-disabled"] });
    });
  });
}

/** Reads the question, moves the mouse, waits until Yes is enabled, and clicks it. */
export async function answerYes(popup: Page): Promise<void> {
  const yes = popup.getByRole("button", { name: /^yes/i });
  await yes.waitFor();
  await readAll(popup);
  const box = (await yes.boundingBox())!;
  await popup.mouse.move(box.x + 3, box.y - 20);
  await popup.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 5 });
  await untilEnabled(yes);
  await popup.mouse.down();
  await popup.mouse.up();
}

export async function answerNo(popup: Page): Promise<void> {
  await popup.getByRole("button", { name: /^no/i }).click();
}

/** The text of the whole page, as the user sees it. */
export async function readPage(page: Page): Promise<string> {
  return await page.locator("body").innerText();
}
