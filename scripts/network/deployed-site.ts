import { readLimited } from "../../server/request/read-limited.ts";
import { parseAppUrl } from "../../shared/app-url.ts";
import type { Fetch } from "../doctor/check.ts";

/** A published provider, as anybody sees it. */
export interface DeployedSite {
  origin: string;
  /** The same host without encryption. */
  plainOrigin: string;
  /** @throws {SiteUnreachable} */
  get(path: string): Promise<SiteAnswer>;
}

export interface SiteAnswer {
  status: number;
  headers: Headers;
  text: string;
}

export class SiteUnreachable extends Error {}

const TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 1_000_000;

export function deployedSite(origin: string, fetch: Fetch): DeployedSite {
  return {
    origin,
    plainOrigin: origin.replace(/^https:/, "http:"),
    get: (path) => getPage(`${origin}${path}`, fetch),
  };
}

/** @throws {SiteUnreachable} */
export async function getPage(url: string, fetch: Fetch): Promise<SiteAnswer> {
  try {
    // A redirect is an answer here, not a way to another one.
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) });
    const bytes = response.body ? await readLimited(response.body, MAX_ANSWER_BYTES) : new Uint8Array();
    return { status: response.status, headers: response.headers, text: new TextDecoder().decode(bytes) };
  } catch {
    throw new SiteUnreachable();
  }
}

/**
 * The address of a provider, as somebody types it: an origin. `undefined` is no fault; a text says what is wrong.
 *
 * @param insecureLoopback accept http on this computer, where nothing travels over a network
 */
export function faultOfProviderUrl(value: string, { insecureLoopback = false } = {}): string | undefined {
  const url = parseAppUrl(value);
  if (!url) return `is not an address like https://auth.example.com${meant(value)}`;
  if (url.href !== `${url.origin}/`) return `is more than an origin. Write ${url.origin}`;
  if (!url.origin.startsWith("https:") && !insecureLoopback) return "is not https, so it is not a published provider";
  // Netlify's addresses of single deploys: of previews, branches and old versions [A11][A15].
  if (/--[^.]+\.netlify\.app$/.test(url.hostname)) {
    return `is the address of a single deploy. Use the site's own: https://${url.hostname.replace(/^.*?--/, "")}`;
  }
  return undefined;
}

/** What was most likely meant. */
function meant(value: string): string {
  const guess = `https://${value
    .trim()
    .replace(/^https?:?\/+/i, "")
    .toLowerCase()}`;
  const url = URL.canParse(guess) ? parseAppUrl(new URL(guess).origin) : undefined;
  return url === undefined || url.loopback ? "" : `. Did you mean ${url.origin}?`;
}
