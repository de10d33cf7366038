import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as simpleIcons from "simple-icons";
import type { SimpleIcon } from "simple-icons";
import type { Configuration } from "../../netlify/oauth/service.ts";

/** Where the pages find the logo of a service, for a slug of simple-icons. */
export function iconPath(slug: string): string {
  return `/icons/${slug}.svg`;
}

/** Writes the logos of the configured services, and only those, so that no page asks another origin for one. */
export async function writeIcons(configuration: Configuration, directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const wanted = new Set(configuration.services.map(({ icon }) => icon));
  for (const icon of Object.values(simpleIcons as unknown as Record<string, SimpleIcon>)) {
    if (wanted.has(iconPath(icon.slug))) await writeFile(join(directory, `${icon.slug}.svg`), svgOf(icon));
  }
}

function svgOf({ hex, path }: SimpleIcon): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="#${hex}"><path d="${path}"/></svg>\n`;
}
