/** A request and its reply as data, so that they can be passed between processes. */

export interface Call {
  method: "GET" | "POST";
  url: string;
  headers: Record<string, string>;
  body?: string;
}

export interface Reply {
  status: number;
  /** By lower-case name. `Set-Cookie` headers are in `cookies`. */
  headers: Record<string, string>;
  cookies: string[];
  body: string;
}

/** Tells the functions that this is the published site. Logins run only there. */
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

/** The `Cookie` header that a browser sends after receiving these `Set-Cookie` headers. */
export function cookieHeader(cookies: string[]): string {
  return cookies.map((cookie) => cookie.split(";", 1)[0]).join("; ");
}
