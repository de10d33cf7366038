import { isObject } from "../page/values.ts";
import { clientError } from "./errors.ts";
import { findPendingLogin, savePendingLogin } from "./pending.ts";
import type { AuthorizationResponse } from "./response.ts";
import { readResponse, takeResponse } from "./response.ts";

/**
 * What happens on the app's redirect page. A login comes back there if the page itself went to the auth provider, or if the
 * service cut the popup off from the page that opened it. In the second case that page gets the response over a channel
 * that only pages of the app's origin share; the code in it is useless without the verifier.
 */

/**
 * - `none`: the address carries no response of ours
 * - `returned`: a login that left this tab is back; the `Auth` object that started it finishes it
 * - `relayed`: the page that waits has the response, and this window may be closed
 * - `unclaimed`: nobody waits for it any more
 */
export type RelayOutcome = "none" | "returned" | "relayed" | "unclaimed";

const channelName = "auth-provider";

/** How long the waiting page may take to confirm that it has the response. */
const receiptTimeoutMs = 2_000;

/** Hands over the response in this page's address. Anybody can link here with a response of their own. */
export async function relayResponse(): Promise<RelayOutcome> {
  const taken = takeResponse(location.href);
  if (taken === undefined) return "none";
  const pending = findPendingLogin();
  const isBack = pending !== undefined && pending.login.state === taken.response.state;
  // The code is useless without the verifier, but need not stay in the address bar and the history.
  history.replaceState(history.state, "", isBack && isThisPage(pending.returnTo) ? pending.returnTo : taken.rest);
  if (isBack) {
    savePendingLogin({ ...pending, response: taken.response });
    return "returned";
  }
  // Where no channel can be opened, no page waits either.
  if (!(await sendToWaitingPage(taken.response).catch(() => false))) return "unclaimed";
  window.close();
  return "relayed";
}

/** From a page that only relays, back to where the user was. */
export function goBack(): void {
  const pending = findPendingLogin();
  if (pending === undefined || isThisPage(pending.returnTo)) return;
  if (new URL(pending.returnTo).origin === location.origin) location.replace(pending.returnTo);
}

/**
 * All tabs of the app share the channel: each takes the response to its own login and confirms it.
 *
 * @throws {AuthError} `storage_unavailable`
 */
export function listenToRelay(
  state: string,
  then: (response: AuthorizationResponse) => void,
  until: AbortSignal,
): void {
  const channel = openChannel();
  until.addEventListener("abort", () => channel.close());
  channel.addEventListener("message", ({ data }: MessageEvent) => {
    const response = isObject(data) ? readResponse(data.response) : undefined;
    if (response?.state !== state) return;
    channel.postMessage({ receivedState: state });
    then(response);
  });
}

async function sendToWaitingPage(response: AuthorizationResponse): Promise<boolean> {
  const channel = openChannel();
  const received = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), receiptTimeoutMs);
    channel.addEventListener("message", ({ data }: MessageEvent) => {
      if (isObject(data) && data.receivedState === response.state) resolve(true);
    });
  });
  channel.postMessage({ response });
  return await received.finally(() => channel.close());
}

/** Browsers that block cookies for a page may not let it use channels either. */
function openChannel(): BroadcastChannel {
  try {
    return new BroadcastChannel(channelName);
  } catch (error) {
    throw clientError("storage_unavailable", error);
  }
}

function isThisPage(href: string): boolean {
  const url = new URL(href, location.href);
  return url.origin === location.origin && url.pathname === location.pathname;
}
