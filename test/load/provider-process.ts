import type { IncomingMessage } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Endpoint } from "../../server/endpoint.ts";
import { authorize } from "../../server/endpoints/authorize.ts";
import { callback } from "../../server/endpoints/callback.ts";
import { decision } from "../../server/endpoints/decision.ts";
import { revoke } from "../../server/endpoints/revoke.ts";
import { token } from "../../server/endpoints/token.ts";
import { userinfo } from "../../server/endpoints/userinfo.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { Configuration } from "../../server/provider/service.ts";
import { serve } from "../../server/serve.ts";

/**
 * Runs only the provider in a process, over node:http, so that its memory can be measured separately. `fork` starts it
 * with its configuration and `--expose-gc`. It sends its address, and then answers every message with its memory use.
 */

const ENDPOINTS: Record<string, Endpoint> = { authorize, auth: authorize, callback, decision, revoke, token, userinfo };

/** Far above the provider's own limit, so that the provider itself rejects bodies that are too long. */
const MAX_BUFFERED_BYTES = 1_000_000;

// Log output would affect the memory measurement.
console.log = () => undefined;

const server = createServer((incoming, outgoing) => {
  void answer(incoming).then(async (response) => {
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  });
});
// Longer than any pause of the client, which could otherwise write to a connection that is being closed.
server.keepAliveTimeout = 60_000;
await new Promise<void>((resolve) => server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const provider = createProvider(JSON.parse(process.argv[2]!) as Configuration, { URL: origin });

process.on("message", () => void reportMemory());
process.on("disconnect", () => process.exit());
process.send!({ origin });

async function answer(incoming: IncomingMessage): Promise<Response> {
  const url = new URL(incoming.url ?? "/", origin);
  const [, name = "", service] = url.pathname.split("/");
  const endpoint = Object.hasOwn(ENDPOINTS, name) ? ENDPOINTS[name] : undefined;
  if (!endpoint) return new Response(null, { status: 404 });
  const body = await readBody(incoming);
  if (!body) return new Response(null, { status: 413 });
  const headers = Object.entries(incoming.headers).map(([key, value]): [string, string] => [key, String(value)]);
  const method = incoming.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(url, { method, headers, ...(hasBody ? { body } : {}) });
  return await serve(endpoint, request, provider, service === undefined ? {} : { service });
}

/** Reads the whole body first, as the platform does before it calls a function. */
async function readBody(incoming: IncomingMessage): Promise<Buffer<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).byteLength;
    if (bytes > MAX_BUFFERED_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** Reports the memory in use after garbage collection. */
async function reportMemory(): Promise<void> {
  while ((await connections()) > 0) await nextTurn();
  // Promises of the last answers settle a turn later, and each collection can make more objects collectable.
  for (let collection = 0; collection < 3; collection += 1) {
    await nextTurn();
    globalThis.gc!();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send!({ heapBytes: heapUsed + external, rssBytes: rss });
}

async function connections(): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
