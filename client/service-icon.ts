import { element } from "./dom.ts";

/**
 * The logo of a service on a light tile; its first letter where there is no logo.
 *
 * @param drawing the logo, if the page has it already; otherwise it is loaded
 */
export function serviceIcon(service: { name: string; icon?: string }, drawing?: Element): HTMLElement {
  const letter = (Array.from(service.name.trim())[0] ?? "?").toUpperCase();
  const tile = element("span", { className: "tile" }, drawing ?? letter);
  tile.setAttribute("aria-hidden", "true");
  if (drawing !== undefined || service.icon === undefined || !isOwn(service.icon)) return tile;
  const image = element("img", { src: service.icon, alt: "", width: 40, height: 40 });
  image.addEventListener("error", () => tile.replaceChildren(letter));
  tile.replaceChildren(image);
  return tile;
}

/** Nothing is ever loaded from another origin: it would learn who logs in where [A35]. */
function isOwn(icon: string): boolean {
  return URL.canParse(icon, location.origin) && new URL(icon, location.origin).origin === location.origin;
}
