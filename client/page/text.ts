import { directionOf, matchLanguage } from "../languages/language.ts";
import { nameOf } from "../languages/words.ts";
import { element } from "./dom.ts";

/**
 * What the pages say, in the reader's language. `languages/en.json` has a key for every sentence. The build
 * (`scripts/build/page-scripts.ts`) puts the English sentence wherever a script has its key, and each other language
 * into one small file per page: a translation stands there under the name of the English words (`words.ts`), or under
 * its key, where the key comes from the page's HTML or is made from what the page is given.
 */

type English = typeof import("../languages/en.json", { with: { type: "json" }});
export type TextKey = keyof English;

/** Text, with elements in it where values stand. */
export type Sentence = (string | Node)[];

/** Set by the build. */
declare const LANGUAGES: string[];

/** Whoever waits longer than this reads English: once there are words on the page, they stay. */
const patienceMs = 2_000;

let language = "en";
let translated: Record<string, string> = {};

/** Chooses the reader's language and gets the page's texts in it. Never fails: then the page speaks English. */
export async function loadLanguage(page: string): Promise<void> {
  language = matchLanguage(navigator.languages, LANGUAGES);
  await loadTexts(page);
  if (Object.keys(translated).length === 0) language = "en";
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
  if (language !== "en") document.querySelectorAll<HTMLElement>("[data-text]").forEach(translateElement);
}

/** Further texts, beside the page's own. */
export async function loadTexts(page: string): Promise<void> {
  if (language === "en") return;
  try {
    const response = await fetch(`/languages/${language}/${page}.json`, { signal: AbortSignal.timeout(patienceMs) });
    const further = (await response.json()) as Record<string, string>;
    translated = { ...translated, ...further };
  } catch {
    // What is not there is said in English.
  }
}

/**
 * A sentence with its values filled in: `{service}`, `{origin}`, …
 *
 * @param english as the source has it, a key; as the build has made it, the English sentence
 */
export function text(english: TextKey, values: Record<string, string | Node> = {}): Sentence {
  const parts = (translated[nameOf(english)] ?? english).split(/\{(\w+)\}/);
  return parts
    .map((part, index) => (index % 2 === 0 ? part : isolated(values[part] ?? part)))
    .filter((part) => part !== "");
}

/** A text by its key, whose English is not part of the script. `undefined`: there is none in the reader's language. */
export function translation(key: string): string | undefined {
  return translated[key];
}

/** Words that are there in English only, so that nobody and no screen reader takes them for the page's language. */
export function english(words: string): Sentence {
  return language === "en" ? [words] : [element("span", { lang: "en", dir: "ltr", textContent: words })];
}

/** Letters from right to left, on either side, must not reorder an address [A33]. */
function isolated(value: string | Node): Node {
  return typeof value === "string" ? element("bdi", { textContent: value }) : value;
}

/** Text of the page's HTML, which is English. */
function translateElement(place: HTMLElement): void {
  const words = translation(place.dataset.text ?? "");
  if (words !== undefined) place.textContent = words;
  else Object.assign(place, { lang: "en", dir: "ltr" });
}

/** For what says something in the language of a page, without being part of its script. */
export const texts = { text, translation, english, loadTexts };
