import type { RequestListener } from "node:http";
import type { Frame, Page } from "playwright-core";
import type { LocalServer } from "../../tools/local-server.ts";
import { startLocalServer } from "../../tools/local-server.ts";

/**
 * A typical app: a static page that loads the auth provider's module with two lines. The first segment of the path is
 * the service, the second is the app's name. `/callback` only forwards a response, and `/blank` does nothing.
 */
export async function startAuthApp(provider: string, host = "::1"): Promise<LocalServer> {
  const answer: RequestListener = (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://app.invalid");
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    if (pathname === "/blank") return response.end(BLANK_PAGE);
    return response.end(pathname === "/callback" ? callbackPage(provider) : appPage(provider));
  };
  return await startLocalServer(answer, host);
}

const BLANK_PAGE = `<!doctype html><title>Blank</title><link rel="icon" href="data:,">`;

const appPage = (provider: string) => `<!doctype html><title>App</title><link rel="icon" href="data:,">
<h1>App</h1><button id="popup">Log in</button><button id="redirect">Log in here</button>
<script type="module">
  import { Auth, AuthError } from "${provider}/auth.js";
  Object.assign(window, { Auth, AuthError, events: [], outcome: null });
  window.use = (auth) => {
    window.auth = auth;
    for (const type of ["mv-login", "mv-logout"]) {
      auth.addEventListener(type, ({ detail }) => events.push(type + " " + detail.user.username));
    }
    window.watch(auth.login({ passive: true }));
  };
  window.watch = (promise) => {
    window.outcome = null;
    promise.then(
      (user) => (window.outcome = { user }),
      (error) => (window.outcome = { code: error.code, message: error.message, typed: error instanceof AuthError }),
    );
  };
  document.querySelector("#popup").onclick = () => window.watch(auth.login());
  document.querySelector("#redirect").onclick = () => window.watch(auth.login({ mode: "redirect" }));
  window.use(new Auth({ service: location.pathname.split("/")[1], app: location.pathname.split("/")[2] }));
  window.loaded = true;
</script>`;

const callbackPage = (provider: string) => `<!doctype html><title>Callback</title><link rel="icon" href="data:,">
<h1>One moment</h1>
<script type="module">
  import { Auth } from "${provider}/auth.js";
  document.querySelector("h1").textContent = await Auth.relay();
</script>`;

/** A page on another site that shows the app in a frame. */
export async function startFramingPage(app: string): Promise<LocalServer> {
  const answer: RequestListener = (request, response) => {
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
    response.end(
      `<!doctype html><title>Around</title><link rel="icon" href="data:,"><iframe src="${app}${request.url}"></iframe>`,
    );
  };
  return await startLocalServer(answer, "127.0.0.1");
}

/** The result of the last `login()`, or `null` while it is pending. */
export interface Outcome {
  user?: Record<string, unknown> | null;
  code?: string;
  message?: string;
  typed?: boolean;
}

interface AppWindow {
  auth: {
    user: Record<string, unknown> | null;
    userError: Outcome | null;
    token(): Promise<string>;
    logout(): Promise<void>;
  };
  events: string[];
  outcome: Outcome | null;
}

export async function openAuthApp(page: Page, url: string): Promise<Page> {
  await page.goto(url);
  await page.waitForFunction("window.loaded && window.outcome");
  return page;
}

export const outcomeOf = (page: Page | Frame) => page.evaluate(() => (window as unknown as AppWindow).outcome);
export const userOf = (page: Page) => page.evaluate(() => (window as unknown as AppWindow).auth.user);
export const userErrorOf = (page: Page) => page.evaluate(() => (window as unknown as AppWindow).auth.userError?.code);
export const eventsOf = (page: Page) => page.evaluate(() => (window as unknown as AppWindow).events);
export const logOutOf = (page: Page) => page.evaluate(() => (window as unknown as AppWindow).auth.logout());

/** The access token, or the error code. */
export const tokenOf = (page: Page) =>
  page.evaluate(() => {
    const { auth } = window as unknown as AppWindow;
    return auth.token().catch(({ code }: { code: string }) => `error ${code}`);
  });

/** Opens the popup with a real click. */
export async function clickLogin(page: Page, app: Page | Frame = page): Promise<Page> {
  const opened = page.waitForEvent("popup");
  await app.locator("#popup").click();
  return await opened;
}
