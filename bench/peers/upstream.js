/**
 * Written by hand after madatajs/auth-serverless: the page sends the code, the function redeems it with the secret. It
 * has no login of its own, no state, no cookie and no PKCE.
 */
const fields = { grant_type: "authorization_code" };
const services = { Bench: { url: `${process.env.BENCH_SERVICE}/token`, client_id: "bench", fields } };

export default async function peer(request) {
  const { backend, code, redirectURI } = await request.json();
  const { url, client_id, fields } = services[backend];
  const parameters = {
    ...fields,
    client_id,
    client_secret: process.env.BENCH_CLIENT_SECRET,
    code,
    redirect_uri: redirectURI,
  };
  const answer = await fetch(`${url}?${new URLSearchParams(parameters)}`, {
    method: "POST",
    headers: { Accept: "application/json" },
  });
  const { access_token: token } = await answer.json();
  return new Response(JSON.stringify({ token }), { headers: { "Access-Control-Allow-Origin": "*" } });
}

export const config = { path: "/api" };
