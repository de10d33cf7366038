import { SECURITY_HEADERS } from "../../server/answers/headers.ts";
import { DECLARATIONS_FOR_APPS, SCRIPTS_FOR_APPS } from "./browser-modules.ts";
import type { HeaderRule } from "./headers-file.ts";
import { type InlineHashes, withHashes } from "./inline-hashes.ts";

/** What apps load from their own origins. */
const FOR_APPS = { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" };

/** Hosts take `.ts` for a video format. */
const DECLARATIONS = { ...FOR_APPS, "Content-Type": "text/plain; charset=utf-8" };

/** Of everything that is published: the same as of the functions' answers, and what stands in the pages may run. */
export function staticHeaders(hashes: InlineHashes): HeaderRule[] {
  const policy = withHashes(SECURITY_HEADERS["Content-Security-Policy"], hashes);
  return [
    { path: "/*", headers: { ...SECURITY_HEADERS, "Content-Security-Policy": policy } },
    ...SCRIPTS_FOR_APPS.map((path) => ({ path, headers: FOR_APPS })),
    ...DECLARATIONS_FOR_APPS.map((path) => ({ path, headers: DECLARATIONS })),
  ];
}
