import { digest, unseal } from "./seal.ts";

/** The crypto floor of an exchange: opens the state, compares the cookie, redeems the code with fetch. */
export default async function exchange(request: Request): Promise<Response> {
  const parameters = new URL(request.url).searchParams;
  const { verifier = "", binding } = unseal(parameters.get("state") ?? "");
  const cookie = request.headers.get("cookie")?.replace("__Host-floor=", "") ?? "";
  if (digest(cookie) !== binding) return new Response(null, { status: 400 });

  const answer = await fetch(`${process.env.BENCH_SERVICE}/token`, {
    method: "POST",
    headers: { Accept: "application/json" },
    body: new URLSearchParams({
      grant_type: "authorization_code",
      code: parameters.get("code") ?? "",
      client_id: "bench",
      client_secret: process.env.BENCH_CLIENT_SECRET ?? "",
      redirect_uri: `${process.env.URL}/exchange`,
      code_verifier: verifier,
    }),
  });
  const { access_token } = (await answer.json()) as { access_token: string };
  return new Response(JSON.stringify({ access_token }), {
    headers: { "Content-Type": "application/json", "Cache-Control": "no-store" },
  });
}

export const config = { path: "/exchange" };
