import { homeLink } from "./links.ts";
import type { Sentence, TextKey } from "./text.ts";
import { text } from "./text.ts";
import { showMessage } from "./view.ts";

/** Inside another page, nothing is ever asked. The header refuses frames already; this is for browsers that do not know it [A66]. */
export function showFramed(title: TextKey): void {
  showMessage(text(title), [text("common.framed")]);
}

/** The page was opened without a login. */
export function showNothing(title: TextKey, why: TextKey, home: Sentence = text("common.what")): void {
  showMessage(text(title), [text(why)], [homeLink(home)]);
}
