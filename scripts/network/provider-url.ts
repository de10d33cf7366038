import { parseAppUrl } from "../../shared/app-url.ts";

/**
 * Checks the address of a provider as somebody types it: it must be an origin.
 *
 * @param insecureLoopback accept http on this computer, where nothing travels over a network
 * @returns what is wrong, as the second half of a sentence; `undefined` if the address is usable
 */
export function validateProviderUrl(value: string, { insecureLoopback = false } = {}): string | undefined {
  const url = parseAppUrl(value);
  if (!url) return `is not an address like https://auth.example.com${suggestionFor(value)}`;
  if (url.href !== `${url.origin}/`) return `is more than an origin. Write ${url.origin}`;
  if (!url.origin.startsWith("https:") && !insecureLoopback) {
    return "does not use https, so it cannot be a published provider";
  }
  // Netlify gives every deploy an address of its own. Previews of anybody's pull request run there, and old versions.
  if (/--[^.]+\.netlify\.app$/.test(url.hostname)) {
    return `is the address of a single deploy. Use the site's own address: https://${url.hostname.replace(/^.*?--/, "")}`;
  }
  return undefined;
}

/** The address that was most likely meant. */
function suggestionFor(value: string): string {
  const guess = `https://${value
    .trim()
    .replace(/^https?:?\/+/i, "")
    .toLowerCase()}`;
  const url = URL.canParse(guess) ? parseAppUrl(new URL(guess).origin) : undefined;
  return url === undefined || url.loopback ? "" : `. Did you mean ${url.origin}?`;
}
