import { createHash } from "node:crypto";
import type { Fragment } from "../../shared/question.ts";
import { encodeFragment } from "../../shared/question.ts";
import type { Provider } from "../provider/provider.ts";
import {
  allowedHeaders,
  CORS_JSON_HEADERS,
  JSON_HEADERS,
  NOT_MODIFIED_HEADERS,
  PAGE_HEADERS,
  PREFLIGHT_HEADERS,
  PUBLIC_JSON_HEADERS,
} from "./headers.ts";

/** The ways in which endpoints answer. Of them, only the refusal of `prompt=none` ever redirects to an app [A9][A43]. */

/** Onward to the service. Never a cacheable 301; 302 as RFC 6749 shows it. */
export function redirectToService(location: string, setCookies: string[]): Response {
  return redirect(302, location, setCookies);
}

type Page = "/start" | "/waiting" | "/returned" | "/confirm" | "/sign-out";

/** One of our own static pages. What it shows travels in the fragment, which is sent to no server. */
export function pageAddress({ origin }: Provider, page: Page, shown: Fragment): string {
  return `${origin}${page}#${encodeFragment(shown)}`;
}

/** Onward to one of our own static pages. */
export function redirectToPage(provider: Provider, page: Page, shown: Fragment, setCookies: string[] = []): Response {
  return redirect(303, pageAddress(provider, page, shown), setCookies);
}

/** Back to a page of the app that has asked and waits. Its address was checked by whoever calls this [A43]. */
export function redirectToApp(location: string): Response {
  return redirect(303, location, []);
}

/** From a posted answer of a service to the same address by GET. */
export function redirectToCallback(location: string): Response {
  return redirect(303, location, []);
}

/** JSON for our own pages. */
export function jsonAnswer(body: object, setCookies: string[] = []): Response {
  return new Response(JSON.stringify(body), { headers: withCookies(JSON_HEADERS, setCookies) });
}

/** JSON for an app, on whatever origin it runs. */
export function corsJsonAnswer(body: object): Response {
  return new Response(JSON.stringify(body), { headers: CORS_JSON_HEADERS });
}

/** Public JSON that anybody may keep for some minutes, and ask again whether it has changed (RFC 9110 §13.1.2). */
export function cacheableAnswer(request: Request, body: object): Response {
  const text = JSON.stringify(body, undefined, 2);
  const etag = `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
  if (isKnown(etag, request.headers.get("if-none-match"))) {
    return new Response(null, { status: 304, headers: { ...NOT_MODIFIED_HEADERS, ETag: etag } });
  }
  return new Response(request.method === "HEAD" ? null : text, { headers: { ...PUBLIC_JSON_HEADERS, ETag: etag } });
}

/** Weak comparison (RFC 9110 §13.1.2): a CDN that compresses answers marks their tags as weak. */
function isKnown(etag: string, ifNoneMatch: string | null): boolean {
  const known = (ifNoneMatch ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return known.includes(etag) || known.includes("*");
}

/** Says nothing and allows nothing: our own pages ask for it so that a function is awake when it is needed. */
export async function awake(): Promise<Response> {
  return new Response(null, { status: 204, headers: PAGE_HEADERS });
}

/** The answer to a CORS preflight. */
export async function preflight({ headers }: Request): Promise<Response> {
  const allowed = allowedHeaders(headers.get("access-control-request-headers"));
  return new Response(null, {
    status: 204,
    headers: { ...PREFLIGHT_HEADERS, "Access-Control-Allow-Headers": allowed },
  });
}

function redirect(status: 302 | 303, location: string, setCookies: string[]): Response {
  return new Response(null, { status, headers: withCookies({ ...PAGE_HEADERS, Location: location }, setCookies) });
}

/** Each in a line of its own: they cannot be joined by commas (RFC 6265 §3). */
function withCookies(fields: Record<string, string>, setCookies: string[]): Headers {
  const headers = new Headers(fields);
  for (const setCookie of setCookies) headers.append("Set-Cookie", setCookie);
  return headers;
}
