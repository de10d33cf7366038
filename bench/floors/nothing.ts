/** What the wrapper costs by itself. */
export default async function nothing(): Promise<Response> {
  return new Response("nothing");
}

export const config = { path: "/nothing" };
