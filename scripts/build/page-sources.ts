import { readdir } from "node:fs/promises";
import { join } from "node:path";
import english from "../../client/languages/en.json" with { type: "json" };
import { dialogPage } from "../../shared/dialog-page.ts";
import { PROJECT, SOURCES_FOLDER } from "../files/project.ts";
import { readText } from "../files/text-file.ts";

const SOURCES = join(PROJECT, SOURCES_FOLDER);

/**
 * The HTML of every static page, by file name, before its style sheet and its script are written into it: the files in
 * `public/`, and the pages of a login.
 */
export async function pageSources(): Promise<Map<string, string>> {
  const names = (await readdir(SOURCES)).filter((name) => name.endsWith(".html")).sort();
  const files = names.map(async (name) => [name, await readText(SOURCES, name)] as const);
  return new Map([...LOGIN_PAGES, ...(await Promise.all(files))]);
}

const LOGIN_PAGES = new Map([
  ["404.html", missingPage()],
  [
    "confirm.html",
    scriptedPage("confirm", {
      styles: "question",
      hasMore: true,
      withoutScript: "It asks whether you want to log in. Nothing has been handed over.",
    }),
  ],
  [
    "returned.html",
    scriptedPage("returned", {
      withoutScript: "It takes you back to the login you started. Nothing has been handed over.",
    }),
  ],
  [
    "sign-out.html",
    scriptedPage("sign-out", {
      title: "Sign out everywhere",
      withoutScript:
        "It asks whether you really want to end all access, and it can’t send your answer without JavaScript. No access has been ended.",
    }),
  ],
  [
    "start.html",
    scriptedPage("start", {
      withoutScript: "It shows which app you are about to log in to. Without JavaScript, it can’t start the login.",
    }),
  ],
  [
    "try.html",
    scriptedPage("try", {
      title: "Try a login",
      withoutScript: "It starts a login that no app gets anything from. Without JavaScript, it can’t start it.",
    }),
  ],
  [
    "waiting.html",
    scriptedPage("waiting", {
      withoutScript:
        "It opens the service you log in with and waits for it. Without JavaScript, it can’t start the login.",
    }),
  ],
]);

interface ScriptedPage {
  title?: string;
  styles?: "card" | "question";
  hasMore?: boolean;
  /** What the page is for, and what that means for people without JavaScript. */
  withoutScript: string;
}

/** A page whose content comes from its script, which reads the fragment. */
function scriptedPage(
  script: string,
  { title = "Log in", styles = "card", hasMore = false, withoutScript }: ScriptedPage,
): string {
  return dialogPage({
    head: `<title>${title}</title>`,
    styles,
    script,
    card: "card",
    more: hasMore ? '\n      <div class="more"></div>' : "",
    content: `<noscript>
          <h1>This page needs JavaScript</h1>
          <p>${withoutScript} Turn on JavaScript for this site and reload the page.</p>
        </noscript>
        <p class="late">If nothing else appears here, reload the page.</p>`,
  });
}

function missingPage(): string {
  return dialogPage({
    head: textElement("title", "missing.documentTitle"),
    styles: "card",
    script: "error",
    card: "card loading",
    content: [
      '<p class="brand"><img src="/favicon.svg" alt=""></p>',
      textElement("h1", "missing.title"),
      textElement("p", "missing.text"),
      textElement("p", "missing.advice"),
    ].join("\n        "),
    actions: `<a class="button" href="/" data-text="common.what">${english["common.what"]}</a>`,
  });
}

/** English, marked with the key by which the script finds a translation. */
function textElement(tag: string, key: keyof typeof english): string {
  return `<${tag} data-text="${key}">${english[key]}</${tag}>`;
}
