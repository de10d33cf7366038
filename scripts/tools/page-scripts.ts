import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";
import english from "../../client/languages/en.json" with { type: "json" };
import { BROWSER_BUNDLE } from "./browser-bundle.ts";
import type { Logos } from "./icons.ts";
import { PROJECT } from "./project.ts";

export const LANGUAGES_FOLDER = join(PROJECT, "client/languages");

type Texts = Record<string, string>;

interface PageScript {
  /** HTML with texts in it, each marked with its key. */
  markup: string[];
  /** The beginning of the keys that the script makes from what it is given; what it is given is English already. */
  given?: string;
}

/** The scripts of the static pages and of the functions' error page, by file name in `client/`. */
export const PAGE_SCRIPTS: Record<string, PageScript> = {
  home: { markup: ["public/index.html"] },
  confirm: { markup: ["public/confirm.html"], given: "scope." },
  start: { markup: ["public/start.html"] },
  holding: { markup: ["public/holding.html"] },
  returned: { markup: ["public/returned.html"] },
  "sign-out": { markup: ["public/sign-out.html"] },
  error: { markup: ["public/404.html", "netlify/error-page.ts"], given: "reason." },
};

/**
 * The pages' scripts, each with the English of its own texts in it, and for every other language one file per page.
 *
 * @param logos of the services, for the home page
 * @param languages every language but English, by its tag; the files of `client/languages` unless given
 * @returns what to publish, by path
 */
export async function buildPageScripts(logos: Logos = {}, languages?: Map<string, Texts>): Promise<Map<string, string>> {
  const translations = languages ?? (await readLanguages());
  const files = await Promise.all(Object.keys(PAGE_SCRIPTS).map((page) => buildPageScript(page, translations, logos)));
  return new Map(files.flat());
}

/** Every language but English, by its tag. */
export async function readLanguages(): Promise<Map<string, Texts>> {
  const files = (await readdir(LANGUAGES_FOLDER)).filter((file) => file.endsWith(".json") && file !== "en.json").sort();
  const read = async (file: string): Promise<Texts> => JSON.parse(await readFile(join(LANGUAGES_FOLDER, file), "utf8"));
  return new Map(await Promise.all(files.map(async (file) => [basename(file, ".json"), await read(file)] as const)));
}

async function buildPageScript(page: string, languages: Map<string, Texts>, logos: Logos): Promise<[path: string, content: string][]> {
  const code = await bundle(page);
  const named = Object.keys(english).filter((key) => code.includes(`"${key}"`));
  const all = new Set([...named, ...(await keysOfMarkup(page)), ...givenKeys(page)]);
  // The code names them, and no minifier renames what it does not declare.
  const declarations = {
    ENGLISH: pick(english, named),
    LANGUAGES: ["en", ...languages.keys()],
    ...(code.includes("LOGOS") && { LOGOS: logos }),
  };
  const prologue = Object.entries(declarations).map(([name, value]) => `const ${name}=${JSON.stringify(value)};`);
  return [
    [`/${page}.js`, `${prologue.join("")}${code}`],
    ...[...languages].map(([tag, texts]): [string, string] => [`/languages/${tag}/${page}.json`, JSON.stringify(pick(texts, all))]),
  ];
}

async function bundle(page: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(PROJECT, "client", `${page}.ts`)],
    ...BROWSER_BUNDLE,
    format: "esm",
    charset: "utf8",
    write: false,
  });
  return outputFiles[0]!.text;
}

/** The keys that stand in the page's HTML: `data-text="home.title"`. */
export async function keysOfMarkup(page: string): Promise<string[]> {
  const files = await Promise.all(PAGE_SCRIPTS[page]!.markup.map((file) => readFile(join(PROJECT, file), "utf8")));
  return files.flatMap((html) => [...html.matchAll(/ data-text="([\w.]+)"/g)].map(([, key]) => key!));
}

function givenKeys(page: string): string[] {
  const { given } = PAGE_SCRIPTS[page]!;
  return given === undefined ? [] : Object.keys(english).filter((key) => key.startsWith(given));
}

/** Those that are there: what a language lacks is said in English. */
function pick(texts: Texts, keys: Iterable<string>): Texts {
  return Object.fromEntries([...keys].filter((key) => Object.hasOwn(texts, key)).map((key) => [key, texts[key]!]));
}
