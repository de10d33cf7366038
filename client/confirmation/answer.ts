import type { Answer, Report } from "../../shared/page-messages.ts";
import { isObject, isWebAddress } from "../page/values.ts";
import { isHandshake, shakeHands } from "./handshake.ts";
import { isExactOrigin } from "./origin.ts";

/** An answer of the server, or `undefined` for anything that a page must not act on. */
export function readAnswer(value: unknown): Answer | undefined {
  if (!isObject(value)) return undefined;
  const { location, message, targetOrigin } = value;
  if (location !== undefined) return isWebAddress(location) ? { location } : undefined;
  // With `*`, the browser would give the result to whatever page is in the opener now.
  return message !== undefined && isExactOrigin(targetOrigin) ? { message, targetOrigin } : undefined;
}

/** How an app is told of an error. An app that is not known yet is told after a handshake. */
export function readReport(value: unknown): Report | undefined {
  if (!isObject(value) || value.handshake === undefined) return readAnswer(value);
  const { message, handshake } = value;
  return typeof message === "string" && isHandshake(handshake) ? { message, handshake } : undefined;
}

/** Returns `false` if there is no opener. */
export async function tellOpener(report: Exclude<Report, { location: string }>): Promise<boolean> {
  const opener = liveOpener();
  if (opener === undefined) return false;
  const target = "handshake" in report ? await shakeHands(opener, report.handshake) : report.targetOrigin;
  opener.postMessage(report.message, target);
  return true;
}

/** The window that opened this one, if it is still there. */
export function liveOpener(): Window | undefined {
  const opener = window.opener as Window | null;
  return opener === null || opener.closed ? undefined : opener;
}
