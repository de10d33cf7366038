import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Configuration } from "../../netlify/oauth/service.ts";
import { writeIcons } from "./icons.ts";

/** The project's own folder. */
export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

/** The scripts of the static pages, by file name in `client/`. */
const PAGE_SCRIPTS = ["home", "confirm", "start", "error"];

/**
 * Builds the functions and the browser code.
 *
 * @param directory where to: the project itself, or a folder that gets a copy of everything that Netlify reads
 */
export async function buildSite({ configuration, directory }: { configuration: Configuration; directory: string }): Promise<void> {
  if (directory !== PROJECT) await copySources(directory);
  await Promise.all([
    buildFunctions(configuration, join(directory, "dist/functions")),
    buildPageScripts(join(directory, "public")),
    writeIcons(configuration, join(directory, "public/icons")),
  ]);
}

async function copySources(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await Promise.all([
    cp(join(PROJECT, "netlify.toml"), join(directory, "netlify.toml")),
    cp(join(PROJECT, "public"), join(directory, "public"), { recursive: true }),
  ]);
}

/**
 * One file per endpoint, with the validated configuration in it. Netlify ships exactly these files; it would leave
 * TypeScript sources unbundled, which makes every cold start slower.
 */
async function buildFunctions(configuration: Configuration, outdir: string): Promise<void> {
  // Whatever lies in this folder becomes a public function, so nothing old may stay.
  await rm(outdir, { recursive: true, force: true });
  const sources = join(PROJECT, "netlify/functions");
  const files = await readdir(sources);
  await build({
    entryPoints: files.map((file) => join(sources, file)),
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node22",
    define: { CONFIGURATION: JSON.stringify(configuration) },
    logLevel: "warning",
  });
}

async function buildPageScripts(outdir: string): Promise<void> {
  await build({
    entryPoints: PAGE_SCRIPTS.map((name) => join(PROJECT, "client", `${name}.ts`)),
    outdir,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: ["es2022"],
    logLevel: "warning",
  });
}

/** Sizes of the built functions, for the build's summary. */
export async function listFunctions(directory: string): Promise<string[]> {
  const files = await readdir(join(directory, "dist/functions"));
  return files.map((file) => basename(file, ".mjs"));
}
