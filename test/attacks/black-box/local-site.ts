import { Readable } from "node:stream";
import { ROUTES } from "../../../netlify/routes.ts";
import type { Answer, Probe, Send } from "../../../scripts/attack/case.ts";
import { headersFor } from "../../../scripts/build/headers-file.ts";
import { staticHeaders } from "../../../scripts/build/static-headers.ts";
import { buildStaticPages } from "../../../scripts/build/static-pages.ts";
import { findRoute } from "../../../server/find-route.ts";
import type { Provider } from "../../../server/provider/provider.ts";
import type { Service } from "../../../server/provider/service.ts";
import type { EndpointName } from "../../tools/harness.ts";
import { call } from "../../tools/harness.ts";
import type { LocalServer } from "../../tools/local-server.ts";
import { startLocalServer } from "../../tools/local-server.ts";

/** Serves the provider's handlers and pages at their addresses, without a platform. */

/** The additional configuration of a service with revocation and userinfo. */
export const CALLED = {
  revocation: {
    endpoint: "https://github.example/revoke",
    method: "POST",
    authMethod: "none",
    body: "form",
    tokenParameter: "token",
  },
  userinfo: { endpoint: "https://github.example/user", method: "GET", headers: {}, claims: { sub: ["id"] } },
} satisfies Partial<Service>;

export async function answerLocally(
  { method = "GET", path, headers = {}, body }: Probe,
  provider: Provider,
): Promise<Response> {
  const [pathname = ""] = path.split("?");
  const name = findRoute(ROUTES, pathname)?.endpoint.name as EndpointName | undefined;
  if (name) return await call(name, provider, path, { method, headers, ...(body === undefined ? {} : { body }) });
  if (method !== "GET" && method !== "HEAD") return new Response("Method Not Allowed", { status: 405 });
  return page(pathname);
}

const { files, hashes } = await buildStaticPages();
const rules = staticHeaders(hashes);

/** The built pages with their headers. */
function page(pathname: string): Response {
  const html = files.get(pathname === "/" ? "/index.html" : `${pathname}.html`);
  return new Response(html ?? files.get("/404.html")!, {
    status: html === undefined ? 404 : 200,
    headers: { ...headersFor(rules, pathname), "content-type": "text/html; charset=utf-8" },
  });
}

export function sendLocally(provider: Provider): Send {
  return async (probe) => await readAnswer(await answerLocally(probe, provider));
}

async function readAnswer(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export type Breakage = (probe: Probe, answer: Response) => Response | Promise<Response>;

/** The same over HTTP. `spoil` changes answers as a bad provider would. `Response.error()` drops the connection. */
export async function startLocalSite(
  providerAt: (origin: string) => Provider,
  spoil: Breakage = (_, answer) => answer,
): Promise<LocalServer & { requests: number }> {
  let provider: Provider | undefined;
  const server = await startLocalServer(async (incoming, outgoing) => {
    site.requests += 1;
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const body = Buffer.concat(await Readable.from(incoming).toArray()).toString("utf8");
    const probe = {
      method: incoming.method ?? "GET",
      path: incoming.url ?? "/",
      headers,
      ...(body === "" ? {} : { body }),
    };
    const answer = await spoil(probe, await answerLocally(probe, provider!));
    if (answer.type === "error") return void outgoing.destroy();
    outgoing.setHeaders(answer.headers);
    outgoing.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  });
  const site = { ...server, requests: 0 };
  provider = providerAt(site.origin);
  return site;
}
