import { join } from "node:path";
import { iconPath, isLogoPath } from "../../build/icons.ts";
import { filesIn } from "../../files/files-in.ts";
import { SOURCES_FOLDER } from "../../files/project.ts";
import { type Fault, pathOf } from "../issues.ts";
import { servicesFile } from "../files/file-names.ts";
import type { NamedEntry } from "./entry.ts";
import type { Settings } from "./settings.ts";

/** The logo of a service. Nothing that is published may lead to a file that is not there. */

/** Stands in for the provider's address, whatever it is (RFC 2606 §2). */
const PROVIDER = "https://provider.invalid";

/** The paths of the owner's files, as a browser asks for them. */
export async function listPublicPaths(directory: string): Promise<ReadonlySet<string>> {
  const files = (await filesIn(join(directory, SOURCES_FOLDER))) ?? [];
  return new Set(files.map((file) => new URL(file, `${PROVIDER}/`).pathname));
}

/** The owner's logo where it will be found, or else the catalogue's. */
export function iconOf(
  { icon, simple_icons_slug: slug }: Settings,
  publicPaths: ReadonlySet<string>,
): string | undefined {
  return findIcon(icon, publicPaths) ?? (slug && iconPath(slug));
}

/** The oldest format has paths such as `img/github-logo.svg`, relative to the root, of files that nobody moves along. */
export function warningsOfIcons(entries: NamedEntry[], publicPaths: ReadonlySet<string>): Fault[] {
  return entries
    .filter(({ entry: { icon } }) => icon !== undefined && findIcon(icon, publicPaths) === undefined)
    .map(({ key, entry: { icon }, record }) => {
      const instead = record?.simple_icons_slug === undefined ? "no logo is shown" : "the catalogue's logo is shown";
      const file = `${SOURCES_FOLDER}${new URL(icon!, PROVIDER).pathname}`;
      const advice = `Delete "icon", or put the file there.`;
      return { path: pathOf(servicesFile, [key, "icon"]), reason: `there is no file ${file}, so ${instead}`, advice };
    });
}

function findIcon(icon: string | undefined, publicPaths: ReadonlySet<string>): string | undefined {
  if (icon === undefined) return undefined;
  const { origin, href, pathname, search } = new URL(icon, PROVIDER);
  if (origin !== PROVIDER) return href;
  return publicPaths.has(pathname) || isLogoPath(pathname) ? pathname + search : undefined;
}
