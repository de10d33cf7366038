import type { OfferedService } from "../provider/provider.ts";

/** Our credentials at a service, as parts of a request. */
export interface ClientAuthentication {
  headers: Record<string, string>;
  parameters: Record<string, string>;
}

/** RFC 6749 §2.3.1. The secret is never in the URL, because URLs are logged. */
export function authenticateClient(
  { clientId, clientSecret }: OfferedService,
  method: "client_secret_basic" | "client_secret_post" | "none",
): ClientAuthentication {
  if (method === "none" || clientSecret === undefined) return { headers: {}, parameters: { client_id: clientId } };
  if (method === "client_secret_post") {
    return { headers: {}, parameters: { client_id: clientId, client_secret: clientSecret } };
  }
  const credentials = Buffer.from(`${formEncode(clientId)}:${formEncode(clientSecret)}`).toString("base64");
  return { headers: { Authorization: `Basic ${credentials}` }, parameters: {} };
}

/** `application/x-www-form-urlencoded` for one value. */
function formEncode(value: string): string {
  return new URLSearchParams([["", value]]).toString().slice(1);
}
