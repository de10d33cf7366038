import { isLoopback } from "../confirmation/origin.ts";
import type { Reply } from "../confirmation/post.ts";
import { isObject } from "./values.ts";

/** The address at the service that the server answered with: https, or a service on this computer. */
export function readServiceAddress({ status, body }: Reply): string | undefined {
  if (status !== 200 || !isObject(body)) return undefined;
  if (typeof body.location !== "string" || !URL.canParse(body.location)) return undefined;
  const url = new URL(body.location);
  const isSecure = url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url));
  return isSecure ? body.location : undefined;
}
