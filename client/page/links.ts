import { element } from "./dom.ts";
import type { Sentence } from "./text.ts";

/** To the home page, for people who came here by accident. */
export function homeLink(label: Sentence): HTMLElement {
  return element("a", { className: "button", href: "/" }, ...label);
}

/** To the service's own page for ending access. Empty if no such page is known. */
export function manageLink(label: Sentence, manageUrl = ""): HTMLElement[] {
  if (!manageUrl.startsWith("https://")) return [];
  return [element("a", { href: manageUrl, rel: "noreferrer noopener", target: "_blank" }, ...label)];
}
