import type { KeyStep, Pointer } from "../tools/engines/actions.ts";
import { pressOf } from "../tools/engines/actions.ts";
import type { EngineWindow } from "../tools/engines/engine.ts";
import { until } from "../tools/engines/engine.ts";
import { see } from "../tools/people.ts";

/** What a person does with hands and eyes, in any engine. */

/** The middle of an element, once it is there. */
export async function middleOf(window: EngineWindow, selector: string): Promise<[x: number, y: number]> {
  return await until(`${selector} in the page`, () =>
    window.run((selector) => {
      const box = document.querySelector(selector)?.getBoundingClientRect();
      if (box === undefined || box.width === 0) return null;
      return [box.x + box.width / 2, box.y + box.height / 2] as [number, number];
    }, selector),
  );
}

export async function click(window: EngineWindow, selector: string, pointer: Pointer = "mouse"): Promise<void> {
  const place = await middleOf(window, selector);
  await window.point(pointer, place, "down", "up");
}

/** Presses Tab until the element has the focus, and Shift+Tab where the focus is already behind it. */
export async function tabTo(window: EngineWindow, selector: string): Promise<void> {
  const look = (selector: string): "there" | "before" | "behind" => {
    const [element, focused] = [document.querySelector(selector), document.activeElement];
    if (element === null || focused === null) return "before";
    if (element === focused) return "there";
    return element.compareDocumentPosition(focused) & Node.DOCUMENT_POSITION_FOLLOWING ? "behind" : "before";
  };
  await until(`${selector} has the focus`, async () => {
    const place = await window.run(look, selector);
    if (place !== "there") await window.type(...(place === "before" ? TAB : BACK_TAB));
    return place === "there";
  });
}

const TAB = pressOf("Tab");
const BACK_TAB: KeyStep[] = [["down", "Shift"], ...TAB, ["up", "Shift"]];

export async function untilThere(window: EngineWindow, selector: string): Promise<void> {
  await middleOf(window, selector);
}

/** Reads everything and waits for the button that has to be waited for. */
export async function waitForYes(window: EngineWindow): Promise<[x: number, y: number]> {
  await readAll(window);
  await until("the button can be pressed", () =>
    window.run(() => document.querySelector("button.yes")?.ariaDisabled === "false"),
  );
  return await middleOf(window, "button.yes");
}

export async function readAll(window: EngineWindow): Promise<void> {
  await untilThere(window, "button.yes");
  await window.run(see, null, "everything");
}

export async function answerYes(window: EngineWindow, pointer: Pointer = "mouse"): Promise<void> {
  await window.point(pointer === "pen" ? "pen" : "mouse", [5, 5]);
  const place = await waitForYes(window);
  await window.point(pointer, place, "down", "up");
}

/** The question is asked, here or after what the service shows. */
export async function untilAsked(window: EngineWindow): Promise<void> {
  await until("the question", () =>
    window.run(() => location.pathname === "/confirm" && document.querySelector("h1 .origin") !== null),
  );
}
