import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * A service with a slow token endpoint. It accepts each code once and returns a different token for each. It rejects
 * every other code, and knows no token at its other endpoints.
 */
export class SlowService {
  delayMs: number;
  /** No request is answered until this many have waited at the same time, even on a slow computer. */
  atOnce = 1;
  /** The most token requests that waited at the same time. */
  peak = 0;
  origin = "";
  private waiting = 0;
  private readonly tokens = new Map<string, string>();
  private readonly server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
    const { status, json } = await this.answer(request.url ?? "", new URLSearchParams(body));
    // Open connections would count as memory.
    response.writeHead(status, { "content-type": "application/json", connection: "close" }).end(JSON.stringify(json));
  });

  constructor(delayMs: number) {
    this.delayMs = delayMs;
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen({ port: 0, host: "127.0.0.1", backlog: 4_096 }, resolve));
    this.origin = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Returns the code that the browser brings back after the user allows access. */
  issueCode(user: string): string {
    const code = `code-of-${user}`;
    this.tokens.set(code, `token-of-${user}`);
    return code;
  }

  private async answer(path: string, form: URLSearchParams): Promise<{ status: number; json: object }> {
    if (path === "/token") return await this.exchange(form);
    // RFC 7009 §2.2: an unknown token counts as revoked.
    return path === "/revoke" ? { status: 200, json: {} } : { status: 401, json: { error: "invalid_token" } };
  }

  private async exchange(form: URLSearchParams): Promise<{ status: number; json: object }> {
    const code = form.get("code") ?? "";
    const accessToken = this.tokens.get(code);
    if (accessToken === undefined) return { status: 400, json: { error: "invalid_grant" } };
    this.tokens.delete(code);
    this.waiting += 1;
    this.peak = Math.max(this.peak, this.waiting);
    do await new Promise((resolve) => setTimeout(resolve, this.delayMs));
    while (this.peak < this.atOnce);
    this.waiting -= 1;
    return { status: 200, json: { access_token: accessToken, token_type: "bearer" } };
  }
}
