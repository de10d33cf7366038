import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Pages } from "./site.ts";

/** A published file, in a form that the build can write into a function. */
export interface PublishedFile {
  /** The paths that it is served at. */
  paths: string[];
  headers: Record<string, string>;
  /** One character for each byte (latin1). */
  body: string;
}

interface Page {
  body: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

/**
 * A path that no file names cannot be requested.
 *
 * @param readFiles is called for the first request of a page
 */
export function createPages(readFiles: () => PublishedFile[]): Pages {
  let pages: Map<string, Page> | undefined;

  return async ({ url }) => {
    pages ??= new Map(readFiles().flatMap(entriesOf));
    const page = pages.get(new URL(url).pathname);
    return page ? answerWith(page, 200) : answerWith(pages.get("/404")!, 404);
  };
}

/** As text that stays packed until somebody asks for a page: code of that size would make every start wait. */
export function packFiles(files: PublishedFile[]): string {
  return deflateRawSync(JSON.stringify(files)).toString("base64");
}

export function unpackFiles(packed: string): PublishedFile[] {
  return JSON.parse(inflateRawSync(Buffer.from(packed, "base64")).toString()) as PublishedFile[];
}

function entriesOf({ paths, headers, body }: PublishedFile): [string, Page][] {
  const page = { headers, body: new Uint8Array(Buffer.from(body, "latin1")) };
  return paths.map((path) => [path, page]);
}

function answerWith({ body, headers }: Page, status: number): Response {
  return new Response(body, { status, headers });
}
