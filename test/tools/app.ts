import type { Page } from "playwright-core";
import type { LocalServer } from "./local-server.ts";
import { startLocalServer } from "./local-server.ts";

/**
 * A static app on its own origin, controlled by the test: a blank page, and a redirect URI that passes its parameters
 * on to the other pages of the origin, like an app that may lose its popup.
 */
export async function startApp(host = "::1"): Promise<LocalServer> {
  return await startLocalServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://app.invalid");
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(pathname === "/callback" ? CALLBACK_PAGE : BLANK_PAGE);
  }, host);
}

const BLANK_PAGE = "<!doctype html><title>App</title><link rel='icon' href='data:,'><h1>App</h1>";
const CALLBACK_PAGE = `<!doctype html><title>Callback</title><link rel="icon" href="data:,"><h1>Back at the app</h1>
<script>new BroadcastChannel("login").postMessage(location.search)</script>`;

export interface StartedLogin {
  url: string;
  verifier: string;
  state: string;
  clientId: string;
  redirectUri: string | undefined;
}

export interface LoginOptions {
  service?: string;
  responseMode?: "query" | "web_message";
  /** `undefined`: `/callback`; `null`: no redirect URI. */
  redirectUri?: string | null;
  scope?: string;
}

/** Builds an authorization request the way a browser app does. */
export async function prepareLogin(page: Page, provider: string, options: LoginOptions = {}): Promise<StartedLogin> {
  return await page.evaluate(
    async ({ provider, service, responseMode, redirectUri, scope }) => {
      const random = () =>
        btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))).replace(/[+/=]/g, "x");
      const verifier = random();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier)));
      const challenge = btoa(String.fromCharCode(...digest))
        .replaceAll("+", "-")
        .replaceAll("/", "_")
        .replaceAll("=", "");
      const state = random();
      const clientId = `${location.origin}/`;
      const target = redirectUri === null ? undefined : (redirectUri ?? `${location.origin}/callback`);
      const url = new URL(`/authorize/${service ?? "demo"}`, provider);
      url.search = new URLSearchParams({
        client_id: clientId,
        ...(target === undefined ? {} : { redirect_uri: target }),
        response_type: "code",
        response_mode: responseMode ?? "web_message",
        code_challenge: challenge,
        code_challenge_method: "S256",
        state,
        ...(scope === undefined ? {} : { scope }),
      }).toString();
      return { url: url.href, verifier, state, clientId, redirectUri: target };
    },
    { provider, ...options },
  );
}

/** Every message that this page has received from any window or channel. */
export interface Received {
  origin: string;
  data: unknown;
}

/** Records every message to the page. Call it before anything is opened. */
export async function listen(page: Page): Promise<void> {
  await page.evaluate(() => {
    const received: { origin: string; data: unknown }[] = [];
    Object.assign(window, { received });
    addEventListener("message", ({ origin, data }) => received.push({ origin, data }));
    new BroadcastChannel("login").onmessage = ({ data }) => received.push({ origin: "channel", data });
  });
}

export async function received(page: Page): Promise<Received[]> {
  return await page.evaluate(() => (window as unknown as { received: Received[] }).received);
}

/** Everything that the popup has sent to the page so far. Its last message comes after that. */
export async function receivedUpToNow(page: Page, popup: Page): Promise<Received[]> {
  await popup.evaluate(() => opener.postMessage("last", "*"));
  await page.waitForFunction(() => (window as unknown as { received: Received[] }).received.at(-1)?.data === "last");
  return (await received(page)).slice(0, -1);
}

/** Opens the popup from a real click, as browsers require. */
export async function openPopup(page: Page, url: string): Promise<Page> {
  const popup = page.waitForEvent("popup");
  await page.evaluate((target) => {
    addEventListener("click", () => window.open(target, "_blank", "popup,width=480,height=640"), { once: true });
  }, url);
  await page.mouse.click(20, 20);
  return await popup;
}

/** The app's token request, sent from the app's own page. Returns status and JSON. */
export async function redeemInPage(
  page: Page,
  provider: string,
  login: StartedLogin,
  code: string,
  overrides: Record<string, string> = {},
  service = "demo",
): Promise<{ status: number; body: Record<string, unknown> }> {
  return await page.evaluate(
    async ({ provider, service, form }) => {
      const response = await fetch(`${provider}/token/${service}`, { method: "POST", body: new URLSearchParams(form) });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    },
    {
      provider,
      service,
      form: {
        grant_type: "authorization_code",
        code,
        client_id: login.clientId,
        ...(login.redirectUri === undefined ? {} : { redirect_uri: login.redirectUri }),
        code_verifier: login.verifier,
        ...overrides,
      },
    },
  );
}
