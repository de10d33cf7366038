import type { Context } from "@netlify/functions";
import { notFound } from "../server/answers/responses.ts";
import { findRoute } from "../server/find-route.ts";
import { serveOnNetlify } from "./on-netlify.ts";
import { ROUTES } from "./routes.ts";

/**
 * All endpoints as one function. Netlify starts a process for each function, and most logins find none running, so with
 * one function they wait for one start.
 */
export default async function provider(request: Request, context: Context): Promise<Response> {
  const route = findRoute(ROUTES, pathOf(request));
  // Netlify may also match a path in another spelling, such as capital letters.
  if (!route) return notFound();
  return await serveOnNetlify(route.endpoint, request, context, route.parameters);
}

/**
 * If an answer is 403 or 404, `netlify dev` asks again for `….html` and `…/index.html`, as for a page that is missing, and
 * shows the answer to the last of these requests. So all of them must have the same answer.
 */
function pathOf(request: Request): string {
  const { pathname } = new URL(request.url);
  return process.env.NETLIFY_DEV === "true" ? pathname.replace(/(?:\/index)?\.html?$/, "") : pathname;
}

/**
 * Netlify reads this from the built file without running it, so the build writes the values there as literals. There is no
 * `method`, so that a wrong method gets our own error.
 *
 * The rate limit is for everything together, because Netlify applies two rules per project (five on Pro) and does not say
 * which ones if there are more. A login calls the function at most seven times, CORS preflights included, so fifty people
 * behind one address can log in within a minute.
 */
export const config = {
  path: ROUTES.map(({ path }) => path),
  rateLimit: { windowLimit: 360, windowSize: 60, aggregateBy: ["ip", "domain"] },
};
