import type { Answer, Report } from "../netlify/oauth/question.ts";
import { isHandshake, shakeHands } from "./handshake.ts";
import { isExactOrigin } from "./origin.ts";
import { isWebAddress } from "./values.ts";

/** An answer of the server, or `undefined` for anything that this page must not carry out. */
export function readAnswer(value: unknown): Answer | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if ("location" in value) return isWebAddress(value.location) ? { location: value.location } : undefined;
  if (!("message" in value) || !("targetOrigin" in value)) return undefined;
  // `*` would hand the result to whatever page is in the opener now [A4].
  return isExactOrigin(value.targetOrigin) ? { message: value.message, targetOrigin: value.targetOrigin } : undefined;
}

/** The news of a failure, of which the receiver may have to name itself yet. */
export function readReport(value: unknown): Report | undefined {
  if (typeof value !== "object" || value === null || !("handshake" in value)) return readAnswer(value);
  if (!("message" in value) || typeof value.message !== "string" || !isHandshake(value.handshake)) return undefined;
  return { message: value.message, handshake: value.handshake };
}

/** Tells the window that waits. `false`: there is none. */
export async function tellOpener(report: Exclude<Report, { location: string }>): Promise<boolean> {
  const opener = liveOpener();
  if (opener === undefined) return false;
  const target = "handshake" in report ? await shakeHands(opener, report.handshake) : report.targetOrigin;
  opener.postMessage(report.message, target);
  return true;
}

/** The window that waits for a message, if it is still there. */
export function liveOpener(): Window | undefined {
  const opener = window.opener as Window | null;
  return opener === null || opener.closed ? undefined : opener;
}
