import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { LocalServer } from "../../tools/local-server.ts";
import { startLocalServer } from "../../tools/local-server.ts";

/** A request that reached a party, and how it was answered. */
export interface Exchange {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** 0 until the request is answered. */
  status: number;
  setCookie: string | null;
}

/** A party to a login: a server that records every request. */
export interface Party extends LocalServer {
  exchanges: Exchange[];
}

/** Each party has its own host, because ports separate neither sites nor cookies. */
export async function startParty(
  host: string,
  answer: (request: Request) => Response | Promise<Response>,
): Promise<Party> {
  const exchanges: Exchange[] = [];
  const { origin, stop } = await startLocalServer(take, host);
  return { origin, exchanges, stop };

  async function take(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { method = "GET", url = "/", headers } = incoming;
    const body = await text(incoming);
    const exchange: Exchange = { method, url, headers, body, status: 0, setCookie: null };
    exchanges.push(exchange);
    const request = new Request(new URL(url, origin), {
      method,
      headers: headers as Record<string, string>,
      ...(body === "" ? {} : { body }),
    });
    const response = await answer(request);
    exchange.status = response.status;
    exchange.setCookie = response.headers.get("set-cookie");
    outgoing.writeHead(response.status, [...response.headers].flat());
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  }
}
