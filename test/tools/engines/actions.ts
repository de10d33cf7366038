/** What hands do, in the form of W3C WebDriver (§17.4) and of WebDriver BiDi, which is the same. */

export type Pointer = "mouse" | "touch" | "pen";

/** To a place in the page, or down or up where the pointer is. */
export type PointerStep = readonly [x: number, y: number] | "down" | "up";

export type Key = "Enter" | "Space" | "Tab" | "Shift";
export type KeyStep = readonly ["down" | "up", Key];

/** A key that goes down and up. */
export function pressOf(key: Key): KeyStep[] {
  return [
    ["down", key],
    ["up", key],
  ];
}

const keyCodes: Record<Key, string> = { Enter: "\uE007", Space: " ", Tab: "\uE004", Shift: "\uE008" };

export function pointerActions(pointer: Pointer, steps: PointerStep[]): object[] {
  return [{ type: "pointer", id: pointer, parameters: { pointerType: pointer }, actions: steps.map(pointerAction) }];
}

function pointerAction(step: PointerStep): object {
  if (step === "down") return { type: "pointerDown", button: 0 };
  if (step === "up") return { type: "pointerUp", button: 0 };
  const [x, y] = step.map(Math.round);
  return { type: "pointerMove", x, y, duration: 0 };
}

export function keyActions(steps: KeyStep[]): object[] {
  const actions = steps.map(([direction, key]) => ({
    type: direction === "down" ? "keyDown" : "keyUp",
    value: keyCodes[key],
  }));
  return [{ type: "key", id: "keyboard", actions }];
}
