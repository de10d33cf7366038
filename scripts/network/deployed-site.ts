import { readLimited } from "../../server/request/read-limited.ts";
import type { Fetch } from "./fetch.ts";

/** A published provider, as everybody on the internet sees it. */
export interface DeployedSite {
  origin: string;
  /** The same host without encryption. */
  plainOrigin: string;
  /** @throws {SiteUnreachableError} */
  get(path: string): Promise<SiteResponse>;
}

export interface SiteResponse {
  status: number;
  headers: Headers;
  /** `undefined`: more than `MAX_RESPONSE_BYTES`. */
  bytes: Uint8Array | undefined;
  text: string;
}

export class SiteUnreachableError extends Error {}

const TIMEOUT_MS = 10_000;
export const MAX_RESPONSE_BYTES = 1_000_000;

export function deployedSite(origin: string, fetch: Fetch): DeployedSite {
  return {
    origin,
    plainOrigin: origin.replace(/^https:/, "http:"),
    get: (path) => getPage(`${origin}${path}`, fetch),
  };
}

/** @throws {SiteUnreachableError} */
export async function getPage(url: string, fetch: Fetch): Promise<SiteResponse> {
  try {
    // The checks look at redirects themselves, so they are not followed.
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const bytes = response.body ? await readLimited(response.body, MAX_RESPONSE_BYTES) : new Uint8Array();
    return { status: response.status, headers: response.headers, bytes, text: new TextDecoder().decode(bytes) };
  } catch {
    throw new SiteUnreachableError();
  }
}
