/**
 * The headers of every response of a function. Hosts add headers to static files only, so functions set their own. For
 * the static pages, the build writes the same headers to a file (`scripts/build/static-headers.ts`).
 */

export const SECURITY_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'none'; " +
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  // Any other value, even on a redirect, permanently separates the popup from the app that opened it.
  "Cross-Origin-Opener-Policy": "unsafe-none",
  "Cross-Origin-Resource-Policy": "same-origin",
  // URLs contain authorization codes, which must not leak to the next site as `Referer`.
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

/** Neither browsers nor the CDN may keep a response that was made for one person. */
const NO_STORE = { "Cache-Control": "no-store", "Netlify-CDN-Cache-Control": "no-store" } as const;

/** For pages and redirects. */
export const PAGE_HEADERS = { ...SECURITY_HEADERS, ...NO_STORE } as const;

const JSON_SECURITY_HEADERS = {
  "Content-Type": "application/json",
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
  "Referrer-Policy": "no-referrer",
  "Strict-Transport-Security": SECURITY_HEADERS["Strict-Transport-Security"],
  "X-Content-Type-Options": "nosniff",
} as const;

/** For JSON that only our own pages can read. */
export const JSON_HEADERS = {
  ...JSON_SECURITY_HEADERS,
  "Cross-Origin-Resource-Policy": "same-origin",
  ...NO_STORE,
  Pragma: "no-cache",
} as const;

/**
 * For JSON that apps on any origin can read. `*` is safe: the endpoints that send it read no cookies and do not allow
 * credentials, so a page gets nothing that it could not get from its own server.
 */
const CORS_HEADERS = {
  "Cross-Origin-Resource-Policy": "cross-origin",
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Expose-Headers": "www-authenticate, dpop-nonce",
} as const;

export const CORS_JSON_HEADERS = { ...JSON_HEADERS, ...CORS_HEADERS } as const;

/** For JSON that is the same for everybody: the list of services and the metadata. A change reaches apps within minutes. */
const PUBLIC_HEADERS = {
  ...JSON_SECURITY_HEADERS,
  ...CORS_HEADERS,
  "Cache-Control": "public, max-age=300, must-revalidate",
} as const;

/**
 * The CDN may keep it until the next deploy, which clears the cache: settings only change with a deploy. `Netlify-Vary`
 * names a query parameter that nobody sends, so that other parameters do not lead to copies of their own.
 */
export const PUBLIC_JSON_HEADERS = {
  ...PUBLIC_HEADERS,
  "Netlify-CDN-Cache-Control": "public, durable, max-age=86400, stale-while-revalidate=604800",
  "Netlify-Vary": "query=none",
} as const;

/** The CDN must not keep "Not modified" for others: it has no body. */
export const NOT_MODIFIED_HEADERS = { ...PUBLIC_HEADERS, "Netlify-CDN-Cache-Control": "no-store" } as const;

/** For the response to a CORS preflight, which also names the allowed headers. */
export const PREFLIGHT_HEADERS = {
  ...NO_STORE,
  "Access-Control-Allow-Origin": "*",
  "Access-Control-Allow-Methods": "GET, POST",
  "Access-Control-Max-Age": "86400",
  Vary: "Access-Control-Request-Headers",
} as const;

/** The request headers that apps need here, and that browsers send to another origin only if it allows them. */
const HEADERS_OF_APPS = ["authorization", "content-type", "dpop"];

/** RFC 9110 §5.1, without `*`, which would stand for every header. */
const HEADER_NAME = /^[\w!#$%&'+.^`|~-]{1,64}$/;

/** Far more than tools add to a request. */
const MAX_HEADERS = 32;

/**
 * The headers that a page may send. Any header is allowed, because tracing tools add theirs to every request of a page and
 * nothing here trusts a header that a page can write. They are named one by one: `*` does not include `Authorization`
 * (Fetch, "CORS non-wildcard request-header name"), and older browsers do not know it.
 *
 * @param asked the header `Access-Control-Request-Headers`. It is not repeated if it is malformed or very long.
 */
export function allowedHeaders(asked: string | null): string {
  const names = (asked ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  const isList = names.length <= MAX_HEADERS && names.every((name) => HEADER_NAME.test(name));
  return [...new Set([...HEADERS_OF_APPS, ...(isList ? names : [])])].join(", ");
}
