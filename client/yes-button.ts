import { element } from "./dom.ts";
import { armingMs, Gate } from "./gate.ts";
import type { GateState } from "./gate.ts";
import { text } from "./text.ts";
import type { Sentence, TextKey } from "./text.ts";
import { say } from "./view.ts";

/** What a person can do about the state that the gate is in. */
const keys: Partial<Record<GateState, TextKey>> = {
  unfocused: "gate.unfocused",
  "out-of-view": "gate.outOfView",
  counting: "gate.counting",
};

/** The button behind the gate. No id and no name: a fragment or a script elsewhere could find it by them [A6]. */
export function yesButton(label: Sentence): HTMLButtonElement {
  const progress = element("span", { className: "progress" });
  return element("button", { type: "button", className: "yes", disabled: true }, ...label, progress);
}

/** Opens the button to a person, once everything that matters is on the page. */
export function guard(yes: HTMLButtonElement, mustBeSeen: Element[], onPressed: () => void): Gate {
  return new Gate({
    button: yes,
    mustBeSeen: [...mustBeSeen, yes],
    onState: (state) => showState(state, yes.querySelector(".progress")!),
    onRefused: () => say(text("gate.refused")),
    onPressed,
  });
}

function showState(state: GateState, progress: Element): void {
  const key = keys[state];
  say(key === undefined ? [] : text(key));
  progress.getAnimations().forEach((animation) => animation.cancel());
  if (state !== "counting" || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  progress.animate([{ transform: "scaleX(0)" }, { transform: "scaleX(1)" }], { duration: armingMs });
}
