import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Service {
  origin: string;
  /** The delay before every answer from now on. 0 means no delay. */
  answerAfter(ms: number): void;
  stop(): Promise<void>;
}

/** A local service that accepts every request, because only its callers are measured. */
export async function startService(): Promise<Service> {
  let waitMs = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.once("end", () => {
      if (waitMs === 0) answer(request, response);
      else setTimeout(answer, waitMs, request, response);
    });
  });
  // Longer than any pause between two rounds, because opening a new connection would count as latency.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    answerAfter(ms) {
      waitMs = ms;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  const body = JSON.stringify(request.url === "/user" ? PROFILE : TOKENS);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
  response.end(body);
}

export const ACCESS_TOKEN = "access-token-of-the-bench-0123456789";

const TOKENS = { access_token: ACCESS_TOKEN, token_type: "Bearer", scope: "read", expires_in: 3_600 };
const PROFILE = { id: "1", sub: "1", name: "Bench", email: "bench@example.com", email_verified: true };
