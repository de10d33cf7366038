/** Serves `public` with the real headers, the freshly built scripts and styles and some logos, and answers POSTs as a test has scripted. */

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";
import { basename, extname } from "node:path";
import type { AddressInfo } from "node:net";
import { PAGE_HEADERS } from "../../netlify/oauth/headers.ts";
import { findLogos, svgOf } from "../../scripts/tools/icons.ts";
import { buildPageScripts } from "../../scripts/tools/page-scripts.ts";
import { buildPageStyles } from "../../scripts/tools/page-styles.ts";

export interface Posted {
  path: string;
  contentType: string | undefined;
  origin: string | undefined;
  body: unknown;
}

/** `"cut"` ends the connection without an answer. */
export type ScriptedReply = { status: number; body: unknown } | "cut";

export interface PageServer {
  origin: string;
  posts: Posted[];
  /** Every request with a `Referer`; there must be none [A35]. */
  referers: string[];
  /** What the next POST is answered with. */
  reply: ScriptedReply;
  /** Pages by path, in addition to those in `public`. */
  pages: Map<string, string>;
  services: unknown;
  close(): Promise<void>;
}

const publicFolder = new URL("../../public/", import.meta.url);
const logos = findLogos(["github", "google", "dropbox", "gitlab"].map((slug) => ({ icon: `/icons/${slug}.svg` })));
const contentTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".js": "text/javascript",
};

/** The provider: its pages, its scripts, its headers. */
export async function servePages(): Promise<PageServer> {
  const built = await buildAssets();
  const server = createServer((request, response) => void answer(request, response));
  const state: PageServer = {
    origin: await listen(server, "localhost"),
    posts: [],
    referers: [],
    reply: { status: 500, body: {} },
    pages: new Map(),
    services: {},
    close: () => close(server),
  };
  return state;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? "/", state.origin);
    if (request.headers.referer !== undefined) state.referers.push(request.headers.referer);
    if (request.method === "POST") return answerPost(request, response, pathname);
    if (request.method === "OPTIONS") return void response.writeHead(204, PAGE_HEADERS).end();
    if (pathname === "/services.json") return send(response, 200, ".json", JSON.stringify(state.services));
    const asset = built.get(pathname);
    if (asset !== undefined) return send(response, 200, extname(pathname), asset);
    const page = state.pages.get(pathname);
    if (page !== undefined) return send(response, 200, ".html", page);
    return sendFile(response, pathname);
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
export async function serveApp(html: string): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(html);
  });
  return { origin: await listen(server, "127.0.0.1"), close: () => close(server) };
}

async function sendFile(response: ServerResponse, pathname: string): Promise<void> {
  const name = pathname === "/" ? "index.html" : basename(pathname);
  const file = extname(name) === "" ? `${name}.html` : name;
  const bytes = await readFile(new URL(file, publicFolder)).catch(() => undefined);
  if (bytes !== undefined) return send(response, 200, extname(file), bytes);
  send(response, 404, ".html", await readFile(new URL("404.html", publicFolder)));
}

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  const contentType = contentTypes[type] ?? "application/json";
  response.writeHead(status, { ...PAGE_HEADERS, "Content-Type": contentType }).end(body);
}

async function buildAssets(): Promise<Map<string, string>> {
  const icons = Object.entries(logos).map(([path, logo]) => [path, svgOf(logo)] as const);
  return new Map([...icons, ...(await buildPageStyles()), ...(await buildPageScripts(logos))]);
}

async function listen(server: Server, host: string): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return `http://${host}:${(server.address() as AddressInfo).port}`;
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
