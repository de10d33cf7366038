import { createServer, type IncomingMessage, type Server } from "node:http";
import { Readable } from "node:stream";
import type { Site } from "../site.ts";

/** @param address the provider's own address, such as `https://auth.example.com` */
export function createNodeServer(site: Site, address: string): Server {
  const { protocol } = new URL(address);
  return createServer(async (incoming, outgoing) => {
    const request = readRequest(incoming, protocol);
    const response = request ? await site(request) : new Response("Bad request", { status: 400 });
    outgoing.setHeaders(response.headers).writeHead(response.status);
    outgoing.end(incoming.method === "HEAD" ? undefined : Buffer.from(await response.arrayBuffer()));
  });
}

/** `undefined`: the request is malformed. */
function readRequest(incoming: IncomingMessage, protocol: string): Request | undefined {
  const { method = "GET", url = "/", rawHeaders } = incoming;
  try {
    const headers = new Headers();
    for (let index = 0; index < rawHeaders.length; index += 2)
      headers.append(rawHeaders[index]!, rawHeaders[index + 1]!);
    const hasBody = method !== "GET" && method !== "HEAD";
    const body = hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" as const } : {};
    return new Request(`${protocol}//${headers.get("host")}${url}`, { method, headers, ...body });
  } catch {
    return undefined;
  }
}
