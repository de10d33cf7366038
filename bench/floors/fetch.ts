/** The bare exchange: reads a form, posts a form, returns JSON. */
export default async function bareFetch(request: Request): Promise<Response> {
  const form = new URLSearchParams(await request.text());
  form.set("client_secret", process.env.BENCH_CLIENT_SECRET ?? "");
  const answer = await fetch(`${process.env.BENCH_SERVICE}/token`, { method: "POST", body: form });
  return new Response(JSON.stringify(await answer.json()), { headers: { "Content-Type": "application/json" } });
}

export const config = { path: "/fetch" };
