import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { PUBLISHED_FOLDER } from "../../scripts/files/project.ts";
import { buildChildren, PROVIDER } from "../setup/build.ts";
import { startHost } from "../setup/host.ts";

/** Transfer sizes: functions to the platform, pages and modules to browsers. */

export interface Size {
  bytes: number;
  gzip: number;
}

export interface PageSize {
  /** Size of the document and everything it loads. */
  gzip: number;
  requests: number;
}

export interface Sizes {
  functions: Record<string, Size>;
  /** By path. `error` is the error page that functions return. */
  pages: Record<string, PageSize>;
  /** The modules that apps load from this provider. */
  modules: Record<string, Size>;
}

const MODULES = ["auth", "react-admin", "login-button", "madata"];

/** What scripts load, which the HTML does not show: the list of services, and the logo of one. */
const LOADED_BY_SCRIPT: Record<string, string[]> = {
  "/": ["/services.json"],
  "/confirm": ["/icons/github.svg"],
  "/start": ["/icons/github.svg"],
};

/** @param directory A site built by `buildSite`. */
export async function measureSizes(directory: string): Promise<Sizes> {
  const functions = join(directory, "dist/functions");
  const published = join(directory, PUBLISHED_FOLDER);
  const names = (await readdir(functions)).map((file) => basename(file, ".mjs"));
  await buildChildren(join(directory, "children"));
  const documents = {
    "/": await readFile(join(published, "index.html"), "utf8"),
    "/confirm": await readFile(join(published, "confirm.html"), "utf8"),
    "/start": await readFile(join(published, "start.html"), "utf8"),
    error: await answerOf("/authorize/unknown", directory),
  };
  const pages = Object.entries(documents).map(
    async ([path, html]) => [path, await pageSize(path, html, directory)] as const,
  );
  return {
    functions: await sizesOf(names, (name) => join(functions, `${name}.mjs`)),
    pages: Object.fromEntries(await Promise.all(pages)),
    modules: await sizesOf(MODULES, (name) => join(published, `${name}.js`)),
  };
}

async function sizesOf(names: string[], pathOf: (name: string) => string): Promise<Record<string, Size>> {
  const sizes = names.map(async (name): Promise<[string, Size]> => [name, sizeOf(await readFile(pathOf(name)))]);
  return Object.fromEntries(await Promise.all(sizes));
}

function sizeOf(content: Buffer | string): Size {
  return { bytes: Buffer.byteLength(content), gzip: gzipSync(content).length };
}

/** A first visit with an empty browser cache. */
async function pageSize(path: string, html: string, directory: string): Promise<PageSize> {
  const loaded = [...new Set([...referencesIn(html), ...(LOADED_BY_SCRIPT[path] ?? [])])];
  const sizes = await Promise.all(loaded.map((reference) => gzipOf(reference, directory)));
  return { gzip: sizes.reduce((sum, size) => sum + size, sizeOf(html).gzip), requests: 1 + loaded.length };
}

/** The files that the document itself refers to. */
function referencesIn(html: string): string[] {
  const links = [...html.matchAll(/<link\s[^>]*\bhref="([^"]+)"/g)];
  const sources = [...html.matchAll(/<(?:script|img)\s[^>]*\bsrc="([^"]+)"/g)];
  return [...links, ...sources].map(([, reference]) => reference!).filter((reference) => reference.startsWith("/"));
}

async function gzipOf(reference: string, directory: string): Promise<number> {
  if (reference === "/services.json") return sizeOf(await answerOf(reference, directory)).gzip;
  return sizeOf(await readFile(join(directory, PUBLISHED_FOLDER, reference))).gzip;
}

/** The reply of the built function. */
async function answerOf(path: string, directory: string): Promise<string> {
  const host = await startHost({
    child: join(directory, "children/host.mjs"),
    file: join(directory, "dist/functions/provider.mjs"),
    env: { URL: PROVIDER },
  });
  try {
    const { reply } = await host.call({ method: "GET", url: `${PROVIDER}${path}`, headers: {} });
    return reply.body;
  } finally {
    await host.stop();
  }
}
