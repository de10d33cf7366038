import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Plugin } from "esbuild";
import { build } from "esbuild";
import english from "../../client/languages/en.json" with { type: "json" };
import { nameOf } from "../../client/languages/words.ts";
import type { Service } from "../../server/provider/service.ts";
import { PROJECT } from "../files/project.ts";
import { BROWSER_BUNDLE } from "./browser-bundle.ts";
import { findLogos } from "./icons.ts";

export const LANGUAGES_FOLDER = join(PROJECT, "client/languages");

type Texts = Record<string, string>;
type TextKey = keyof typeof english;

const keys = Object.keys(english) as TextKey[];

interface PageScript {
  /** HTML with texts in it, each marked with its key. */
  markup: string[];
  /** The beginning of the keys by which the script asks for what it is given; what it is given is English already. */
  given?: string;
  /** A script of its own, in `client/pages/` as well, that the page's script imports when something rare happens. */
  rarely?: string;
}

/** What the pages say of a service. */
export type Described = Pick<Service, "id" | "name" | "icon" | "manageUrl" | "scopeDescriptions">;

/** The scripts of the static pages and of the functions' error page, by file name in `client/pages/`. */
export const PAGE_SCRIPTS: Record<string, PageScript> = {
  home: { markup: ["public/index.html"] },
  confirm: { markup: ["public/confirm.html"], given: "scope.", rarely: "confirm-rarely" },
  start: { markup: ["public/start.html"] },
  holding: { markup: ["public/holding.html"] },
  returned: { markup: ["public/returned.html"] },
  "sign-out": { markup: ["public/sign-out.html"] },
  error: { markup: ["public/404.html", "server/answers/error-page.ts"], given: "reason." },
};

/**
 * The pages' scripts, each with its own texts in English in it, and for every other language one file per page.
 *
 * @param services that the functions carry, whether or not they are set up: their client ids may come at run time
 * @param languages every language but English, by its tag; the files of `client/languages` unless given
 * @returns what to publish, by path
 */
export async function buildPageScripts(
  services: Described[] = [],
  languages?: Map<string, Texts>,
): Promise<Map<string, string>> {
  const translations = languages ?? (await readLanguages());
  const constants = constantsOf(services);
  const files = await Promise.all(
    Object.keys(PAGE_SCRIPTS).map((page) => buildPageScript(page, translations, constants)),
  );
  return new Map(files.flat());
}

/** What the pages know of the services (`client/page/services.ts`), and the home page's logos. A page gets what it names. */
function constantsOf(services: Described[]): Record<string, unknown> {
  const byId = <Value>(valueOf: (service: Described) => Value) =>
    Object.fromEntries(services.map((service) => [service.id, valueOf(service)]));
  return {
    // Our pages load nothing from another origin.
    SERVICES: byId(({ name, icon }) => ({ name, ...(icon?.startsWith("/") ? { icon } : {}) })),
    MANAGE_URLS: byId(({ manageUrl }) => manageUrl),
    SCOPE_DESCRIPTIONS: byId(({ scopeDescriptions }) => scopeDescriptions),
    LOGOS: findLogos(services),
  };
}

/** Every language but English, by its tag. */
export async function readLanguages(): Promise<Map<string, Texts>> {
  const files = (await readdir(LANGUAGES_FOLDER)).filter((file) => file.endsWith(".json") && file !== "en.json").sort();
  const read = async (file: string): Promise<Texts> => JSON.parse(await readFile(join(LANGUAGES_FOLDER, file), "utf8"));
  return new Map(await Promise.all(files.map(async (file) => [basename(file, ".json"), await read(file)] as const)));
}

async function buildPageScript(
  page: string,
  languages: Map<string, Texts>,
  constants: Record<string, unknown>,
): Promise<[path: string, content: string][]> {
  const scripts = await bundle(page, { LANGUAGES: ["en", ...languages.keys()], ...constants });
  const given = givenKeys(page);
  const named = keys.filter((key) => !given.includes(key) && scripts.some(({ code }) => code.includes(`"${key}"`)));
  const byKey = [...(await keysOfMarkup(page)), ...given];
  const names: NamedText[] = [...nameTexts(page, named), ...byKey.map((key): NamedText => [key, key])];
  return [
    ...scripts.map(({ path, code }): [string, string] => [path, inEnglish(code, named)]),
    ...[...languages].map(([tag, texts]): [string, string] => [
      `/languages/${tag}/${page}.json`,
      JSON.stringify(pick(texts, names)),
    ]),
  ];
}

type NamedText = [key: string, name: string];

interface Script {
  path: string;
  /** With keys where there will be words. */
  code: string;
}

/** @param constants that the source names and does not declare */
async function bundle(page: string, constants: Record<string, unknown>): Promise<Script[]> {
  const names = [page, PAGE_SCRIPTS[page]!.rarely ?? []].flat();
  const { outputFiles } = await build({
    entryPoints: names.map((name) => join(PROJECT, "client/pages", `${name}.ts`)),
    outdir: "/",
    ...BROWSER_BUNDLE,
    format: "esm",
    charset: "utf8",
    define: Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, JSON.stringify(value)])),
    plugins: [rareScripts],
    write: false,
  });
  return outputFiles.map(({ path, text }) => ({ path: `/${basename(path)}`, code: text }));
}

/** A script is imported from where it is published. The page's own script stands in the page, so it can share nothing. */
const rareScripts: Plugin = {
  name: "rare-scripts",
  setup: ({ onResolve }) =>
    onResolve({ filter: /^\.\// }, ({ kind, path }) =>
      kind === "dynamic-import" ? { path: `/${basename(path, ".ts")}.js`, external: true } : undefined,
    ),
};

/** Puts the words in the place of their keys: of whole strings only, which the minifier writes with double quotes. */
function inEnglish(code: string, named: TextKey[]): string {
  const words = new Map<string, string>(named.map((key) => [`"${key}"`, JSON.stringify(english[key])]));
  return code.replaceAll(/"[\w.]+"/g, (string) => words.get(string) ?? string);
}

/** A page finds translations by the names of English words, so no two of its texts may have the same. */
export function nameTexts(page: string, named: TextKey[]): NamedText[] {
  const keyOf = new Map<string, TextKey>();
  for (const key of named) {
    const name = nameOf(english[key]);
    const twin = keyOf.get(name);
    if (twin !== undefined)
      throw new Error(
        `The page "${page}" cannot tell the texts ${twin} and ${key} apart: give one of them other words.`,
      );
    keyOf.set(name, key);
  }
  return [...keyOf].map(([name, key]) => [key, name]);
}

/** The keys that stand in the page's HTML: `data-text="home.title"`. */
export async function keysOfMarkup(page: string): Promise<string[]> {
  const files = await Promise.all(PAGE_SCRIPTS[page]!.markup.map((file) => readFile(join(PROJECT, file), "utf8")));
  return files.flatMap((html) => [...html.matchAll(/ data-text="([\w.]+)"/g)].map(([, key]) => key!));
}

function givenKeys(page: string): TextKey[] {
  const { given } = PAGE_SCRIPTS[page]!;
  return given === undefined ? [] : keys.filter((key) => key.startsWith(given));
}

/** Those that are there, by the names that the page has for them: what a language lacks is said in English. */
function pick(texts: Texts, names: NamedText[]): Texts {
  const there = names.filter(([key]) => Object.hasOwn(texts, key));
  return Object.fromEntries(there.map(([key, name]) => [name, texts[key]!]));
}
