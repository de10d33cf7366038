import { randomBytes } from "node:crypto";
import { digest, seal } from "./seal.ts";

/**
 * The crypto floor of a login: PKCE, a sealed state, a cookie that binds it to the browser, and the redirect. It does
 * no checks and has no features, so the difference from a real provider is the cost of those.
 */
export default async function login(request: Request): Promise<Response> {
  const app = new URL(request.url).searchParams.get("client_id") ?? "";
  const verifier = randomBytes(32).toString("base64url");
  const binding = randomBytes(32).toString("base64url");
  const location = new URL(`${process.env.BENCH_SERVICE}/authorize`);
  location.search = new URLSearchParams({
    client_id: "bench",
    redirect_uri: `${process.env.URL}/exchange`,
    response_type: "code",
    code_challenge: digest(verifier),
    code_challenge_method: "S256",
    state: seal({ app, verifier, binding: digest(binding) }),
  }).toString();
  return new Response(null, {
    status: 302,
    headers: {
      Location: location.href,
      "Set-Cookie": `__Host-floor=${binding}; Path=/; Secure; HttpOnly; SameSite=Lax`,
      "Cache-Control": "no-store",
    },
  });
}

export const config = { path: "/login" };
