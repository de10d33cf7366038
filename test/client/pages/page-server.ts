/** Serves the freshly built pages with their real headers and some logos, and answers POSTs as the test specifies. */

import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join } from "node:path";
import { json } from "node:stream/consumers";
import type { HeaderRule } from "../../../scripts/build/headers-file.ts";
import { headersFor } from "../../../scripts/build/headers-file.ts";
import { findLogos, svgOf } from "../../../scripts/build/icons.ts";
import type { DescribedService } from "../../../scripts/build/page-scripts.ts";
import { staticHeaders } from "../../../scripts/build/static-headers.ts";
import { buildStaticPages } from "../../../scripts/build/static-pages.ts";
import { PROJECT, SOURCES_FOLDER } from "../../../scripts/files/project.ts";
import { PAGE_HEADERS } from "../../../server/answers/headers.ts";
import type { LocalServer } from "../../tools/local-server.ts";
import { startLocalServer } from "../../tools/local-server.ts";
import { SERVICES } from "./questions.ts";

export interface Posted {
  path: string;
  contentType: string | undefined;
  origin: string | undefined;
  body: unknown;
}

/** `"cut"` closes the connection without a response. */
export type ScriptedReply = { status: number; body: unknown } | "cut";

export interface PageServer extends LocalServer {
  posts: Posted[];
  /** Every request with a `Referer`; there must be none [A35]. */
  referers: string[];
  /** The response to the next POST. */
  reply: ScriptedReply;
  /** Pages that functions return, by path. */
  pages: Map<string, string>;
  services: unknown;
}

const contentTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".js": "text/javascript",
};

/** The provider with its pages, scripts and headers. */
export async function servePages(services: DescribedService[] = SERVICES): Promise<PageServer> {
  const { files, rules } = await buildPublished(services);
  const state: PageServer = {
    ...(await startLocalServer((request, response) => void answer(request, response), "localhost")),
    posts: [],
    referers: [],
    reply: { status: 500, body: {} },
    pages: new Map(),
    services: {},
  };
  return state;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", state.origin);
    if (request.headers.referer !== undefined) state.referers.push(request.headers.referer);
    if (request.method === "POST") return answerPost(request, response, pathname);
    if (pathname === "/services.json") return send(response, 200, ".json", JSON.stringify(state.services));
    const page = state.pages.get(pathname);
    if (page !== undefined) return send(response, 200, ".html", page);
    return answerStatic(response, pathname);
  }

  function answerStatic(response: ServerResponse, pathname: string): void {
    const path = [pathname, `${pathname}.html`, `${pathname}index.html`].find((candidate) => files.has(candidate));
    const found = path ?? "/404.html";
    send(response, path === undefined ? 404 : 200, extname(found), files.get(found)!, headersFor(rules, pathname));
  }

  async function answerPost(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const body: unknown = await json(request);
    const { origin, "content-type": contentType } = request.headers;
    state.posts.push({ path, contentType, origin, body });
    if (state.reply === "cut") return void request.socket.destroy();
    send(response, state.reply.status, ".json", JSON.stringify(state.reply.body));
  }
}

/** An app on another site: one page, without any of the provider's headers. */
export async function serveApp(html: string): Promise<LocalServer> {
  return await startLocalServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
  });
}

function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  const contentType = contentTypes[type] ?? "application/json";
  response.writeHead(status, { ...PAGE_HEADERS, "Content-Type": contentType, ...headers }).end(body);
}

async function buildPublished(
  services: DescribedService[],
): Promise<{ files: Map<string, string>; rules: HeaderRule[] }> {
  const { files, hashes } = await buildStaticPages(services);
  const icons = Object.entries(findLogos(services)).map(([path, logo]) => [path, svgOf(logo)] as const);
  const favicon = await readFile(join(PROJECT, SOURCES_FOLDER, "favicon.svg"), "utf8");
  return { files: new Map([...files, ...icons, ["/favicon.svg", favicon]]), rules: staticHeaders(hashes) };
}
