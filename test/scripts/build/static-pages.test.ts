import { createContext, runInContext } from "node:vm";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hashSource } from "../../../scripts/build/inline-hashes.ts";
import { buildPageScripts } from "../../../scripts/build/page-scripts.ts";
import { buildStaticPages, inlineAssets } from "../../../scripts/build/static-pages.ts";
import { broken } from "../../../server/answers/error-catalogue.ts";
import { errorPage } from "../../../server/answers/error-page.ts";

const PAGE =
  '<!doctype html><head><link rel="stylesheet" href="/a.css"><script type="module" src="/a.js"></script></head><body>';

function inlined(css: string, js: string) {
  return inlineAssets(
    "a.html",
    PAGE,
    new Map([
      ["/a.css", css],
      ["/a.js", js],
    ]),
  );
}

/** 12 kB, without the list of services and the logo. */
const HOME_BUDGET = 11_264;

describe("the built pages", async () => {
  const { files, hashes } = await buildStaticPages();
  const pages = [...files].filter(([path]) => path.endsWith(".html"));

  test("there are some", () => expect(pages.length).toBeGreaterThan(5));

  test.each(pages)("%s has one style and one script in it, each with its hash, and asks for no other", (_, html) => {
    const styles = [...html.matchAll(/<style>(.*?)<\/style>/gs)].map(([, content]) => hashSource(content!));
    const scripts = [...html.matchAll(/<script type="module">(.*?)<\/script>/gs)].map(([, content]) =>
      hashSource(content!),
    );
    expect([styles.length, scripts.length]).toEqual([1, 1]);
    expect(hashes.styles).toContain(styles[0]);
    expect(hashes.scripts).toContain(scripts[0]);
    expect(html).not.toMatch(/rel="?stylesheet|<script[^>]+src=/);
  });

  test("the home page is small in every language, and what only people who build apps need is not in it", () => {
    const home = files.get("/index.html")!;
    const languages = [...files].filter(([path]) => /^\/languages\/.*\/home\.json$/.test(path));
    expect(languages.length).toBeGreaterThan(10);
    for (const [path, texts] of languages)
      expect(gzipSync(home).length + gzipSync(texts).length, path).toBeLessThan(HOME_BUDGET);
    expect(home).not.toContain("oidc-client-ts");
    expect(files.get("/home-makers.js")).toContain("oidc-client-ts");
  });

  test("what stands in a page is no file as well, but for what the functions' error page loads", async () => {
    const loaded = [...errorPage(broken).matchAll(/(?:href|src)="(\/[\w-]+\.(?:css|js))"/g)].map(([, path]) => path!);
    expect(loaded).toEqual(["/card.css", "/error.js"]);
    const kept = [...files.keys()].filter((path) => /^\/[\w-]+\.(?:css|js)$/.test(path));
    const scripts = [...(await buildPageScripts()).keys()].filter((path) => path.endsWith(".js"));
    const own = new Set(
      ["home", "confirm", "start", "returned", "sign-out", "try", "waiting"].map((name) => `/${name}.js`),
    );
    expect(kept.sort()).toEqual(
      [...loaded, ...scripts.filter((path) => !own.has(path) && path !== "/error.js")].sort(),
    );
  });

  test("no hash is there twice", () => {
    for (const list of [hashes.scripts, hashes.styles]) expect(new Set(list).size).toBe(list.length);
  });
});

describe("a page that cannot be put together stops the build", () => {
  const assets = new Map([
    ["/a.css", ""],
    ["/a.js", ""],
  ]);

  test.each([
    ["no style sheet", PAGE.replace(/<link[^>]+>/, ""), 'public/a.html must have exactly one <link rel="stylesheet"'],
    [
      "its style sheet in another spelling",
      PAGE.replace('rel="stylesheet" href="/a.css"', 'href="/a.css" rel="stylesheet"'),
      "exactly one <link",
    ],
    ["no script", PAGE.replace(/<script.*script>/, ""), 'public/a.html must have exactly one <script type="module"'],
    ["two scripts", PAGE + PAGE.match(/<script.*script>/)![0], "exactly one <script"],
    ["another style sheet", PAGE.replace("a.css", "b.css"), "public/a.html asks for /b.css"],
    ["another script", PAGE.replace("a.js", "b.js"), "public/a.html asks for /b.js"],
  ])("with %s", (_, html, said) => {
    expect(() => inlineAssets("a.html", html, assets)).toThrow(said);
  });

  test("with an image in its style, which Chromium would ask for with a Referer [A35]", () => {
    for (const url of ['url("/favicon.svg")', "url(/favicon.svg)"]) {
      expect(() => inlined(`.brand::before{background:${url} center}`, "")).toThrow(url);
    }
  });
});

describe("[A5] what stands in a page cannot get out of its element", () => {
  /** Strings that end or change an element, and patterns with a special meaning in `String.replace`. */
  const PIECES = [
    "</script",
    "</SCRIPT>",
    "<!--",
    "<script",
    "-->",
    "</style>",
    "]]>",
    "$&",
    "$'",
    "$1",
    "\\",
    '"',
    "'",
    "<",
    "/",
    "!",
    "x",
    "\n",
    " ",
  ];
  const hostile = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join(""));

  /**
   * The contents as a browser parses them (HTML §13.2.5.4 and §13.2.5.20): up to the first end tag, unless `<!--`
   * hides it.
   */
  function contents(html: string): { style: string; script: string } {
    const [, style, script] =
      /^[\s\S]*?<style>([\s\S]*?)<\/style[\s\S]*?<script type="module">([\s\S]*?)<\/script/i.exec(html)!;
    return { style: style!, script: script! };
  }

  test("whatever a text says, the script is whole, and says it", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const { html, inlined: parts } = inlined(
          "",
          `const TEXTS=${JSON.stringify({ text })};globalThis.said=TEXTS.text`,
        );
        const { script } = contents(html);
        expect(parts.find(({ kind }) => kind === "scripts")!.content).toBe(script);
        expect(script).not.toContain("<!--");
        expect(html.endsWith("</script></head><body>")).toBe(true);
        const world = createContext({});
        runInContext(script, world);
        expect(world.said).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test("whatever stands in a string of the owner's theme, the style is whole, and the script after it is the page's own", () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const css = `:root{--name:${JSON.stringify(text).replaceAll("\\n", "\\a ")}}`;
        const { html, inlined: parts } = inlined(css, "globalThis.said=1");
        const { style, script } = contents(html);
        expect(parts.find(({ kind }) => kind === "styles")!.content).toBe(style);
        expect(style.replaceAll("\\3c ", "<")).toBe(css);
        expect(script).toBe("globalThis.said=1");
      }),
      { numRuns: 1_000 },
    );
  });
});
