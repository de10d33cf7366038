/**
 * The whole provider as one function from `Request` to `Response`, for hosts without Netlify's routes and file server. It
 * replaces netlify.toml, netlify/provider.ts and netlify/on-netlify.ts.
 */

import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { ROUTES } from "../netlify/routes.ts";
import { headersFor, parseHeaders } from "../scripts/build/headers-file.ts";
import { formatIssues, readConfiguration } from "../scripts/configuration/configuration.ts";
import { addressOf, mediaTypeOf } from "../scripts/files/media-types.ts";
import { PROJECT, PUBLISHED_FOLDER } from "../scripts/files/project.ts";
import { findRoute } from "../server/find-route.ts";
import type { Environment } from "../server/provider/environment.ts";
import { createProvider, type Provider } from "../server/provider/provider.ts";
import { serve } from "../server/serve.ts";

export type Site = (request: Request) => Promise<Response>;

/**
 * @param env the variables as on Netlify. `URL` is the provider's own address; http://localhost means local development.
 * @throws {Error} with all issues of the configuration
 */
export async function createSite(env: Environment): Promise<Site> {
  const isLocal = env.URL?.startsWith("http://") ?? false;
  const { configuration, issues } = await readConfiguration({
    directory: PROJECT,
    env: { ...env, CONTEXT: isLocal ? undefined : "production" },
    localDevelopment: isLocal,
  });
  if (issues.length > 0) throw new Error(formatIssues(issues));
  return await siteOf(createProvider(configuration, env), join(PROJECT, PUBLISHED_FOLDER));
}

/** @param folder the published files of the build */
export async function siteOf(provider: Provider, folder: string): Promise<Site> {
  const pages = await readPages(folder);

  return async (request) => {
    const url = new URL(request.url);
    // Under another name, pages and cookies would belong to another origin.
    if (url.host !== new URL(provider.origin).host) return new Response("Misdirected request", { status: 421 });
    if (isMadataCallback(url)) return redirectToCallback(url);

    const isRead = request.method === "GET" || request.method === "HEAD";
    const page = isRead ? pages.get(url.pathname) : undefined;
    if (page) return answerWith(page, 200);

    const route = findRoute(ROUTES, url.pathname);
    return route
      ? await serve(route.endpoint, request, provider, route.parameters)
      : answerWith(pages.get("/404")!, 404);
  };
}

/** The redirect URI of Madata's clients is the root. */
function isMadataCallback({ pathname, searchParams }: URL): boolean {
  return pathname === "/" && searchParams.has("state") && (searchParams.has("code") || searchParams.has("error"));
}

/** Without a Referrer-Policy: `Referer` must still say which page led the browser here. */
function redirectToCallback({ search }: URL): Response {
  return new Response(null, { status: 302, headers: { "Cache-Control": "no-store", Location: `/callback${search}` } });
}

interface Page {
  body: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

/** The published files by path. A path that is not in this map cannot be requested. */
async function readPages(folder: string): Promise<Map<string, Page>> {
  const rules = parseHeaders(await readFile(join(folder, "_headers"), "utf8"));
  const pages = new Map<string, Page>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name === "_headers") continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${relative(folder, file).replaceAll(sep, "/")}`;
    const headers = { "Content-Type": mediaTypeOf(file), "Cache-Control": "no-cache", ...headersFor(rules, path) };
    const page = { body: new Uint8Array(await readFile(file)), headers };
    pages.set(path, page);
    pages.set(addressOf(path), page);
  }
  return pages;
}

function answerWith({ body, headers }: Page, status: number): Response {
  return new Response(body, { status, headers });
}
