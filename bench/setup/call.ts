/** A request and its answer as data, so that they can be handed from one process to another. */

export interface Call {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body?: string;
}

export interface Reply {
  status: number;
  /** By name, in lower case; several `Set-Cookie` in a list. */
  headers: Record<string, string>;
  cookies: string[];
  body: string;
}

/** The platform's word that this is the published site, which is the only one that logins run at. */
const PLATFORM_CONTEXT = {
  params: { service: "bench" },
  deploy: { context: "production", published: true },
};

export type PlatformFunction = (request: Request, context: typeof PLATFORM_CONTEXT) => Promise<Response>;

export async function callFunction(run: PlatformFunction, call: Call): Promise<Reply> {
  const { url, ...init } = call;
  const response = await run(new Request(url, init), PLATFORM_CONTEXT);
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    cookies: response.headers.getSetCookie(),
    body: await response.text(),
  };
}

/** The `Cookie` header of a browser that was given these `Set-Cookie` headers. */
export function cookieHeader(cookies: string[]): string {
  return cookies.map((cookie) => cookie.split(";", 1)[0]).join("; ");
}
