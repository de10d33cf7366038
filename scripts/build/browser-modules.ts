import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import english from "../../client/languages/en.json" with { type: "json" };
import { PROJECT } from "../files/project.ts";
import { BROWSER_BUNDLE } from "./browser-bundle.ts";
import { declarationsOf } from "./declarations.ts";
import { readLanguages } from "./page-scripts.ts";

/** The module that has words for users, and the folder of its translations. */
const LOGIN_BUTTON = "login-button";

/** The modules that apps load from here, each with its type declarations. */
const MODULES = ["auth", "react-admin", LOGIN_BUTTON];

/** The script that apps made with Madata or Mavo load before their own. */
const MADATA_BRIDGE = "madata";

/** What apps on other origins load, by path. */
export const SCRIPTS_FOR_APPS = [...MODULES, MADATA_BRIDGE].map((name) => `/${name}.js`);
export const DECLARATIONS_FOR_APPS = MODULES.map((name) => `/${name}.d.ts`);
export const TEXTS_FOR_APPS = `/${LOGIN_BUTTON}/*`;

/**
 * Each module is one file, so that an app can pin it by one hash or copy it. The others import the `auth.js` beside
 * them, so an app that uses several has one client and not two.
 */
export async function buildBrowserModules(outdir: string): Promise<void> {
  const languages = await readLanguages();
  await build({
    entryPoints: MODULES.map((name) => join(PROJECT, "client/modules", `${name}.ts`)),
    outdir,
    ...BROWSER_BUNDLE,
    format: "esm",
    charset: "utf8",
    define: {
      LANGUAGES: JSON.stringify(["en", ...languages.keys()]),
      BUTTON_TEXTS: JSON.stringify(ownEnglish()),
    },
    plugins: [
      {
        name: "auth-stays-a-module",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^\.\/auth\.ts$/ }, () => ({ path: "./auth.js", external: true })),
      },
    ],
  });
}

const BUTTON_PREFIX = "loginButton.";

/** What `login-button.js` says, by its own names of the texts. */
export function buttonTexts(texts: Record<string, string>): Record<string, string> {
  const own = Object.entries(texts).filter(([key]) => key.startsWith(BUTTON_PREFIX));
  return Object.fromEntries(own.map(([key, text]) => [key.slice(BUTTON_PREFIX.length), text]));
}

/** Errors have theirs in `auth.js`. */
function ownEnglish(): Record<string, string> {
  const own = Object.entries(buttonTexts(english)).filter(([key]) => !key.startsWith("error."));
  return Object.fromEntries(own);
}

/** One small file for each language but English, which is in the module. */
export async function writeButtonTexts(outdir: string): Promise<void> {
  const languages = await readLanguages();
  const folder = join(outdir, LOGIN_BUTTON);
  await mkdir(folder, { recursive: true });
  await Promise.all(
    [...languages].map(([tag, texts]) => writeFile(join(folder, `${tag}.json`), JSON.stringify(buttonTexts(texts)))),
  );
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
