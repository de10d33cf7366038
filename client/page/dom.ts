/** What may be set on a new element: all but the ways to write markup, so that no text ever becomes HTML [A5]. */
type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[Tag], "innerHTML" | "outerHTML">
>;

/** Builds one element. Strings become text nodes. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties<Tag> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const created = document.createElement(tag);
  Object.assign(created, properties);
  created.append(...children);
  return created;
}

/** Shows what has waited for its last words, so that nothing moves. Without us it shows itself after a moment. */
export function reveal(waiting: Element): void {
  waiting.classList.remove("waiting");
}

/** An element that the page's HTML is known to carry. */
export function find<Found extends Element = HTMLElement>(selector: string): Found {
  return document.querySelector<Found>(selector)!;
}

/** For a person: a click that a script has made does nothing [A7]. */
export function button(label: (Node | string)[], className: string, onClick: () => void): HTMLButtonElement {
  const created = element("button", { type: "button", className }, ...label);
  created.addEventListener("click", ({ isTrusted }) => isTrusted && onClick());
  return created;
}

/** Pressed twice, it does the same as pressed once. */
export function buttonOnce(label: (Node | string)[], className: string, onClick: () => void): HTMLButtonElement {
  const created = button(label, className, () => {
    created.disabled = true;
    onClick();
  });
  return created;
}

export function paragraphs(...sentences: (Node | string)[][]): HTMLParagraphElement[] {
  return sentences.map((sentence) => element("p", {}, ...sentence));
}
