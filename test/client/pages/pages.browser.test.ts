import type { FrameLocator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import english from "../../../client/languages/en.json" with { type: "json" };
import { fillSnippet } from "../../../client/snippets/fill.ts";
import { readSnippets } from "../../../scripts/build/snippets.ts";
import { broken } from "../../../server/answers/error-catalogue.ts";
import { errorPage } from "../../../server/answers/error-page.ts";
import type { Question } from "../../../shared/page-messages.ts";
import { encodeFragment } from "../../../shared/page-messages.ts";
import { passGate } from "../../tools/later.ts";
import { readAll } from "../../tools/people.ts";
import { say } from "../../tools/words.ts";
import {
  app,
  confirmPath,
  context,
  expectToStay,
  messagesOf,
  messagesUpToNow,
  type Options,
  openApp,
  openContext,
  openPage,
  openPopup,
  openPopupFrom,
  openWindow,
  pressYes,
  provider,
  questionOf,
  returnedPath,
  signOutPath,
  startPath,
  unnamedPath,
  waitingPath,
  yes,
} from "./pages-in-browser.ts";

describe("the start page", () => {
  test("names the app and the whole redirect URI, and goes on by a click", async () => {
    const redirectUri = `${app.origin}/${"long/".repeat(40)}callback`;
    provider.reply = { status: 200, body: { location: `${app.origin}/service/authorize?state=s` } };
    const page = await openPage(startPath({ redirectUri }), { viewport: { width: 320, height: 568 } });
    await readAll(page);
    expect(page.url()).toBe(`${provider.origin}/start`);
    expect(await page.locator(".address").textContent()).toBe(redirectUri);
    expect(
      await page
        .locator(".address strong")
        .allTextContents()
        .then((pieces) => pieces.join("")),
    ).toBe(redirectUri.slice(app.origin.length + 1));
    expect(provider.posts).toEqual([]);
    await page.getByRole("button", { name: "Continue to GitHub" }).click();
    await page.waitForURL(`${app.origin}/service/authorize?state=s`);
    const [post] = provider.posts;
    expect(post).toMatchObject({ path: "/authorize/github", origin: provider.origin, body: { request: "sealed" } });
  });

  test.each(["javascript:window.__x=1", "http://service.example/authorize", "/relative"])(
    "does not go to %s",
    async (location) => {
      provider.reply = { status: 200, body: { location } };
      const page = await openPage(startPath());
      await readAll(page);
      await page.getByRole("button", { name: "Continue to GitHub" }).click();
      await page.getByRole("heading", { name: "We couldn’t start this login" }).waitFor();
      expect(page.url()).toBe(`${provider.origin}/start`);
    },
  );

  test("says why a login could not be started, and can be tried again without a connection", async () => {
    provider.reply = "cut";
    const page = await openPage(startPath());
    await readAll(page);
    const go = page.getByRole("button", { name: "Continue to GitHub" });
    await go.click();
    await page.getByText("We can’t reach the server").waitFor();
    await readAll(page);
    provider.reply = {
      status: 400,
      body: { error: "invalid_request", error_description: "This start has expired.", reason: "expired" },
    };
    await go.click();
    await page.getByText("This start has expired.").waitFor();
  });

  test("can be used again by somebody who comes back from the service", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service/authorize?state=s` } };
    const page = await openPage(startPath());
    await readAll(page);
    await page.route(`${app.origin}/**`, (route) => route.fulfill({ status: 204 }));
    const go = page.getByRole("button", { name: "Continue to GitHub" });
    await go.click();
    await page.getByText("Going to GitHub").waitFor();
    expect(await go.isDisabled()).toBe(true);
    await page.evaluate(() => dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    await expect.poll(() => page.getByRole("status").textContent()).not.toContain("Going");
    expect(await go.isDisabled()).toBe(true);
    await readAll(page);
    await go.click();
    await page.getByText("Going to GitHub").waitFor();
    await expect.poll(() => provider.posts).toHaveLength(2);
  });

  test("has nothing to show without an app", async () => {
    const page = await openPage("/start#e30");
    expect(await page.locator("h1").textContent()).toBe("No login to start here");
  });
});

describe("the error page", () => {
  test("tells the waiting app at once", async () => {
    const answer = { message: { error: "server_error" }, targetOrigin: app.origin };
    provider.pages.set("/callback/github", errorPage(broken, answer));
    const { opener, popup } = await openPopup("/callback/github?code=canary&state=s");
    await popup.getByText("The app has been told.").waitFor();
    expect(await messagesUpToNow(opener, popup)).toEqual([
      { data: { error: "server_error" }, origin: provider.origin },
    ]);
    expect(popup.url()).toBe(`${provider.origin}/callback/github`);
  });

  test("leads back to the app only by a click [A43]", async () => {
    const answer = { location: `${app.origin}/callback?error=server_error` };
    provider.pages.set("/callback/github", errorPage(broken, answer));
    const page = await openPage("/callback/github?error=x", { stopped: true });
    await expectToStay(page);
    await page.getByRole("button", { name: "Back to the app" }).click();
    await page.waitForURL(answer.location);
  });

  test.each([{ location: "javascript:window.__x=1" }, { message: { token: 1 }, targetOrigin: "*" }])(
    "carries out no answer like %j [A4][A5]",
    async (answer) => {
      provider.pages.set("/callback/github", errorPage(broken, answer));
      const { opener, popup } = await openPopup("/callback/github");
      await popup.locator(".card").waitFor();
      expect(await messagesUpToNow(opener, popup)).toEqual([]);
      expect(await popup.getByRole("button").allTextContents()).toEqual([say("common.closeWindow")]);
    },
  );

  test("says hostile text as text [A5]", async () => {
    const hostile = `"><img src=x onerror="window.__x=1"></title><script>window.__x=1</script>`;
    const answer = { message: hostile, targetOrigin: app.origin };
    provider.pages.set("/error", errorPage({ ...broken, text: hostile, advice: hostile }, answer));
    const page = await openPage("/error");
    expect(await page.getByText(hostile).count()).toBe(2);
    expect(await page.evaluate(() => "__x" in window)).toBe(false);
  });
});

describe("an app that has to name itself", () => {
  /** Opens a popup as a CMS does: the app sends the handshake back and records all messages. */
  async function openCms(path: string, { echo = true, ...options }: Options & { echo?: boolean } = {}) {
    const opener = await openApp(options);
    if (echo) {
      await opener.evaluate(() => {
        addEventListener("message", ({ data, source, origin }) => {
          if (String(data).startsWith("authorizing:")) (source as Window).postMessage(data, { targetOrigin: origin });
        });
      });
    }
    const popup = await openPopupFrom(opener, path);
    await popup.waitForLoadState();
    return { opener, popup };
  }

  test("is asked about by the origin that the browser gives, and only that is sent to the server [A8]", async () => {
    provider.reply = { status: 200, body: { message: "authorization:github:success:{}", targetOrigin: app.origin } };
    const { opener, popup } = await openCms(unnamedPath({ claimedHost: "good.example", waitingWindow: "id" }));
    await popup.getByRole("heading", { name: app.origin }).waitFor();
    expect((await popup.locator(".notice").allTextContents())[0]).toContain("good.example");
    await pressYes(popup);
    await expect.poll(() => messagesOf(opener)).toHaveLength(2);
    expect(await messagesOf(opener)).toEqual([
      { data: "authorizing:github", origin: provider.origin },
      { data: "authorization:github:success:{}", origin: provider.origin },
    ]);
    expect(provider.posts[0]!.body).toMatchObject({ origin: app.origin, waitingWindow: "id", opener: true });
  });

  test("is waited for, and then told apart from noise [A8]", async () => {
    const { opener, popup } = await openCms(unnamedPath(), { echo: false, stopped: true });
    await popup.evaluate(() => window.postMessage("authorizing:github", "*"));
    await opener.evaluate(
      (noise) => noise.forEach((data) => open("", "popup")!.postMessage(data, "*")),
      [null, {}, "authorizing:gitlab", "authorization:github:success:{}"],
    );
    await popup.getByText("Finding out which app this is").waitFor();
    await context.clock.runFor("05:00");
    await popup.getByText("The app isn’t answering").waitFor();
    expect(await popup.getByRole("button").allTextContents()).toEqual([say("common.closeWindow")]);
    await opener.evaluate(() => open("", "popup")!.postMessage("authorizing:github", "*"));
    await yes(popup).waitFor();
  });

  test("without a window that opened this one, there is nobody to ask", async () => {
    const page = await openPage(unnamedPath());
    await page.getByRole("heading", { name: say("confirm.lost.title") }).waitFor();
  });

  test("no fragment makes this page say anything but a handshake to a window that it does not know", async () => {
    for (const handshake of ["authorization:github:success:{}", "authorizing:", "authorizing:a b", "x", 1, null]) {
      const { origin: _, ...rest } = questionOf();
      const { opener, popup } = await openPopup(
        `/confirm#${encodeFragment({ ...rest, handshake } as unknown as Question)}`,
      );
      await popup.getByRole("heading", { name: "Nothing to confirm here" }).waitFor();
      expect(await messagesUpToNow(opener, popup)).toEqual([]);
      await popup.close();
    }
  });

  test("hears of a failure that comes before the question, once it has named itself", async () => {
    const answer = { message: "authorization:github:error:{}", handshake: "authorizing:github" };
    provider.pages.set("/error", errorPage(broken, answer));
    const { opener, popup } = await openCms("/error");
    await popup.getByText("The app has been told").waitFor();
    expect((await messagesUpToNow(opener, popup)).at(-1)).toEqual({
      data: "authorization:github:error:{}",
      origin: provider.origin,
    });
  });
});

describe("the waiting window", () => {
  test("has the server's address ready before the click, and nothing of its own fragment in it", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service` } };
    const page = await openPage(waitingPath());
    const link = page.getByRole("link", { name: "Open GitHub" });
    await link.waitFor();
    expect(page.url()).toBe(`${provider.origin}/waiting`);
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", body: { request: "sealed" } }]);
    const opening = context.waitForEvent("page");
    await link.click();
    const service = await opening;
    await service.waitForURL(`${app.origin}/service`);
    expect(await service.evaluate(() => [window.opener, document.referrer])).toEqual([null, ""]);
    await page.getByText("Waiting for the GitHub window").waitFor();
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", body: { request: "sealed" } }]);
  });

  test.each(["javascript:alert(1)", "http://service.example/", "data:text/html,x", 7])(
    "offers no way to %s",
    async (location) => {
      provider.reply = { status: 200, body: { location } };
      const page = await openPage(waitingPath());
      await page.getByRole("heading", { name: "We couldn’t start this login" }).waitFor();
      expect(await page.getByRole("link", { name: /open/i }).count()).toBe(0);
    },
  );

  test("goes on under its own id when its ticket arrives, and the gate begins there", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service` } };
    const { popup } = await openPopup(waitingPath());
    await popup.getByRole("link", { name: "Open GitHub" }).waitFor();
    const own = await openWindow(provider.origin + returnedPath());
    await own.getByRole("heading", { name: "Go to the other window" }).waitFor();
    await yes(popup).waitFor();
    provider.reply = {
      status: 400,
      body: { error: "access_denied", error_description: "Not so.", reason: "other_browser" },
    };
    await pressYes(popup);
    await popup.getByText("Not so.").waitFor();
    expect(provider.posts.at(-1)!.body).toMatchObject({ ticket: "sealed", waitingWindow: "id", decision: "yes" });
  });

  test("the service's window stays until a person has had the time to read where to go on", async () => {
    const waiting = await openPage(waitingPath());
    await waiting.evaluate(() => {
      const channel = new BroadcastChannel("waiting:id");
      channel.onmessage = ({ data }) => data !== "received" && channel.postMessage("received");
    });
    const own = await openPage(returnedPath());
    await own.getByRole("heading", { name: "Go to the other window" }).waitFor();
    await own.evaluate(() => {
      Object.assign(window, { closedAtMs: 0 });
      window.close = () => Object.assign(window, { closedAtMs: performance.now() });
      Object.assign(window, { shownAtMs: performance.now() });
    });
    const read = await own.waitForFunction(() => {
      const { closedAtMs, shownAtMs } = window as unknown as Record<string, number>;
      return closedAtMs! > 0 && closedAtMs! - shownAtMs!;
    });
    expect(await read.jsonValue()).toBeGreaterThan(3_000);
  });

  test("says so when the server cannot be reached, and tries again", async () => {
    provider.reply = "cut";
    const page = await openPage(waitingPath({ service: "dropbox" }));
    await page.getByRole("heading", { name: "We can’t reach the server" }).waitFor();
    provider.reply = { status: 200, body: { location: "https://service.example/" } };
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: "Open Dropbox" }).waitFor();
  });

  test("is not to be found by whoever returns without it", async () => {
    const page = await openPage(returnedPath());
    await page.getByRole("heading", { name: say("returned.gone.title") }).waitFor();
    await page.getByRole("button", { name: "Look for it again" }).click();
    await page.getByRole("heading", { name: say("returned.gone.title") }).waitFor();
  });

  test("can be left while the server has not answered yet, which is said after a while", async () => {
    await openContext();
    const page = await openWindow(`${provider.origin}/favicon.svg`);
    const answer = Promise.withResolvers<void>();
    await page.route("**/authorize/github", async (route) => {
      if (!route.request().postDataJSON().cancel) await answer.promise;
      // The window may be closed by then.
      await route.continue().catch(() => {});
    });
    await page.goto(provider.origin + waitingPath());
    const cancel = page.getByRole("button", { name: say("start.cancel"), includeHidden: true });
    await cancel.waitFor({ state: "attached" });
    expect(await cancel.isVisible()).toBe(false);
    await cancel.evaluate((button) => {
      for (const animation of button.getAnimations()) animation.finish();
    });
    const closed = page.waitForEvent("close");
    await cancel.click();
    await closed;
    expect(provider.posts.map(({ body }) => body)).toEqual([{ request: "sealed", cancel: true }]);
    answer.resolve();
  });

  test.each(["/waiting", "/returned", "/sign-out", "/try"])(
    "%s has nothing to show by itself, or in a frame",
    async (path) => {
      const page = await openPage(path);
      await page.getByRole("heading", { name: /^(no|nothing)\b/i }).waitFor();
      expect(provider.posts).toEqual([]);
    },
  );
});

/** Where a browser ignores the header that forbids frames. */
async function openFramed(path: string): Promise<FrameLocator> {
  provider.pages.set("/frame", `<iframe src="${path}" width="400" height="400"></iframe>`);
  const page = await (await openContext()).newPage();
  await page.route("**/*", async (route) => {
    const response = await route.fetch();
    const { "content-type": contentType = "", "referrer-policy": referrerPolicy = "" } = response.headers();
    await route.fulfill({ response, headers: { "content-type": contentType, "referrer-policy": referrerPolicy } });
  });
  await page.goto(`${provider.origin}/frame`);
  return page.frameLocator("iframe");
}

describe("a page that is shown in a frame after all", () => {
  test.each([
    ["the question", confirmPath],
    ["the start page", startPath],
    ["the waiting window", waitingPath],
    ["the service's window", returnedPath],
    ["the end of all access", signOutPath],
    ["a login to try", () => "/try#github"],
    ["an error", () => "/error"],
    ["a page that is not there", () => "/nowhere"],
  ])("has one way on, out of the frame: %s [A66]", async (_, pathOf) => {
    provider.pages.set("/error", errorPage(broken));
    const frame = await openFramed(pathOf());
    const ways = frame.locator("main :is(a, button)");
    await ways.waitFor();
    expect(await ways.count()).toBe(1);
    const opened = context.waitForEvent("page");
    await ways.click();
    expect((await opened).url()).toBe(`${provider.origin}/`);
    expect(provider.posts).toEqual([]);
  });

  test("says what to do instead", async () => {
    const frame = await openFramed(confirmPath());
    await frame.getByText(say("common.framed.advice")).waitFor();
  });
});

describe("a login to try", () => {
  test("begins with a press that passed the gate, by a POST of its own [A7]", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service` } };
    const page = await openPage("/try#github", { stopped: true });
    await page.getByRole("heading", { name: "Try a login with GitHub" }).waitFor();
    await page.getByText(`${provider.origin}/callback/github`).waitFor();
    const go = page.getByRole("button", { name: "Continue to GitHub" });
    expect(await go.isDisabled()).toBe(true);
    await passGate(go);
    await go.click();
    await page.waitForURL(`${app.origin}/service`);
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", body: { trial: true } }]);
  });

  test("says why it cannot begin, and leads home", async () => {
    provider.reply = {
      status: 403,
      body: { error: "access_denied", error_description: "Off.", reason: "trial_not_offered" },
    };
    const page = await openPage("/try#github", { stopped: true });
    const go = page.getByRole("button", { name: "Continue to GitHub" });
    await passGate(go);
    await go.click();
    await page.getByRole("heading", { name: english["start.failed"] }).waitFor();
    expect(await page.getByRole("link", { name: english["signOut.home"] }).getAttribute("href")).toBe("/");
  });

  test.each(["nowhere", "constructor", "GitHub", "<b>x</b>"])(
    "no fragment can name anything but a service: %s [A67]",
    async (fragment) => {
      const page = await openPage(`/try#${fragment}`);
      await page.getByRole("heading", { name: english["try.nothing.title"] }).waitFor();
      expect(await page.locator("main").textContent()).not.toContain(fragment);
    },
  );

  test.each<[string, object, string]>([
    ["the user's name, as text [A5]", { name: "<b>Mona</b>", revoked: true }, "It works: you are <b>Mona</b>"],
    ["only that it works", { revoked: false }, "It works"],
  ])("ends in %s", async (_, trial, title) => {
    provider.reply = { status: 200, body: { trial } };
    const page = await openPage(confirmPath(), { stopped: true });
    const yes = page.getByRole("button", { name: english["confirm.yes"] });
    await passGate(yes);
    await yes.click();
    await page.getByRole("heading", { name: title, exact: true }).waitFor();
    expect(new URL(page.url()).hash).toBe("");
    await page.reload();
    await page.getByRole("heading", { name: english["confirm.nothing.title"] }).waitFor();
  });
});

describe("sign out everywhere", () => {
  test("begins with a click on the home page, by a POST of its own", async () => {
    provider.services = { Github: { id: "github", name: "GitHub" } };
    provider.reply = { status: 200, body: { location: `${app.origin}/service` } };
    const page = await openPage("/");
    await page.getByRole("button", { name: say("home.signOut.button", { service: "GitHub" }) }).click();
    await page.waitForURL(`${app.origin}/service`);
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", body: { signOut: true } }]);
  });

  test("points to the service's own page where this site cannot end anything", async () => {
    provider.services = { Github: { id: "github", name: "GitHub" } };
    provider.reply = { status: 200, body: { manageUrl: "https://github.example/applications" } };
    const page = await openPage("/");
    await page.getByRole("button", { name: say("home.signOut.button", { service: "GitHub" }) }).click();
    expect(await page.getByRole("link", { name: "view or end access at GitHub" }).getAttribute("href")).toBe(
      "https://github.example/applications",
    );

    provider.reply = { status: 200, body: { manageUrl: "javascript:alert(1)" } };
    await page.getByRole("button", { name: say("home.signOut.button", { service: "GitHub" }) }).click();
    await page.getByText("Look in your GitHub account settings").waitFor();
  });

  test("says plainly what ends, waits for the gate, and says when it is done", async () => {
    provider.reply = { status: 200, body: { ended: true } };
    const page = await openPage(signOutPath(), { stopped: true });
    await page.getByRole("heading", { name: say("signOut.title", { service: "GitHub" }) }).waitFor();
    expect(await page.locator("main").textContent()).toContain("Every app you logged in to");
    const end = page.getByRole("button", { name: "Yes, end all" });
    expect(await end.isDisabled()).toBe(true);
    await passGate(end);
    await end.click();
    await page.getByRole("heading", { name: say("signOut.done.title", { service: "GitHub" }) }).waitFor();
    expect(provider.posts).toMatchObject([
      {
        path: "/decision",
        body: { ticket: "sealed", origin: provider.origin, service: "github", decision: "yes", opener: false },
      },
    ]);
    await page.reload();
    await page.getByRole("heading", { name: "Nothing to sign out of here" }).waitFor();
  });

  test("No asks nobody", async () => {
    const page = await openPage(signOutPath());
    await page.getByRole("button", { name: "No", exact: true }).click();
    await page.getByRole("heading", { name: "Nothing changed" }).waitFor();
    expect(provider.posts).toEqual([]);
  });

  test.each([
    ["an answer that is none", { status: 200, body: {} }],
    [
      "a failure of the service",
      {
        status: 502,
        body: { error: "x", error_description: "The service failed to answer.", reason: "service_failed" },
      },
    ],
    ["no answer", "cut" as const],
  ])("never says that it worked after %s [A44]", async (_, reply) => {
    provider.reply = reply;
    const page = await openPage(signOutPath());
    await page.getByRole("button", { name: "Yes, end all" }).click();
    await page.getByRole("heading", { name: "That didn’t work" }).waitFor();
    expect(await page.getByRole("link", { name: "View or end access at GitHub" }).count()).toBe(1);
  });
});

describe("the home page", () => {
  test("lists the services", async () => {
    provider.services = {
      Github: { id: "github", name: "GitHub", client_id: "c", icon: "/favicon.svg" },
      Other: { id: "other", name: "<b>Other</b>", client_id: "c", icon: "https://evil.example/logo.svg" },
    };
    const page = await openPage("/");
    await page.getByText("GitHub").first().waitFor();
    expect(await page.locator(".services li").allTextContents()).toEqual(["GitHub", "<<b>Other</b>"]);
  });

  test("leads to a trial login exactly where the provider has one", async () => {
    provider.services = {
      Github: { id: "github", name: "GitHub", try: true },
      Google: { id: "google", name: "Google", try: false },
      Gitlab: { id: "gitlab", name: "GitLab", try: "true" },
      Example: { id: "example", name: "Example" },
    };
    const page = await openPage("/");
    const link = page.getByRole("link", { name: "Try a login GitHub" });
    expect(await link.getAttribute("href")).toBe("/try#github");
    expect(await page.locator(".services a").count()).toBe(1);
  });

  describe("for people who build apps", () => {
    const services = {
      Google: { id: "google", name: "Google", client_id: "google-client" },
      Github: { id: "github", name: "GitHub", client_id: "github-client" },
    };
    const code = (page: Page) => page.locator(".sample").textContent();

    async function openMakers(): Promise<Page> {
      provider.services = services;
      const page = await openPage("/");
      await page.getByText("Show the code for your app").click();
      await page.locator(".sample").waitFor();
      return page;
    }

    test("shows the code that the tests run, for the chosen service and client, with this provider's address", async () => {
      const page = await openMakers();
      const google = { provider: provider.origin, service: "google", serviceName: "Google", clientId: "google-client" };
      const github = { ...google, service: "github", serviceName: "GitHub", clientId: "github-client" };
      const snippets = await readSnippets();
      expect(await code(page)).toBe(fillSnippet(snippets["auth.html"]!, google));
      await page.getByLabel("Made with").selectOption("<auth-login>");
      expect(await code(page)).toBe(fillSnippet(snippets["login-button.html"]!, google));
      await page.getByLabel("Service").selectOption("GitHub");
      await page.getByLabel("Made with").selectOption("react-admin");
      expect(await code(page)).toBe(fillSnippet(snippets["react-admin.jsx"]!, github));
    });

    test("says which services a client knows, and shows the code for one of them", async () => {
      const page = await openMakers();
      await page.getByLabel("Made with").selectOption("Mavo");
      await page.getByText("Mavo can only use these services: github.").waitFor();
      expect(await code(page)).toContain('mv-storage-key="github-client"');
      await page.getByLabel("Service").selectOption("GitHub");
      expect(await page.getByText("can only use").count()).toBe(0);
    });

    test("shows every piece of code there is", async () => {
      const page = await openMakers();
      const shown = new Set<string>();
      const names = await page.getByLabel("Made with").locator("option").allTextContents();
      await page.getByLabel("Service").selectOption("GitHub");
      for (const name of names) {
        await page.getByLabel("Made with").selectOption(name);
        shown.add((await code(page))!);
      }
      expect(shown.size).toBe(Object.keys(await readSnippets()).length);
    });

    test("copies the code, or selects it where the browser forbids that", async () => {
      const page = await openMakers();
      await page.evaluate(() => {
        const writeText = (copied: string) => Promise.resolve(Object.assign(window, { copied }));
        Object.defineProperty(navigator, "clipboard", { value: { writeText }, configurable: true });
      });
      await page.getByRole("button", { name: "Copy the code" }).click();
      await page.getByText("The code is copied.").waitFor();
      expect(await page.evaluate("window.copied")).toBe(await code(page));

      await page.evaluate(() => {
        const writeText = () => Promise.reject(new Error("forbidden"));
        Object.defineProperty(navigator, "clipboard", { value: { writeText } });
      });
      await page.getByRole("button", { name: "Copy the code" }).click();
      await page.getByText("The code is selected now").waitFor();
      expect(await page.evaluate(() => String(getSelection()).includes("auth.js"))).toBe(true);
    });

    test("is loaded only when somebody opens it, or comes for it", async () => {
      provider.services = services;
      const page = await openPage("/");
      const loaded = () =>
        page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith(".js")).length);
      await page.locator(".services li").first().waitFor();
      expect(await loaded()).toBe(0);
      await page.getByRole("link", { name: "For app developers" }).click();
      await page.locator(".sample").waitFor();
      expect(await loaded()).toBe(1);
    });

    test("is about an example where no service is set up, and says so where it cannot be loaded", async () => {
      const page = await openPage("/#makers");
      await page.locator(".sample").waitFor();
      expect(await code(page)).toContain('service: "github"');

      await context.route("**/home-makers.js", (route) => route.abort());
      await page.goto("about:blank");
      await page.goto(`${provider.origin}/#makers`);
      await page.locator(".makers").getByText("We can’t reach the server.").waitFor();
      await context.unrouteAll();
    });
  });

  test("says what to do when no service is set up yet", async () => {
    const page = await openPage("/");
    await page.getByText("No service is set up yet.").waitFor();
  });

  test.each(["?code=c&state=s", "?error=access_denied&state=s"])(
    "passes an authorization response of Madata's apps on: %s",
    async (query) => {
      provider.pages.set("/callback", "<!doctype html><title>Callback</title><h1>Callback</h1>");
      const page = await openPage(`/${query}`);
      await page.waitForURL(`${provider.origin}/callback${query}`);
    },
  );

  test.each(["?code=c", "?state=s", ""])("stays where it is otherwise: %s", async (query) => {
    const page = await openPage(`/${query}`);
    await page.getByText("No service is set up yet.").waitFor();
    expect(page.url()).toBe(`${provider.origin}/${query}`);
  });
});
