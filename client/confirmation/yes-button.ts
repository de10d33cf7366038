import { element, enable, find } from "../page/dom.ts";
import type { Sentence, TextKey } from "../page/text.ts";
import { text } from "../page/text.ts";
import { showStatus } from "../page/view.ts";
import type { GateState } from "./gate.ts";
import { armingMs, Gate } from "./gate.ts";

/** What a person has to do before the button can be pressed. */
const statusKeys: Partial<Record<GateState, TextKey>> = {
  unfocused: "gate.unfocused",
  "out-of-view": "gate.outOfView",
  unread: "gate.unread",
  counting: "gate.counting",
  ignored: "gate.refused",
};

/** Has no id and no name: a fragment with that id, in a link to this page, would give it the focus. */
export function yesButton(label: Sentence): HTMLButtonElement {
  const progress = element("span", { className: "progress" });
  const yes = element("button", { type: "button", className: "yes" }, ...label, progress);
  enable(yes, false);
  return yes;
}

/**
 * Puts the button behind a gate. Everything that matters must be on the page already.
 *
 * @param mustBeSeen must be in view, with the button, at the moment of the press. The rest of the card must have been in
 *   view before
 */
export function guard(yes: HTMLButtonElement, mustBeSeen: [Element, ...Element[]], onPressed: () => void): Gate {
  // In a very small window, the address must be in view. (`scrollIntoView` would also move the starting point of Tab, past
  // the scrollable area.)
  const content = find(".content");
  content.scrollTop = mustBeSeen[0].getBoundingClientRect().bottom - content.getBoundingClientRect().bottom;
  let before: GateState | undefined;
  return new Gate({
    button: yes,
    mustBeSeen: [...mustBeSeen, yes],
    mustBeRead: content.querySelectorAll("h2, p, li"),
    onState: (state, unread) => {
      // After a press that did not count, its explanation stays until the button is pressed again.
      if (state !== "armed" || before !== "ignored") showStatus(statusOf(state, unread));
      before = state;
      showProgress(state, yes.querySelector(".progress")!);
    },
    onPressed,
  });
}

function statusOf(state: GateState, unread: Element[]): Sentence {
  const listed = unread.filter((element) => element.tagName === "LI").length;
  if (state === "unread" && listed > 0) return text("gate.more", { count: String(listed) });
  const key = statusKeys[state];
  return key === undefined ? [] : text(key);
}

function showProgress(state: GateState, progress: Element): void {
  for (const animation of progress.getAnimations()) animation.cancel();
  const isCounting = state === "counting" || state === "ignored";
  if (!isCounting || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  progress.animate([{ transform: "scaleX(0)" }, { transform: "scaleX(1)" }], { duration: armingMs });
}
