import { ROUTES } from "../../netlify/routes.ts";
import { notFound } from "../../server/answers/responses.ts";
import { findRoute } from "../../server/find-route.ts";
import type { Environment } from "../../server/provider/environment.ts";
import type { Configuration } from "../../server/provider/service.ts";
import { createSite, type Site } from "../site.ts";
import { startProvider } from "../start-provider.ts";

/** What wrangler.jsonc binds, besides variables and secrets (`scripts/build/cloudflare-files.ts`). */
interface Bindings {
  ASSETS: { fetch(request: Request): Promise<Response> };
  /** https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/ */
  RATE_LIMIT?: { limit(options: { key: string }): Promise<{ success: boolean }> };
}

/** `npm run build -- --host cloudflare` replaces it (`scripts/build/build-host.ts`). */
declare const CONFIGURATION: Configuration;

/** Made once, because an isolate answers many requests. The bindings are the same for all of them. */
let site: Site | undefined;

export default {
  async fetch(request: Request, bindings: Bindings): Promise<Response> {
    try {
      site ??= startOnWorkers(bindings);
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      return new Response("This auth provider is not set up correctly.", { status: 503 });
    }
    return toHttps(request, bindings) ?? (await refuseTooMany(request, bindings)) ?? (await site(request));
  },
};

function startOnWorkers(bindings: Bindings): Site {
  const provider = startProvider(CONFIGURATION, variablesOf(bindings));
  return createSite(provider, (request) => findPage(request, bindings));
}

/** For an address that it would spell otherwise, the platform redirects. Where to depends on what the client has sent. */
async function findPage(request: Request, { ASSETS }: Bindings): Promise<Response> {
  const answer = await ASSETS.fetch(request);
  const isRedirect = answer.status >= 300 && answer.status < 400 && answer.status !== 304;
  return isRedirect ? notFound() : answer;
}

/** Variables may be written as JSON. One that is not text must not count as "not set", which may allow more. */
function variablesOf({ ASSETS: _, RATE_LIMIT: __, ...variables }: Bindings): Environment {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, String(value)]));
}

/** The platform answers http, too. */
function toHttps({ url }: Request, bindings: Bindings): Response | undefined {
  const isPlain = url.startsWith("http:") && variablesOf(bindings).URL?.startsWith("https:");
  return isPlain ? Response.redirect(url.replace("http:", "https:"), 301) : undefined;
}

/** Requests for pages cost nothing that others could run out of. */
async function refuseTooMany({ url, headers }: Request, { RATE_LIMIT }: Bindings): Promise<Response | undefined> {
  if (!RATE_LIMIT || !findRoute(ROUTES, new URL(url).pathname)) return undefined;
  // The platform sets this header, whatever the client has sent.
  const { success } = await RATE_LIMIT.limit({ key: headers.get("cf-connecting-ip") ?? "" });
  return success ? undefined : new Response("Too many requests", { status: 429, headers: { "Retry-After": "60" } });
}
