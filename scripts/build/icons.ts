import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SimpleIcon } from "simple-icons";
import * as simpleIcons from "simple-icons";
import type { Logo } from "../../client/page/logo.ts";

/** Logos by their paths on the site. */
export type Logos = Record<string, Logo>;

/** The path of the logo with this slug of simple-icons. */
export function iconPath(slug: string): string {
  return `/icons/${slug}.svg`;
}

/** Whether the build writes a logo to this path if a service uses it. */
export function isLogoPath(path: string): boolean {
  return Object.hasOwn(findLogos([{ icon: path }]), path);
}

/** The logos of the services that this provider offers. */
export function findLogos(services: { icon?: string }[]): Logos {
  const wanted = new Set(services.map(({ icon }) => icon));
  const icons = Object.values(simpleIcons as unknown as Record<string, SimpleIcon>);
  return Object.fromEntries(
    icons
      .filter(({ slug }) => wanted.has(iconPath(slug)))
      .map(({ slug, hex, path }) => [iconPath(slug), { colour: `#${hex}`, path }]),
  );
}

/** Writes the logos, so that no page loads one from another origin. */
export async function writeIcons(logos: Logos, publicFolder: string): Promise<void> {
  await mkdir(join(publicFolder, "icons"), { recursive: true });
  await Promise.all(Object.entries(logos).map(([path, logo]) => writeFile(join(publicFolder, path), svgOf(logo))));
}

export function svgOf({ colour, path }: Logo): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="${colour}"><path d="${path}"/></svg>\n`;
}
