/**
 * The response headers of every dynamic answer. Hosts add headers to static files only, so functions set their own; for
 * the static pages, the build writes the same ones to a file (`scripts/build/static-headers.ts`).
 */

export const SECURITY_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; " +
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  // Any other value, even on a redirect, cuts the popup from the app that opened it, for good [A59].
  "Cross-Origin-Opener-Policy": "unsafe-none",
  "Cross-Origin-Resource-Policy": "same-origin",
  // Codes travel in URLs; no later request may carry those on [A35].
  "Referrer-Policy": "no-referrer",
  "Permissions-Policy":
    "accelerometer=(), camera=(), display-capture=(), fullscreen=(), geolocation=(), gyroscope=(), hid=(), " +
    "identity-credentials-get=(), idle-detection=(), microphone=(), midi=(), payment=(), " +
    "publickey-credentials-create=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), " +
    "web-share=(), xr-spatial-tracking=()",
  "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "X-Robots-Tag": "noindex, nofollow",
  "Origin-Agent-Cluster": "?1",
} as const;

/** Browsers and the CDN alike must forget every dynamic answer [A36]. */
const NO_STORE = { "Cache-Control": "no-store", "Netlify-CDN-Cache-Control": "no-store" } as const;

/** Pages and redirects that a person meets. */
export const PAGE_HEADERS = { ...SECURITY_HEADERS, ...NO_STORE } as const;

const JSON_SECURITY_HEADERS = {
  "Content-Type": "application/json",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": SECURITY_HEADERS["Strict-Transport-Security"],
  "X-Content-Type-Options": "nosniff",
} as const;

/** JSON for our own pages: no other origin can read it. */
export const JSON_HEADERS = {
  ...JSON_SECURITY_HEADERS,
  "Cross-Origin-Resource-Policy": "same-origin",
  ...NO_STORE,
  Pragma: "no-cache",
} as const;

/**
 * JSON for apps on any origin. No endpoint that sends these headers looks at a cookie, and none allows credentials, so
 * `*` gives away nothing that the caller did not already hold [A37].
 */
const CORS_HEADERS = {
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "www-authenticate, dpop-nonce",
} as const;

export const CORS_JSON_HEADERS = { ...JSON_HEADERS, ...CORS_HEADERS } as const;

/** JSON that is the same for everybody: the list of services and the metadata. A change reaches apps within minutes. */
const PUBLIC_HEADERS = {
  ...JSON_SECURITY_HEADERS,
  ...CORS_HEADERS,
  "Cache-Control": "public, max-age=300, must-revalidate",
} as const;

/**
 * The CDN may keep it until the next deploy, which forgets everything; settings change with a deploy only. Whatever else
 * is appended to the address makes no difference: of a query, only a parameter counts that nobody sends by accident.
 */
export const PUBLIC_JSON_HEADERS = {
  ...PUBLIC_HEADERS,
  "Netlify-CDN-Cache-Control": "public, durable, max-age=86400, stale-while-revalidate=604800",
  "Netlify-Vary": "query=none",
} as const;

/** "Not modified" is an answer to one request, and no body that the CDN could keep for others. */
export const NOT_MODIFIED_HEADERS = { ...PUBLIC_HEADERS, "Netlify-CDN-Cache-Control": "no-store" } as const;

/** The answer to a CORS preflight, but for the headers that it allows: those depend on what is asked for. */
export const PREFLIGHT_HEADERS = {
  ...NO_STORE,
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, POST",
  "Access-Control-Max-Age": "86400",
  Vary: "Access-Control-Request-Headers",
} as const;

/** The request headers that apps need here, and that no browser sends to another origin unasked. */
const HEADERS_OF_APPS = ["authorization", "content-type", "dpop"];

/** RFC 9110 §5.1, without `*`, which would stand for every header. */
const HEADER_NAME = /^[\w!#$%&'+.^`|~-]{1,64}$/;

/** Far more than tools add. */
const MAX_HEADERS = 32;

/**
 * Any header may come along, since nothing here depends on one that a page could not send anyway: tools that trace
 * requests add theirs to every request of a page. They are named one by one, because `*` does not stand for
 * `Authorization` (Fetch, "CORS non-wildcard request-header name"), nor in older browsers for anything.
 *
 * @param asked the header `Access-Control-Request-Headers`. Where it is no list of names, or a very long one, nothing
 *   of it is repeated
 */
export function allowedHeaders(asked: string | null): string {
  const names = (asked ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  const isList = names.length <= MAX_HEADERS && names.every((name) => HEADER_NAME.test(name));
  return [...new Set([...HEADERS_OF_APPS, ...(isList ? names : [])])].join(", ");
}
