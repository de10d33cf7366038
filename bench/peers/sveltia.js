/**
 * Written by hand after sveltia/sveltia-cms-auth: a random state that is compared with a cookie. It has no PKCE and seals
 * nothing, so it cannot know which app it is for before the end.
 */
const { BENCH_CLIENT_SECRET: client_secret, BENCH_SERVICE: service } = process.env;

export default async function peer(request) {
  const { pathname, searchParams } = new URL(request.url);
  return pathname === "/auth" ? login() : await callback(request, searchParams);
}

function login() {
  const token = crypto.randomUUID().replaceAll("-", "");
  const parameters = new URLSearchParams({
    client_id: "bench",
    redirect_uri: "https://auth.example/callback",
    scope: "read",
    state: token,
  });
  return new Response(null, {
    status: 302,
    headers: {
      Location: `${service}/authorize?${parameters}`,
      "Set-Cookie": `csrf-token=bench_${token}; HttpOnly; Path=/; Max-Age=600; SameSite=Lax; Secure`,
    },
  });
}

async function callback(request, parameters) {
  const [, state] = request.headers.get("cookie")?.match(/\bcsrf-token=[a-z]+_([0-9a-f]{32})\b/) ?? [];
  if (state === undefined || state !== parameters.get("state")) return new Response(null, { status: 400 });
  const answer = await fetch(`${service}/token`, {
    method: "POST",
    headers: { Accept: "application/json", "Content-Type": "application/json" },
    body: JSON.stringify({ code: parameters.get("code"), client_id: "bench", client_secret }),
  });
  const { access_token: token } = await answer.json();
  const content = JSON.stringify({ provider: "bench", token });
  return new Response(`<script>opener.postMessage('authorization:bench:success:${content}', '*')</script>`, {
    headers: { "Content-Type": "text/html;charset=UTF-8" },
  });
}

export const config = { path: ["/auth", "/callback"] };
