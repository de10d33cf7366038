import { createHash } from "node:crypto";

/** What stands in the pages, as sources of a Content-Security-Policy (CSP Level 3 §2.3.1). */
export interface InlineHashes {
  scripts: string[];
  styles: string[];
}

/** @param content exactly what stands between the tags */
export function hashSource(content: string): string {
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}

/** Besides files of its own origin, a page may run and wear what is known by these hashes. */
export function withHashes(policy: string, { scripts, styles }: InlineHashes): string {
  return policy
    .replace("script-src 'self'", ["script-src 'self'", ...scripts].join(" "))
    .replace("style-src 'self'", ["style-src 'self'", ...styles].join(" "));
}

/** The way back. */
export function withoutHashes(policy: string): string {
  return policy.replaceAll(/ 'sha256-[\w+/]{43}='/g, "");
}
