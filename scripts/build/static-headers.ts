import { SECURITY_HEADERS } from "../../server/answers/headers.ts";
import { DECLARATIONS_FOR_APPS, SCRIPTS_FOR_APPS, TEXTS_FOR_APPS } from "./browser-modules.ts";
import type { HeaderRule } from "./headers-file.ts";
import { type InlineHashes, withHashes } from "./inline-hashes.ts";

/** For files that apps at other origins load. */
const FOR_APPS = { "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin" };

/** Hosts take `.ts` for a video format. */
const DECLARATIONS = { ...FOR_APPS, "Content-Type": "text/plain; charset=utf-8" };

/**
 * The headers of all published files: the same as for the functions' answers, and the pages' own inline scripts may run.
 *
 * @param signed by path, the headers with which the template's publisher has signed a module
 */
export function staticHeaders(hashes: InlineHashes, signed: Record<string, Record<string, string>> = {}): HeaderRule[] {
  const policy = withHashes(SECURITY_HEADERS["Content-Security-Policy"], hashes);
  return [
    { path: "/*", headers: { ...SECURITY_HEADERS, "Content-Security-Policy": policy } },
    ...SCRIPTS_FOR_APPS.map((path) => ({ path, headers: { ...FOR_APPS, ...signed[path] } })),
    { path: TEXTS_FOR_APPS, headers: FOR_APPS },
    ...DECLARATIONS_FOR_APPS.map((path) => ({ path, headers: DECLARATIONS })),
  ];
}
