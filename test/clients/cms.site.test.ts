/**
 * Decap CMS, Sveltia CMS and Static CMS, unmodified from npm, with only `base_url` set to the provider: from their
 * login button, through GitHub and the question, to their list of entries.
 */

import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser } from "../tools/browser.ts";
import { answerNo, answerYes, readPage } from "../tools/people.ts";
import type { Profile } from "../tools/profile.ts";
import { openProfile } from "../tools/profile.ts";
import { freePort, startSite } from "../tools/site.ts";
import { say } from "../tools/words.ts";
import { type AdminServer, CMSES, type Cms, startAdminServer } from "./cms-admin.ts";
import { type FakeGithub, startFakeGithub } from "./fake-github.ts";
import { type FakeGitlab, startFakeGitlab } from "./fake-gitlab.ts";

const CLIENT_ID = "client-of-the-owner";
const CLIENT_SECRET = "secret-of-the-owner-0123456789";

const ALL = Object.keys(CMSES) as Cms[];

let browser: Browser;
let github: FakeGithub;
let gitlab: FakeGitlab;
let site: Awaited<ReturnType<typeof startSite>>;
let admin: AdminServer;
let profile: Profile;
let context: BrowserContext;

beforeAll(async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const registration = { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET };
  [github, gitlab] = await Promise.all([
    startFakeGithub({ ...registration, callback: origin }),
    startFakeGitlab(registration),
  ]);
  [site, admin, browser] = await Promise.all([
    startSite({
      port,
      services: {
        Github: { url: `${github.origin}/login/oauth/access_token`, client_id: CLIENT_ID },
        Gitlab: gitlab.record,
      },
      secrets: { Github: { client_secret: CLIENT_SECRET }, Gitlab: { client_secret: CLIENT_SECRET } },
    }),
    startAdminServer({ baseUrl: origin }),
    openBrowser({ args: github.chromiumArgs }),
  ]);
  profile = await openProfile(browser, `${admin.origin}/empty`, [`${origin}/favicon.svg`]);
  context = profile.context;
});
afterAll(async () => {
  await Promise.all([browser?.close(), site?.stop(), admin?.stop(), github?.stop(), gitlab?.stop()]);
});
beforeEach(async () => {
  github.reset();
  await profile.reset();
});

async function openAdmin(url: string): Promise<Page> {
  const { page } = profile;
  await page.goto(url);
  await loginButton(page).waitFor();
  return page;
}

function loginButton(page: Page) {
  return page.getByRole("button", { name: /^(log ?in|sign in) with/i });
}

async function pressLogin(page: Page): Promise<Page> {
  const popup = page.waitForEvent("popup");
  await loginButton(page).click();
  return await popup;
}

async function expectLoggedIn(page: Page): Promise<void> {
  await page.getByText("Notes of Mona").first().waitFor();
  await expect.poll(() => loginButton(page).count()).toBe(0);
}

async function expectTold(page: Page, text: string | RegExp): Promise<void> {
  await page.getByText(text).first().waitFor();
}

function messagesOf(page: Page): Promise<{ data: unknown; origin: string }[]> {
  return page.evaluate(() => (window as unknown as { received: { data: unknown; origin: string }[] }).received);
}

/** Makes the CMS's next login request carry an invalid scope. */
async function spoilScopeOnce(page: Page): Promise<void> {
  await page.evaluate(() => {
    const { open } = window;
    window.open = (url, ...rest) => {
      window.open = open;
      return open.call(window, String(url).replace(/scope=[^&]*/, "scope=%22"), ...rest);
    };
  });
}

describe.each(ALL)("%s", (cms) => {
  test("is told what fails: a login that cannot start, a No, an exchange; then it logs in whole: the handshake, the question about its own origin, which a reload asks once more, the token, its entries", async () => {
    const page = await openAdmin(admin.url(cms));
    await spoilScopeOnce(page);
    await pressLogin(page);
    await expectTold(page, /scope is malformed/);

    await answerNo(await pressLogin(page));
    await expectTold(page, "The user did not confirm.");
    expect(github.counts.token).toBe(0);

    github.options.mode = "error-200";
    await answerYes(await pressLogin(page));
    await expectTold(page, /rejected the code/);

    github.reset();
    await page.evaluate(() => ((window as unknown as { received: unknown[] }).received.length = 0));
    const popup = await pressLogin(page);
    await popup.getByRole("heading", { name: `Are you sure you want to log in to ${admin.origin}` }).waitFor();
    expect(popup.url()).toBe(`${site.origin}/confirm`);
    expect(github.counts.token).toBe(0);
    expect(await messagesOf(page)).toEqual([{ data: "authorizing:github", origin: site.origin }]);
    expect(await readPage(popup)).not.toContain("says it is");

    // Some of the CMSes answer only one handshake.
    await popup.reload();
    await answerYes(popup);
    await expectLoggedIn(page);
    const [token] = github.issuedTokens;
    expect((await messagesOf(page)).filter(({ data }) => data !== "authorizing:github")).toEqual([
      { data: `authorization:github:success:{"token":"${token}","provider":"github"}`, origin: site.origin },
    ]);
    await expect.poll(() => popup.isClosed()).toBe(true);
    expect(github.authorizeRequests[0]!.searchParams.get("scope")).toBe(cms === "sveltia" ? "repo user" : "repo");
    expect(github.tokenRequests).toHaveLength(1);
  });
});

describe.each(ALL)("%s with its GitLab backend", (cms) => {
  test("speaks the same protocol, in the CMS's own word for the service", async () => {
    // By default, Sveltia CMS uses a different path for GitLab.
    const page = await openAdmin(admin.url(cms, "gitlab", { ...gitlab.backend, auth_endpoint: "auth" }));
    await answerYes(await pressLogin(page));
    await expect.poll(async () => (await messagesOf(page)).length).toBe(2);
    const token = gitlab.issuedTokens.at(-1);
    expect((await messagesOf(page)).map(({ data }) => data)).toEqual([
      "authorizing:gitlab",
      `authorization:gitlab:success:{"token":"${token}","provider":"gitlab"}`,
    ]);
    expect(gitlab.authorizeRequests.at(-1)!.searchParams.get("scope")).toBe("api");
    // Static CMS 4.3.0 has the token at this point, but sends no requests to this GitLab.
    if (cms !== "static") await expectLoggedIn(page);
  });
});

describe("sveltia with its GitLab backend in PKCE mode", () => {
  /** This CMS sends no Referer, so the start page appears first. */
  const goOn = (popup: Page) => popup.getByRole("button", { name: "Continue to GitLab" });

  test("No gets it no token; taking that for a fresh popup, it begins again, and the start page holds it; then it logs in as an OAuth client: the code comes to its own page, which redeems it by JSON", async () => {
    const url = admin.urlWithoutQuery("sveltia", "gitlab", {
      ...gitlab.backend,
      auth_type: "pkce",
      auth_endpoint: "authorize/gitlab",
      app_id: `${admin.origin}/`,
    });
    const page = await openAdmin(url);
    const issuedBefore = gitlab.issuedTokens.length;
    const popup = await pressLogin(page);
    await goOn(popup).waitFor();
    expect(await readPage(popup)).toContain(url);
    await goOn(popup).click();

    const refusal = popup.waitForRequest((request) => request.url().startsWith(`${url}?`));
    await answerNo(popup);
    const answer = new URL((await refusal).url()).searchParams;
    expect(answer.get("error")).toBe("access_denied");
    expect(answer.has("code")).toBe(false);
    await goOn(popup).waitFor();
    expect(await messagesOf(page)).toEqual([]);
    expect(gitlab.issuedTokens).toHaveLength(issuedBefore);

    const tokenRequests: Request[] = [];
    context.on("request", (request) => {
      if (request.url() === `${site.origin}/token/gitlab` && request.method() === "POST") tokenRequests.push(request);
    });
    await goOn(popup).click();
    await popup.getByRole("button", { name: /^yes/i }).waitFor();
    expect(gitlab.authorizeRequests.at(-1)!.searchParams.get("scope")).toBe("api");
    await answerYes(popup);
    await expectLoggedIn(page);

    expect(tokenRequests).toHaveLength(1);
    expect(tokenRequests[0]!.headers()["content-type"]).toBe("application/json");
    expect(tokenRequests[0]!.postDataJSON()).toEqual({
      grant_type: "authorization_code",
      client_id: `${admin.origin}/`,
      redirect_uri: url,
      code: expect.any(String),
      code_verifier: expect.any(String),
    });
    expect(gitlab.issuedTokens).toHaveLength(issuedBefore + 1);
    // The CMS's own popup delivers the token. The provider sends no message to the CMS's window.
    expect((await messagesOf(page)).map(({ origin }) => origin)).not.toContain(site.origin);
    expect(String((await messagesOf(page)).at(-1)?.data)).toContain(gitlab.issuedTokens.at(-1));
  });
});

describe("[A8] whoever opened the window", () => {
  /** Opens a page that behaves like a CMS and claims to be a different site. */
  async function claim(siteId: string, respond = true, origin = admin.origin): Promise<{ page: Page; popup: Page }> {
    const { page } = profile;
    await page.goto(`${origin}/`);
    await page.evaluate((answers) => {
      const received: unknown[] = [];
      Object.assign(window, { received });
      addEventListener("message", ({ data, origin, source }) => {
        received.push({ data, origin });
        if (answers && String(data).startsWith("authorizing:"))
          (source as Window).postMessage(data, { targetOrigin: "*" });
      });
    }, respond);
    const popup = page.waitForEvent("popup");
    await page.evaluate(
      (url) => void open(url, "auth"),
      `${site.origin}/auth?provider=github&site_id=${siteId}&scope=repo`,
    );
    return { page, popup: await popup };
  }

  test("with the site_id of another: the question names the browser's origin, and warns", async () => {
    const { page, popup } = await claim("good.example");
    await popup.getByRole("heading", { name: `Are you sure you want to log in to ${admin.origin}` }).waitFor();
    expect(await readPage(popup)).toContain("The app says it is good.example. It is not.");
    await expect.poll(() => popup.getByRole("button", { name: /^yes/i }).isEnabled()).toBe(true);
    // After the handshake, the first message is the refusal.
    await answerNo(popup);
    await expect.poll(() => messagesOf(page)).toHaveLength(2);
    expect((await messagesOf(page))[1]!.data).toContain("authorization:github:error:");
    expect(github.counts.token).toBe(0);
  });

  test("and says nothing: nothing is asked, nothing is exchanged", async () => {
    const { popup } = await claim("good.example", false);
    await popup.getByText("The app isn’t answering").waitFor();
    expect(await popup.getByRole("button").allTextContents()).toEqual([say("common.closeWindow")]);
    expect(github.counts.token).toBe(0);
  });

  test("a reply from another window, from a page without an origin, and the noise of extensions do not use up the ear", async () => {
    const { page, popup } = await claim("127.0.0.1", false);
    await popup.getByText("Finding out which app this is").waitFor();
    await popup.evaluate(() => {
      const heardLast = new Promise<void>((resolve) =>
        addEventListener("message", ({ data }) => data === "last" && resolve()),
      );
      Object.assign(window, { heardLast });
    });

    await page.evaluate(async () => {
      const popup = open("", "auth")!;
      // Frames in the opener, one of them with an opaque origin. They send the right answer from the wrong window.
      for (const sandbox of ["allow-scripts", "allow-scripts allow-same-origin"]) {
        const frame = document.createElement("iframe");
        frame.setAttribute("sandbox", sandbox);
        frame.srcdoc = `<script>try { parent.popup.postMessage("authorizing:github", "*") } catch {}</script>`;
        Object.assign(window, { popup });
        document.body.append(frame);
        await new Promise((resolve) => (frame.onload = resolve));
      }
      for (const noise of [
        null,
        1,
        {},
        "",
        "authorizing:gitlab",
        "authorizing:github ",
        { type: "authorizing:github" },
      ]) {
        popup.postMessage(noise, "*");
      }
    });
    // A browser extension posts its messages in the page itself.
    await popup.evaluate(() => window.postMessage("authorizing:github", "*"));
    await page.evaluate(() => open("", "auth")!.postMessage("last", "*"));
    await popup.evaluate(() => (window as unknown as { heardLast: Promise<void> }).heardLast);
    expect(await popup.getByRole("button", { name: /^yes/i }).count()).toBe(0);

    await page.evaluate(() => open("", "auth")!.postMessage("authorizing:github", "*"));
    await popup.getByRole("button", { name: /^yes/i }).waitFor();
    expect(github.counts.token).toBe(0);
  });

  test("a page that came over plain http cannot be logged in to", async () => {
    const origin = "http://plain.example";
    const empty = { body: "<!doctype html><title>Empty</title>", contentType: "text/html" };
    await context.route(`${origin}/**`, (route) => route.fulfill(empty));
    const { page, popup } = await claim("plain.example", true, origin);
    await popup.getByRole("heading", { name: "You can’t log in to this app" }).waitFor();
    expect(await readPage(popup)).toContain(origin);
    expect(await popup.getByRole("button").allTextContents()).toEqual([say("common.closeWindow")]);
    expect(github.counts.token).toBe(0);
    expect(await messagesOf(page)).toHaveLength(1);
  });

  test("[A58] a page at a name below localhost is an app on this computer, and gets the token at that name", async () => {
    const origin = admin.origin.replace("127.0.0.1", "app.localhost");
    const { page, popup } = await claim("app.localhost", true, origin);
    await popup.getByRole("heading", { name: `Are you sure you want to log in to ${origin}` }).waitFor();
    const question = await readPage(popup);
    expect(question).toContain(say("notice.loopback"));
    expect(question).not.toContain("says it is");
    await answerYes(popup);
    await expect.poll(() => messagesOf(page)).toHaveLength(2);
    expect((await messagesOf(page))[1]).toMatchObject({
      data: expect.stringContaining(github.issuedTokens.at(-1)!),
      origin: site.origin,
    });
  });

  test("a page without an origin of its own cannot be logged in to", async () => {
    const { page } = profile;
    await page.goto(
      `data:text/html,${encodeURIComponent(`<button>Go</button><script>
      onmessage = ({ data, source }) => source.postMessage(data, "*");
      document.querySelector("button").onclick = () => open("${site.origin}/auth?provider=github&site_id=good.example", "_blank");
    </script>`)}`,
    );
    const opened = page.waitForEvent("popup");
    await page.getByRole("button").click();
    const popup = await opened;
    await popup.getByText("The app isn’t answering").waitFor();
    expect(await popup.getByRole("button").allTextContents()).toEqual([say("common.closeWindow")]);
    expect(github.counts.token).toBe(0);
  });

  test("[A19] an opener that has become another page gets nothing", async () => {
    const { page, popup } = await claim("127.0.0.1");
    await popup.getByRole("button", { name: /^yes/i }).waitFor();
    await page.evaluate((url) => void (location.href = url), `${site.origin}/`);
    await page.waitForURL(`${site.origin}/`);
    await page.evaluate(() => {
      const received: unknown[] = [];
      Object.assign(window, { received });
      addEventListener("message", ({ data, origin }) => received.push({ data, origin }));
    });
    await popup.evaluate(() => void (window.close = () => {}));
    await answerYes(popup);
    await popup.getByRole("heading", { name: "Done" }).waitFor();
    await popup.evaluate(() => opener.postMessage("last", "*"));
    await expect.poll(() => messagesOf(page)).not.toEqual([]);
    expect(await messagesOf(page)).toEqual([{ data: "last", origin: site.origin }]);
  });
});
