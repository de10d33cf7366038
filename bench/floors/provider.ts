import exchange from "./exchange.ts";
import login from "./login.ts";

/** The crypto floor as one function: both calls of a login in one process. */
export default async function provider(request: Request): Promise<Response> {
  return new URL(request.url).pathname === "/login" ? await login(request) : await exchange(request);
}

export const config = { path: ["/login", "/exchange"] };
