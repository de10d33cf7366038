/**
 * The app's redirect URI. A login ends here when the whole page went to the provider, or when the service cut the popup
 * off from the page that opened it; then that page of the same origin is told by `BroadcastChannel`.
 *
 * Anybody can link to this page with any parameters, so it only passes them on: `app.ts` checks them.
 */

/** The same two names as in `app.ts`. */
const CHANNEL_NAME = "authorization-response";
const STORAGE_KEY = "login-on-this-page";

/** How long the waiting page may take to say that it has the answer. */
const RECEIPT_TIMEOUT_MS = 2_000;

const response = Object.fromEntries(new URLSearchParams(location.search));

// The code is short-lived and useless without the code verifier; still, it need not stay in the address bar.
history.replaceState(null, "", location.pathname);

if (startedInThisTab()) finishInThisTab();
else await relayToWaitingPage();

function startedInThisTab(): boolean {
  const stored = sessionStorage.getItem(STORAGE_KEY);
  return stored !== null && JSON.parse(stored).login.state === response["state"];
}

function finishInThisTab(): void {
  const { login } = JSON.parse(sessionStorage.getItem(STORAGE_KEY) ?? "{}");
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ login, response }));
  location.replace("/");
}

async function relayToWaitingPage(): Promise<void> {
  const channel = new BroadcastChannel(CHANNEL_NAME);
  const receipt = new Promise<boolean>((resolve) => {
    channel.addEventListener("message", ({ data }) => {
      if (data?.receivedState === response["state"]) resolve(true);
    });
    setTimeout(() => resolve(false), RECEIPT_TIMEOUT_MS);
  });
  channel.postMessage({ response });

  if (!(await receipt)) return say("The page that was waiting for this login is no longer open.");
  // A browser may refuse to close a window that has lost its opener.
  say("Done. You can close this window.");
  window.close();
}

function say(text: string): void {
  const message = document.querySelector("#message");
  if (message) message.textContent = text;
}
