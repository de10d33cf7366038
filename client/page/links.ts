import { button, element } from "./dom.ts";
import type { Sentence } from "./text.ts";
import { text } from "./text.ts";

/** To the home page, for people who came here by accident. */
export function homeLink(label: Sentence): HTMLAnchorElement {
  return element("a", { className: "button", href: "/" }, ...label);
}

/** The same from inside a frame, where no page of ours is shown: in a window of its own. */
export function homeLinkOfFrame(): HTMLElement {
  const link = homeLink(text("common.what"));
  return Object.assign(link, { target: "_blank", rel: "noopener" });
}

/** Closes a window that an app has opened. Any other window, which no script may close, goes to the home page. */
export function closeButton(): HTMLElement {
  return button(text("common.closeWindow"), "no", () => {
    window.close();
    location.replace("/");
  });
}

/** To a page of the service. Empty if no such page is known. */
export function externalLink(label: Sentence, href = ""): HTMLElement[] {
  if (!href.startsWith("https://")) return [];
  return [element("a", { href, rel: "noreferrer noopener", target: "_blank" }, ...label)];
}
