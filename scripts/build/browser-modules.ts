import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { PROJECT } from "../files/project.ts";
import { BROWSER_BUNDLE } from "./browser-bundle.ts";
import { declarationsOf } from "./declarations.ts";

/** The modules that apps load from here, each with its type declarations. */
const MODULES = ["auth", "react-admin"];

/** The script that apps made with Madata or Mavo load before their own. */
const MADATA_BRIDGE = "madata";

/** What apps on other origins load, by path. */
export const SCRIPTS_FOR_APPS = [...MODULES, MADATA_BRIDGE].map((name) => `/${name}.js`);
export const DECLARATIONS_FOR_APPS = MODULES.map((name) => `/${name}.d.ts`);

/**
 * Each module is one file, so that an app can pin it by one hash or copy it. `react-admin.js` imports the `auth.js` beside
 * it, so an app that uses both has one client and not two.
 */
export async function buildBrowserModules(outdir: string): Promise<void> {
  await build({
    entryPoints: MODULES.map((name) => join(PROJECT, "client/modules", `${name}.ts`)),
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

export async function writeDeclarations(outdir: string): Promise<void> {
  await Promise.all(
    MODULES.map(async (name) => await writeFile(join(outdir, `${name}.d.ts`), await declarationsOf(name))),
  );
}

/** A classic script: it works with and without `type="module"`, and leaves no name behind in the app's page. */
export async function buildMadataBridge(outdir: string): Promise<void> {
  await build({
    entryPoints: [join(PROJECT, "client/modules", `${MADATA_BRIDGE}.ts`)],
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
export async function listBrowserModules(published: string): Promise<BuiltModule[]> {
  return await Promise.all(
    SCRIPTS_FOR_APPS.map(async (path) => {
      const code = await readFile(join(published, path));
      return { file: path.slice(1), code, integrity: `sha384-${createHash("sha384").update(code).digest("base64")}` };
    }),
  );
}
