import { element, find } from "../page/dom.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { text } from "../page/text.ts";
import { say } from "../page/view.ts";
import type { GateState } from "./gate.ts";
import { armingMs, Gate } from "./gate.ts";

/** What a person can do about the state that the gate is in. */
const keys: Partial<Record<GateState, TextKey>> = {
  unfocused: "gate.unfocused",
  "out-of-view": "gate.outOfView",
  unread: "gate.unread",
  counting: "gate.counting",
  refused: "gate.refused",
};

/** The button behind the gate. No id and no name: a fragment or a script elsewhere could find it by them [A6]. */
export function yesButton(label: Sentence): HTMLButtonElement {
  const progress = element("span", { className: "progress" });
  return element("button", { type: "button", className: "yes", disabled: true }, ...label, progress);
}

/**
 * Opens the button to a person, once everything that matters is on the page.
 *
 * @param mustBeSeen at the moment of the press, beside the button. The rest of the card must have been read before
 */
export function guard(yes: HTMLButtonElement, mustBeSeen: [Element, ...Element[]], onPressed: () => void): Gate {
  // In a very small window, the address is what has to be seen. (`scrollIntoView` would have Tab go on from there, past
  // what can be scrolled.)
  const content = find(".content");
  content.scrollTop = mustBeSeen[0].getBoundingClientRect().bottom - content.getBoundingClientRect().bottom;
  let before: GateState | undefined;
  return new Gate({
    button: yes,
    mustBeSeen: [...mustBeSeen, yes],
    mustBeRead: content.querySelectorAll("h2, p, li"),
    onState: (state) => {
      // What to do after a press that did not count stays there until it is done.
      if (state !== "armed" || before !== "refused") say(wordsOf(state));
      before = state;
      showProgress(state, yes.querySelector(".progress")!);
    },
    onPressed,
  });
}

function wordsOf(state: GateState): Sentence {
  const key = keys[state];
  return key === undefined ? [] : text(key);
}

function showProgress(state: GateState, progress: Element): void {
  progress.getAnimations().forEach((animation) => animation.cancel());
  const isCounting = state === "counting" || state === "refused";
  if (!isCounting || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  progress.animate([{ transform: "scaleX(0)" }, { transform: "scaleX(1)" }], { duration: armingMs });
}
