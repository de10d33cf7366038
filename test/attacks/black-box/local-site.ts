import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { SECURITY_HEADERS } from "../../../netlify/oauth/headers.ts";
import type { Provider } from "../../../netlify/oauth/provider.ts";
import type { Service } from "../../../netlify/oauth/service.ts";
import { PROJECT } from "../../../scripts/tools/project.ts";
import { call } from "../../tools/harness.ts";
import type { EndpointName } from "../../tools/harness.ts";
import type { Answer, Probe, Send } from "./case.ts";

/** The provider's handlers and pages behind its addresses, without a platform. */

/** As in the `config` of each file in `netlify/functions`; the test of the built manifest holds those to the same. */
const ROUTES: [pattern: RegExp, endpoint: EndpointName, methods?: string[]][] = [
  [/^\/authorize\/[^/]+\/?$/, "authorize"],
  [/^\/auth$/, "authorize"],
  [/^\/callback(?:\/[^/]+)?\/?$/, "callback"],
  [/^\/confirm$/, "confirm", ["POST", "OPTIONS"]],
  [/^\/token\/[^/]+\/?$/, "token"],
  [/^\/revoke\/[^/]+\/?$/, "revoke"],
  [/^\/userinfo\/[^/]+\/?$/, "userinfo"],
  [/^\/services\.json$/, "services"],
  [/^\/\.well-known\/oauth-authorization-server\/[^/]+\/?$/, "metadata"],
  [/^\/[^/]+\/\.well-known\/openid-configuration\/?$/, "metadata"],
];

/** What a service has that answers more than logins. */
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

export async function answerLocally({ method = "GET", path, headers = {}, body }: Probe, provider: Provider): Promise<Response> {
  const [pathname = ""] = path.split("?");
  const [, endpoint] =
    ROUTES.find(([pattern, , methods]) => pattern.test(pathname) && (methods ?? [method]).includes(method)) ?? [];
  if (endpoint) return await call(endpoint, provider, path, { method, headers, ...(body === undefined ? {} : { body }) });
  if (method !== "GET" && method !== "HEAD") return new Response("Method Not Allowed", { status: 405 });
  return page(pathname);
}

/** With the headers that netlify.toml gives to static files; a test compares both. */
function page(pathname: string): Response {
  const name = pathname === "/" ? "index" : pathname.slice(1);
  const file = join(PROJECT, "public", `${name}.html`);
  const exists = /^[a-z-]+$/.test(name) && existsSync(file);
  const html = readFileSync(exists ? file : join(PROJECT, "public/404.html"));
  return new Response(html, {
    status: exists ? 200 : 404,
    headers: { ...SECURITY_HEADERS, "content-type": "text/html; charset=utf-8" },
  });
}

export function sendLocally(provider: Provider): Send {
  return async (probe) => await readAnswer(await answerLocally(probe, provider));
}

async function readAnswer(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, text: await response.text() };
}

export type Breakage = (probe: Probe, answer: Response) => Response | Promise<Response>;

/** The same over a socket; `spoil` is what a bad provider does to an answer. `Response.error()` drops the connection. */
export async function startLocalSite(
  providerAt: (origin: string) => Provider,
  spoil: Breakage = (_, answer) => answer,
): Promise<{ origin: string; requests: number; stop(): Promise<void> }> {
  let provider: Provider | undefined;
  const server = createServer(async (incoming, outgoing) => {
    site.requests += 1;
    const headers = Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
    const body = Buffer.concat(await Readable.from(incoming).toArray()).toString("utf8");
    const probe = { method: incoming.method ?? "GET", path: incoming.url ?? "/", headers, ...(body === "" ? {} : { body }) };
    const answer = await spoil(probe, await answerLocally(probe, provider!));
    if (answer.type === "error") return void outgoing.destroy();
    outgoing.setHeaders(answer.headers);
    outgoing.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const site = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: 0,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  provider = providerAt(site.origin);
  return site;
}
