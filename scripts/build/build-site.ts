import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Configuration } from "../../server/provider/service.ts";
import { PROJECT, PUBLISHED_FOLDER, SOURCES_FOLDER } from "../files/project.ts";
import { buildBrowserModules, buildMadataBridge, writeDeclarations } from "./browser-modules.ts";
import { buildFunctions } from "./build-functions.ts";
import { formatHeaders } from "./headers-file.ts";
import { findLogos, writeIcons } from "./icons.ts";
import type { DescribedService } from "./page-scripts.ts";
import { staticHeaders } from "./static-headers.ts";
import { buildStaticPages } from "./static-pages.ts";

const FUNCTIONS_FOLDER = "dist/functions";

const HEADERS_FILE = "_headers";
const OWN_HEADERS = `${SOURCES_FOLDER}/${HEADERS_FILE} would be overwritten, because the build writes a file of that name. Write your headers into netlify.toml, under [[headers]].`;

/**
 * Builds the functions and everything that is published.
 *
 * @param directory the project itself, or a folder that gets everything that Netlify reads
 */
export async function buildSite({
  configuration,
  directory,
}: {
  configuration: Configuration;
  directory: string;
}): Promise<void> {
  await Promise.all([
    buildFunctions(configuration, join(directory, FUNCTIONS_FOLDER)),
    buildPublished(configuration, join(directory, PUBLISHED_FOLDER)),
  ]);
  if (directory !== PROJECT) await cp(join(PROJECT, "netlify.toml"), join(directory, "netlify.toml"));
}

/** Builds the published folder. */
export async function buildPublished({ services }: Configuration, folder: string): Promise<void> {
  if (existsSync(join(PROJECT, SOURCES_FOLDER, HEADERS_FILE))) throw new Error(OWN_HEADERS);
  // Files of an earlier build must not stay published.
  await rm(folder, { recursive: true, force: true });
  await cp(join(PROJECT, SOURCES_FOLDER), folder, { recursive: true });
  await Promise.all([
    writePages(services, folder),
    buildBrowserModules(folder),
    buildMadataBridge(folder),
    writeDeclarations(folder),
    writeIcons(findLogos(services), folder),
  ]);
}

async function writePages(services: DescribedService[], folder: string): Promise<void> {
  const { files, hashes } = await buildStaticPages(services);
  for (const [path, content] of [...files, [`/${HEADERS_FILE}`, formatHeaders(staticHeaders(hashes))] as const]) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

/** The names of the built functions, for the build's summary. */
export async function listFunctions(directory: string): Promise<string[]> {
  const files = await readdir(join(directory, FUNCTIONS_FOLDER));
  return files.map((file) => basename(file, ".mjs"));
}
