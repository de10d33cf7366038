import { element, find, paragraphs } from "./dom.ts";
import type { Sentence } from "./text.ts";

/** What the card shows: a heading with whatever belongs to it, and the buttons that are always in view below. */
export interface View {
  /** With one `h1`, which also names the window. */
  content: Node[];
  actions?: Node[];
  /** Below the buttons, so that it comes after them in tab order. */
  more?: Node[];
}

let somethingWasShown = false;

/** What has to be scrolled must be reachable with the keyboard; what has not must not be in the tab order. */
function markScrollable(): void {
  const content = find(".content");
  if (content.scrollHeight > content.clientHeight) content.tabIndex = 0;
  else content.removeAttribute("tabindex");
}

const resizing = new ResizeObserver(markScrollable);

/** Replaces the whole card. */
export function show(view: View): void {
  find(".content").replaceChildren(...view.content);
  document.title = find("h1").textContent;
  find(".actions").replaceChildren(...(view.actions ?? []));
  document.querySelector(".more")?.replaceChildren(...(view.more ?? []));
  // Other content in a card of the same size is no resizing.
  markScrollable();
  resizing.observe(find(".content"));
  say([]);
  if (somethingWasShown) focusHeading();
  somethingWasShown = true;
}

/** A heading and plain sentences. */
export function message(title: Sentence, sentences: Sentence[], actions: Node[] = []): View {
  const brand = element("p", { className: "brand" }, element("img", { src: "/favicon.svg", alt: "" }));
  return { content: [brand, element("h1", {}, ...title), ...paragraphs(...sentences)], actions };
}

/** Where a heading and plain sentences are all there is. */
export function showMessage(title: Sentence, sentences: Sentence[], actions?: Node[]): void {
  show(message(title, sentences, actions));
}

/** One short sentence above the buttons, announced by screen readers. */
export function say(sentence: Sentence): void {
  const words = element("span", {}, ...sentence);
  const status = find(".status");
  if (status.textContent !== words.textContent) status.replaceChildren(...words.childNodes);
}

/** Whoever pressed a button must learn that the page has changed. On load nothing is ever focused [A6]. */
function focusHeading(): void {
  const heading = find("h1");
  heading.tabIndex = -1;
  heading.focus();
}
