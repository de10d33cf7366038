import { element } from "./dom.ts";

/** The logo of a service on a light tile; its first letter where there is none. */
export function serviceIcon({ name, icon }: { name: string; icon?: string }): HTMLElement {
  const letter = (Array.from(name.trim())[0] ?? "?").toUpperCase();
  if (icon === undefined || !isOwn(icon)) return tile(letter);
  const image = element("img", { src: icon, alt: "" });
  image.addEventListener("error", () => image.replaceWith(letter));
  return tile(image);
}

/** It is always beside the name of the service, so screen readers skip it. */
export function tile(content: Element | string): HTMLElement {
  const created = element("span", { className: "tile" }, content);
  created.setAttribute("aria-hidden", "true");
  return created;
}

/** Nothing is loaded from another origin, which would learn who logs in where. */
function isOwn(icon: string): boolean {
  return URL.canParse(icon, location.origin) && new URL(icon, location.origin).origin === location.origin;
}
