import type { Locator, Page } from "playwright-core";

/** What a person does on the pages of a login. */

/** Chooses a demo person at the demo service, and allows what is asked. */
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
  await page.locator(".content").evaluate(see, "where it is" as const);
}

/** Scrolls through all that a page of ours says, where its window is too small for it, and back to the question. */
export async function readAll(page: Page): Promise<void> {
  await page.locator(".content").evaluate(see, "everything" as const);
}

/** In the page itself: asking it for every single step would take much longer than the steps. */
async function see(content: Element, what: "where it is" | "everything"): Promise<void> {
  /** The first one tells the page that it has been scrolled, the next ones what is in view then. */
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

/** The page says when that is; looking again and again would keep it busy. */
export async function untilEnabled(button: Locator): Promise<void> {
  await button.evaluate(async (element) => {
    const isReady = () => !(element as HTMLButtonElement).disabled;
    if (isReady()) return;
    await new Promise<void>((resolve) => {
      const observer = new MutationObserver(() => {
        if (!isReady() && element.isConnected) return;
        observer.disconnect();
        resolve();
      });
      observer.observe(document, { subtree: true, childList: true, attributeFilter: ["disabled"] });
    });
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
  await untilEnabled(yes);
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
