import { extname } from "node:path";

/** How published files are served, on every host. */

const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

export function mediaTypeOf(file: string): string {
  return TYPES[extname(file)] ?? "application/octet-stream";
}

/** The path under which browsers ask for a file: a page without its ending. */
export function addressOf(path: string): string {
  return path.replace(/(^\/index)?\.html$/, "") || "/";
}
