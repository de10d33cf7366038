import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { CANARY } from "../tools/harness.ts";

/** One request to the service. Faults that no HTTP server can produce are written directly to the socket. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
}

/** What the service does after it has read the whole request. */
export type Behaviour = (exchange: Exchange) => void;

export const TOKEN_RESPONSE = { access_token: CANARY.accessToken, token_type: "bearer" };

/**
 * A service on loopback with a token, userinfo and revocation endpoint. Every endpoint produces the fault that the test
 * sets.
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
      // Writing to a connection that the client has closed is expected to fail.
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Sets the behaviour for the following requests and clears the list of past ones. */
  behave(behaviour: Behaviour): void {
    this.behaviour = behaviour;
    this.requests.length = 0;
  }

  recover(): void {
    this.behave(answerWell);
  }

  /** Resolves when all connections to this service are closed. */
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
  // Close the connection after each response, so that tests do not share connections.
  response.writeHead(200, { "content-type": "application/json", connection: "close" });
  response.end(JSON.stringify(request.url === "/userinfo" ? { id: 7, login: "alice" } : TOKEN_RESPONSE));
}
