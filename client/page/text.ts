import { directionOf, matchLanguage } from "../languages/language.ts";
import { element, unbrokenLabels } from "./dom.ts";

/**
 * What the pages say, in the reader's language: `text("confirm.yes")`. `client/languages/` has one file per language, all
 * with the same keys. The build (`scripts/build/page-scripts.ts`) puts the English texts of a page into its script; the
 * texts of another language are fetched, one small file per page.
 */

type English = typeof import("../languages/en.json", { with: { type: "json" }});
export type TextKey = keyof English;
type Texts = Record<string, string>;

/** Text, with elements in it where values stand. */
export type Sentence = (string | Node)[];

/** Set by the build: the tags of all languages. */
declare const LANGUAGES: string[];
/** Set by the build: the English texts that this script uses, by key. */
declare const TEXTS: Record<TextKey, string>;
/** Set by the build: changes whenever an English text of the page changes. */
declare const TEXTS_VERSION: string;

/** A language, and the texts of the page in it. English is in the script, so it has none here. */
export interface Language {
  tag: string;
  translations: Texts;
}

/** A reader who waits longer than this gets English: a page never changes its language while somebody reads it. */
const timeoutMs = 2_000;

let language: Language = { tag: "en", translations: {} };

/** Chooses the reader's language and fetches the page's texts in it. Never fails: the page is in English then. */
export async function loadLanguage(page: string): Promise<void> {
  const tag = matchLanguage(navigator.languages, LANGUAGES);
  const translations = tag === "en" ? undefined : await fetchTexts(tag, page);
  // A page that was loaded before a deployment may get a file from after it, with a text for another English sentence.
  if (translations?.version === TEXTS_VERSION) language = { tag, translations };
  document.documentElement.lang = language.tag;
  document.documentElement.dir = directionOf(language.tag);
  if (language.tag !== "en") document.querySelectorAll<HTMLElement>("[data-text]").forEach(translateElement);
}

/** Adds the translations of another page. */
export async function loadTexts(page: string): Promise<void> {
  if (language.tag === "en") return;
  const further = await fetchTexts(language.tag, page);
  language.translations = { ...further, ...language.translations };
}

/** For a script that is loaded later into the same page. */
export function currentLanguage(): Language {
  return language;
}

export function useLanguage(chosen: Language): void {
  language = chosen;
}

/** A sentence with its values filled in: `{service}`, `{origin}`, … */
export function text(key: TextKey, values: Record<string, string | Node> = {}): Sentence {
  const parts = (language.translations[key] ?? TEXTS[key]).split(/\{(\w+)\}/);
  return parts
    .map((part, index) => (index % 2 === 0 ? part : isolated(values[part] ?? part)))
    .filter((part) => part !== "");
}

/** A text whose English is not in the script, because the page has it already. `undefined`: the page is in English. */
export function translation(key: string): string | undefined {
  return language.translations[key];
}

/** Words that exist in English only, marked as such for screen readers. */
export function english(words: string): Sentence {
  return language.tag === "en" ? [words] : [element("span", { lang: "en", dir: "ltr", textContent: words })];
}

async function fetchTexts(tag: string, page: string): Promise<Texts | undefined> {
  try {
    const response = await fetch(`/languages/${tag}/${page}.json`, { signal: AbortSignal.timeout(timeoutMs) });
    return (await response.json()) as Texts;
  } catch {
    return undefined;
  }
}

/** An address must read the same beside right-to-left text: otherwise its parts could seem to change places. */
function isolated(value: string | Node): Node {
  return typeof value === "string" ? element("bdi", {}, ...unbrokenLabels(value)) : value;
}

/** The HTML of the pages is in English. */
function translateElement(place: HTMLElement): void {
  const words = translation(place.dataset.text ?? "");
  if (words !== undefined) place.textContent = words;
  else Object.assign(place, { lang: "en", dir: "ltr" });
}
