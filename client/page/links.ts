import { element } from "./dom.ts";
import type { Sentence } from "./text.ts";

/** Where whoever came here by accident can learn more. */
export function homeLink(label: Sentence): HTMLElement {
  return element("a", { className: "button", href: "/" }, ...label);
}

/** To the service's own page, where a person can undo everything. Empty where no such page is known. */
export function manageLink(label: Sentence, manageUrl = ""): HTMLElement[] {
  if (!manageUrl.startsWith("https://")) return [];
  return [element("a", { href: manageUrl, rel: "noreferrer noopener", target: "_blank" }, ...label)];
}
