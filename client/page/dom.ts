/** All properties of an element except those that take markup, so that no text ever becomes HTML. */
type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[Tag], "innerHTML" | "outerHTML" | "part"> & { part: string }
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

/** Shows what was hidden until its language was there (`loading.css`). Without this, it appears after a moment. */
export function reveal(place: Element): void {
  place.classList.remove("loading");
}

/** An element that is certainly in the page. */
export function find<Found extends Element = HTMLElement>(selector: string): Found {
  return document.querySelector<Found>(selector)!;
}

/** A click that a script has made does nothing. */
export function button(label: (Node | string)[], className: string, onClick: () => void): HTMLButtonElement {
  const created = element("button", { type: "button", className }, ...label);
  created.addEventListener("click", ({ isTrusted }) => isTrusted && isEnabled(created) && onClick());
  return created;
}

/**
 * By `aria-disabled`: a button with `disabled` loses the focus, so people who use a keyboard or a screen reader would have
 * to look for their place again. Whoever listens to the button has to ask `isEnabled`.
 */
export function enable(button: Element, isEnabled: boolean): void {
  button.setAttribute("aria-disabled", String(!isEnabled));
}

function isEnabled(button: Element): boolean {
  return button.getAttribute("aria-disabled") !== "true";
}

/** Works once: a double click does the same as one click. */
export function buttonOnce(label: (Node | string)[], className: string, onClick: () => void): HTMLButtonElement {
  const created = button(label, className, () => {
    enable(created, false);
    onClick();
  });
  return created;
}

/** A longer label may be broken: it may not fit a line of a window of 320 pixels. */
const maximumWholeCharacters = 20;

/**
 * Lines of an address that is longer than a line break before a dot or a colon, and not between scheme and host. A label
 * breaks only if it may be longer than a line.
 */
export function unbrokenLabels(address: string): (Node | string)[] {
  const labels = address.split(/(?=[.:])(?!:\/\/)/).map((label) => {
    const isWhole = label.length <= maximumWholeCharacters;
    return isWhole ? element("span", { className: "whole", textContent: label }) : label;
  });
  return labels.flatMap((label) => [label, element("wbr")]).slice(0, -1);
}

export function paragraphs(...sentences: (Node | string)[][]): HTMLParagraphElement[] {
  return sentences.map((sentence) => element("p", {}, ...sentence));
}
