/**
 * A real react-admin app with the `authProvider` that the auth provider serves: from the login button to the user's
 * name in the app bar, and every way in which react-admin logs out.
 */

import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BuildOptions, build } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { DemoService } from "../../demo/service.ts";
import { startDemoService } from "../../demo/service.ts";
import { openBrowser } from "../tools/browser.ts";
import { roundTrip } from "../tools/later.ts";
import { startLocalServer } from "../tools/local-server.ts";
import { allowAtService, answerNo, answerYes } from "../tools/people.ts";
import type { Profile } from "../tools/profile.ts";
import { allowAgain, openProfile } from "../tools/profile.ts";
import { freePort, startSite } from "../tools/site.ts";
import { readSnippet } from "./recipe.ts";

const SECRET = "secret-of-the-provider-at-the-service";
const FOLDER = fileURLToPath(new URL("react-admin/", import.meta.url));

/** The answer of the app's API, until a test changes it. */
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
let profile: Profile;

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
  profile = await openProfile(browser, `${app.origin}/blank`, [
    `${provider}/favicon.svg`,
    `${service.origin}/people/alice.svg`,
  ]);
});

afterAll(async () => {
  await Promise.all([browser?.close(), app?.stop(), site?.stop(), service?.stop(), cuttingService?.stop()]);
});

afterEach(() => void (app.api = POSTS));

/** Serves the app's static files and its API. Every other path returns the app, which does its own routing. */
async function startAdmin(provider: string) {
  const script = await bundle({ entryPoints: [`${FOLDER}app.jsx`] }, provider);
  const snippet = await bundle({ stdin: { contents: SNIPPET_APP, loader: "jsx", resolveDir: FOLDER } }, provider);
  const head = `<!doctype html><html lang="en"><title>Admin</title><link rel="icon" href="data:,">`;
  const page = (options: Options): string =>
    `${head}<script>OPTIONS = ${JSON.stringify(options)}</script><div id="root"></div>
    <script type="module" src="/app.js"></script></html>`;
  const admin = { api: POSTS, options: {} as Options, requests: [] as (string | undefined)[] };
  const server = await startLocalServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://app.invalid");
    if (pathname === "/app.js") {
      return response
        .writeHead(200, { "content-type": "text/javascript", "cache-control": "max-age=3600" })
        .end(script);
    }
    if (pathname === "/snippet.js") return response.writeHead(200, { "content-type": "text/javascript" }).end(snippet);
    if (pathname === "/snippet") {
      return response
        .writeHead(200, { "content-type": "text/html" })
        .end(`${head}<div id="root"></div><script type="module" src="/snippet.js"></script>`);
    }
    if (pathname === "/blank") return response.writeHead(200, { "content-type": "text/html" }).end(head);
    if (pathname !== "/api/posts") {
      return response.writeHead(200, { "content-type": "text/html" }).end(page(admin.options));
    }
    admin.requests.push(request.headers.authorization);
    const { status, body } = admin.api;
    return response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }, "::1");
  return Object.assign(admin, server);
}

/** What the author of the app adds to the code that the home page shows. */
const SNIPPET_APP = `
  import { createRoot } from "react-dom/client";
  import { App } from "the-snippet";
  createRoot(document.getElementById("root")).render(<App />);`;
const SNIPPET_DATA = `
  import { Resource } from "react-admin";
  export const dataProvider = {};
  export const resources = <Resource name="posts" list={() => <p>The list of posts</p>} />;`;

async function bundle(source: Pick<BuildOptions, "entryPoints" | "stdin">, provider: string): Promise<string> {
  const values = { provider: "https://auth.example.com", service: "demo", serviceName: "Demo", clientId: "" };
  const snippet = await readSnippet("react-admin.jsx", values);
  const { outputFiles } = await build({
    ...source,
    bundle: true,
    jsx: "automatic",
    write: false,
    format: "esm",
    minify: true,
    define: { "process.env.NODE_ENV": '"production"', OPTIONS: "globalThis.OPTIONS" },
    plugins: [
      {
        name: "address-of-the-auth-provider",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^https:\/\/auth\.example\.com/ }, ({ path }) => ({
            path: path.replace("https://auth.example.com", provider),
            external: true,
          }));
          onResolve({ filter: /^(?:the-snippet|\.\/data\.js)$/ }, ({ path }) => ({ path, namespace: "snippet" }));
          onLoad({ filter: /./, namespace: "snippet" }, ({ path }) => ({
            contents: path === "the-snippet" ? snippet : SNIPPET_DATA,
            loader: "jsx",
            resolveDir: FOLDER,
          }));
        },
      },
    ],
  });
  return outputFiles[0]!.text;
}

interface Options {
  browserRouter?: boolean;
  auth?: object;
  reactAdmin?: object;
}

async function openAdmin(options: Options = {}, path = "/"): Promise<Page> {
  const { page, reset } = profile;
  app.options = options;
  await reset();
  await page.goto(app.origin + path);
  return page;
}

const loginButton = (page: Page) => page.getByRole("button", { name: "Log in with Demo" });

async function clickLogin(page: Page): Promise<Page> {
  const opened = page.waitForEvent("popup");
  await loginButton(page).click();
  return await opened;
}

async function logIn(page: Page, allow = allowAtService): Promise<void> {
  const popup = await clickLogin(page);
  await allow(popup);
  await answerYes(popup);
  await expectAlice(page);
}

/** The app bar shows Alice's name, and the page shows data that was requested with her token. */
async function expectAlice(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Profile" }).getByText("Alice Example").waitFor();
  const picture = page.getByRole("button", { name: "Profile" }).locator("img");
  expect(await picture.getAttribute("src")).toBe(`${service.origin}/people/alice.svg`);
  await page.getByText("The first post").waitFor();
}

/** Reloads the list, as a user does. */
const refreshList = (page: Page) => page.getByRole("button", { name: "Refresh" }).click();

describe("react-admin", () => {
  test("its own AuthProvider type fits", async () => {
    const tsc = fileURLToPath(new URL("../../node_modules/typescript/bin/tsc", import.meta.url));
    const paths = Object.fromEntries(
      ["auth", "react-admin"].map((name) => [
        `https://auth.example.com/${name}.js`,
        [join(site.published, `${name}.d.ts`)],
      ]),
    );
    const settings = join(site.published, "tsconfig.json");
    await writeFile(settings, JSON.stringify({ extends: join(FOLDER, "tsconfig.json"), compilerOptions: { paths } }));
    const run = promisify(execFile)(process.execPath, [tsc, "-p", settings]);
    const { stdout } = await run.catch((error: { stdout: string }) => error);
    expect(stdout).toBe("");
  });

  test("logs in with the code that the home page and the docs show", async () => {
    const page = await openAdmin({}, "/snippet");
    const popup = await clickLogin(page);
    await allowAtService(popup);
    await answerYes(popup);
    await page.getByText("The list of posts").waitFor();
  });

  test("says in words why a login failed; logs in, shows the identity in the app bar, survives a reload, and logs out", async () => {
    const page = await openAdmin();
    await loginButton(page).waitFor();
    // A first visit shows no error message.
    expect(await page.getByRole("alert").count()).toBe(0);
    const popup = await clickLogin(page);
    await allowAtService(popup);
    await answerNo(popup);
    await page.getByText("Access was denied.").waitFor();

    await logIn(page, allowAgain);
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

  test("of what the data provider answers, leaves 500 to the app, says so and stays logged in with 403, and logs out with 401", async () => {
    const page = await openAdmin();
    await logIn(page);
    app.api = { status: 500, body: { message: "Sorry" } };
    await refreshList(page);
    await page.getByText("Sorry").first().waitFor();
    await page.getByRole("button", { name: "Profile" }).waitFor();

    app.api = { status: 403, body: { message: "Not for you" } };
    await refreshList(page);
    await page.getByText("not authorized", { exact: false }).first().waitFor();
    expect(page.url()).toContain("#/posts");
    await page.getByRole("button", { name: "Profile" }).waitFor();

    app.api = { status: 401, body: { message: "Unknown token" } };
    await refreshList(page);
    await loginButton(page).waitFor();
    await page.getByText("Your session has ended").waitFor();
    expect(await page.evaluate(() => localStorage.getItem("RaStore.auth"))).toBeNull();
  });

  test("goes where it is told to after login, logout and 403, with 403 without a word", async () => {
    const forbidden = { logoutUser: false, redirectTo: "/access-denied", message: false };
    const page = await openAdmin({
      reactAdmin: { afterLogin: "/posts?page=1", afterLogout: "/login?again", errors: { 403: forbidden } },
    });
    await logIn(page);
    expect(page.url()).toContain("#/posts?page=1");
    app.api = { status: 403, body: { message: "Not for you" } };
    await refreshList(page);
    await page.waitForURL(/#\/access-denied$/);
    // react-admin would show the message at once, so one round trip is enough.
    await roundTrip(page);
    expect(await page.getByText("not authorized").count()).toBe(0);
    await page.getByRole("button", { name: "Profile" }).click();
    await page.getByRole("menuitem", { name: "Logout" }).click();
    await page.waitForURL(/#\/login\?again$/);
  });

  test("logs in by leaving the page, and comes back to it", async () => {
    const page = await openAdmin({ auth: { mode: "redirect" } });
    await loginButton(page).click();
    await allowAtService(page);
    await answerYes(page);
    await expectAlice(page);
    expect(new URL(page.url()).origin).toBe(app.origin);
  });

  test("at its own /auth-callback, explains why there is nothing to finish, and finishes a login by handleCallback", async () => {
    const options = { browserRouter: true, auth: { mode: "redirect", redirectUri: "/auth-callback" } };
    const page = await openAdmin(options, "/auth-callback");
    await page.getByText("There is no login to finish").waitFor();

    await page.goto(`${app.origin}/`);
    await loginButton(page).click();
    await allowAtService(page);
    await answerYes(page);
    await expectAlice(page);
    expect(page.url()).toBe(`${app.origin}/posts`);
  });

  test("keeps a login when a service cuts the popup off", async () => {
    const page = await openAdmin({ browserRouter: true, auth: { service: "cutting", redirectUri: "/auth-callback" } });
    const popup = await clickLogin(page);
    await allowAtService(popup);
    await answerYes(popup);
    await expect.poll(() => popup.isClosed()).toBe(true);
    await page.getByRole("button", { name: "Profile" }).getByText("Alice Example").waitFor();
  });
});
