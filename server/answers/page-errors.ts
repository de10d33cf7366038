import type { Audience } from "../endpoint.ts";
import { errorPage } from "./error-page.ts";
import type { OAuthError } from "./errors.ts";
import { JSON_HEADERS, PAGE_HEADERS } from "./headers.ts";

/** People: a GET is a navigation and fails with a page; a POST comes from our own pages, and no other origin may read
 * the answer. */
export const person: Audience = {
  // A page that is only fetched in advance must set no cookie and use up no code [A62].
  answerBefore(request) {
    return isPrefetch(request) ? new Response(null, { status: 204, headers: PAGE_HEADERS }) : undefined;
  },

  errorResponse(error, request, allow) {
    return isOwnPost(request) ? jsonResponse(error, allow) : pageResponse(error, request, allow);
  },
};

function isPrefetch({ headers }: Request): boolean {
  return /\bprefetch\b/.test(headers.get("sec-purpose") ?? headers.get("purpose") ?? "");
}

/** Our own pages post by fetch; a service that posts its answer navigates. */
function isOwnPost({ method, headers }: Request): boolean {
  return method === "POST" && headers.get("sec-fetch-mode") !== "navigate";
}

function pageResponse(
  { status, reason, answer }: OAuthError,
  { method }: Request,
  allow: Record<string, string>,
): Response {
  const headers = { ...PAGE_HEADERS, "Content-Type": "text/html; charset=utf-8", ...allow };
  return new Response(method === "HEAD" ? null : errorPage(reason, answer), { status, headers });
}

function jsonResponse(
  { status, error, description, reason, answer }: OAuthError,
  allow: Record<string, string>,
): Response {
  const body = { error, error_description: description, reason: reason.name, ...(answer && { answer }) };
  return new Response(JSON.stringify(body), { status, headers: { ...JSON_HEADERS, ...allow } });
}
