/**
 * Two apps as their authors would write them, one with Mavo and one with Madata. They are served on loopback with the
 * clients' files from npm. Each page also has a button "Log in and watch" that calls the client's `login()` and records
 * the result, and each page records every message that its window receives.
 */

import { readFile } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import type { LocalServer } from "../tools/local-server.ts";
import { startLocalServer } from "../tools/local-server.ts";

const PACKAGES = fileURLToPath(new URL("node_modules/", import.meta.url));

const CONTENT_TYPES: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".map": "application/json",
};

/** Both apps keep their data here. */
const STORAGE = "https://github.com/mona/notes/notes.json";

export interface AppServerOptions {
  /** The client id that the Mavo app names in `mv-storage-key`. Madata reads its own from `/services.json`. */
  clientId: string;
  /** What the Madata app sets as `Backend.authProvider`. */
  authProvider: string;
  /** Scripts of the provider that both apps load before their own. */
  scripts?: string[];
  /** Replaces the service's authorization endpoint in both apps. */
  oAuth?: string;
}

export interface AppServer extends LocalServer {
  mavoUrl: string;
  madataUrl: string;
  /** The Madata app with Madata's Dropbox backend. */
  madataDropboxUrl: string;
  /** A page that only records the messages it receives. */
  emptyUrl: string;
}

/** The state of a page's `login()`. */
export type Outcome =
  | { state: "pending" }
  | { state: "resolved"; value: unknown }
  | { state: "rejected"; reason: string };

export interface ReceivedMessage {
  data: unknown;
  origin: string;
}

/** The values that the scripts of both pages leave on `window` for the tests. */
export interface AppWindow {
  received: ReceivedMessage[];
  /** The outcome of the client's `login()`. */
  outcome: Outcome;
  /** The outcome of the step in `login()` that waits for the popup. */
  waiting: Outcome;
}

export type AppState = AppWindow & { stored: Record<string, string> };

export const MAVO_TOKEN_KEY = "mavo:githubtoken";

export async function startAppServer(options: AppServerOptions): Promise<AppServer> {
  const pages: Record<string, string> = {
    "/mavo": mavoPage(options),
    "/madata": madataPage(options),
    "/madata-dropbox": madataDropboxPage(options),
    "/empty": `<!doctype html><title>Empty</title><script>${WATCH_SCRIPT}</script>`,
  };

  const { origin, stop } = await startLocalServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const page = pages[pathname];
    if (page) return response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(page);

    const file = await readPackageFile(pathname);
    if (!file) return response.writeHead(404).end();
    const headers = {
      "content-type": CONTENT_TYPES[extname(pathname)] ?? "text/plain",
      "cache-control": "max-age=3600",
    };
    return response.writeHead(200, headers).end(file);
  });
  return {
    origin,
    mavoUrl: `${origin}/mavo`,
    madataUrl: `${origin}/madata`,
    madataDropboxUrl: `${origin}/madata-dropbox`,
    emptyUrl: `${origin}/empty`,
    stop,
  };
}

/** Clicks "Log in and watch" and returns the popup that the client opens. In the Mavo app, it waits for Mavo first. */
export async function logInAndWatch(app: Page): Promise<Page> {
  await app.waitForFunction("!window.Mavo || Mavo.all.notes?.primaryBackend");
  const popup = app.waitForEvent("popup");
  await app.click("#watch");
  return popup;
}

export function readState(app: Page): Promise<AppState> {
  return app.evaluate(() => {
    const { received, outcome, waiting } = window as unknown as AppWindow;
    return { received, outcome, waiting, stored: { ...localStorage } };
  });
}

async function readPackageFile(pathname: string): Promise<Buffer | undefined> {
  if (!pathname.startsWith("/npm/")) return undefined;

  const path = normalize(join(PACKAGES, pathname.slice("/npm/".length)));
  if (!path.startsWith(PACKAGES.endsWith(sep) ? PACKAGES : PACKAGES + sep)) return undefined;
  return readFile(path).catch(() => undefined);
}

/** Runs in both pages before the client, so that no message is missed. It is a classic script. */
const WATCH_SCRIPT = `
  window.received = [];
  addEventListener("message", (event) => received.push({ data: event.data, origin: event.origin }));

  window.watch = (name, promise) => {
    window[name] = { state: "pending" };
    promise.then(
      (value) => window[name] = { state: "resolved", value: value?.username ?? value ?? null },
      (error) => window[name] = { state: "rejected", reason: String(error?.message ?? error) },
    );
    return promise;
  };`;

function scriptTags({ scripts = [] }: AppServerOptions): string {
  return scripts.map((url) => `<script src="${url}"></script>\n`).join("");
}

function mavoPage(options: AppServerOptions): string {
  const { clientId, oAuth } = options;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Notes with Mavo</title>
<script>${WATCH_SCRIPT}</script>
${scriptTags(options)}<link rel="stylesheet" href="/npm/mavo/dist/mavo.css">
<script src="/npm/mavo/dist/mavo.js"></script>
${oAuth === undefined ? "" : `<script>Mavo.Backend.Github.oAuth = "${oAuth}";</script>`}
<main mv-app="notes" mv-storage="${STORAGE}" mv-storage-key="${clientId}">
  <p property="note">not read yet</p>
</main>
<button id="watch">Log in and watch</button>
<script>
  document.querySelector("#watch").addEventListener("click", () => {
    const backend = Mavo.all.notes.primaryBackend;
    const authenticate = backend.oAuthenticate;
    backend.oAuthenticate = (...args) => watch("waiting", authenticate.apply(backend, args));
    watch("outcome", backend.login());
  });
</script>
</html>`;
}

/**
 * The package's index also loads a Firebase client from a third-party server, so the page imports only the two modules
 * that it needs.
 */
function madataPage(options: AppServerOptions): string {
  const { authProvider, oAuth } = options;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Notes with Madata</title>
<script>${WATCH_SCRIPT}</script>
${scriptTags(options)}<button id="watch">Log in and watch</button>
<script type="module">
  import Backend from "/npm/madata/src/backend.js";
  import { GithubFile } from "/npm/madata/backends/github/index.js";

  Backend.authProvider = "${authProvider}";
  ${oAuth === undefined ? "" : `GithubFile.getOAuthBackend().oAuth = "${oAuth}";`}
  window.backend = new GithubFile("${STORAGE}");

  document.querySelector("#watch").addEventListener("click", () => {
    const activeLogin = backend.activeLogin;
    backend.activeLogin = (...args) => watch("waiting", activeLogin.apply(backend, args));
    watch("outcome", backend.login());
  });
</script>
</html>`;
}

function madataDropboxPage(options: AppServerOptions): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Notes in Dropbox</title>
<script>${WATCH_SCRIPT}</script>
${scriptTags(options)}<button id="watch">Log in and watch</button>
<script type="module">
  import Backend from "/npm/madata/src/backend.js";
  import Dropbox from "/npm/madata/backends/dropbox/index.js";

  Backend.authProvider = "${options.authProvider}";
  window.backend = new Dropbox("https://www.dropbox.com/s/notes/notes.json");

  document.querySelector("#watch").addEventListener("click", () => {
    const activeLogin = backend.activeLogin;
    backend.activeLogin = (...args) => watch("waiting", activeLogin.apply(backend, args));
    watch("outcome", backend.login());
  });
</script>
</html>`;
}
