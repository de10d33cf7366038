import { broken } from "../../server/answers/error-catalogue.ts";
import { errorPage } from "../../server/answers/error-page.ts";
import { hashSource, type InlineHashes } from "./inline-hashes.ts";
import { buildPageScripts, type DescribedService } from "./page-scripts.ts";
import { pageSources } from "./page-sources.ts";
import { buildPageStyles } from "./page-styles.ts";

export interface StaticPages {
  /** What to publish, by path: the pages, and what they or the functions' error page load. */
  files: Map<string, string>;
  hashes: InlineHashes;
}

interface Inlined {
  kind: keyof InlineHashes;
  /** The path by which the page refers to it. */
  path: string;
  content: string;
}

/**
 * The static pages, each with its style sheet and its script in it, so that a page needs one round trip and not two.
 *
 * @param services what the pages show of them is written into the pages
 */
export async function buildStaticPages(services: DescribedService[] = []): Promise<StaticPages> {
  const assets = new Map([...(await buildPageStyles()), ...(await buildPageScripts(services))]);
  const pages = [...(await pageSources())].map(([name, source]) => ({
    name,
    ...inlineAssets(name, withoutIndentation(source), assets),
  }));
  const inlined = pages.flatMap((page) => page.inlined);
  return {
    files: new Map([
      ...assetsThatStayFiles(assets, inlined),
      ...pages.map(({ name, html }): [string, string] => [`/${name}`, html]),
    ]),
    hashes: { scripts: hashesOf(inlined, "scripts"), styles: hashesOf(inlined, "styles") },
  };
}

/** It helps only those who write the pages. No page has preformatted text. */
function withoutIndentation(html: string): string {
  return html.replaceAll(/\n +/g, "\n");
}

/** Those that are in no page, and those of the functions' error page: the function would have to carry them. */
function assetsThatStayFiles(assets: Map<string, string>, inlined: Inlined[]): Map<string, string> {
  const dynamic = errorPage(broken);
  const paths = new Set(inlined.map(({ path }) => path));
  return new Map([...assets].filter(([path]) => !paths.has(path) || dynamic.includes(`="${path}"`)));
}

function hashesOf(inlined: Inlined[], kind: keyof InlineHashes): string[] {
  const contents = inlined.filter((each) => each.kind === kind).map(({ content }) => content);
  return [...new Set(contents)].map(hashSource);
}

interface Element {
  kind: keyof InlineHashes;
  /** How a page refers to the file; the group is its path. */
  reference: RegExp;
  /** The same, for error messages. */
  spelling: string;
  open: string;
  close: string;
  /** The same code, without anything that would end the element. */
  contentOf(code: string): string;
}

const ELEMENTS: Element[] = [
  {
    kind: "styles",
    reference: /<link rel="stylesheet" href="([^"]*)">/g,
    spelling: '<link rel="stylesheet" href="/….css">',
    open: "<style>",
    close: "</style>",
    contentOf: styleContent,
  },
  {
    kind: "scripts",
    reference: /<script type="module" src="([^"]*)"><\/script>/g,
    spelling: '<script type="module" src="/….js"></script>',
    open: '<script type="module">',
    close: "</script>",
    contentOf: scriptContent,
  },
];

/**
 * What would end the element can only be part of a string, where this is another spelling of `<`.
 *
 * @throws {Error} for an image: Chromium requests the images of a `<style>` with the page's whole address as `Referer`,
 *   whatever the page's policy says, and the address may contain an authorization code
 */
function styleContent(css: string): string {
  const [image] = /\burl\(["']?\/[^)]*\)/.exec(css) ?? [];
  if (image !== undefined)
    throw new Error(`Styles, theme.css among them, must load nothing: ${image}. A page may have an <img>.`);
  return css.trim().replaceAll(/<(?=\/style)/gi, "\\3c ");
}

/**
 * After `<!--`, a `<script` would need two end tags (HTML §4.12.1.3). The bundler keeps both sequences out of code, so they
 * can only be part of a string or a regular expression, where this is another spelling of `<`.
 */
function scriptContent(code: string): string {
  return code.trim().replaceAll(/<(?=\/script|!--)/gi, "\\x3c");
}

/**
 * @param page its file name, for error messages
 * @param assets style sheets and scripts, by path
 * @throws {Error} unless the page refers to exactly one style sheet and one script that the build makes
 */
export function inlineAssets(
  page: string,
  source: string,
  assets: Map<string, string>,
): { html: string; inlined: Inlined[] } {
  const inlined = ELEMENTS.map((element) => ({ element, ...findAsset(page, source, element, assets) }));
  const html = inlined.reduce(
    (text, { element: { open, close }, reference, content }) => text.replace(reference, () => open + content + close),
    source,
  );
  return { html, inlined: inlined.map(({ element: { kind }, path, content }) => ({ kind, path, content })) };
}

function findAsset(
  page: string,
  source: string,
  { reference, spelling, contentOf }: Element,
  assets: Map<string, string>,
) {
  const [found, second] = [...source.matchAll(reference)];
  if (found === undefined || second !== undefined) throw new Error(`public/${page} must have exactly one ${spelling}.`);

  const [text, path = ""] = found;
  const asset = assets.get(path);
  if (asset === undefined) throw new Error(`public/${page} asks for ${path}, which the build does not make.`);
  return { reference: text, path, content: contentOf(asset) };
}
