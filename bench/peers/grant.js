import grant from "grant";

const { BENCH_CLIENT_SECRET: secret, BENCH_SERVICE: service, URL: origin } = process.env;

const handle = grant.aws({
  config: {
    defaults: { origin, transport: "state", state: true },
    bench: {
      authorize_url: `${service}/authorize`,
      access_url: `${service}/token`,
      oauth: 2,
      key: "bench",
      secret,
      scope: ["read"],
      pkce: true,
    },
  },
  session: { secret },
});

/** Its handler for AWS Lambda, behind a web-standard request. */
export default async function peer(request) {
  const { pathname, search } = new URL(request.url);
  const { redirect, response } = await handle({
    version: "2.0",
    requestContext: { http: { method: request.method } },
    rawPath: pathname,
    rawQueryString: search.slice(1),
    headers: Object.fromEntries(request.headers),
    cookies: request.headers.get("cookie")?.split("; ") ?? [],
  });
  if (!redirect) return Response.json({ access_token: response.access_token });
  const headers = new Headers(redirect.headers);
  for (const cookie of redirect.cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: redirect.statusCode, headers });
}

export const config = { path: "/connect/*" };
