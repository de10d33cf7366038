import { getPublicSuffix } from "tldts";
import type { Environment } from "../../server/provider/provider.ts";
import { parseAllowedApps } from "../../shared/app-url.ts";
import type { Fault } from "./issues.ts";

/**
 * Entries of `ALLOWED_APPS` that let strangers in: below `github.io` or `co.uk` anybody can have a name. Which domains are
 * such, the Public Suffix List knows, with what hosts of web sites have added to it. It is too long for a function, and
 * an owner may mean it, so it is a warning at build time.
 */
export function warningsOfAllowedApps(env: Environment): Fault[] {
  const { allowed, faults } = parseAllowedApps(env.ALLOWED_APPS ?? "");
  if (faults.length > 0) return [];
  return allowed.filter(isShared).map((entry) => ({
    path: "ALLOWED_APPS",
    reason: `"${entry}" lets strangers in: anybody can have a name below ${domainOf(entry)}`,
    advice: `Name your own apps instead, as in "https://my-app.${domainOf(entry)}".`,
  }));
}

/** Here every extension of a browser has its name, which the list does not say. */
const DOMAINS_OF_EXTENSIONS = ["chromiumapp.org", "extensions.allizom.org"];

function isShared(entry: string): boolean {
  const domain = domainOf(entry);
  if (DOMAINS_OF_EXTENSIONS.includes(domain)) return true;
  return getPublicSuffix(domain, { allowPrivateDomains: true }) === domain && domain.includes(".");
}

/** Without scheme, star and port. */
function domainOf(entry: string): string {
  return entry.replace(/^https?:\/\/(?:\*\.)?/, "").replace(/:[^:\]]+$/, "");
}
