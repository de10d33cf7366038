import { element } from "../page/dom.ts";
import { serviceIcon } from "../page/service-icon.ts";
import { nameOfService, serviceOf } from "../page/services.ts";
import type { Sentence } from "../page/text.ts";
import { text } from "../page/text.ts";

/** Whose account it is about, and the sentence that everything depends on. */
export function questionElement(
  service: string,
  title: Sentence,
  account = text("common.account", { service: nameOfService(service) }),
): HTMLElement {
  const line = element("p", { className: "account" }, serviceIcon(serviceOf(service)), element("span", {}, ...account));
  return element("div", { className: "question" }, line, element("h1", {}, ...title.map(withoutLonePunctuation)));
}

/** An address has lines of its own, and a question mark alone must not get one. Screen readers still say it. */
function withoutLonePunctuation(part: string | Node): string | Node {
  if (typeof part !== "string" || /[\p{L}\p{N}]/u.test(part)) return part;
  return element("span", { className: "unseen", textContent: part });
}
