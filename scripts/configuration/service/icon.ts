import { join } from "node:path";
import { iconPath, isLogoPath } from "../../build/icons.ts";
import { filesIn } from "../../files/files-in.ts";
import { SOURCES_FOLDER } from "../../files/project.ts";
import { servicesFile } from "../files/file-names.ts";
import { type Issue, pathOf } from "../issues.ts";
import type { NamedEntry } from "./entry.ts";
import type { Settings } from "./settings.ts";

/** The logo of a service. Published pages must not link to a file that does not exist. */

/** Stands in for the provider's address (RFC 2606 §2). */
const PROVIDER = "https://provider.invalid";

/** The paths of the owner's files, as a browser requests them. */
export async function listPublicPaths(directory: string): Promise<ReadonlySet<string>> {
  const files = (await filesIn(join(directory, SOURCES_FOLDER))) ?? [];
  return new Set(files.map((file) => new URL(file, `${PROVIDER}/`).pathname));
}

/** The owner's logo if it exists, otherwise the catalogue's. */
export function iconOf(
  { icon, simple_icons_slug: slug }: Settings,
  publicPaths: ReadonlySet<string>,
): string | undefined {
  return findIcon(icon, publicPaths) ?? (slug && iconPath(slug));
}

/** Files of `madatajs/auth-serverless` contain paths such as `img/github-logo.svg`, whose files are often not copied along. */
export function iconWarnings(entries: NamedEntry[], publicPaths: ReadonlySet<string>): Issue[] {
  return entries
    .filter(({ entry: { icon } }) => icon !== undefined && findIcon(icon, publicPaths) === undefined)
    .map(({ key, entry: { icon }, record }) => {
      const fallback = record?.simple_icons_slug === undefined ? "no logo is shown" : "the catalogue's logo is shown";
      const file = `${SOURCES_FOLDER}${new URL(icon!, PROVIDER).pathname}`;
      const advice = `Delete "icon", or add the file.`;
      return { path: pathOf(servicesFile, [key, "icon"]), message: `there is no file ${file}, so ${fallback}`, advice };
    });
}

function findIcon(icon: string | undefined, publicPaths: ReadonlySet<string>): string | undefined {
  if (icon === undefined) return undefined;
  const { origin, href, pathname, search } = new URL(icon, PROVIDER);
  if (origin !== PROVIDER) return href;
  return publicPaths.has(pathname) || isLogoPath(pathname) ? pathname + search : undefined;
}
