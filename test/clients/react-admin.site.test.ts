/**
 * A real react-admin app, with the `authProvider` that the auth provider serves: from the login button to the user's
 * name in the app bar, and out again in every way that react-admin knows.
 */

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { DemoService } from "../../demo/service.ts";
import { startDemoService } from "../../demo/service.ts";
import { openBrowser } from "../tools/browser.ts";
import { roundTrip } from "../tools/later.ts";
import { startLocalServer } from "../tools/local-server.ts";
import { allowAtService, answerNo, answerYes } from "../tools/people.ts";
import { freePort, startSite } from "../tools/site.ts";

const SECRET = "secret-of-the-provider-at-the-service";
const FOLDER = fileURLToPath(new URL("react-admin/", import.meta.url));

/** What the app's API answers from now on. */
interface Api {
  status: number;
  body: unknown;
}

const POSTS: Api = { status: 200, body: [{ id: 1, title: "The first post" }] };

let browser: Browser;
let site: Awaited<ReturnType<typeof startSite>>;
let service: DemoService;
let cuttingService: DemoService;
let app: Awaited<ReturnType<typeof startAdmin>>;
let context: BrowserContext;

beforeAll(async () => {
  const port = await freePort();
  const provider = `http://localhost:${port}`;
  const registration = { clientId: "client", clientSecret: SECRET };
  service = await startDemoService({ ...registration, redirectUris: [`${provider}/callback/demo`] });
  const cutting = { redirectUris: [`${provider}/callback/cutting`], cutOpener: true };
  cuttingService = await startDemoService({ ...registration, ...cutting });
  [browser, app] = await Promise.all([openBrowser(), startAdmin(provider)]);
  site = await startSite({
    port,
    services: { Demo: service.record, Cutting: { ...cuttingService.record, name: "Cutting" } },
    secrets: { Demo: { client_secret: SECRET }, Cutting: { client_secret: SECRET } },
  });
});

afterAll(async () => {
  await Promise.all([browser?.close(), app?.stop(), site?.stop(), service?.stop(), cuttingService?.stop()]);
});

afterEach(async () => {
  app.api = POSTS;
  await context?.close();
});

/** The app's static files and its API. Every other path is the app as well: react-admin does the rest. */
async function startAdmin(provider: string) {
  const { outputFiles } = await build({
    entryPoints: [`${FOLDER}app.jsx`],
    bundle: true,
    write: false,
    format: "esm",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"', OPTIONS: "globalThis.OPTIONS" },
    plugins: [
      {
        name: "address-of-the-auth-provider",
        setup: ({ onResolve }) =>
          onResolve({ filter: /^https:\/\/auth\.example\.com/ }, ({ path }) => ({
            path: path.replace("https://auth.example.com", provider),
            external: true,
          })),
      },
    ],
  });
  const script = outputFiles[0]!.text;
  const page = `<!doctype html><html lang="en"><title>Admin</title><link rel="icon" href="data:,"><div id="root"></div>
    <script type="module" src="/app.js"></script></html>`;
  const admin = { api: POSTS, requests: [] as (string | undefined)[] };
  const server = await startLocalServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://app.invalid");
    if (pathname === "/app.js") return response.writeHead(200, { "content-type": "text/javascript" }).end(script);
    if (pathname !== "/api/posts") return response.writeHead(200, { "content-type": "text/html" }).end(page);
    admin.requests.push(request.headers.authorization);
    const { status, body } = admin.api;
    return response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }, "::1");
  return Object.assign(admin, server);
}

interface Options {
  browserRouter?: boolean;
  auth?: object;
  reactAdmin?: object;
}

async function openAdmin(options: Options = {}): Promise<Page> {
  context = await browser.newContext();
  await context.addInitScript((options) => void Object.assign(globalThis, { OPTIONS: options }), options);
  const page = await context.newPage();
  await page.goto(`${app.origin}/`);
  return page;
}

const loginButton = (page: Page) => page.getByRole("button", { name: "Log in with Demo" });

async function clickLogin(page: Page): Promise<Page> {
  const opened = page.waitForEvent("popup");
  await loginButton(page).click();
  return await opened;
}

async function logIn(page: Page): Promise<void> {
  const popup = await clickLogin(page);
  await allowAtService(popup);
  await answerYes(popup);
  await expectAlice(page);
}

/** The identity in the app bar, and data that came with her token. */
async function expectAlice(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Profile" }).getByText("Alice Example").waitFor();
  const picture = page.getByRole("button", { name: "Profile" }).locator("img");
  expect(await picture.getAttribute("src")).toBe(`${service.origin}/people/alice.svg`);
  await page.getByText("The first post").waitFor();
}

/** As a person does when they come back to the list. */
const refreshList = (page: Page) => page.getByRole("button", { name: "Refresh" }).click();

describe("react-admin", () => {
  test("its own AuthProvider type fits", async () => {
    const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
    const run = promisify(execFile)(process.execPath, [tsc, "-p", FOLDER]);
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  });

  test("logs in, shows the identity in the app bar, survives a reload, and logs out", async () => {
    const page = await openAdmin();
    await loginButton(page).waitFor();
    // A first visit is no reason for a complaint.
    expect(await page.getByRole("alert").count()).toBe(0);
    await logIn(page);
    expect(app.requests.at(-1)).toMatch(/^Bearer .+/);
    await page.getByText(/Permissions: \[.*"profile"/).waitFor();

    await page.reload();
    await expectAlice(page);

    const token = app.requests.at(-1)!;
    await page.getByRole("button", { name: "Profile" }).click();
    await page.getByRole("menuitem", { name: "Logout" }).click();
    await loginButton(page).waitFor();
    const me = await fetch(`${service.origin}/me`, { headers: { authorization: token } });
    expect(me.status).toBe(401);
    await page.reload();
    await loginButton(page).waitFor();
  });

  test("says in words why a login failed", async () => {
    const page = await openAdmin();
    const popup = await clickLogin(page);
    await allowAtService(popup);
    await answerNo(popup);
    await page.getByText("The answer was no").waitFor();
    await context.clearCookies();
    await logIn(page);
  });

  test("logs out when the data provider answers 401", async () => {
    const page = await openAdmin();
    await logIn(page);
    app.api = { status: 401, body: { message: "Unknown token" } };
    await refreshList(page);
    await loginButton(page).waitFor();
    await page.getByText("Your session has ended").waitFor();
    expect(await page.evaluate(() => localStorage.getItem("RaStore.auth"))).toBeNull();
  });

  test("stays logged in when the data provider answers 403, and says so", async () => {
    const page = await openAdmin();
    await logIn(page);
    app.api = { status: 403, body: { message: "Not for you" } };
    await refreshList(page);
    await page.getByText("not authorized", { exact: false }).first().waitFor();
    expect(page.url()).toContain("#/posts");
    await page.getByRole("button", { name: "Profile" }).waitFor();
  });

  test("goes elsewhere without a word where 403 is configured so", async () => {
    const forbidden = { logoutUser: false, redirectTo: "/access-denied", message: false };
    const page = await openAdmin({ reactAdmin: { errors: { 403: forbidden } } });
    await logIn(page);
    app.api = { status: 403, body: { message: "Not for you" } };
    await refreshList(page);
    await page.waitForURL(/#\/access-denied$/);
    // It would be said in the same breath; nothing comes later that would wait for it.
    await roundTrip(page);
    expect(await page.getByText("not authorized").count()).toBe(0);
    await page.getByRole("button", { name: "Profile" }).waitFor();
  });

  test("leaves 500 to the app", async () => {
    const page = await openAdmin();
    await logIn(page);
    app.api = { status: 500, body: { message: "Sorry" } };
    await refreshList(page);
    await page.getByText("Sorry").first().waitFor();
    await page.getByRole("button", { name: "Profile" }).waitFor();
  });

  test("logs in by leaving the page, and comes back to it", async () => {
    const page = await openAdmin({ auth: { mode: "redirect" } });
    await loginButton(page).click();
    await allowAtService(page);
    await answerYes(page);
    await expectAlice(page);
    expect(new URL(page.url()).origin).toBe(app.origin);
  });

  test("finishes a login at its own /auth-callback by handleCallback", async () => {
    const page = await openAdmin({ browserRouter: true, auth: { mode: "redirect", redirectUri: "/auth-callback" } });
    await loginButton(page).click();
    await allowAtService(page);
    await answerYes(page);
    await expectAlice(page);
    expect(page.url()).toBe(`${app.origin}/posts`);
  });

  test("explains at /auth-callback why there is nothing to finish", async () => {
    const page = await openAdmin({ browserRouter: true });
    await loginButton(page).waitFor();
    await page.goto(`${app.origin}/auth-callback`);
    await page.getByText("there is none to finish").waitFor();
  });

  test("keeps a login when a service cuts the popup off", async () => {
    const page = await openAdmin({ browserRouter: true, auth: { service: "cutting", redirectUri: "/auth-callback" } });
    const popup = await clickLogin(page);
    await allowAtService(popup);
    await answerYes(popup);
    await expect.poll(() => popup.isClosed()).toBe(true);
    await page.getByRole("button", { name: "Profile" }).getByText("Alice Example").waitFor();
  });

  test("goes where it is told to after login and logout", async () => {
    const page = await openAdmin({ reactAdmin: { afterLogin: "/posts?page=1", afterLogout: "/login?again" } });
    await logIn(page);
    expect(page.url()).toContain("#/posts?page=1");
    await page.getByRole("button", { name: "Profile" }).click();
    await page.getByRole("menuitem", { name: "Logout" }).click();
    await page.waitForURL(/#\/login\?again$/);
  });
});
