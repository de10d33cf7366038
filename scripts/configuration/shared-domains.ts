import { getPublicSuffix } from "tldts";
import type { Environment } from "../../server/provider/environment.ts";
import { parseAllowedApps } from "../../shared/app-url.ts";
import type { Issue } from "./issues.ts";

/**
 * Finds entries of `ALLOWED_APPS` that let strangers in: anybody can register a name under `github.io` or `co.uk`. The
 * Public Suffix List knows these domains, including those of web hosts. It is too long for a function, and an owner may
 * want such an entry, so this is only a warning at build time.
 */
export function allowedAppsWarnings(env: Environment): Issue[] {
  const { allowed, issues } = parseAllowedApps(env.ALLOWED_APPS ?? "");
  if (issues.length > 0) return [];
  return allowed.filter(isShared).map((entry) => ({
    path: "ALLOWED_APPS",
    message: `"${entry}" lets strangers in: anybody can register a name under ${domainOf(entry)}`,
    advice: `List your own apps instead, as in "https://my-app.${domainOf(entry)}".`,
  }));
}

/** Every browser extension gets a name under these. The list does not contain them. */
const DOMAINS_OF_EXTENSIONS = ["chromiumapp.org", "extensions.allizom.org"];

function isShared(entry: string): boolean {
  const domain = domainOf(entry);
  if (DOMAINS_OF_EXTENSIONS.includes(domain)) return true;
  return getPublicSuffix(domain, { allowPrivateDomains: true }) === domain && domain.includes(".");
}

/** The entry without scheme, star and port. */
function domainOf(entry: string): string {
  return entry.replace(/^https?:\/\/(?:\*\.)?/, "").replace(/:[^:\]]+$/, "");
}
