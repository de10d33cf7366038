import { createHash } from "node:crypto";

/** The hashes of the pages' inline scripts and styles, as sources of a Content-Security-Policy (CSP Level 3 §2.3.1). */
export interface InlineHashes {
  scripts: string[];
  styles: string[];
}

/** @param content the exact text between the tags */
export function hashSource(content: string): string {
  return `'sha256-${createHash("sha256").update(content).digest("base64")}'`;
}

/** Allows inline scripts and styles with these hashes, besides files of the page's own origin. */
export function withHashes(policy: string, { scripts, styles }: InlineHashes): string {
  return policy
    .replace("script-src 'self'", ["script-src 'self'", ...scripts].join(" "))
    .replace("style-src 'self'", ["style-src 'self'", ...styles].join(" "));
}

/** Removes what `withHashes` has added. */
export function withoutHashes(policy: string): string {
  return policy.replaceAll(/ 'sha256-[\w+/]{43}='/g, "");
}
