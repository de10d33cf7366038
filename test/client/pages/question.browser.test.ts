import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import english from "../../../client/languages/en.json" with { type: "json" };
import { passGate } from "../../tools/later.ts";
import { readAll } from "../../tools/people.ts";
import { say } from "../../tools/words.ts";
import {
  app,
  confirmPath,
  context,
  decisions,
  expectToStay,
  keepOpen,
  messagesOf,
  messagesUpToNow,
  no,
  openContext,
  openPage,
  openPopup,
  pressYes,
  provider,
  saysSomething,
  waitUntilArmed,
  yes,
} from "./pages-in-browser.ts";

describe("the question", () => {
  test("names the origin, all of whose pages it is about, and the service, and leaves nothing in the address bar [A35][A57]", async () => {
    const page = await openPage(confirmPath());
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(
      `Are you sure you want to log in to ${app.origin}?`,
    );
    expect(await page.locator("main").textContent()).toContain("GitHub");
    expect(await page.locator("main").textContent()).toContain(say("confirm.anyPage"));
    expect(page.url()).toBe(`${provider.origin}/confirm`);
  });

  test("says what can do harm, then what the app will know about you from an ID token, each once [A31]", async () => {
    const shown = async (question: Parameters<typeof confirmPath>[0]) => {
      const page = await openPage(confirmPath(question));
      const items = await page.locator(".scopes li").allTextContents();
      await page.close();
      return items;
    };
    expect(await shown({ scopes: ["gist"], identity: ["openid", "profile", "email"] })).toEqual([
      "Important: Create and change gists",
      "Know who you are",
      "Read your name and picture",
      "Read your email address",
    ]);
    // The service's own scopes of these names ask for the same.
    expect(await shown({ scopes: ["openid", "email", "gist"], identity: ["openid", "email"] })).toEqual([
      "Important: Create and change gists",
      "Know who you are",
      "Read your email address",
    ]);
    expect(await shown({ scopes: [], identity: ["openid"] })).toEqual([
      "Important: Use what GitHub gives every app by default",
      "Know who you are",
    ]);
    const forged = ["openid", "Give_it_everything"] as unknown as ["openid"];
    expect(await shown({ scopes: ["gist"], identity: forged })).toEqual(["Important: Create and change gists"]);
  });

  test("is there again after a reload, and asks anew when the fragment changes", async () => {
    const page = await openPage(confirmPath());
    await page.reload();
    expect(await page.locator(".origin").textContent()).toBe(app.origin);
    const [, other = ""] = confirmPath({ origin: "https://other.example" }).split("#");
    await page.evaluate((fragment) => void (location.hash = fragment), other);
    await page.locator(".origin", { hasText: "other.example" }).waitFor();
    expect(page.url()).toBe(`${provider.origin}/confirm`);
  });

  test("shows scopes in words, unknown ones as code after words of our own, and what root Madata cannot tell [A31]", async () => {
    const page = await openPage(
      confirmPath({ scopes: ["gist", "Only_reads_your_public_name,_nothing_else.", "constructor"] }),
    );
    const ours = `${say("confirm.important")} ${say("confirm.undescribed", { service: "GitHub" })}`;
    expect(await page.locator(".scopes li").allTextContents()).toEqual([
      `${say("confirm.important")} Create and change gists`,
      `${ours} "Only_reads_your_public_name,_nothing_else."`,
      `${ours} "constructor"`,
    ]);
    expect(await page.locator(".scopes code").allTextContents()).toEqual([
      '"Only_reads_your_public_name,_nothing_else."',
      '"constructor"',
    ]);
    await page.close();

    const madata = await openPage(confirmPath({ scopes: null, identity: ["openid"] }));
    expect(await madata.locator(".scopes li").allTextContents()).toEqual([
      `${say("confirm.important")} ${say("confirm.everything", { service: "GitHub" })}`,
    ]);
  });

  test("speaks of what was chosen where an app must be installed, whatever scopes a link claims, and says where [A31][A67]", async () => {
    for (const scopes of [[], null, ["repo"]]) {
      const page = await openPage(confirmPath({ service: "installed", scopes }));
      const [item, ...others] = await page.locator(".scopes li").allTextContents();
      expect(others).toEqual([]);
      expect(item).toContain("only with the repositories that you or your organization chose");
      expect(item).not.toContain("all your repositories");
      const link = page.getByRole("link", { name: "Choose repositories at GitHub" });
      expect(await link.getAttribute("href")).toBe("https://github.example/apps/my-app/installations/new");
      expect(await link.getAttribute("rel")).toContain("noopener");
      expect(await page.locator(".scopes li").innerText(), "on a line of its own").toMatch(/\nChoose repositories/);
      await page.close();
    }
  });

  test("shows no more of an unknown scope than a known one can have, and the rest to whoever wants to see it [A31]", async () => {
    const scope = `Only_reads_your_public_name,_nothing_else._${"This_app_is_safe._".repeat(4)}`;
    const page = await openPage(confirmPath({ scopes: [scope] }));
    const [beginning, whole] = [page.locator(".scopes summary code"), page.locator(".scopes details > code")];
    expect(await beginning.textContent()).toBe(`"${scope.slice(0, 48)}…`);
    expect(await whole.isVisible()).toBe(false);
    await page.locator(".scopes summary").click();
    expect(await whole.textContent()).toBe(`"${scope}"`);
    expect(await whole.isVisible()).toBe(true);
  });

  test.each([
    "https://mallory.github.io",
    "https://accounts.google.com.mallory.co.uk:8443",
    "http://localhost:5500",
    "http://[::1]:5500",
    "https://192.0.2.7",
  ])(
    "emphasises nothing within %s: every letter of the host, and the port, is as strong as any other [A33]",
    async (origin) => {
      const page = await openPage(confirmPath({ origin }));
      const looks = await page.locator(".origin").evaluate((shown) => {
        const texts = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
        const found: [string, string][] = [];
        for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
          const { color, fontWeight, fontSize, textDecorationLine } = getComputedStyle(text.parentElement!);
          found.push([text.textContent!, [color, fontWeight, fontSize, textDecorationLine].join()]);
        }
        return found;
      });
      const [[scheme, quiet], ...host] = looks as [[string, string], ...[string, string][]];
      expect([scheme, host.map(([letters]) => letters).join("")].join("")).toBe(origin);
      expect(scheme).toBe(origin.slice(0, origin.indexOf("//") + 2));
      expect(new Set(host.map(([, look]) => look)).size).toBe(1);
      expect(host[0]![1]).not.toBe(quiet);
    },
  );

  test("says what is unusual about an address [A33][A58]", async () => {
    const page = await openPage(confirmPath({ origin: "https://xn--pple-43d.com:8443", unknownStart: true }));
    const notices = await page.locator(".notice p").allTextContents();
    expect(notices).toHaveLength(3);
    expect(notices[0]).toContain("xn--");
    expect(notices[1]).toBe(say("notice.port"));
    expect(notices[2]).toBe(say("confirm.unknownStart", { origin: "https://xn--pple-43d.com:8443" }));
    const [program, extension] = [say("notice.loopback"), say("notice.extension")];
    for (const [origin, notice] of [
      ["http://localhost:5500", program],
      ["http://app.localhost:5500", program],
      ["http://tauri.localhost", program],
      ["https://jkkddibpmfdipcemdgepabhpfkijpkog.chromiumapp.org", extension],
      ["https://752493f00e7f37a30094c6339f9e2c101b607b58.extensions.allizom.org", extension],
    ] as const) {
      await page.goto("about:blank");
      await page.goto(provider.origin + confirmPath({ origin }));
      await saysSomething(page);
      expect(await page.locator(".notice").allTextContents(), origin).toEqual([notice]);
    }
  });

  test("shows every character of a host of 250 characters on 320 pixels [A33]", async () => {
    const labels = ["accounts.google.com.".padEnd(63, "a"), "b".repeat(63), "c".repeat(63), "d".repeat(45)];
    const origin = `https://${labels.join(".")}.evil.example`;
    expect(new URL(origin).hostname).toHaveLength(250);
    const page = await openPage(confirmPath({ origin }), { viewport: { width: 320, height: 568 } });
    expect(await page.locator(".origin").textContent()).toBe(origin);
    expect(await hiddenCharacters(page)).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
  });

  test("shows the whole redirect URI, if it is more than the origin, and emphasises what is [A21]", async () => {
    const beyond = "go/https://evil.example/?next=%2F";
    const page = await openPage(confirmPath({ redirectUri: `${app.origin}/${beyond}` }));
    expect(await page.locator(".destination").textContent()).toBe(
      `${say("common.destination")} ${app.origin}/${beyond}`,
    );
    expect(await page.locator(".address strong").textContent()).toBe(beyond);
    for (const redirectUri of [app.origin, `${app.origin}/`]) {
      await page.goto("about:blank");
      await page.goto(provider.origin + confirmPath({ redirectUri }));
      await saysSomething(page);
      await yes(page).waitFor();
      expect(await page.locator(".address").count()).toBe(0);
    }
  });

  test("shows no redirect URI where the result travels by message only", async () => {
    const { popup } = await openPopup(confirmPath({ delivery: "message" }));
    await yes(popup).waitFor();
    expect(await popup.locator(".address").count()).toBe(0);
  });

  test.each(["en", "ar"])(
    "in the language %s, shows all 2,000 characters of a redirect URI, no line of which looks like an address of its own [A21][A33]",
    async (locale) => {
      const redirectUri = `${app.origin}/${"go/https://evil.example/?".repeat(100)}`.slice(0, 2_000);
      const page = await openPage(confirmPath({ redirectUri }), { viewport: { width: 320, height: 568 }, locale });
      const address = page.locator(".address");
      expect(await address.textContent()).toBe(redirectUri);
      expect(await address.evaluate((shown) => getComputedStyle(shown).direction)).toBe("ltr");
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      const { lines, clipped } = await address.evaluate((shown) => {
        const range = new Range();
        range.selectNodeContents(shown);
        const box = shown.getBoundingClientRect();
        const rects = Array.from(range.getClientRects());
        const lefts = new Map<number, number>();
        for (const { top, left } of rects)
          lefts.set(Math.round(top), Math.min(left, lefts.get(Math.round(top)) ?? Infinity));
        const clipped = rects.filter(
          ({ left, right, width }) => width > 0 && (left < box.left - 1 || right > box.right + 1),
        ).length;
        return { lines: [...lefts].sort(([a], [b]) => a - b).map(([, left]) => left), clipped };
      });
      expect(clipped).toBe(0);
      expect(lines.length).toBeGreaterThan(40);
      for (const left of lines.slice(1)) expect(left).toBeGreaterThan(lines[0]! + 8);
    },
  );

  test.each([
    [480, 600],
    [360, 320],
    [320, 256],
  ])("has both buttons in view at %i × %i, without scrolling", async (width, height) => {
    const path = confirmPath({ unknownStart: true, redirectUri: `${app.origin}/` });
    const page = await openPage(path, { viewport: { width, height } });
    for (const locator of [no(page), yes(page)]) {
      const box = (await locator.boundingBox())!;
      expect(box.y + box.height).toBeLessThanOrEqual(height);
      expect(box.height).toBeGreaterThanOrEqual(44);
    }
    await readAll(page);
    await waitUntilArmed(page);
  });

  test("shows hostile text as text [A5]", async () => {
    const hostile = `'><img/src=x/onerror=window.__x=1></script><script>window.__x=1</script>`;
    const redirectUri = `${app.origin}/'&lt;img/src=x/onerror=window.__x=1&gt;javascript:window.__x=1`;
    const page = await openPage(confirmPath({ service: "example", scopes: [hostile], redirectUri }));
    await page.locator(".more summary").click();
    await page.getByText("knows only this login page").waitFor();
    expect(await page.locator(".scopes details > code").textContent()).toBe(`"${hostile}"`);
    expect(await page.locator(".address").textContent()).toBe(redirectUri);
    expect(await page.evaluate(() => "__x" in window)).toBe(false);
    expect(await page.locator("main a, main img, main script").count()).toBe(0);
  });

  test("is not asked inside another page [A66]", async () => {
    provider.pages.set("/frame", `<iframe src="${confirmPath()}" width="400" height="400"></iframe>`);
    const page = await (await openContext()).newPage();
    // The header already forbids frames. Without it, the page itself must refuse.
    await page.route("**/*", async (route) => {
      const response = await route.fetch();
      const { "content-type": contentType = "", "referrer-policy": referrerPolicy = "" } = response.headers();
      const headers = { "content-type": contentType, "referrer-policy": referrerPolicy };
      await route.fulfill({ response, headers });
    });
    await page.goto(`${provider.origin}/frame`);
    const frame = page.frameLocator("iframe");
    await frame.getByText("doesn’t work inside another page").waitFor();
    expect(await frame.getByRole("button").count()).toBe(0);
  });

  test.each([
    ["nothing", "/confirm"],
    ["rubbish", "/confirm#yes"],
    ["another shape", "/confirm#e30"],
  ])("is not asked when the fragment is %s", async (_name, path) => {
    const page = await openPage(path);
    expect(await page.locator("h1").textContent()).toBe("Nothing to confirm here");
    expect(page.url()).toBe(`${provider.origin}/confirm`);
  });
});

/** How many characters of the origin are hidden: outside the window, or covered. */
function hiddenCharacters(page: Page): Promise<number> {
  return page.evaluate(() => {
    const origin = document.querySelector(".origin")!;
    const texts = document.createTreeWalker(origin, NodeFilter.SHOW_TEXT);
    let hidden = 0;
    for (let text = texts.nextNode(); text !== null; text = texts.nextNode()) {
      for (let index = 0; index < text.textContent!.length; index += 1) {
        const range = new Range();
        range.setStart(text, index);
        range.setEnd(text, index + 1);
        const { x, y, width, height } = range.getBoundingClientRect();
        const seen = document.elementFromPoint(x + width / 2, y + height / 2);
        if (seen === null || !origin.contains(seen)) hidden += 1;
      }
    }
    return hidden;
  });
}

describe("the answer", () => {
  test("is posted once, with what was shown, and reaches exactly the app's window [A4]", async () => {
    provider.reply = { status: 200, body: { message: { token: "canary" }, targetOrigin: app.origin } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    const closed = popup.waitForEvent("close");
    await pressYes(popup);
    await closed;
    await expect.poll(() => messagesOf(opener)).toEqual([{ data: { token: "canary" }, origin: provider.origin }]);
    expect(provider.posts).toEqual([
      {
        path: "/decision",
        contentType: "application/json",
        origin: provider.origin,
        body: { ticket: "sealed", origin: app.origin, service: "github", decision: "yes", opener: true },
      },
    ]);
  });

  test("is the only thing that the page sends: it starts nothing while somebody reads", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback` } };
    const page = await openPage(confirmPath({ redirectUri: `${app.origin}/callback` }));
    const sent: string[] = [];
    page.on("request", (request) => {
      if (request.method() !== "GET") sent.push(`${request.method()} ${new URL(request.url()).pathname}`);
    });
    await page.reload();
    await pressYes(page);
    await page.waitForURL(`${app.origin}/callback`);
    expect(sent).toEqual(["POST /decision"]);
  });

  test("is posted with the redirect URI that was shown, in either mode, Yes or No [A21]", async () => {
    const redirectUri = `${app.origin}/go/https://evil.example/%7E`;
    provider.reply = { status: 200, body: { location: `${app.origin}/callback` } };
    for (const delivery of ["navigation", "message"] as const) {
      const page = await openPage(confirmPath({ delivery, redirectUri }));
      await no(page).click();
      await page.waitForURL(`${app.origin}/callback`);
    }
    const page = await openPage(confirmPath({ redirectUri }));
    await pressYes(page);
    await page.waitForURL(`${app.origin}/callback`);
    expect(provider.posts.map(({ body }) => body)).toMatchObject([
      { decision: "no", redirectUri },
      { decision: "no", redirectUri },
      { decision: "yes", redirectUri },
    ]);
  });

  test("does not reach a window of another origin [A4]", async () => {
    provider.reply = { status: 200, body: { message: { token: "canary" }, targetOrigin: "https://good.example" } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await keepOpen(popup);
    await pressYes(popup);
    await popup.getByRole("heading", { name: "Done" }).waitFor();
    expect(await messagesUpToNow(opener, popup)).toEqual([]);
  });

  test("is never sent to whatever origin there is [A4]", async () => {
    provider.reply = { status: 200, body: { message: { token: "canary" }, targetOrigin: "*" } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await pressYes(popup);
    await popup.getByRole("heading", { name: "That didn’t work" }).waitFor();
    expect(await messagesUpToNow(opener, popup)).toEqual([]);
    expect(await popup.content()).not.toContain("canary");
  });

  test("is No at once, however often it is pressed", async () => {
    provider.reply = { status: 200, body: { message: { error: "access_denied" }, targetOrigin: app.origin } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await keepOpen(popup);
    await no(popup).dblclick();
    await popup.locator(".question").waitFor({ state: "detached" });
    expect(await messagesUpToNow(opener, popup)).toHaveLength(1);
    expect(decisions()).toEqual(["no"]);
  });

  test("leads back to the app by navigation where that was asked", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?error=access_denied` } };
    const page = await openPage(confirmPath());
    await no(page).click();
    await page.waitForURL(`${app.origin}/callback?error=access_denied`);
    expect(provider.posts[0]?.body).toMatchObject({ decision: "no", opener: false });
  });

  test.each(["yes", "no"])("that is %s loads nothing more where the window closes", async (decision) => {
    provider.reply = { status: 200, body: { message: { decision }, targetOrigin: app.origin } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await waitUntilArmed(popup);
    const loaded: string[] = [];
    popup.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    const closed = popup.waitForEvent("close");
    if (decision === "yes") await pressYes(popup);
    else await no(popup).click();
    await closed;
    expect(loaded).toEqual(["/decision"]);
    await expect.poll(() => messagesOf(opener)).toEqual([{ data: { decision }, origin: provider.origin }]);
  });

  test("that no script may close the window after is told in words", async () => {
    provider.reply = { status: 200, body: { message: {}, targetOrigin: app.origin } };
    const { popup } = await openPopup(confirmPath({ delivery: "message" }));
    await keepOpen(popup);
    await pressYes(popup);
    await popup.getByRole("heading", { name: say("confirm.done.title") }).waitFor();
    await popup.getByText(say("confirm.done.text", { origin: app.origin })).waitFor();
    await popup.getByRole("button", { name: say("common.closeWindow") }).waitFor();
  });

  test("is not given where the way back is cut, and nothing is posted", async () => {
    const page = await openPage(confirmPath({ delivery: "message" }));
    expect(await page.locator("h1").textContent()).toBe(say("confirm.lost.title"));
    expect(await page.getByRole("button").allTextContents()).toEqual([say("common.closeWindow")]);
    expect(provider.posts).toEqual([]);
  });

  test("travels by navigation where the way back is cut but the app has a page for it [A40]", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?code=c` } };
    const page = await openPage(confirmPath({ delivery: "message", redirectUri: `${app.origin}/callback` }));
    await pressYes(page);
    await page.waitForURL(`${app.origin}/callback?code=c`);
    expect(provider.posts[0]?.body).toMatchObject({ decision: "yes", opener: false });
  });

  test("is not exchanged when the app's window has been closed", async () => {
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await waitUntilArmed(popup);
    await opener.close();
    await pressYes(popup);
    await popup.getByRole("heading", { name: "The app’s window is gone" }).waitFor();
    expect(provider.posts).toEqual([]);
  });

  test("says where to install an app that is installed nowhere", async () => {
    const body = { error: "access_denied", error_description: "Not installed.", reason: "not_installed" };
    provider.reply = { status: 400, body };
    const page = await openPage(confirmPath({ service: "installed", scopes: [] }));
    await pressYes(page);
    await page.getByRole("heading", { name: english["confirm.failed"] }).waitFor();
    const link = page.getByRole("link", { name: "Choose repositories at GitHub" });
    expect(await link.getAttribute("href")).toBe("https://github.example/apps/my-app/installations/new");
  });

  test("says so when the server refuses, and tells the waiting app", async () => {
    const refusal = { error: "invalid_grant", error_description: "The login has expired.", reason: "expired" };
    const answer = { message: { error: "server_error" }, targetOrigin: app.origin };
    provider.reply = { status: 400, body: { ...refusal, answer } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }));
    await pressYes(popup);
    await popup.getByText("The login has expired.").waitFor();
    expect(await messagesUpToNow(opener, popup)).toEqual([
      { data: { error: "server_error" }, origin: provider.origin },
    ]);
    await popup.reload();
    expect(await popup.locator("h1").textContent()).toBe("Nothing to confirm here");
  });

  test("leads back only by a click when the server refuses [A43]", async () => {
    const answer = { location: `${app.origin}/callback?error=server_error` };
    provider.reply = {
      status: 400,
      body: { error: "invalid_grant", error_description: "Expired.", reason: "expired", answer },
    };
    const page = await openPage(confirmPath(), { stopped: true });
    await passGate(yes(page));
    await pressYes(page);
    await page.getByText("Expired.").waitFor();
    await expectToStay(page);
    await page.getByRole("button", { name: `Back to ${app.origin}` }).click();
    await page.waitForURL(answer.location);
  });

  test.each([
    [502, "<html>"],
    [429, {}],
    [200, { location: "javascript:window.__x=1" }],
    [200, null],
  ])("that is %i %j becomes a sentence", async (status, body) => {
    provider.reply = { status, body };
    const page = await openPage(confirmPath());
    await no(page).click();
    await page.getByRole("heading", { name: "That didn’t work" }).waitFor();
    expect(await page.evaluate(() => "__x" in window)).toBe(false);
  });

  test("can be given again when the server could not be reached; Yes only through the gate", async () => {
    provider.reply = "cut";
    const page = await openPage(confirmPath());
    await pressYes(page);
    await page.getByText(say("common.unreachable.title")).waitFor();
    expect(await yes(page).isDisabled()).toBe(true);
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?code=c` } };
    await pressYes(page);
    await page.waitForURL(`${app.origin}/callback?code=c`);
  });

  test("can be given again when the platform has turned it away (429), which spends no ticket", async () => {
    provider.reply = { status: 429, body: "" };
    const page = await openPage(confirmPath());
    await pressYes(page);
    await page.getByText(say("common.busy")).waitFor();
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?code=c` } };
    await pressYes(page);
    await page.waitForURL(`${app.origin}/callback?code=c`);
    expect(decisions()).toEqual(["yes", "yes"]);
  });

  test("No can be given again when the server could not be reached", async () => {
    provider.reply = "cut";
    const page = await openPage(confirmPath());
    await no(page).click();
    const retry = page.getByRole("button", { name: "Try again" });
    await retry.waitFor();
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?error=access_denied` } };
    await retry.click();
    await page.waitForURL(`${app.origin}/callback?error=access_denied`);
  });
});

describe("where there is nothing to ask", () => {
  test("a refusal at the service is told to the waiting app at once", async () => {
    provider.reply = { status: 200, body: { message: { error: "access_denied" }, targetOrigin: app.origin } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message", refused: true }));
    await expect.poll(() => popup.isClosed()).toBe(true);
    await expect
      .poll(() => messagesOf(opener))
      .toEqual([{ data: { error: "access_denied" }, origin: provider.origin }]);
    expect(decisions()).toEqual(["no"]);
  });

  test("a refusal at the service leads back to the app only by a click [A43]", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?error=access_denied` } };
    const page = await openPage(confirmPath({ refused: true }), { stopped: true });
    expect(await page.locator("h1").textContent()).toBe("Access was refused at GitHub");
    await expectToStay(page);
    expect(provider.posts).toEqual([]);
    await page.getByRole("button", { name: `Back to ${app.origin}` }).click();
    await page.waitForURL(`${app.origin}/callback?error=access_denied`);
  });

  test("a question that has expired tells the waiting app, and Yes goes away", async () => {
    provider.reply = { status: 200, body: { message: { error: "access_denied" }, targetOrigin: app.origin } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message", canStartAgain: false }), {
      stopped: true,
    });
    await keepOpen(popup);
    await context.clock.runFor("10:00");
    await popup.getByRole("heading", { name: say("confirm.expired.title") }).waitFor();
    await expect
      .poll(() => messagesOf(opener))
      .toEqual([{ data: { error: "access_denied" }, origin: provider.origin }]);
    expect(await messagesUpToNow(opener, popup)).toHaveLength(1);
    expect(decisions()).toEqual(["expired"]);
  });

  test("a question that has expired leads back to the app only by a click [A43]", async () => {
    const page = await openPage(confirmPath({ lifetimeSeconds: 0 }));
    expect(await page.locator("h1").textContent()).toBe(say("confirm.expired.title"));
    expect(await page.getByRole("button").allTextContents()).toEqual([`Back to ${app.origin}`, "Start again"]);
    expect(provider.posts).toEqual([]);
  });

  test("a question that has expired starts again at the service, once, and no app has been told anything", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service/authorize?state=s` } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message" }), { stopped: true });
    await context.clock.runFor("10:00");
    await popup.getByRole("heading", { name: say("confirm.expired.title") }).waitFor();
    // The same gate as for every button that starts something.
    expect(await popup.getByRole("button", { name: "Start again" }).isDisabled()).toBe(true);
    await passGate(popup.getByRole("button", { name: "Start again" }));
    await popup.getByRole("button", { name: "Start again" }).click();
    await popup.waitForURL(`${app.origin}/service/authorize?state=s`);
    expect(provider.posts).toMatchObject([
      { path: "/authorize/github", origin: provider.origin, body: { ticket: "sealed", origin: app.origin } },
    ]);
    expect(await opener.evaluate(() => (window as unknown as { messages?: unknown[] }).messages ?? [])).toEqual([]);
  });

  test("with less than two minutes left, the question says how many, and can start again; before, it does not", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/service/authorize?state=s` } };
    const { popup } = await openPopup(confirmPath({ delivery: "message" }), { stopped: true });
    await context.clock.runFor("07:58");
    expect(await popup.locator(".time-left").textContent()).toBe("");
    await context.clock.runFor("00:03");
    await popup.getByText(say("confirm.expired.soon", { time: "1:59" })).waitFor();
    await context.clock.runFor("01:00");
    expect(await popup.locator(".time-left p").textContent()).toBe(say("confirm.expired.soon", { time: "0:59" }));
    // The countdown does not have to be read, and screen readers do not announce it by themselves.
    expect(await popup.getByRole("timer").textContent()).toBe("0:59");
    expect(await popup.getByRole("button", { name: "Yes" }).isEnabled()).toBe(true);
    await popup.getByRole("button", { name: "Start again" }).click();
    await popup.waitForURL(`${app.origin}/service/authorize?state=s`);
    expect(provider.posts).toMatchObject([{ path: "/authorize/github", body: { ticket: "sealed" } }]);
  });

  test("an app that opened the service by itself has to start again by itself", async () => {
    const { popup } = await openPopup(confirmPath({ delivery: "message", lifetimeSeconds: 60, canStartAgain: false }), {
      stopped: true,
    });
    await context.clock.runFor("00:01");
    await popup.getByText(say("confirm.expired.soon", { time: "0:59" })).waitFor();
    expect(await popup.getByRole("button", { name: "Start again" }).count()).toBe(0);
  });
});
