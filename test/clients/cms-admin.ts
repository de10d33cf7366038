/**
 * Serves the admin pages of three CMSes as their users have them: the bundle from npm, and a configuration whose
 * `base_url` is the provider. The pages are on loopback, but on a different host from the provider.
 */

import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { LocalServer } from "../tools/local-server.ts";
import { startLocalServer } from "../tools/local-server.ts";

const PACKAGES = fileURLToPath(new URL("node_modules/", import.meta.url));

export const CMSES = {
  decap: { name: "Decap CMS", script: "/npm/decap-cms/dist/decap-cms.js" },
  sveltia: { name: "Sveltia CMS", script: "/npm/@sveltia/cms/dist/sveltia-cms.js" },
  static: { name: "Static CMS", script: "/npm/@staticcms/app/dist/static-cms-app.js" },
} as const;

export type Cms = keyof typeof CMSES;

export interface AdminServer extends LocalServer {
  /** The admin page of a CMS, with the given backend. */
  url(cms: Cms, backend?: string, more?: Record<string, string>): string;
  /** The same at a path without a query, for a CMS that drops the query when it returns to its page. */
  urlWithoutQuery(cms: Cms, backend: string, more: Record<string, string>): string;
}

export async function startAdminServer({
  baseUrl,
  host = "127.0.0.1",
}: {
  baseUrl: string;
  host?: string;
}): Promise<AdminServer> {
  const published = new Map<string, { cms: Cms; backend: URLSearchParams }>();
  const { origin, stop } = await startLocalServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    if (pathname.startsWith("/npm/")) {
      const file = await readPackageFile(pathname);
      const headers = { "content-type": contentType(pathname), "cache-control": "max-age=3600" };
      return response.writeHead(file ? 200 : 404, headers).end(file);
    }
    const cms = pathname.slice(1);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    const page = published.get(pathname);
    if (page) return response.end(adminPage(page.cms, baseUrl, page.backend));
    if (!Object.hasOwn(CMSES, cms)) return response.end("<!doctype html><title>Empty</title>");
    return response.end(adminPage(cms as Cms, baseUrl, searchParams));
  }, host);
  return {
    origin,
    url: (cms, backend = "github", more = {}) => `${origin}/${cms}?${new URLSearchParams({ name: backend, ...more })}`,
    urlWithoutQuery(cms, backend, more) {
      const path = `/${cms}-${backend}-${published.size}`;
      published.set(path, { cms, backend: new URLSearchParams({ name: backend, ...more }) });
      return `${origin}${path}`;
    },
    stop,
  };
}

function adminPage(cms: Cms, baseUrl: string, backend: URLSearchParams): string {
  const configuration = {
    load_config_file: false,
    backend: { repo: "mona/notes", branch: "main", base_url: baseUrl, ...Object.fromEntries(backend) },
    media_folder: "media",
    public_folder: "/media",
    collections: [
      {
        name: "notes",
        label: "Notes of Mona",
        folder: "content",
        create: true,
        fields: [
          { name: "title", label: "Title", widget: "string" },
          { name: "body", label: "Body", widget: "text" },
        ],
      },
    ],
  };
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${CMSES[cms].name}</title>
<link rel="icon" href="data:,">
<script>
  window.CMS_MANUAL_INIT = true;
  window.received = [];
  addEventListener("message", ({ data, origin }) => received.push({ data, origin }));
</script>
<body>
<script src="${CMSES[cms].script}"></script>
<script>CMS.init({ config: ${JSON.stringify(configuration)} });</script>
</body>
</html>`;
}

async function readPackageFile(pathname: string): Promise<Buffer | undefined> {
  const path = normalize(join(PACKAGES, decodeURIComponent(pathname.slice("/npm/".length))));
  if (!path.startsWith(PACKAGES.endsWith(sep) ? PACKAGES : PACKAGES + sep)) return undefined;
  return readFile(path).catch(() => undefined);
}

function contentType(pathname: string): string {
  return extname(pathname) === ".css" ? "text/css" : "text/javascript; charset=utf-8";
}
