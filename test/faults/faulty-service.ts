import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { CANARY } from "../tools/harness.ts";

/** One request to the service. A fault that no HTTP server would commit is written to the socket itself. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
}

/** What the service does with a request, when it has read all of it. */
export type Behaviour = (exchange: Exchange) => void;

export const TOKEN_RESPONSE = { access_token: CANARY.accessToken, token_type: "bearer" };

/**
 * A whole service on loopback (token, userinfo and revocation endpoint) that commits the fault it is told to, at whichever
 * of them is asked.
 */
export class FaultyService {
  /** Method, path and body of every request, in order. */
  readonly requests: { method: string; path: string; body: string }[] = [];
  origin = "";
  private behaviour: Behaviour = answerWell;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((request, response) => void this.serve(request, response));

  async start(): Promise<void> {
    this.server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      // Whoever is hung up on may be about to say something.
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** From the next request on. */
  behave(behaviour: Behaviour): void {
    this.behaviour = behaviour;
    this.requests.length = 0;
  }

  recover(): void {
    this.behave(answerWell);
  }

  /** Resolves when nobody holds a connection to this service any more. */
  async hungUp(): Promise<void> {
    await Promise.all([...this.sockets].map((socket) => new Promise((resolve) => socket.once("close", resolve))));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
    this.requests.push({ method: request.method ?? "", path: request.url ?? "", body });
    this.behaviour({ request, response, socket: request.socket });
  }
}

function answerWell({ request, response }: Exchange): void {
  // No connection outlives its request, so that no test meets another one's.
  response.writeHead(200, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify(request.url === "/userinfo" ? { id: 7, login: "alice" } : TOKEN_RESPONSE));
}
