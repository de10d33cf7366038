/** The page that led the browser here, as far as the browser says. A page can leave it out, or reduce it to its origin. */
export function readReferer(request: Request): URL | null {
  const referer = request.headers.get("referer") ?? "";
  return URL.canParse(referer) ? new URL(referer) : null;
}
