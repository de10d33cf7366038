/** An empty function: measures the cost of the wrapper alone. */
export default async function nothing(): Promise<Response> {
  return new Response("nothing");
}

export const config = { path: "/nothing" };
