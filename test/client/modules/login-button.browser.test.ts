import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import english from "../../../client/languages/en.json" with { type: "json" };
import { buildBrowserModules, writeButtonTexts } from "../../../scripts/build/browser-modules.ts";
import { openBrowser } from "../../tools/browser.ts";
import { roundTrip } from "../../tools/later.ts";
import { type LocalServer, startLocalServer } from "../../tools/local-server.ts";

/**
 * `<auth-login>` in pages on another origin, with an `auth.js` that does what the test says. test/clients/suites/browser.ts
 * logs in with the real one.
 */

/** The test's own `auth.js`: nobody is logged in, and `login()` waits, until the test calls `become` or `fail`. */
const STAND_IN = `
  const made = [];
  Object.assign(window, { made, remembered: window.remembered ?? null });
  export class Auth extends EventTarget {
    constructor(options) {
      super();
      Object.assign(this, { options, service: options.service, user: window.remembered, logins: 0, logouts: 0 });
      this.authProvider = options.authProvider ?? new URL(import.meta.url).origin;
      made.push(this);
    }
    login({ passive = false } = {}) {
      if (passive) return window.returned ? Promise.reject(window.returned) : Promise.resolve(this.user);
      this.logins += 1;
      this.fail?.({ code: "superseded", message: "Superseded." });
      return new Promise((resolve, reject) => Object.assign(this, { resolve, fail: reject }));
    }
    async logout() {
      this.logouts += 1;
      this.become(null);
      if (window.refusal) throw window.refusal;
    }
    become(user) {
      const before = this.user;
      this.user = user;
      this.dispatchEvent(new CustomEvent(user ? "mv-login" : "mv-logout", { detail: { user: user ?? before } }));
      this.resolve?.(user);
    }
  }`;

const ALICE = { username: "alice", name: "Alice Example" };

let browser: Browser;
let provider: LocalServer;
let app: LocalServer;
let context: BrowserContext;
let page: Page;
let axe: string;
let body = "";
let requests: string[];

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "login-button-"));
  await Promise.all([buildBrowserModules(folder), writeButtonTexts(folder)]);
  const services = { Github: { id: "github", name: "GitHub" }, Odd: { id: "odd", name: "$& <b>Odd</b>" } };
  provider = await startLocalServer(async (request, response) => {
    const { pathname } = new URL(request.url!, "http://localhost");
    requests.push(pathname);
    const type = pathname.endsWith(".js") ? "text/javascript" : "application/json";
    response.setHeader("access-control-allow-origin", "*").setHeader("content-type", `${type}; charset=utf-8`);
    if (pathname === "/auth.js") return response.end(STAND_IN);
    if (pathname === "/services.json") return response.end(JSON.stringify(services));
    return response.end(await readFile(join(folder, pathname)).catch(() => "Not found"));
  }, "localhost");
  app = await startLocalServer((_request, response) => {
    response.setHeader("content-type", "text/html; charset=utf-8").end(body);
  });
  axe = await readFile(new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  await Promise.all([provider?.stop(), app?.stop()]);
});

beforeEach(async () => {
  requests = [];
  context = await browser.newContext({ locale: "en", viewport: { width: 320, height: 480 } });
  page = await context.newPage();
});

afterEach(() => context.close());

async function open(html: string, { lang = "en", setUp = "" } = {}): Promise<void> {
  body = `<!doctype html><html lang="${lang}"><title>App</title><link rel="icon" href="data:,"><script>
    window.events = [];
    for (const type of ["mv-login", "mv-logout"])
      addEventListener(type, (event) => events.push(type + " " + event.detail.user.username + " " + event.target.id));
    ${setUp}</script>
    <script type="module" src="${provider.origin}/login-button.js"></script><main><h1>App</h1>${html}</main>`;
  await page.goto(app.origin);
  await button().first().waitFor();
}

/** Playwright looks into open shadow trees. */
const button = () => page.getByRole("button");
const status = () => page.locator("[role=status]");
const eventsOf = () => page.evaluate("events");
const become = (user: object | null) => page.evaluate(`made.at(-1).become(${JSON.stringify(user)})`);
const fail = (code: string, message = "In English.") =>
  page.evaluate(`made.at(-1).fail(${JSON.stringify({ code, message })})`);

const BUTTON = '<auth-login id="one" service="github"></auth-login>';

describe("a login", () => {
  test("begins with a press, shows who is logged in, and ends with a press; the page is told", async () => {
    await open(BUTTON);
    expect(await button().textContent()).toBe("Log in with GitHub");
    await button().click();
    expect(await status().textContent()).toBe("Waiting for your login…");
    await become(ALICE);
    expect(await status().textContent()).toBe("Logged in as Alice Example");
    expect(await page.locator("[part=name]").textContent()).toBe("Alice Example");
    expect(await button().textContent()).toBe("Log out");
    await button().click();
    expect(await button().textContent()).toBe("Log in with GitHub");
    expect(await status().textContent()).toBe("");
    expect(await eventsOf()).toEqual(["mv-login alice one", "mv-logout alice one"]);
  });

  test("that this browser remembers is shown and told, and asks the provider for nothing but the modules", async () => {
    await open(BUTTON, { setUp: `window.remembered = ${JSON.stringify(ALICE)}` });
    expect(await status().textContent()).toBe("Logged in as Alice Example");
    expect(await eventsOf()).toEqual(["mv-login alice one"]);
    expect(requests.sort()).toEqual(["/auth.js", "/login-button.js"]);
    await become(null);
    await expect.poll(() => button().textContent()).toBe("Log in with GitHub");
  });

  test("of a user without a name is shown as one", async () => {
    await open(BUTTON);
    await become({ username: "" });
    expect(await status().textContent()).toBe("Logged in");
  });

  test("works by keyboard: the focus stays, and a key that is held down presses once", async () => {
    await open(BUTTON);
    await page.keyboard.press("Tab");
    await page.keyboard.down("Enter");
    await page.keyboard.down("Enter");
    await page.keyboard.up("Enter");
    expect(await page.evaluate("made.at(-1).logins")).toBe(1);
    await become(ALICE);
    await page.keyboard.press("Space");
    expect(await button().textContent()).toBe("Log in with GitHub");
    expect(await page.evaluate("document.activeElement.id")).toBe("one");
  });

  test("a double click does not log out and in again", async () => {
    await open(BUTTON);
    await become(ALICE);
    await button().dblclick();
    expect(await page.evaluate("[made.at(-1).logouts, made.at(-1).logins]")).toEqual([1, 0]);
  });
});

describe("words", () => {
  test.each([
    ["in the language of the page", `<div lang="de">${BUTTON}</div>`, "en", "de"],
    ["of a variant", BUTTON, "zh-TW", "zh-Hant"],
  ])("%s", async (_, html, lang, tag) => {
    await open(html, { lang });
    expect(requests).toContain(`/login-button/${tag}.json`);
    expect(await page.locator("[role=status]").evaluate((element) => element.parentElement!.lang)).toBe(tag);
  });

  test("in English, where the language cannot be had or is not offered", async () => {
    await open(BUTTON, { lang: "tlh" });
    expect(requests.filter((path) => path.startsWith("/login-button/"))).toEqual([]);
    expect(await button().textContent()).toBe("Log in with GitHub");
    expect(await status().evaluate((element) => element.parentElement!.lang)).toBe("en");
  });

  test("an error is told by a sentence in the language of the page, and otherwise by the client's English", async () => {
    const told = { "error.closed": "Zu.", logIn: "Anmelden mit {service}" };
    await context.route("**/login-button/de.json", (route) =>
      route.fulfill({ json: told, headers: { "access-control-allow-origin": "*" } }),
    );
    await open(BUTTON, { lang: "de" });
    expect(await button().textContent()).toBe("Anmelden mit GitHub");
    for (const [code, words, lang] of [
      ["closed", "Zu.", "de"],
      ["invalid_scope", "In English.", "en"],
      ["constructor", "In English.", "en"],
    ] as const) {
      await button().click();
      await fail(code);
      await expect.poll(() => status().textContent()).toBe(words);
      expect(await page.locator("[part=message]").getAttribute("lang")).toBe(lang);
    }
  });

  test("the English of errors is the client's own", async () => {
    const source = await readFile(new URL("../../../client/auth/errors.ts", import.meta.url), "utf8");
    const errors = Object.entries(english).filter(([key]) => key.startsWith("loginButton.error."));
    expect(errors.length).toBeGreaterThan(5);
    for (const [, text] of errors) expect(source).toContain(JSON.stringify(text));
  });

  test("an error of a login that came back by redirect is told", async () => {
    await open(BUTTON, { setUp: `window.returned = { code: "access_denied", message: "You said no." }` });
    await expect.poll(() => status().textContent()).toBe("You said no.");
  });

  test("a logout that is not complete is told", async () => {
    await open(BUTTON, { setUp: `window.refusal = { code: "revocation_failed", message: "It may still work." }` });
    await become(ALICE);
    await button().click();
    await expect.poll(() => status().textContent()).toBe("It may still work.");
  });

  test("a blocked window and an unknown service are told", async () => {
    await open(`<auth-login service="nowhere"></auth-login>`);
    expect(await button().textContent()).toBe("Log in with nowhere");
    for (const message of ["The browser blocked it.", "There is no such service."]) {
      await button().click();
      await fail("popup_blocked", message);
      await expect.poll(() => status().textContent()).toBe(message);
    }
  });
});

describe("[A5] nothing that a service says becomes HTML", () => {
  const HOSTILE = `<img src=x onerror="window.hacked=1">`;

  test("not a name, and not the name of a service", async () => {
    await open(`<auth-login service="odd"></auth-login>`);
    expect(await button().textContent()).toBe("Log in with $& <b>Odd</b>");
    await become({ username: HOSTILE, name: HOSTILE });
    expect(await page.locator("[part=name]").textContent()).toBe(HOSTILE);
    await button().click();
    await button().click();
    await fail("odd", HOSTILE);
    await expect.poll(() => status().textContent()).toBe(HOSTILE);
    expect(await page.evaluate("window.hacked")).toBeUndefined();
  });

  test.each([
    "http://pictures.example/a.png",
    "javascript:alert(1)",
    "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>",
    "//pictures.example/a.png",
  ])("a picture comes by https only: %s", async (avatar) => {
    await open(BUTTON);
    await become({ ...ALICE, avatar });
    expect(await page.locator("[part=avatar]").count()).toBe(0);
  });

  test("a picture is asked for without a Referer, and one that is not there is taken away", async () => {
    const referers: (string | undefined)[] = [];
    await context.route("https://pictures.example/**", (route) => {
      referers.push(route.request().headers().referer);
      return route.request().url().endsWith("/there.svg")
        ? route.fulfill({ contentType: "image/svg+xml", body: `<svg xmlns="http://www.w3.org/2000/svg"/>` })
        : route.fulfill({ status: 404 });
    });
    await open(BUTTON);
    await become({ ...ALICE, avatar: "https://pictures.example/there.svg" });
    const picture = page.locator("[part=avatar]");
    expect(await picture.getAttribute("alt")).toBe("");
    await become({ ...ALICE, avatar: "https://pictures.example/gone.svg" });
    await expect.poll(() => picture.count()).toBe(0);
    expect(referers).toEqual([undefined, undefined]);
  });
});

describe("elements", () => {
  test("with the same attributes share one login; others have their own", async () => {
    await open(`${BUTTON}<auth-login id="two" service="github"></auth-login>
      <auth-login service="github" scope="repo" app="notes" provider="${provider.origin}"></auth-login>`);
    expect(await page.evaluate("made.map(({ options }) => options)")).toEqual([
      { service: "github" },
      { service: "github", scope: "repo", app: "notes", authProvider: provider.origin },
    ]);
    await page.evaluate(`made[0].become(${JSON.stringify(ALICE)})`);
    await expect.poll(eventsOf).toEqual(["mv-login alice one", "mv-login alice two"]);
    expect(await button().allTextContents()).toEqual(["Log out", "Log out", "Log in with GitHub"]);
    expect(requests.filter((path) => path === "/services.json")).toHaveLength(1);
  });

  test("a press of another one takes the wait over", async () => {
    await open(`${BUTTON}<auth-login service="github"></auth-login>`);
    await button().first().click();
    await button().last().click();
    await expect.poll(() => status().allTextContents()).toEqual(["", "Waiting for your login…"]);
  });

  test("that are moved stay as they are, and tell nothing twice; that are removed hear nothing", async () => {
    await open(`${BUTTON}<div id="other"></div>`);
    await become(ALICE);
    await page.evaluate("other.append(one)");
    await roundTrip(page);
    expect(await status().textContent()).toBe("Logged in as Alice Example");
    await page.evaluate(
      `window.kept = one; one.addEventListener("mv-logout", () => events.push("heard")); one.remove()`,
    );
    await become(null);
    await become({ username: "bob" });
    expect(await eventsOf()).toEqual(["mv-login alice one"]);
    await page.evaluate("document.body.append(kept)");
    await expect.poll(() => status().textContent()).toBe("Logged in as bob");
    expect(await page.evaluate("made.length")).toBe(1);
  });

  test("follow their attributes", async () => {
    await open(BUTTON);
    await page.evaluate(`one.setAttribute("service", "odd")`);
    await expect.poll(() => button().textContent()).toBe("Log in with $& <b>Odd</b>");
    await page.evaluate(`one.setAttribute("provider", "nonsense")`);
    await roundTrip(page);
    expect(await page.evaluate("one.auth.options")).toEqual({ service: "odd", authProvider: "nonsense" });
  });

  test("can be styled from outside, and do not send a form", async () => {
    await open(`<style>auth-login::part(login) { color: rgb(1, 2, 3) }</style><form action="/sent">${BUTTON}</form>`);
    expect(await button().evaluate((element) => getComputedStyle(element).color)).toBe("rgb(1, 2, 3)");
    await button().click();
    await roundTrip(page);
    expect(page.url()).toBe(`${app.origin}/`);
  });

  test("say with their events what has logged in, as Mavo's events do", async () => {
    await open(BUTTON);
    await page.evaluate(`addEventListener("mv-login", ({ backend }) => (window.who = backend.user.username))`);
    await become(ALICE);
    expect(await page.evaluate("window.who")).toBe("alice");
  });

  test("a second copy of the module changes nothing", async () => {
    await open(`${BUTTON}<script type="module" src="${provider.origin}/login-button.js?again"></script>`);
    await roundTrip(page);
    expect(await page.evaluate("made.length")).toBe(1);
  });
});

describe.each(["light", "dark"] as const)("in %s colours", (colorScheme) => {
  test("axe finds nothing: logged out, waiting, failed and logged in; and no page becomes wider than 320 pixels", async () => {
    await page.emulateMedia({ colorScheme });
    await open(`<style>:root { color-scheme: light dark }</style>${BUTTON}`);
    const states = [
      () => Promise.resolve(),
      () => button().click(),
      () => fail("closed", "The login window was closed before the login finished."),
      () => become({ ...ALICE, name: "Alice Example-With-A-Rather-Long-Name ".repeat(3) }),
    ];
    for (const enter of states) {
      await enter();
      await roundTrip(page);
      expect(await accessibilityFaults()).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(320);
    }
    expect((await button().boundingBox())!.height).toBeGreaterThanOrEqual(44);
  });
});

test("is read like this by a screen reader", async () => {
  await open(BUTTON);
  expect(await page.locator("main").ariaSnapshot()).toContain('- button "Log in with GitHub"\n  - status');
  await become(ALICE);
  expect(await page.locator("main").ariaSnapshot()).toContain(
    '- button "Log out"\n  - status: Logged in as Alice Example',
  );
});

async function accessibilityFaults(): Promise<unknown> {
  await page.evaluate(axe);
  return await page.evaluate(`axe.run().then(({ violations }) =>
    violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html).join(" ")))`);
}
