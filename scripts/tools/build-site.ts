import { createHash } from "node:crypto";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";
import type { Configuration } from "../../netlify/oauth/service.ts";
import { BROWSER_BUNDLE } from "./browser-bundle.ts";
import { buildFunctions } from "./build-functions.ts";
import { findLogos, type Logos, writeIcons } from "./icons.ts";
import { buildPageScripts } from "./page-scripts.ts";
import { buildPageStyles } from "./page-styles.ts";
import { PROJECT } from "./project.ts";

/** The modules that apps load from here. `public/` holds the type declarations of each beside it. */
const BROWSER_MODULES = ["auth", "react-admin"];

/** The script that apps made with Madata or Mavo add to their page. */
const MADATA_BRIDGE = "madata";

/**
 * Builds the functions and the browser code.
 *
 * @param directory where to: the project itself, or a folder that gets a copy of everything that Netlify reads
 */
export async function buildSite({ configuration, directory }: { configuration: Configuration; directory: string }): Promise<void> {
  if (directory !== PROJECT) await copySources(directory);
  const logos = findLogos(configuration.services);
  await Promise.all([
    buildFunctions(configuration, join(directory, "dist/functions")),
    writePageScripts(logos, join(directory, "public")),
    writePageStyles(join(directory, "public")),
    buildBrowserModules(join(directory, "public")),
    buildMadataBridge(join(directory, "public")),
    writeIcons(logos, join(directory, "public")),
  ]);
}

async function copySources(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await Promise.all([
    cp(join(PROJECT, "netlify.toml"), join(directory, "netlify.toml")),
    cp(join(PROJECT, "public"), join(directory, "public"), { recursive: true }),
  ]);
}

/** The pages' scripts, and the texts of every language. */
async function writePageScripts(logos: Logos, outdir: string): Promise<void> {
  // A language that is no longer there must not stay.
  await rm(join(outdir, "languages"), { recursive: true, force: true });
  await writeFiles(await buildPageScripts(logos), outdir);
}

async function writePageStyles(outdir: string): Promise<void> {
  await writeFiles(await buildPageStyles(), outdir);
}

async function writeFiles(files: Map<string, string>, outdir: string): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(outdir, path)), { recursive: true });
    await writeFile(join(outdir, path), content);
  }
}

/**
 * Each module is one file, so that it can be pinned by one hash and copied as it is. `react-admin.js` imports the
 * `auth.js` beside it: an app that uses both has one client, not two.
 */
async function buildBrowserModules(outdir: string): Promise<void> {
  await build({
    entryPoints: BROWSER_MODULES.map((name) => join(PROJECT, "client", `${name}.ts`)),
    outdir,
    ...BROWSER_BUNDLE,
    format: "esm",
    plugins: [
      {
        name: "auth-stays-a-module",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\/auth\.ts$/ }, () => ({ path: "./auth.js", external: true })),
      },
    ],
  });
}

/** A classic script: it works with and without `type="module"`, and leaves no name behind in the app's page. */
async function buildMadataBridge(outdir: string): Promise<void> {
  await build({
    entryPoints: [join(PROJECT, "client", `${MADATA_BRIDGE}.ts`)],
    outdir,
    ...BROWSER_BUNDLE,
    format: "iife",
  });
}

export interface BuiltModule {
  file: string;
  code: Buffer;
  /** Subresource Integrity, for apps that pin what they load. */
  integrity: string;
}

/** What apps load from this site, for the build's summary. */
export async function listBrowserModules(directory: string): Promise<BuiltModule[]> {
  return await Promise.all(
    [...BROWSER_MODULES, MADATA_BRIDGE].map(async (name) => {
      const file = `${name}.js`;
      const code = await readFile(join(directory, "public", file));
      return { file, code, integrity: `sha384-${createHash("sha384").update(code).digest("base64")}` };
    }),
  );
}

/** The names of the built functions, for the build's summary. */
export async function listFunctions(directory: string): Promise<string[]> {
  const files = await readdir(join(directory, "dist/functions"));
  return files.map((file) => basename(file, ".mjs"));
}
