import { createHash } from "node:crypto";
import type { Fragment } from "../../shared/page-messages.ts";
import { encodeFragment } from "../../shared/page-messages.ts";
import {
  allowedHeaders,
  CORS_JSON_HEADERS,
  JSON_HEADERS,
  NOT_MODIFIED_HEADERS,
  PAGE_HEADERS,
  PREFLIGHT_HEADERS,
  PUBLIC_JSON_HEADERS,
} from "./headers.ts";

/** The responses that endpoints give. `redirectToApp` is the only one that leads to an app. */

/** What the address of one of our own pages depends on. */
interface Site {
  origin: string;
}

/** On to the service. 302 as in RFC 6749 §4.1.1; a 301 could be cached. */
export function redirectToService(location: string, setCookies: string[]): Response {
  return redirect(302, location, setCookies);
}

type Page = "/start" | "/waiting" | "/returned" | "/confirm" | "/sign-out";

/** The address of one of our own static pages. The data for the page is in the fragment, which no server receives. */
export function pageAddress({ origin }: Site, page: Page, data: Fragment): string {
  return `${origin}${page}#${encodeFragment(data)}`;
}

/** On to one of our own static pages. */
export function redirectToPage(site: Site, page: Page, data: Fragment, setCookies: string[] = []): Response {
  return redirect(303, pageAddress(site, page, data), setCookies);
}

/** Back to a page of the app. The caller must have checked its address: we must not be an open redirector. */
export function redirectToApp(location: string): Response {
  return redirect(303, location, []);
}

/** From an answer that a service posted to the same address by GET. */
export function redirectToCallback(location: string): Response {
  return redirect(303, location, []);
}

/** JSON for our own pages. */
export function jsonResponse(body: object, setCookies: string[] = []): Response {
  return new Response(JSON.stringify(body), { headers: withCookies(JSON_HEADERS, setCookies) });
}

/** JSON for apps, on any origin. */
export function corsJsonResponse(body: object): Response {
  return new Response(JSON.stringify(body), { headers: CORS_JSON_HEADERS });
}

/** Public JSON that anybody may cache for some minutes and then revalidate (RFC 9110 §13.1.2). */
export function cacheableResponse(request: Request, body: object): Response {
  const text = JSON.stringify(body, undefined, 2);
  const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
  if (isCached(etag, request.headers.get("if-none-match"))) {
    return new Response(null, { status: 304, headers: { ...NOT_MODIFIED_HEADERS, ETag: etag } });
  }
  return new Response(request.method === "HEAD" ? null : text, { headers: { ...PUBLIC_JSON_HEADERS, ETag: etag } });
}

/** Weak comparison (RFC 9110 §13.1.2): a CDN that compresses a response marks its tag as weak. */
function isCached(etag: string, ifNoneMatch: string | null): boolean {
  const tags = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}

/** At a path that no endpoint has. */
export function notFound(): Response {
  return new Response(null, { status: 404, headers: PAGE_HEADERS });
}

/** The response to a page that is only prefetched: without it, a prefetch would set cookies or use up a code. */
export function answerPrefetch({ headers }: Request): Response | undefined {
  const isPrefetch = /\bprefetch\b/.test(headers.get("sec-purpose") ?? headers.get("purpose") ?? "");
  return isPrefetch ? new Response(null, { status: 204, headers: PAGE_HEADERS }) : undefined;
}

/** The response to a CORS preflight request. */
export async function answerPreflight({ headers }: Request): Promise<Response> {
  const allowed = allowedHeaders(headers.get("access-control-request-headers"));
  return new Response(null, {
    status: 204,
    headers: { ...PREFLIGHT_HEADERS, "Access-Control-Allow-Headers": allowed },
  });
}

function redirect(status: 302 | 303, location: string, setCookies: string[]): Response {
  return new Response(null, { status, headers: withCookies({ ...PAGE_HEADERS, Location: location }, setCookies) });
}

/** Each cookie has a header of its own: they cannot be joined by commas (RFC 6265 §3). */
function withCookies(fields: Record<string, string>, setCookies: string[]): Headers {
  const headers = new Headers(fields);
  for (const setCookie of setCookies) headers.append("Set-Cookie", setCookie);
  return headers;
}
