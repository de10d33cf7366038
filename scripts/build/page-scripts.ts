import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Plugin } from "esbuild";
import { build } from "esbuild";
import english from "../../client/languages/en.json" with { type: "json" };
import { broken } from "../../server/answers/error-catalogue.ts";
import { errorPage } from "../../server/answers/error-page.ts";
import type { Service } from "../../server/provider/service.ts";
import { PROJECT } from "../files/project.ts";
import { readText } from "../files/text-file.ts";
import { BROWSER_BUNDLE } from "./browser-bundle.ts";
import { findLogos } from "./icons.ts";
import { pageSources } from "./page-sources.ts";
import { readSnippets } from "./snippets.ts";

export const LANGUAGES_FOLDER = join(PROJECT, "client/languages");

type Texts = Record<string, string>;
type TextKey = keyof typeof english;

const englishKeys = Object.keys(english) as TextKey[];

interface PageScript {
  /** Prefix of the keys whose English text arrives with the page's data, so that the page only needs translations. */
  translatedPrefix?: string;
  /** A second script in `client/pages/`, which the page loads when it needs it. */
  fallbacks?: string;
}

/** What the pages say about a service. */
export type DescribedService = Pick<
  Service,
  "id" | "name" | "icon" | "manageUrl" | "scopeDescriptions" | "installation"
>;

/** The scripts of the static pages and of the functions' error page, by file name in `client/pages/`. */
export const PAGE_SCRIPTS: Record<string, PageScript> = {
  home: { fallbacks: "home-makers" },
  confirm: { translatedPrefix: "scope.", fallbacks: "confirm-fallbacks" },
  start: {},
  waiting: {},
  returned: {},
  "sign-out": {},
  try: {},
  error: { translatedPrefix: "reason." },
};

/**
 * The scripts of the pages, each with the English texts that it uses, and one file per page with those texts in each other
 * language.
 *
 * @param services all that the functions carry, also those that are not set up: their client ids may come at run time
 * @param languages every language but English, by its tag; the files of `client/languages` unless given
 * @returns what to publish, by path
 */
export async function buildPageScripts(
  services: DescribedService[] = [],
  languages?: Map<string, Texts>,
): Promise<Map<string, string>> {
  const translations = languages ?? (await readLanguages());
  const constants = { ...serviceConstants(services), SNIPPETS: await readSnippets() };
  const files = await Promise.all(
    Object.keys(PAGE_SCRIPTS).map((page) => buildPageScript(page, translations, constants)),
  );
  return new Map(files.flat());
}

/** What the pages know about the services (`client/page/services.ts`), and the logos of the home page. */
function serviceConstants(services: DescribedService[]): Record<string, unknown> {
  const byId = <Value>(pick: (service: DescribedService) => Value) =>
    Object.fromEntries(services.map((service) => [service.id, pick(service)]));
  return {
    // Our pages load nothing from another origin.
    SERVICES: byId(({ name, icon }) => ({ name, ...(icon?.startsWith("/") ? { icon } : {}) })),
    MANAGE_URLS: byId(({ manageUrl }) => manageUrl),
    INSTALLATIONS: byId(({ installation: { description, url } = {} }) => description && { description, url }),
    SCOPE_DESCRIPTIONS: byId(({ scopeDescriptions }) => scopeDescriptions),
    LOGOS: findLogos(services),
  };
}

/** Every language but English, by its tag. */
export async function readLanguages(): Promise<Map<string, Texts>> {
  const files = (await readdir(LANGUAGES_FOLDER)).filter((file) => file.endsWith(".json") && file !== "en.json").sort();
  const read = async (file: string): Promise<Texts> => JSON.parse(await readText(LANGUAGES_FOLDER, file));
  return new Map(await Promise.all(files.map(async (file) => [basename(file, ".json"), await read(file)] as const)));
}

async function buildPageScript(
  page: string,
  languages: Map<string, Texts>,
  constants: Record<string, unknown>,
): Promise<[path: string, content: string][]> {
  const scripts = await bundle(page, ["en", ...languages.keys()]);
  const pageKeys = [...new Set([...scripts.flatMap((script) => script.keys), ...(await translatedKeys(page))])];
  const version = versionOf(pageKeys);
  return [
    ...scripts.map((script): [string, string] => [script.path, withConstants(script, version, constants)]),
    ...[...languages].map(([tag, texts]): [string, string] => [
      `/languages/${tag}/${page}.json`,
      JSON.stringify({ version, ...pick(texts, pageKeys) }),
    ]),
  ];
}

interface Script {
  path: string;
  /** Refers to constants without declaring them. It is the same in all copies of one version. */
  code: string;
  /** Of the texts that it uses. */
  keys: TextKey[];
}

async function bundle(page: string, languages: string[]): Promise<Script[]> {
  const names = [page, PAGE_SCRIPTS[page]!.fallbacks ?? []].flat();
  const { outputFiles } = await build({
    entryPoints: names.map((name) => join(PROJECT, "client/pages", `${name}.ts`)),
    outdir: "/",
    ...BROWSER_BUNDLE,
    format: "esm",
    charset: "utf8",
    define: { LANGUAGES: JSON.stringify(languages) },
    plugins: [separateFallbacks],
    write: false,
  });
  return outputFiles.map(({ path, text }) => ({
    path: `/${basename(path)}`,
    code: text,
    keys: englishKeys.filter((key) => text.includes(`"${key}"`)),
  }));
}

/** The page's own script stands in the page, so a second one can share no module with it and is imported by its address. */
const separateFallbacks: Plugin = {
  name: "separate-fallbacks",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\// }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: `/${basename(path, ".ts")}.js`, external: true } : undefined,
    ),
};

/**
 * Puts the constants in front of the script: see `client/page/text.ts` and `client/page/services.ts`. The bundler never sees
 * the owner's values: it would choose other names for everything in the code, and nobody could compare two providers.
 */
function withConstants({ code, keys }: Script, version: string, constants: Record<string, unknown>): string {
  const used = Object.entries(constants).filter(([name]) => new RegExp(`\\b${name}\\b`).test(code));
  return declare({ TEXTS: pick(english, keys), TEXTS_VERSION: version }) + declare(Object.fromEntries(used)) + code;
}

function declare(constants: Record<string, unknown>): string {
  const declarations = Object.entries(constants).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return declarations.length === 0 ? "" : `const ${declarations.join(",")};`;
}

/** Changes whenever an English text changes. */
function versionOf(keys: string[]): string {
  return createHash("sha256")
    .update(JSON.stringify(pick(english, keys)))
    .digest("base64url")
    .slice(0, 8);
}

/** The texts of which a page needs translations only: in its HTML, or in what it is given. */
async function translatedKeys(page: string): Promise<string[]> {
  const { translatedPrefix } = PAGE_SCRIPTS[page]!;
  const given = translatedPrefix === undefined ? [] : englishKeys.filter((key) => key.startsWith(translatedPrefix));
  return [...(await keysInHtml(page)), ...given];
}

/** The keys in the HTML of the pages that have this script: `data-text="home.title"`. */
export async function keysInHtml(page: string): Promise<string[]> {
  // Any error will do: only the texts that all error pages have are wanted.
  const pages = [...(await pageSources()).values(), errorPage(broken)];
  const own = pages.filter((html) => html.includes(`src="/${page}.js"`));
  return own.flatMap((html) => [...html.matchAll(/ data-text="([\w.]+)"/g)].map(([, key]) => key!));
}

/** A text that a language lacks is left out; the page then says it in English. */
function pick(texts: Texts, keys: string[]): Texts {
  const present = keys.filter((key) => Object.hasOwn(texts, key));
  return Object.fromEntries(present.map((key) => [key, texts[key]!]));
}
