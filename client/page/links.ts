import { element } from "./dom.ts";
import type { Sentence } from "./text.ts";

/** To the home page, for people who came here by accident. */
export function homeLink(label: Sentence): HTMLElement {
  return element("a", { className: "button", href: "/" }, ...label);
}

/** To a page of the service. Empty if no such page is known. */
export function externalLink(label: Sentence, href = ""): HTMLElement[] {
  if (!href.startsWith("https://")) return [];
  return [element("a", { href, rel: "noreferrer noopener", target: "_blank" }, ...label)];
}

/** To the service's own page for ending access. */
export const manageLink = externalLink;
