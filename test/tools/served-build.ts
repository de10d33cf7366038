import { createNodeServer } from "../../hosts/node/node-server.ts";
import { siteOf } from "../../hosts/published-folder.ts";
import type { Fetch } from "../../scripts/network/fetch.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { Configuration } from "../../server/provider/service.ts";
import type { LocalServer } from "./local-server.ts";
import { freePort } from "./site.ts";

export interface ServedBuild extends LocalServer {
  /** What the host makes of an answer. A test replaces it, and so becomes a host that is broken or lies. */
  change: (answer: Response, path: string) => Response | Promise<Response>;
  /** Answers as the host does, without a connection. */
  fetch: Fetch;
}

const honest: ServedBuild["change"] = (answer) => answer;

/** A built site on the Node host, in the test's own process. */
export async function serveBuild(folder: string, configuration: Configuration): Promise<ServedBuild> {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const site = await siteOf(createProvider(configuration, { URL: origin }), folder);
  const respond = async (request: Request): Promise<Response> => {
    const answer = await site(request);
    return await served.change(answer, new URL(request.url).pathname);
  };
  const server = createNodeServer(respond, origin);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const fetch: Fetch = (url, init) => respond(new Request(url, init));
  const served: ServedBuild = { origin, change: honest, fetch, stop };
  return served;
}

/** The same answer with another body. */
export async function withBody(answer: Response, change: (body: string) => string): Promise<Response> {
  const { status, headers } = answer;
  return new Response(change(await answer.text()), { status, headers });
}

/** The same answer with another header; `undefined` removes it. */
export function withHeader(answer: Response, name: string, value: string | undefined): Response {
  const { status, body } = answer;
  const headers = new Headers(answer.headers);
  if (value === undefined) headers.delete(name);
  else headers.set(name, value);
  return new Response(body, { status, headers });
}
