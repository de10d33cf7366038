import { readdir, readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import english from "../../../client/languages/en.json" with { type: "json" };
import { directionOf, matchLanguage } from "../../../client/languages/language.ts";
import {
  buildPageScripts,
  keysInHtml,
  LANGUAGES_FOLDER,
  PAGE_SCRIPTS,
  readLanguages,
} from "../../../scripts/build/page-scripts.ts";
import { pageSources } from "../../../scripts/build/page-sources.ts";
import * as errors from "../../../server/answers/error-catalogue.ts";

type Texts = Record<string, string>;

/** The script of each language. Languages that are not listed use Latin letters. */
const SCRIPTS: Record<string, RegExp> = {
  ar: /\p{Script=Arabic}/u,
  bg: /\p{Script=Cyrillic}/u,
  el: /\p{Script=Greek}/u,
  fa: /\p{Script=Arabic}/u,
  he: /\p{Script=Hebrew}/u,
  hi: /\p{Script=Devanagari}/u,
  ja: /[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]/u,
  ko: /\p{Script=Hangul}/u,
  ru: /\p{Script=Cyrillic}/u,
  th: /\p{Script=Thai}/u,
  uk: /\p{Script=Cyrillic}/u,
  ur: /\p{Script=Arabic}/u,
  "zh-Hans": /\p{Script=Han}/u,
  "zh-Hant": /\p{Script=Han}/u,
};

/** Characters that belong to the other Chinese script. */
const OTHER_CHINESE: Record<string, RegExp> = { "zh-Hans": /[這個應務請權]/, "zh-Hant": /[这个应务请权]/ };

const ENGLISH: Texts = english;
const keys = Object.keys(ENGLISH);
const languages = await readLanguages();
const files = await buildPageScripts();

describe("English", () => {
  test("names no text twice", async () => {
    const source = await readFile(`${LANGUAGES_FOLDER}/en.json`, "utf8");
    expect([...source.matchAll(/^ {2}"([^"]+)": /gm)].map(([, key]) => key)).toEqual(keys);
  });

  test("has no text that no page says", async () => {
    const used = await Promise.all(Object.keys(PAGE_SCRIPTS).map(keysOfPage));
    const source = await readFile(new URL("../../../client/modules/login-button.ts", import.meta.url), "utf8");
    // An error's text is found by the error's code.
    const ofButton = keys.filter((key) => {
      const [module, name] = key.split(".");
      return module === "loginButton" && (name === "error" || new RegExp(`\\b${name}\\b`).test(source));
    });
    const known = [...used.flat(), ...ofButton, "language.reviewed"];
    const unused = keys.filter((key) => !known.includes(key));
    expect(unused).toEqual([]);
  });

  test("is what the pages' HTML says, word for word", async () => {
    for (const [name, html] of await pageSources())
      expect(textsOf(html), name).toEqual(textsOf(html).map(([key]) => [key, ENGLISH[key]]));
  });

  test("has a sentence and advice for every failure that is not for developers, with the words of the functions", () => {
    for (const { name, text, advice } of Object.values(errors).filter(({ name }) => !FOR_DEVELOPERS.includes(name))) {
      expect({ text: ENGLISH[`reason.${name}.text`], advice: ENGLISH[`reason.${name}.advice`] }, name).toEqual({
        text,
        advice,
      });
    }
  });

  test("has none for failures that are not there, or that only developers understand", () => {
    const named = keys.flatMap((key) => /^reason\.(\w+)\./.exec(key)?.[1] ?? []);
    const known = Object.keys(errors).filter((name) => !FOR_DEVELOPERS.includes(name));
    expect(named.filter((name) => name !== "other" && !known.includes(name))).toEqual([]);
  });

  test("describes scopes with words of the catalogue", async () => {
    const described = await descriptionsOfCatalogue();
    const scopes = keys.filter((key) => key.startsWith("scope."));
    for (const key of scopes) expect(key).toBe(`scope.${ENGLISH[key]}`);
    expect(scopes.filter((key) => !described.has(ENGLISH[key]!))).toEqual([]);
  });
});

/** Errors in a request, described in the terms of the specifications. They are shown in English only. */
const FOR_DEVELOPERS = [
  "base_url_without_service",
  "base_url_with_path",
  "invalid_app_id",
  "auth_type_without_pkce",
  "wrong_method",
  "too_large",
  "unreadable_body",
  "duplicate_parameter",
  "oversized_parameter",
  "oversized_login",
  "service_without_authorization_endpoint",
  "invalid_client_id",
  "invalid_redirect_uri",
  "unattested_redirect_uri",
  "unsupported_response_type",
  "unsupported_response_mode",
  "invalid_code_challenge",
  "invalid_scope",
  "invalid_target",
  "openid_without_key",
  "openid_without_sub",
  "openid_on_loopback",
  "openid_with_path",
  "unsupported_max_age",
  "request_not_supported",
  "request_uri_not_supported",
  "unusable_id_token_hint",
  "login_required",
  "service_refused_scope",
  "invalid_dpop_jkt",
  // Errors of endpoints that only programs call.
  "unsupported_grant_type",
  "client_secret_given",
  "missing_token_parameter",
  "invalid_code_verifier",
  "invalid_code",
  "code_of_other_client",
  "other_user",
  "missing_refresh_token",
  "invalid_refresh_token",
  "invalid_dpop_proof",
  "use_dpop_nonce",
  "unsupported_token_type",
  "missing_token",
  "token_in_url",
  "invalid_token",
  "insufficient_scope",
  "no_userinfo",
  "no_id_tokens",
  "unknown_user",
];

test("what a language lacks is left out, so that the page says it in English and never leaves it blank", async () => {
  const built = await buildPageScripts([], new Map([["xx", { "confirm.yes": "Xx" }]]));
  const { version, ...texts } = JSON.parse(built.get("/languages/xx/confirm.json")!) as Texts;
  expect(texts).toEqual({ "confirm.yes": "Xx" });
  expect(built.get("/confirm.js")).toContain(version);
});

describe.each([...languages])("%s", (tag, texts) => {
  test("has exactly the texts of English, in its order", () => {
    expect(Object.keys(texts)).toEqual(keys);
  });

  test("is tagged as browsers tag it", () => {
    expect(new Intl.Locale(tag).toString()).toBe(tag);
    expect(matchLanguage([tag], ["en", ...languages.keys()])).toBe(tag);
  });

  test("says whether somebody who speaks it has read it", () => {
    expect(texts["language.reviewed"]).toMatch(/^(yes|no)$/);
  });

  test("has the placeholders of English in every text, and no text that is empty", () => {
    for (const key of keys) {
      expect(texts[key]?.trim(), key).not.toBe("");
      expect(texts[key], key).toBe(texts[key]?.trim());
      expect(placeholders(texts[key]!), key).toEqual(placeholders(ENGLISH[key]!));
    }
  });

  test("is text: no markup, no entities, nothing invisible [A5][A33]", () => {
    for (const key of keys)
      expect(texts[key], key).not.toMatch(
        /<[a-z/!]|&\w+;|[\u0000-\u001F\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/i,
      );
  });

  test("is written in the letters of its language", () => {
    const script = SCRIPTS[tag] ?? /\p{Script=Latin}/u;
    for (const key of keys.filter((key) => key !== "language.reviewed")) expect(texts[key], key).toMatch(script);
    const all = Object.values(texts).join("");
    if (OTHER_CHINESE[tag] !== undefined) expect(all).not.toMatch(OTHER_CHINESE[tag]);
  });

  test("begins what an app will be able to do with a capital letter, as far as the language has them", () => {
    const hasCase = /^\p{Lu}/u.test(texts["confirm.yes"]!);
    const items = keys.filter((key) => /^scope\.|^confirm\.(everything|standard|offline)$/.test(key));
    expect(items.filter((key) => hasCase && /^\p{Ll}/u.test(texts[key]!))).toEqual([]);
  });

  test("says everything before the address, which stands in a box of its own below the words", () => {
    for (const key of ["confirm.title", "start.title"]) expect(texts[key], key).toMatch(/\{origin\}\P{L}*$/u);
  });

  test("ends no question with the name of a service: the heading would hide the question mark", () => {
    expect(texts["signOut.title"]).not.toMatch(/\}\P{L}*$/u);
  });

  test("is a translation", () => {
    const same = keys.filter((key) => texts[key] === ENGLISH[key]);
    // Short words can be the same in two languages.
    expect(same.filter((key) => ENGLISH[key]!.length > 15)).toEqual([]);
  });
});

describe("the reader's language", () => {
  const offered = ["en", "ar", "de", "es", "fr", "he", "nb", "pt", "zh-Hans", "zh-Hant"];

  test.each<[wanted: string[], language: string]>([
    [["de"], "de"],
    [["de-AT"], "de"],
    [["de-Latn-CH-1996"], "de"],
    [["DE-de"], "de"],
    [["pt-BR", "en"], "pt"],
    [["xx", "fr-CA", "de"], "fr"],
    [["en-GB", "fr"], "en"],
    [["iw"], "he"],
    [["nn-NO"], "nb"],
    [["no"], "nb"],
    [["zh"], "zh-Hans"],
    [["zh-CN"], "zh-Hans"],
    [["zh-SG"], "zh-Hans"],
    [["zh-TW"], "zh-Hant"],
    [["zh-HK"], "zh-Hant"],
    [["zh-MO"], "zh-Hant"],
    [["zh-Hant-CN"], "zh-Hant"],
    [["zh-Hans-TW"], "zh-Hans"],
    [["*"], "en"],
    [["", "not a tag", "de"], "de"],
    [["tlh"], "en"],
    [[], "en"],
  ])("of %j is %s (RFC 4647 §3.4)", (wanted, language) => expect(matchLanguage(wanted, offered)).toBe(language));

  test("is one that is there, also where the region is its own file", () => {
    expect(matchLanguage(["pt-BR"], ["en", "pt", "pt-BR"])).toBe("pt-BR");
    expect(matchLanguage(["pt-PT"], ["en", "pt", "pt-BR"])).toBe("pt");
  });

  test("tells where lines begin", () => {
    expect(["ar", "fa", "he", "ur"].map(directionOf)).toEqual(["rtl", "rtl", "rtl", "rtl"]);
    expect(["en", "de", "zh-Hant"].map(directionOf)).toEqual(["ltr", "ltr", "ltr"]);
  });
});

describe.each(Object.keys(PAGE_SCRIPTS))("the page %s", (page) => {
  test.each(scriptsOf(page))("%s has the English of every text that it names, and of no other", (path) => {
    const { TEXTS } = constantsOf(path);
    const code = files.get(path)!.replace(JSON.stringify(TEXTS), "");
    const named = keys.filter((key) => code.includes(`"${key}"`));
    expect(TEXTS).toEqual(Object.fromEntries(named.map((key) => [key, ENGLISH[key]])));
  });

  test("finds every text that it can say in a language's file, and nothing else is there", async () => {
    const said = await keysOfPage(page);
    for (const [tag, texts] of languages) {
      const { version, ...translations } = JSON.parse(files.get(`/languages/${tag}/${page}.json`)!) as Texts;
      expect(translations, tag).toEqual(Object.fromEntries(said.map((key) => [key, texts[key]])));
      for (const path of scriptsOf(page)) expect(version, path).toBe(constantsOf(path).TEXTS_VERSION);
    }
  });
});

test("the fallbacks of the confirmation page have texts of their own, which are not in the page's script", () => {
  const [own, fallbacks] = ["/confirm.js", "/confirm-fallbacks.js"].map((path) => constantsOf(path).TEXTS);
  const states = keys.filter(
    (key) =>
      /^confirm\.(nothing|meeting|unsafe|cut|refused|expired|lost|gone|why)\b/.test(key) && key !== "confirm.why.title",
  );
  expect(states.filter((key) => fallbacks![key] === undefined)).toEqual([]);
  expect(states.filter((key) => own![key] !== undefined)).toEqual([]);
});

/** The page's script and its fallback script, if it has one. */
function scriptsOf(page: string): string[] {
  return [page, PAGE_SCRIPTS[page]!.fallbacks ?? []].flat().map((name) => `/${name}.js`);
}

/** The constants that the build puts at the start of a script. */
function constantsOf(path: string): { TEXTS: Texts; TEXTS_VERSION: string } {
  const [, declaration] = /^(const TEXTS=.*?,TEXTS_VERSION="[\w-]+";)/.exec(files.get(path)!)!;
  return new Function(`${declaration}return { TEXTS, TEXTS_VERSION };`)() as { TEXTS: Texts; TEXTS_VERSION: string };
}

/** The keys of all texts that a page can show. */
async function keysOfPage(page: string): Promise<string[]> {
  const { translatedPrefix } = PAGE_SCRIPTS[page]!;
  const inScripts = scriptsOf(page).flatMap((path) => Object.keys(constantsOf(path).TEXTS));
  const given = keys.filter((key) => translatedPrefix !== undefined && key.startsWith(translatedPrefix));
  return [...inScripts, ...(await keysInHtml(page)), ...given];
}

/** The texts of an HTML file by key, as a reader sees them. */
function textsOf(html: string): [key: string, text: string][] {
  return [...html.matchAll(/ data-text="([^"]+)"[^>]*>([^<]*)</g)].map(([, key, text]) => [
    key!,
    text!.replaceAll(/\s+/g, " ").trim(),
  ]);
}

function placeholders(text: string): string[] {
  return [...text.matchAll(/\{\w+\}|[{}]/g)].map(([match]) => match).sort();
}

async function descriptionsOfCatalogue(): Promise<Set<string>> {
  const folder = new URL("../../../catalogue/services/", import.meta.url);
  const files = await Promise.all((await readdir(folder)).map((file) => readFile(new URL(file, folder), "utf8")));
  return new Set(files.map((file) => JSON.parse(file) as Described).flatMap(descriptionsOf));
}

/** A kind of client may have other fields than the rest of its service. */
interface Described {
  scope_descriptions?: Texts;
  installation?: { description: string };
  client_kinds?: { fields?: Described }[];
}

function descriptionsOf({
  scope_descriptions: scopes = {},
  installation,
  client_kinds: kinds = [],
}: Described): string[] {
  const ofKinds = kinds.flatMap(({ fields }) => (fields ? descriptionsOf(fields) : []));
  return [...Object.values(scopes), ...(installation ? [installation.description] : []), ...ofKinds];
}
