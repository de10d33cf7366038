import { authorize } from "../../../netlify/oauth/endpoints/authorize.ts";
import { callback } from "../../../netlify/oauth/endpoints/callback.ts";
import { confirm } from "../../../netlify/oauth/endpoints/confirm.ts";
import { services } from "../../../netlify/oauth/endpoints/services.ts";
import { token } from "../../../netlify/oauth/endpoints/token.ts";
import type { Endpoint } from "../../../netlify/oauth/endpoint.ts";
import { createProvider } from "../../../netlify/oauth/provider.ts";
import type { Provider } from "../../../netlify/oauth/provider.ts";
import type { Service } from "../../../netlify/oauth/service.ts";
import { serve } from "../../../netlify/serve.ts";
import { servePages } from "../../client/page-server.ts";
import { startParty } from "./party.ts";
import type { Party } from "./party.ts";

/** The paths of the functions (`netlify/functions`); everything else is a static page. */
const ROUTES: [method: string, path: RegExp, endpoint: Endpoint][] = [
  ["", /^\/authorize\/([^/]+)$/, authorize],
  ["", /^\/auth$/, authorize],
  ["", /^\/callback\/([^/]+)$/, callback],
  ["", /^\/callback$/, callback],
  ["POST", /^\/confirm$/, confirm],
  ["", /^\/token\/([^/]+)$/, token],
  ["", /^\/services\.json$/, services],
];

/** What Netlify says of every static page; `no-store` would keep pages out of the back-forward cache. */
const STATIC_CACHE_CONTROL = "public,max-age=0,must-revalidate";

/** The whole provider in this process: the real endpoints, and the real pages with their real headers. */
export async function startProvider(offered: Service[]): Promise<Party> {
  const pages = await servePages();
  let provider: Provider;
  const party = await startParty("localhost", answer);
  const secrets = Object.fromEntries(offered.map(({ id }) => [id, `secret-of-${id}`.padEnd(40, "x")]));
  provider = createProvider({ services: offered, secrets, localDevelopment: true }, { URL: party.origin });
  return { ...party, stop: async () => void (await Promise.all([party.stop(), pages.close()])) };

  async function answer(request: Request): Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    // The redirect rules of `netlify.toml`.
    const isResponse = searchParams.has("state") && (searchParams.has("code") || searchParams.has("error"));
    if (pathname === "/" && isResponse) return new Response(null, { status: 302, headers: { Location: `/callback${search}` } });

    const route = ROUTES.find(([method, path]) => (method === "" || method === request.method) && path.test(pathname));
    if (route === undefined) return await answerStatic(pathname);
    const [, path, endpoint] = route;
    const service = path.exec(pathname)?.[1];
    return await serve(endpoint, request, provider, service === undefined ? {} : { service });
  }

  async function answerStatic(pathname: string): Promise<Response> {
    const page = await fetch(pages.origin + pathname);
    const headers = new Headers(page.headers);
    headers.set("Cache-Control", STATIC_CACHE_CONTROL);
    for (const hop of ["connection", "keep-alive", "transfer-encoding", "content-length"]) headers.delete(hop);
    return new Response(await page.arrayBuffer(), { status: page.status, headers });
  }
}
