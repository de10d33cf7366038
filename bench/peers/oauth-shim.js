import shim from "oauth-shim";

const { BENCH_CLIENT_SECRET: secret, BENCH_SERVICE: service } = process.env;

shim.init([
  { client_id: "bench", client_secret: secret, grant_url: `${service}/token`, domain: "https://app.example/" },
]);

/** Its handler for Node's own server, behind a web-standard request. */
export default async function peer(request) {
  const { pathname, search } = new URL(request.url);
  return await new Promise((resolve) => {
    let head = { status: 200, headers: {} };
    const response = {
      writeHead: (status, headers) => (head = { status, headers }),
      end: (body) => resolve(new Response(body ?? null, head)),
    };
    const incoming = {
      url: `${pathname}${search}`,
      method: request.method,
      headers: {},
      connection: { encrypted: true },
    };
    shim(incoming, response, () => resolve(new Response(null, { status: 404 })));
  });
}

export const config = { path: "/shim" };
