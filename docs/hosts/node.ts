import { createServer, type IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { createSite } from "./site.ts";

const { URL: address = "http://localhost:8888", PORT: port = "8888" } = process.env;
const site = await createSite({ ...process.env, URL: address });

const server = createServer(async (incoming, outgoing) => {
  const request = readRequest(incoming);
  const response = request ? await site(request) : new Response("Bad request", { status: 400 });
  outgoing.setHeaders(response.headers).writeHead(response.status);
  outgoing.end(incoming.method === "HEAD" ? undefined : Buffer.from(await response.arrayBuffer()));
});
// Only for this computer: a server with a certificate stands in front, and passes the Host header on.
server.listen(Number(port), "127.0.0.1", () => console.log(`${address} is served on port ${port}.`));

/** `undefined`: not a request that anybody could answer. */
function readRequest(incoming: IncomingMessage): Request | undefined {
  const { method = "GET", url = "/", rawHeaders } = incoming;
  try {
    const headers = new Headers();
    for (let index = 0; index < rawHeaders.length; index += 2) headers.append(rawHeaders[index]!, rawHeaders[index + 1]!);
    const hasBody = method !== "GET" && method !== "HEAD";
    const body = hasBody ? { body: Readable.toWeb(incoming) as ReadableStream, duplex: "half" as const } : {};
    return new Request(`${new URL(address).protocol}//${headers.get("host")}${url}`, { method, headers, ...body });
  } catch {
    return undefined;
  }
}
