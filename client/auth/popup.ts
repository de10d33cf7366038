import { isObject } from "../page/values.ts";
import { clientError, hasCode } from "./errors.ts";
import type { Login } from "./login.ts";
import { listenToRelay } from "./relay.ts";
import type { AuthorizationResponse } from "./response.ts";
import { readResponse } from "./response.ts";

const size = { width: 480, height: 680 };

const closedCheckMs = 500;
/** A message may still arrive after the window has closed. */
const closedGraceMs = 1_500;
/** Longer than a person takes, passwords and second factors included. */
const answerTimeoutMs = 15 * 60_000;

/** @returns `null` when the browser blocks it */
export function openPopup(url: string): Window | null {
  const left = Math.round(window.screenX + (window.outerWidth - size.width) / 2);
  const top = Math.round(window.screenY + (window.outerHeight - size.height) / 3);
  // No name: an existing window of that name may have another opener, which would get the answer.
  return window.open(url, "_blank", `popup,width=${size.width},height=${size.height},left=${left},top=${top}`);
}

/**
 * Waits for the answer to one login: from the popup or, if the service has cut the popup off, from the app's own redirect
 * page. Anything else is ignored.
 *
 * @param signal ends the wait with its reason
 */
export async function waitForResponse(
  popup: Window,
  { provider, state, redirectUri }: Login,
  signal: AbortSignal,
): Promise<AuthorizationResponse> {
  const finished = new AbortController();
  const until = AbortSignal.any([signal, finished.signal]);
  const timer = setTimeout(() => finished.abort(clientError("timeout")), answerTimeoutMs);

  try {
    // Another login may have been started while this one was being prepared.
    signal.throwIfAborted();
    return await new Promise((resolve, reject) => {
      until.addEventListener("abort", () => reject(until.reason));
      // Without a redirect URI, no page of the app can get the answer. A frame may have no channel, either.
      if (redirectUri !== undefined) listenToRelay(state, resolve, until);
      window.addEventListener(
        "message",
        ({ origin, source, data }: MessageEvent) => {
          // Any window and any extension can send messages: only our popup counts, while it shows a page of the provider.
          if (origin !== provider || source !== popup) return;
          if (!isObject(data) || data.type !== "authorization_response") return;
          const response = readResponse(data.response);
          if (response?.state === state) resolve(response);
        },
        { signal: until },
      );
    });
  } catch (error) {
    // This page could not get the answer.
    if (hasCode(error, "storage_unavailable")) popup.close();
    throw error;
  } finally {
    clearTimeout(timer);
    finished.abort();
  }
}

/**
 * Rejects some time after the popup seems closed. It may only seem so: after a service has cut it off
 * (Cross-Origin-Opener-Policy), the answer can still arrive from the redirect page.
 *
 * @param signal stops looking
 */
export function rejectWhenClosed(popup: Window, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const check = setInterval(() => {
      if (!popup.closed) return;
      clearInterval(check);
      const grace = setTimeout(() => reject(clientError("closed")), closedGraceMs);
      signal.addEventListener("abort", () => clearTimeout(grace));
    }, closedCheckMs);
    signal.addEventListener("abort", () => clearInterval(check));
  });
}
