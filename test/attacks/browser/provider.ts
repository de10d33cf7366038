import { ROUTES } from "../../../netlify/routes.ts";
import { findRoute } from "../../../server/find-route.ts";
import type { Provider } from "../../../server/provider/provider.ts";
import { createProvider } from "../../../server/provider/provider.ts";
import type { Service } from "../../../server/provider/service.ts";
import { serve } from "../../../server/serve.ts";
import { servePages } from "../../client/pages/page-server.ts";
import type { Party } from "./party.ts";
import { startParty } from "./party.ts";

/** Netlify's header for every static page. `no-store` would keep pages out of the back-forward cache. */
const STATIC_CACHE_CONTROL = "public,max-age=0,must-revalidate";

/** The whole provider in this process: the real endpoints and pages, with their real headers. */
export async function startProvider(offered: Service[]): Promise<Party> {
  const pages = await servePages(offered);
  let provider: Provider;
  const party = await startParty("localhost", answer);
  const secrets = Object.fromEntries(offered.map(({ id }) => [id, `secret-of-${id}-4f9Kq2mZ7xTbW1`]));
  provider = createProvider({ services: offered, secrets, localDevelopment: true }, { URL: party.origin });
  return { ...party, stop: async () => void (await Promise.all([party.stop(), pages.stop()])) };

  async function answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    // The redirect rules of `netlify.toml`.
    const isResponse = searchParams.has("state") && (searchParams.has("code") || searchParams.has("error"));
    if (pathname === "/" && isResponse)
      return new Response(null, { status: 302, headers: { Location: `/callback${search}` } });

    const route = findRoute(ROUTES, pathname);
    if (!route) return await answerStatic(pathname);
    return await serve(route.endpoint, request, provider, route.parameters);
  }

  async function answerStatic(pathname: string): Promise<Response> {
    const page = await fetch(pages.origin + pathname);
    const headers = new Headers(page.headers);
    headers.set("Cache-Control", STATIC_CACHE_CONTROL);
    for (const hop of ["connection", "keep-alive", "transfer-encoding", "content-length"]) headers.delete(hop);
    return new Response(await page.arrayBuffer(), { status: page.status, headers });
  }
}
