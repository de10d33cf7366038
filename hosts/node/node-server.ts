import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { describeException } from "../../server/answers/log.ts";
import { malformed, type Site } from "../site.ts";

/** @param address the provider's own address, such as `https://auth.example.com` */
export function createNodeServer(site: Site, address: string): Server {
  const { protocol } = new URL(address);
  return createServer((incoming, outgoing) => {
    answer(incoming, outgoing, site, protocol).catch((error: unknown) => {
      // Otherwise one request would end the process, and with it all others.
      console.error(JSON.stringify({ failure: describeException(error) }));
      outgoing.destroy();
    });
  });
}

async function answer(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  site: Site,
  protocol: string,
): Promise<void> {
  const request = readRequest(incoming, protocol);
  const response = request ? await site(request) : malformed();
  outgoing.setHeaders(response.headers).statusCode = response.status;
  outgoing.end(incoming.method === "HEAD" ? undefined : Buffer.from(await response.arrayBuffer()));
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
    // RFC 9112 §3.2.2: a request may name the whole address, which then counts in place of `Host`.
    const target = url.startsWith("/") ? `${protocol}//${headers.get("host")}${url}` : url;
    return new Request(target, { method, headers, ...body });
  } catch {
    return undefined;
  }
}
