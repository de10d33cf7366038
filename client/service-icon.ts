import { element } from "./dom.ts";

const tints = 6;

/** The logo of a service on a light tile; its first letter where there is no logo. */
export function serviceIcon(service: { name: string; icon?: string }): HTMLElement {
  const tile = element("span", { className: "tile" });
  tile.setAttribute("aria-hidden", "true");
  if (service.icon === undefined || !isOwn(service.icon)) return withLetter(tile, service.name);
  const image = element("img", { src: service.icon, alt: "", width: 40, height: 40 });
  image.addEventListener("error", () => withLetter(tile, service.name));
  tile.append(image);
  return tile;
}

/** Nothing is ever loaded from another origin: it would learn who logs in where [A35]. */
function isOwn(icon: string): boolean {
  return URL.canParse(icon, location.origin) && new URL(icon, location.origin).origin === location.origin;
}

function withLetter(tile: HTMLElement, name: string): HTMLElement {
  const [letter = "?"] = name.trim();
  tile.dataset.tint = String((letter.codePointAt(0) ?? 0) % tints);
  tile.replaceChildren(letter.toUpperCase());
  return tile;
}
