import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { type HeaderRule, headersFor, parseHeaders } from "../scripts/build/headers-file.ts";
import { addressOf, mediaTypeOf } from "../scripts/files/media-types.ts";
import type { Provider } from "../server/provider/provider.ts";
import { createPages, type PublishedFile } from "./pages.ts";
import { createSite, type Site } from "./site.ts";

const HEADERS_FILE = "_headers";

/** @param folder the published files of the build */
export async function siteOf(provider: Provider, folder: string): Promise<Site> {
  const files = await readPublished(folder);
  return createSite(
    provider,
    createPages(() => files),
  );
}

/** The published files with their headers, which the file `_headers` sets. */
export async function readPublished(folder: string): Promise<PublishedFile[]> {
  const rules = parseHeaders(await readFile(join(folder, HEADERS_FILE), "utf8"));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== HEADERS_FILE);
  return await Promise.all(files.map(({ parentPath, name }) => readOne(folder, join(parentPath, name), rules)));
}

async function readOne(folder: string, file: string, rules: HeaderRule[]): Promise<PublishedFile> {
  const path = `/${relative(folder, file).replaceAll(sep, "/")}`;
  return {
    paths: [...new Set([path, addressOf(path)])],
    headers: { "Content-Type": mediaTypeOf(file), "Cache-Control": "no-cache", ...headersFor(rules, path) },
    body: (await readFile(file)).toString("latin1"),
  };
}
