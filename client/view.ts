import { element, find, paragraphs } from "./dom.ts";

/** What the card shows: a heading with whatever belongs to it, and the buttons that are always in view below. */
export interface View {
  title: string;
  content: Node[];
  actions?: Node[];
  /** Below the buttons, so that it comes after them in tab order. */
  more?: Node[];
}

let somethingWasShown = false;

/** What has to be scrolled must be reachable with the keyboard; what has not must not be in the tab order. */
const scrollable = new ResizeObserver(() => {
  const content = find(".content");
  if (content.scrollHeight > content.clientHeight) content.tabIndex = 0;
  else content.removeAttribute("tabindex");
});

/** Replaces the whole card. */
export function show(view: View): void {
  document.title = view.title;
  find(".content").replaceChildren(...view.content);
  find(".actions").replaceChildren(...(view.actions ?? []));
  document.querySelector(".more")?.replaceChildren(...(view.more ?? []));
  scrollable.observe(find(".content"));
  say("");
  if (somethingWasShown) focusHeading();
  somethingWasShown = true;
}

/** A heading and plain sentences. */
export function message(title: string, sentences: string[], actions: Node[] = []): View {
  const brand = element("p", { className: "brand" });
  const heading = element("h1", { textContent: title });
  return { title, content: [brand, heading, ...paragraphs(...sentences)], actions };
}

/** One short sentence above the buttons, announced by screen readers. */
export function say(sentence: string): void {
  const status = find(".status");
  if (status.textContent !== sentence) status.textContent = sentence;
}

/** Whoever pressed a button must learn that the page has changed. On load nothing is ever focused [A6]. */
function focusHeading(): void {
  const heading = find(".content").querySelector("h1");
  if (heading === null) return;
  heading.tabIndex = -1;
  heading.focus();
}
