import { element } from "../page/dom.ts";
import { serviceIcon } from "../page/service-icon.ts";
import { nameOfService, serviceOf } from "../page/services.ts";
import type { Sentence } from "../page/text.ts";
import { text } from "../page/text.ts";

/** The account and the question. */
export function questionElement(
  service: string,
  title: Sentence,
  account = text("common.account", { service: nameOfService(service) }),
): HTMLElement {
  const line = element("p", { className: "account" }, serviceIcon(serviceOf(service)), element("span", {}, ...account));
  return element("div", { className: "question" }, line, element("h1", {}, ...title.map(withoutLonePunctuation)));
}

/** An address has lines of its own, so the question mark after it is hidden. Screen readers still read it. */
function withoutLonePunctuation(part: string | Node): string | Node {
  if (typeof part !== "string" || /[\p{L}\p{N}]/u.test(part)) return part;
  return element("span", { className: "unseen", textContent: part });
}
