import type { Pages } from "./site.ts";

/** A published file, in a form that the build can write into a function. */
export interface PublishedFile {
  /** The paths that it is served at. */
  paths: string[];
  headers: Record<string, string>;
  /** Base64. */
  body: string;
}

interface Page {
  body: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

/** A path that no file names cannot be requested. */
export function createPages(files: PublishedFile[]): Pages {
  const pages = new Map(files.flatMap(entriesOf));

  return async ({ url }) => {
    const page = pages.get(new URL(url).pathname);
    return page ? answerWith(page, 200) : answerWith(pages.get("/404")!, 404);
  };
}

function entriesOf({ paths, headers, body }: PublishedFile): [string, Page][] {
  const page = { headers, body: new Uint8Array(Buffer.from(body, "base64")) };
  return paths.map((path) => [path, page]);
}

function answerWith({ body, headers }: Page, status: number): Response {
  return new Response(body, { status, headers });
}
