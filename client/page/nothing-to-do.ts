import { closeButton, homeLink, homeLinkOfFrame } from "./links.ts";
import type { Sentence, TextKey } from "./text.ts";
import { text } from "./text.ts";
import { showMessage } from "./view.ts";

/** Nothing is ever asked inside another page (clickjacking). The headers forbid frames; this is for browsers that ignore them. */
export function showFramed(title: TextKey): void {
  showMessage(text(title), [text("common.framed"), text("common.framed.advice")], [homeLinkOfFrame()]);
}

/** The browser blocks cookies. */
export function showBlocked(): void {
  showMessage(text("start.blocked.title"), [text("start.blocked.text"), text("common.restart")], [closeButton()]);
}

/** The page was opened without a login. */
export function showNothing(title: TextKey, sentence: TextKey, home: Sentence = text("common.what")): void {
  showMessage(text(title), [text(sentence)], [homeLink(home)]);
}
