import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Browser, BrowserContext, Page, Route } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser, shiftClock } from "../../tools/browser.ts";
import type { LocalServer } from "../../tools/local-server.ts";
import { startLocalServer } from "../../tools/local-server.ts";
import { allowAtService, answerNo, answerYes } from "../../tools/people.ts";
import type { Profile } from "../../tools/profile.ts";
import { allowAgain, openProfile } from "../../tools/profile.ts";
import { readRecipe, readSnippet } from "../recipe.ts";
import type { World } from "../world.ts";
import { GITHUB_CLIENT_ID } from "../world.ts";

const PACKAGES = fileURLToPath(new URL("../node_modules/", import.meta.url));

/** Serves a static app: the same page at every address, and its script. */
async function startAppServer(page: string, script = ""): Promise<LocalServer> {
  return await startLocalServer((request, response) => {
    const isScript = request.url === "/app.js";
    response.writeHead(200, { "content-type": `${isScript ? "text/javascript" : "text/html"}; charset=utf-8` });
    response.end(isScript ? script : page);
  }, "::1");
}

/** Replaces the addresses in the docs' source with those of this test. */
function atHome(source: string, world: World): string {
  return source
    .replaceAll("https://auth.example.com/github", world.issuer())
    .replaceAll("https://auth.example.com", world.origin);
}

/** As the home page shows it for the demo service. */
async function snippetOf(file: string, world: World, service = { id: "demo", name: "Demo" }): Promise<string> {
  return await readSnippet(file, {
    provider: world.origin,
    service: service.id,
    serviceName: service.name,
    clientId: GITHUB_CLIENT_ID,
  });
}

/** Madata's index always imports these functions from Google's servers. */
const FIREBASE_FUNCTIONS =
  "getApps initializeApp getAuth onAuthStateChanged signInWithPopup signOut GoogleAuthProvider useDeviceLanguage " +
  "getFirestore doc collection getDoc getDocs setDoc addDoc deleteDoc " +
  "getStorage ref uploadString getDownloadURL deleteObject";
const FIREBASE = `const unused = () => {}; export { ${FIREBASE_FUNCTIONS.split(" ")
  .map((name) => `unused as ${name}`)
  .join()} };`;

const OIDC_PAGE = `<!doctype html><title>App</title><link rel="icon" href="data:,">
<script type="module" src="/app.js"></script>`;

const OIDC_APP = `
  import { finishLogin, logIn, logOut, users } from "the-recipe";
  const say = (text) => document.body.append(text);
  Object.assign(window, { logIn, logOut, users });
  if (location.pathname === "/callback") {
    finishLogin().then(
      ({ profile, url_state }) => say("Logged in: " + profile.name + ", " + url_state),
      (error) => say("Failed: " + error.error),
    );
  } else say("Ready");`;

async function bundleOidcApp(world: World): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: OIDC_APP, loader: "js", resolveDir: PACKAGES },
    bundle: true,
    format: "esm",
    write: false,
    plugins: [
      {
        name: "recipe",
        setup({ onResolve, onLoad }) {
          onResolve({ filter: /^the-recipe$/ }, () => ({ path: "oidc-client-ts.js", namespace: "recipe" }));
          onLoad({ filter: /./, namespace: "recipe" }, async ({ path }) => ({
            contents: (await snippetOf(path, world)).replace("read:user", "openid profile"),
            loader: "js",
            resolveDir: PACKAGES,
          }));
        },
      },
    ],
  });
  return outputFiles[0]!.text;
}

/** The values that the app's script leaves on `window`. */
interface OidcWindow {
  logOut(): Promise<void>;
  users: {
    getUser(): Promise<OidcUser | null>;
    signinRedirect(options: { url_state: string }): Promise<void>;
    signinSilent(): Promise<OidcUser>;
  };
}
interface OidcUser {
  access_token: string;
  refresh_token: string;
  scope: string;
  profile: { sub: string };
}

export function browserSuite(world: () => World): void {
  describe("in a real browser, as on the “Use it from…” page", () => {
    let browser: Browser;
    let profile: Profile;
    let context: BrowserContext;
    let page: Page;
    let app: LocalServer | undefined;

    beforeAll(async () => {
      browser = await openBrowser();
      profile = await openProfile(browser, `${world().origin}/favicon.svg`, [
        `${world().service.origin}/people/alice.svg`,
      ]);
      ({ context, page } = profile);
    });
    afterAll(() => browser?.close());
    beforeEach(() => profile.reset());
    afterEach(async () => {
      await app?.stop();
      app = undefined;
    });

    test("a page without any library logs in, and is told of a No", async () => {
      app = await startAppServer(atHome(await readRecipe("browser.html"), world()));
      await page.goto(`${app.origin}/app/`);
      await page.getByRole("button", { name: "Log in" }).click();
      await allowAtService(page);
      await answerYes(page);
      await page.getByText("You are Alice Example.").waitFor();
      expect(page.url()).toBe(`${app.origin}/app/`);

      await page.getByRole("button", { name: "Log in" }).click();
      await answerNo(page);
      await page.getByText("You said no.").waitFor();
    });

    async function logsInWith(snippet: string, label: string): Promise<void> {
      app = await startAppServer(await snippetOf(snippet, world()));
      await page.goto(`${app.origin}/app/`);
      const opened = page.waitForEvent("popup");
      await page.getByRole("button", { name: label }).click();
      const popup = await opened;
      await allowAtService(popup);
      await answerYes(popup);
    }

    test("auth.js logs in", async () => {
      await logsInWith("auth.html", "Log in with Demo");
      await page.getByText("You are alice.").waitFor();
    });

    test("a login button in HTML logs in, remembers it, and logs out", async () => {
      await logsInWith("login-button.html", `Log in with ${world().service.record.name}`);
      await page.getByText("Alice Example").waitFor();
      await page.reload();
      await page.getByText("Alice Example").waitFor();
      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("button", { name: "Log in" }).waitFor();
      expect(await page.evaluate(() => localStorage.length)).toBe(0);
    });

    test("a login button in a Mavo app leaves Mavo's own login alone", async () => {
      const button = (await snippetOf("login-button.html", world())).replace(/^<!doctype html>\n<title>.*\n/, "");
      const sent = await opensGithubWith(
        "mavo.html",
        async () => {
          const opened = page.waitForEvent("popup");
          await page.getByRole("button", { name: "Log in with" }).click();
          const popup = await opened;
          await allowAtService(popup);
          await answerYes(popup);
          await page.getByText("Alice Example").waitFor();
          await page.getByRole("button", { name: "Login" }).click();
        },
        (html) => html.replace("</main>", `${button}</main>`),
      );
      expect(sent.get("client_id")).toBe(GITHUB_CLIENT_ID);
    });

    describe("oidc-client-ts", () => {
      let script: Promise<string> | undefined;

      async function openOidcApp(page: Page): Promise<void> {
        script ??= bundleOidcApp(world());
        app = await startAppServer(OIDC_PAGE, await script);
        await page.goto(app.origin);
        await page.getByText("Ready").waitFor();
      }

      async function logInAndOut(page: Page): Promise<void> {
        await page.evaluate(() => {
          void (window as unknown as OidcWindow).users.signinRedirect({ url_state: "/deep?a=b&c=d" });
        });
        await allowAtService(page);
        await answerYes(page);
        await page.getByText("Logged in: Alice Example, /deep?a=b&c=d").waitFor();

        const read = () => page.evaluate(() => (window as unknown as OidcWindow).users.getUser());
        const first = (await read())!;
        expect(first.profile.sub).toBe("alice");
        expect(first.scope.split(" ")).toEqual(expect.arrayContaining(["openid", "profile"]));
        const second = await page.evaluate(() => (window as unknown as OidcWindow).users.signinSilent());
        expect(second.access_token).not.toBe(first.access_token);
        expect(second.refresh_token).toEqual(expect.any(String));

        await page.evaluate(() => (window as unknown as OidcWindow).logOut());
        expect(await read()).toBeNull();
        const headers = { authorization: `Bearer ${second.access_token}` };
        expect((await fetch(`${world().origin}/userinfo/demo`, { headers })).status).toBe(401);
      }

      test("logs in with DPoP, refreshes silently, logs out, and is told of a No", async () => {
        await openOidcApp(page);
        await logInAndOut(page);
        await page.goto(app!.origin);
        await page.getByText("Ready").waitFor();
        await page.evaluate(() => void (window as unknown as { logIn(): void }).logIn());
        await allowAgain(page);
        await answerNo(page);
        await page.getByText("Failed: access_denied").waitFor();
      });

      test.each([-600, 600])("[A29] does so on a clock %i s off", async (aheadSeconds) => {
        const context = await browser.newContext();
        await shiftClock(context, aheadSeconds);
        const page = await context.newPage();
        await openOidcApp(page);
        await logInAndOut(page);
        await context.close();
      });
    });

    /** The clients load from their own sites. No request reaches GitHub: only its address is checked. */
    async function opensGithubWith(
      snippet: string,
      press: () => Promise<void>,
      change = (html: string) => html,
    ): Promise<URLSearchParams> {
      const html = await snippetOf(snippet, world(), { id: "github", name: "GitHub" });
      app = await startAppServer(change(html));
      const headers = { "access-control-allow-origin": "*" };
      const fromPackage = (folder: string) => async (route: Route) => {
        const { pathname } = new URL(route.request().url());
        const contentType = pathname.endsWith(".css") ? "text/css" : "text/javascript";
        await route.fulfill({ body: await readFile(`${PACKAGES}${folder}${pathname}`), contentType, headers });
      };
      await context.route("https://madata.dev/**", fromPackage("madata"));
      await context.route("https://get.mavo.io/**", fromPackage("mavo/dist"));
      await context.route("https://www.gstatic.com/**", (route) =>
        route.fulfill({ body: FIREBASE, contentType: "text/javascript", headers }),
      );
      const asked = new Promise<URLSearchParams>((resolve) => {
        void context.route("https://github.com/login/oauth/authorize?**", (route) => {
          resolve(new URL(route.request().url()).searchParams);
          return route.fulfill({ body: "GitHub", contentType: "text/html" });
        });
      });
      await page.goto(`${app.origin}/notes`);
      await press();
      return await asked;
    }

    test("Madata takes its client id from us, and sends the answer to us", async () => {
      const sent = await opensGithubWith("madata.html", () => page.getByRole("button", { name: "Log in" }).click());
      expect(sent.get("client_id")).toBe(GITHUB_CLIENT_ID);
      expect(JSON.parse(sent.get("state")!)).toEqual({ url: `${app!.origin}/notes`, backend: "Github" });
    });

    test("Mavo sends the client id of its page", async () => {
      const sent = await opensGithubWith("mavo.html", () => page.getByRole("button", { name: "Login" }).click());
      expect(sent.get("client_id")).toBe(GITHUB_CLIENT_ID);
      expect(JSON.parse(sent.get("state")!)).toEqual({ url: `${app!.origin}/notes`, backend: "Github" });
    });
  });
}
