import { element, find, paragraphs } from "./dom.ts";
import type { Sentence } from "./text.ts";

/** What the card shows: a heading with its text, and the buttons that are always in view below. */
export interface View {
  /** With one `h1`, which also becomes the title of the window. */
  content: Node[];
  actions?: Node[];
  /** Below the buttons, so that it comes after them in tab order. */
  more?: Node[];
}

/** An area that scrolls must be reachable by keyboard; one that does not must stay out of the tab order. */
function markScrollable(): void {
  const content = find(".content");
  if (content.scrollHeight > content.clientHeight) content.tabIndex = 0;
  else content.removeAttribute("tabindex");
}

const resizeObserver = new ResizeObserver(markScrollable);

/** Replaces the whole card. */
export function show(view: View): void {
  const isFirst = document.querySelector("h1") === null;
  find(".content").replaceChildren(...view.content);
  document.title = find("h1").textContent;
  find(".actions").replaceChildren(...(view.actions ?? []));
  document.querySelector(".more")?.replaceChildren(...(view.more ?? []));
  // The observer does not report new content in a card of the same size.
  markScrollable();
  resizeObserver.observe(find(".content"));
  showStatus([]);
  if (!isFirst) focusHeading();
}

/** How something ended, which the mark above the heading shows. `""`: neither well nor badly. */
export type Outcome = "" | "done" | "failed";

/** A heading and plain sentences. */
export function messageView(title: Sentence, sentences: Sentence[], actions: Node[] = [], outcome: Outcome = ""): View {
  const brand = element("p", { className: "brand" }, element("img", { src: "/favicon.svg", alt: "" }));
  return { content: [brand, element("h1", { className: outcome }, ...title), ...paragraphs(...sentences)], actions };
}

export function showMessage(title: Sentence, sentences: Sentence[], actions?: Node[], outcome?: Outcome): void {
  show(messageView(title, sentences, actions, outcome));
}

/** One short sentence above the buttons, announced by screen readers. */
export function showStatus(sentence: Sentence): void {
  const words = element("span", {}, ...sentence);
  const status = find(".status");
  if (status.textContent !== words.textContent) status.replaceChildren(...words.childNodes);
}

/**
 * Tells a person who has pressed a button that the page has changed. When a page loads, nothing gets the focus: a key
 * that was meant for the app could press it.
 */
function focusHeading(): void {
  const heading = find("h1");
  heading.tabIndex = -1;
  heading.focus();
}
