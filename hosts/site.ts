/**
 * The whole provider as one function from `Request` to `Response`, for hosts without Netlify's routes and file server. It
 * replaces netlify.toml, netlify/provider.ts and netlify/on-netlify.ts.
 */

import { ROUTES } from "../netlify/routes.ts";
import { notFound } from "../server/answers/responses.ts";
import { findRoute } from "../server/find-route.ts";
import type { Provider } from "../server/provider/provider.ts";
import { serve } from "../server/serve.ts";

export type Site = (request: Request) => Promise<Response>;

/** Answers GET and HEAD with the published file at that path, or with the page for "not found". */
export type Pages = (request: Request) => Promise<Response>;

/** A name or an IP address, and perhaps a port. */
const HOST = /^([\w.-]+|\[[\da-f:.]+\])(:\d*)?$/i;

export function createSite(provider: Provider, pages: Pages): Site {
  const { host } = new URL(provider.origin);

  return async (request) => {
    if (isMalformed(request)) return malformed();
    const url = new URL(request.url);
    // Under another name, pages and cookies would belong to another origin.
    if (url.host !== host) return misdirected();
    if (isMadataCallback(url)) return redirectToCallback(url);

    const route = findRoute(ROUTES, url.pathname);
    if (route) return await serve(route.endpoint, request, provider, route.parameters);
    return request.method === "GET" || request.method === "HEAD" ? await pages(request) : notFound();
  };
}

/** Runtimes put `Host` before the path without a check, so a `Host` that is none could begin another path (RFC 9112 §3.2). */
function isMalformed({ url, headers }: Request): boolean {
  const host = headers.get("host");
  return !URL.canParse(url) || (host !== null && !HOST.test(host));
}

export function malformed(): Response {
  return new Response("Bad request", { status: 400 });
}

/** The answer of whatever is not the published provider at its own address. */
export function misdirected(): Response {
  return new Response("Misdirected request", { status: 421 });
}

/** The redirect URI of Madata's clients is the root. */
function isMadataCallback({ pathname, searchParams }: URL): boolean {
  return pathname === "/" && searchParams.has("state") && (searchParams.has("code") || searchParams.has("error"));
}

/** Without a Referrer-Policy: `Referer` must still say which page led the browser here. */
function redirectToCallback({ search }: URL): Response {
  return new Response(null, { status: 302, headers: { "Cache-Control": "no-store", Location: `/callback${search}` } });
}
