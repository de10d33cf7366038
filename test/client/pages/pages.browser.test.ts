import { describe, expect, test } from "vitest";
import { broken } from "../../../server/answers/error-catalogue.ts";
import { errorPage } from "../../../server/answers/error-page.ts";
import type { Question } from "../../../shared/page-messages.ts";
import { encodeFragment } from "../../../shared/page-messages.ts";
import { passGate } from "../../tools/later.ts";
import { readAll } from "../../tools/people.ts";
import {
  app,
  context,
  expectToStay,
  messagesOf,
  messagesUpToNow,
  type Options,
  openApp,
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
      expect(await popup.getByRole("button").count()).toBe(0);
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
    expect(await popup.getByRole("button").count()).toBe(0);
    await opener.evaluate(() => open("", "popup")!.postMessage("authorizing:github", "*"));
    await yes(popup).waitFor();
  });

  test("without a window that opened this one, there is nobody to ask", async () => {
    const page = await openPage(unnamedPath());
    await page.getByRole("heading", { name: "Lost contact with the app" }).waitFor();
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
    await page.getByRole("heading", { name: "The waiting window is gone" }).waitFor();
    await page.getByRole("button", { name: "Look for it again" }).click();
    await page.getByRole("heading", { name: "The waiting window is gone" }).waitFor();
  });

  test.each(["/waiting", "/returned", "/sign-out"])("%s has nothing to show by itself, or in a frame", async (path) => {
    const page = await openPage(path);
    await page.getByRole("heading", { name: /^(no|nothing)\b/i }).waitFor();
    expect(provider.posts).toEqual([]);
  });
});

describe("sign out everywhere", () => {
  test("begins with a click on the home page, by a POST of its own", async () => {
    provider.services = { Github: { id: "github", name: "GitHub" } };
    provider.reply = { status: 200, body: { location: `${app.origin}/service` } };
    const page = await openPage("/");
    await page.getByRole("button", { name: "End GitHub access" }).click();
    await page.waitForURL(`${app.origin}/service`);
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", body: { signOut: true } }]);
  });

  test("points to the service's own page where this site cannot end anything", async () => {
    provider.services = { Github: { id: "github", name: "GitHub" } };
    provider.reply = { status: 200, body: { manageUrl: "https://github.example/applications" } };
    const page = await openPage("/");
    await page.getByRole("button", { name: "End GitHub access" }).click();
    expect(await page.getByRole("link", { name: "view or end access at GitHub" }).getAttribute("href")).toBe(
      "https://github.example/applications",
    );

    provider.reply = { status: 200, body: { manageUrl: "javascript:alert(1)" } };
    await page.getByRole("button", { name: "End GitHub access" }).click();
    await page.getByText("Look in your GitHub account settings").waitFor();
  });

  test("says plainly what ends, waits for the gate, and says when it is done", async () => {
    provider.reply = { status: 200, body: { ended: true } };
    const page = await openPage(signOutPath(), { stopped: true });
    await page.getByRole("heading", { name: "Are you sure you want to end all GitHub access?" }).waitFor();
    expect(await page.locator("main").textContent()).toContain("Every app you logged in to");
    const end = page.getByRole("button", { name: "Yes, end all" });
    expect(await end.isDisabled()).toBe(true);
    await passGate(end);
    await end.click();
    await page.getByRole("heading", { name: "All GitHub access has ended" }).waitFor();
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
  test("lists the services, and shows how an app uses this provider", async () => {
    provider.services = {
      Github: { id: "github", name: "GitHub", client_id: "c", icon: "/favicon.svg" },
      Other: { id: "other", name: "<b>Other</b>", client_id: "c", icon: "https://evil.example/logo.svg" },
    };
    const page = await openPage("/");
    await page.getByText("GitHub").first().waitFor();
    expect(await page.locator(".services li").allTextContents()).toEqual(["GitHub", "<<b>Other</b>"]);
    const samples = await page.locator(".sample").allTextContents();
    expect(samples[0]).toContain(`from "${provider.origin}/auth.js"`);
    expect(samples[0]).toContain('service: "github"');
    expect(samples[1]).toBe(`issuer: ${provider.origin}/github`);
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
