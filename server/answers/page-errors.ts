import { errorPage } from "./error-page.ts";
import type { ErrorFormat, OAuthError } from "./errors.ts";
import { JSON_HEADERS, PAGE_HEADERS } from "./headers.ts";

/**
 * For endpoints that a person's browser reaches: a navigation gets a page, and a request of our own pages gets JSON that
 * no other origin can read.
 */
export const pageErrors: ErrorFormat = {
  toResponse(error, request, allow) {
    return isFromOwnPage(request) ? jsonErrorResponse(error, allow) : errorPageResponse(error, request, allow);
  },
};

/** Our own pages post by `fetch`. A service that posts its answer navigates. */
function isFromOwnPage({ method, headers }: Request): boolean {
  return method === "POST" && headers.get("sec-fetch-mode") !== "navigate";
}

function errorPageResponse(
  { status, definition, answer }: OAuthError,
  { method }: Request,
  allow: Record<string, string>,
): Response {
  const headers = { ...PAGE_HEADERS, "Content-Type": "text/html; charset=utf-8", ...allow };
  return new Response(method === "HEAD" ? null : errorPage(definition, answer), { status, headers });
}

function jsonErrorResponse(
  { status, error, description, definition, answer }: OAuthError,
  allow: Record<string, string>,
): Response {
  const body = { error, error_description: description, reason: definition.name, ...(answer && { answer }) };
  return new Response(JSON.stringify(body), { status, headers: { ...JSON_HEADERS, ...allow } });
}
