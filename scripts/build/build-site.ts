import { existsSync } from "node:fs";
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import project from "../../package.json" with { type: "json" };
import type { Configuration } from "../../server/provider/service.ts";
import { PROJECT, PUBLISHED_FOLDER, SOURCES_FOLDER } from "../files/project.ts";
import {
  buildBrowserModules,
  buildMadataBridge,
  listBrowserModules,
  writeButtonTexts,
  writeDeclarations,
} from "./browser-modules.ts";
import { buildFunctions } from "./build-functions.ts";
import { formatHeaders } from "./headers-file.ts";
import { findLogos, writeIcons } from "./icons.ts";
import type { InlineHashes } from "./inline-hashes.ts";
import { type ModuleSignatures, readModuleSignatures, signatureHeaders } from "./module-signatures.ts";
import type { DescribedService } from "./page-scripts.ts";
import { staticHeaders } from "./static-headers.ts";
import { buildStaticPages } from "./static-pages.ts";

const FUNCTIONS_FOLDER = "dist/functions";

export const HEADERS_FILE = "_headers";
const VERSION_FILE = "version.txt";
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

/**
 * Builds the published folder.
 *
 * @param signatures of the template's publisher; those in the project unless given
 */
export async function buildPublished(
  { services }: Pick<Configuration, "services">,
  folder: string,
  signatures?: ModuleSignatures,
): Promise<void> {
  if (existsSync(join(PROJECT, SOURCES_FOLDER, HEADERS_FILE))) throw new Error(OWN_HEADERS);
  // Files of an earlier build must not stay published.
  await rm(folder, { recursive: true, force: true });
  await cp(join(PROJECT, SOURCES_FOLDER), folder, { recursive: true });
  const [hashes] = await Promise.all([
    writePages(services, folder),
    buildBrowserModules(folder),
    buildMadataBridge(folder),
    writeButtonTexts(folder),
    writeDeclarations(folder),
    writeIcons(findLogos(services), folder),
    writeVersion(folder),
  ]);
  await writeHeaders(hashes, signatures ?? (await readModuleSignatures()), folder);
}

async function writePages(services: DescribedService[], folder: string): Promise<InlineHashes> {
  const { files, hashes } = await buildStaticPages(services);
  for (const [path, content] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return hashes;
}

async function writeHeaders(hashes: InlineHashes, signatures: ModuleSignatures, folder: string): Promise<void> {
  const modules = await listBrowserModules(folder);
  const signed = modules.map(({ file, code }) => [`/${file}`, signatureHeaders(`/${file}`, code, signatures)] as const);
  await writeFile(join(folder, HEADERS_FILE), formatHeaders(staticHeaders(hashes, Object.fromEntries(signed))));
}

/** It says what to compare the site with (`npm run verify`). The files of each version can be told apart without it. */
async function writeVersion(folder: string): Promise<void> {
  await writeFile(join(folder, VERSION_FILE), `${project.version}\n`);
}

/** The names of the built functions, for the build's summary. */
export async function listFunctions(directory: string): Promise<string[]> {
  const files = await readdir(join(directory, FUNCTIONS_FOLDER));
  return files.map((file) => basename(file, ".mjs"));
}
