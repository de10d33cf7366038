import type { Answer } from "../netlify/oauth/question.ts";
import { isExactOrigin } from "./origin.ts";

/** An answer of the server, or `undefined` for anything that this page must not carry out. */
export function readAnswer(value: unknown): Answer | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if ("location" in value) return isWebAddress(value.location) ? { location: value.location } : undefined;
  if (!("message" in value) || !("targetOrigin" in value)) return undefined;
  // `*` would hand the result to whatever page is in the opener now [A4].
  return isExactOrigin(value.targetOrigin) ? { message: value.message, targetOrigin: value.targetOrigin } : undefined;
}

/** The window that waits for a message, if it is still there. */
export function liveOpener(): Window | undefined {
  const opener = window.opener as Window | null;
  return opener === null || opener.closed ? undefined : opener;
}

function isWebAddress(value: unknown): value is string {
  if (typeof value !== "string" || !URL.canParse(value)) return false;
  return ["https:", "http:"].includes(new URL(value).protocol);
}
