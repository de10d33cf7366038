import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { readAll } from "../../tools/people.ts";
import { say } from "../../tools/words.ts";
import {
  app,
  confirmPath,
  context,
  decisions,
  messagesUpToNow,
  no,
  openContext,
  openPage,
  openPopup,
  pressYes,
  provider,
  signOutPath,
  startPath,
  waitUntilArmed,
  yes,
} from "./pages-in-browser.ts";

/** The question for people who are in a hurry, do not read everything, or cannot see it. */

const important = say("confirm.important");

describe("what an app will be able to do", () => {
  test("begins with what can do harm and what nobody can explain, marked, also for screen readers [A31]", async () => {
    const page = await openPage(
      confirmPath({ scopes: ["read:user", "repo", "user:email", "unheard.of", "delete_repo", "gist"], offline: true }),
    );
    expect(await page.locator(".scopes li").allTextContents()).toEqual([
      `${important} Read and change all your repositories, including private ones`,
      `${important} ${say("confirm.undescribed", { service: "GitHub" })} "unheard.of"`,
      `${important} ${say("confirm.undescribed", { service: "GitHub" })} "delete_repo"`,
      `${important} Create and change gists`,
      "Read your profile",
      "Read your email addresses",
      say("confirm.offline"),
    ]);
    expect(await markOf(page, "li.important")).toContain("!");
    expect(await markOf(page, "li:not(.important)")).not.toMatch(/[!✓✔]/);
  });

  test.each([
    ["everything that was allowed", null],
    ["whatever the service gives everybody", []],
    ["what the owner describes in other words", ["own:scope"]],
  ])("marks %s, too [A31]", async (_, scopes) => {
    const page = await openPage(confirmPath({ scopes }));
    expect(await page.locator(".scopes li.important").count()).toBe(1);
  });

  test("keeps the service's own names for those who ask why, to read and to copy", async () => {
    const page = await openPage(confirmPath({ scopes: ["read:user", "repo"] }));
    expect(await page.locator(".scopes code").count()).toBe(0);
    await page.getByText(say("confirm.why.title")).click();
    const names = page.locator(".more code");
    expect(await names.textContent()).toBe("read:user repo");
    expect(await names.evaluate((code) => getComputedStyle(code).userSelect)).not.toBe("none");
  });

  test("is counted as far as it is still below, until it has been read", async () => {
    const scopes = ["repo", "workflow", "gist", "read:org", "notifications", "read:user", "user:email", "own:scope"];
    const page = await openPage(confirmPath({ scopes }), { viewport: { width: 480, height: 480 } });
    const below = await page.evaluate(() => {
      const end = document.querySelector(".content")!.getBoundingClientRect().bottom;
      return [...document.querySelectorAll(".scopes li")].filter((item) => item.getBoundingClientRect().bottom > end)
        .length;
    });
    expect(below).toBeGreaterThan(1);
    await page.getByText(say("gate.more", { count: String(below) })).waitFor();
    await readAll(page);
    await waitUntilArmed(page);
  });
});

describe("warnings", () => {
  const strange = { origin: "https://xn--pple-43d.com:8443", unknownStart: true };

  test("share one box, which shows the letters that xn-- stands for, and which of them are not what they seem [A33][A58]", async () => {
    const page = await openPage(confirmPath(strange));
    expect(await page.locator(".notice").count()).toBe(1);
    expect(await page.locator(".notice p").count()).toBe(3);
    expect(await page.locator(".notice bdi").first().textContent()).toBe("\u0430pple.com");
    expect(await page.locator(".notice bdi strong").allTextContents()).toEqual(["\u0430"]);
    // The address itself stays as the browser writes it.
    expect(await page.locator(".origin").textContent()).toBe(strange.origin);
  });

  test("leave the first thing that the app will be able to do in view of a small popup", async () => {
    const page = await openPage(confirmPath(strange), { viewport: { width: 480, height: 680 } });
    expect(await page.locator(".scopes li").first().evaluate(isInView)).toBe(true);
  });

  test("show the same letters on the page before the login [A33]", async () => {
    const page = await openPage(startPath({ ...strange, redirectUri: `${strange.origin}/callback` }));
    expect(await page.locator(".notice bdi strong").allTextContents()).toEqual(["\u0430"]);
  });

  test("of an address that pretends to be another come first, in red, and the page does not lead to Yes [A33]", async () => {
    const page = await openPage(confirmPath({ ...strange, claimedHost: "mybank.example" }));
    const boxes = await page
      .locator(".question, .notice, .scopes")
      .evaluateAll((all) => all.map((one) => one.className));
    expect(boxes).toEqual(["question", "notice danger", "notice", "scopes"]);
    expect(await page.locator(".danger").textContent()).toBe(
      say("confirm.mismatch", { claimed: "mybank.example", origin: strange.origin }),
    );
    const [red = 0, green = 0, blue = 0] = await page.locator(".danger").evaluate((box) => {
      const canvas = new OffscreenCanvas(1, 1).getContext("2d")!;
      canvas.fillStyle = getComputedStyle(box).borderTopColor;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    });
    expect(red).toBeGreaterThan(2 * Math.max(green, blue));
    await readAll(page);
    await waitUntilArmed(page);
    expect(await backgroundOf(yes(page))).toBe(await backgroundOf(no(page)));
  });

  test("are no reason for a plain Yes otherwise", async () => {
    const page = await openPage(confirmPath());
    await waitUntilArmed(page);
    expect(await backgroundOf(yes(page))).not.toBe(await backgroundOf(no(page)));
  });
});

describe("a person who reads slowly", () => {
  test("is told before the time is over, in time to start again, by screen readers too (WCAG 2.2.1)", async () => {
    const { popup } = await openPopup(confirmPath({ delivery: "message", lifetimeSeconds: 60 }), { stopped: true });
    await context.clock.runFor("00:30");
    await popup.getByRole("button", { name: say("confirm.expired.again") }).waitFor();
    expect(await popup.getByRole("alert").textContent()).toBe("");
    await context.clock.runFor("00:09");
    expect(await popup.getByRole("alert").textContent()).toBe(say("confirm.expired.hurry"));
    expect(await popup.getByRole("button", { name: say("confirm.expired.again") }).isEnabled()).toBe(true);
  });

  test("is not said to have said no, and can read what happened: the window stays", async () => {
    provider.reply = { status: 200, body: { message: { error: "expired" }, targetOrigin: app.origin } };
    const { opener, popup } = await openPopup(confirmPath({ delivery: "message", canStartAgain: false }), {
      stopped: true,
    });
    await popup.evaluate(() => {
      window.close = () => void (document.title = "closed");
    });
    await context.clock.runFor("10:00");
    await popup.getByText(say("confirm.expired.told", { origin: app.origin })).waitFor();
    expect(decisions()).toEqual(["expired"]);
    expect(await messagesUpToNow(opener, popup)).toMatchObject([{ data: { error: "expired" } }]);
    await context.clock.runFor("10:00");
    expect(await popup.title()).toBe(say("confirm.expired.title"));
    await popup.getByRole("button", { name: say("common.closeWindow") }).click();
    await expect.poll(() => popup.title()).not.toBe(say("confirm.expired.title"));
  });

  test("who goes back to the app instead of starting again has not said no either", async () => {
    provider.reply = { status: 200, body: { location: `${app.origin}/callback?error=access_denied` } };
    const page = await openPage(confirmPath({ lifetimeSeconds: 0 }));
    await page.getByRole("button", { name: say("confirm.back", { origin: app.origin }) }).click();
    await page.waitForURL(`${app.origin}/callback?error=access_denied`);
    expect(decisions()).toEqual(["expired"]);
  });

  test("whose Yes comes a moment too late can start again", async () => {
    provider.reply = {
      status: 400,
      body: { error: "invalid_request", error_description: "Late.", reason: "expired" },
    };
    const page = await openPage(confirmPath());
    await pressYes(page);
    await page.getByRole("heading", { name: say("confirm.expired.title") }).waitFor();
    await page.getByRole("button", { name: say("confirm.expired.again") }).waitFor();
  });
});

describe("the line above the buttons", () => {
  test("does not tell anybody to scroll before it is known whether that is necessary", async () => {
    await openContext({});
    const page = await context.newPage();
    await page.addInitScript(() => {
      const said: string[] = [];
      Object.assign(window, { said });
      new MutationObserver(() => said.push(document.querySelector(".status")?.textContent ?? "")).observe(document, {
        childList: true,
        subtree: true,
        characterData: true,
      });
    });
    await page.setViewportSize({ width: 480, height: 800 });
    await page.goto(provider.origin + confirmPath());
    await waitUntilArmed(page);
    const said = await page.evaluate(() => (window as unknown as { said: string[] }).said);
    expect([...new Set(said)].filter((words) => words !== "")).toEqual([say("gate.counting")]);
  });

  test("says the same, once, however often somebody taps where Yes will be", async () => {
    const page = await openPage(confirmPath(), { hasTouch: true, stopped: true });
    await page.getByText(say("gate.counting")).waitFor();
    const { x, y, width, height } = (await yes(page).boundingBox())!;
    const tap = () => page.touchscreen.tap(x + width / 2, y + height / 2);
    await tap();
    await page.getByText(say("gate.refused")).waitFor();
    await page.evaluate(() => {
      const said: string[] = [];
      Object.assign(window, { said });
      const status = document.querySelector(".status")!;
      new MutationObserver(() => said.push(status.textContent!)).observe(status, { childList: true, subtree: true });
    });
    for (let taps = 0; taps < 3; taps++) await tap();
    await context.clock.runFor("00:02");
    await waitUntilArmed(page);
    expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual([]);
  });
});

describe("the end", () => {
  test("of all access is no button in the colour of Yes, and what has ended well looks so", async () => {
    provider.reply = { status: 200, body: { ended: true } };
    const page = await openPage(signOutPath());
    await readAll(page);
    const end = page.getByRole("button", { name: say("signOut.yes") });
    await expect.poll(() => end.isEnabled()).toBe(true);
    expect(await backgroundOf(end)).toBe(await backgroundOf(no(page)));
    await end.click();
    await page.getByRole("heading", { name: say("signOut.done.title", { service: "GitHub" }) }).waitFor();
    expect(await markOf(page, "h1")).toContain("✓");
  });

  test("of a login that did not work looks different from one that did", async () => {
    const page = await openPage(confirmPath({ delivery: "message" }));
    await page.getByRole("heading", { name: say("confirm.lost.title") }).waitFor();
    expect(await markOf(page, "h1")).toContain("!");
  });
});

test("no address in a sentence is broken at its hyphen, in a sentence from right to left either", async () => {
  const page = await openPage(confirmPath({ origin: "https://xn--pple-43d.com:8443", unknownStart: true }), {
    locale: "ar",
    viewport: { width: 320, height: 640 },
  });
  const lines = await page
    .locator(".notice bdi .whole")
    .evaluateAll((labels) => labels.map((label) => label.getClientRects().length));
  expect(lines.length).toBeGreaterThan(2);
  expect(new Set(lines)).toEqual(new Set([1]));
});

test.each(["en", "ar", "ja"])(
  "no address in a sentence or on a button is broken that has room on a line of its own, neither after its https:// nor at a hyphen (%s)",
  async (locale) => {
    const origin = "https://my-own-notes.of-all.example";
    const claimed = { claimedHost: "a-well-known.bank.example" };
    for (const changes of [claimed, { unknownStart: true }, { lifetimeSeconds: 0 }]) {
      const page = await openPage(confirmPath({ origin, ...changes }), { locale });
      for (const width of [320, 343, 361, 390, 412, 437, 463, 490]) {
        await page.setViewportSize({ width, height: 800 });
        const broken = await page.locator("bdi:visible").evaluateAll((addresses) =>
          (addresses as HTMLElement[])
            .filter((address) => {
              const range = document.createRange();
              range.selectNodeContents(address);
              const lines = new Set(Array.from(range.getClientRects(), ({ bottom }) => Math.round(bottom))).size;
              address.style.cssText = "inline-size: max-content; max-inline-size: none";
              const { width: wanted } = range.getBoundingClientRect();
              address.style.cssText = "";
              const place = address.closest("p, button")!;
              const { paddingLeft, paddingRight } = getComputedStyle(place);
              const room = place.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
              return lines > 1 && wanted <= room;
            })
            .map((address) => address.textContent),
        );
        expect(broken, `${width} ${JSON.stringify(changes)}`).toEqual([]);
        expect(await page.locator("main").evaluate((card) => card.scrollWidth)).toBeLessThanOrEqual(width);
      }
      await page.close();
    }
  },
);

test("an address is in the letters of its own language, whatever the language of the page", async () => {
  const page = await openPage(confirmPath({ redirectUri: `${app.origin}/callback` }), { locale: "ja" });
  expect(await page.evaluate(() => document.documentElement.lang)).toBe("ja");
  for (const shown of [".origin", ".address"]) expect(await page.locator(shown).getAttribute("lang")).toBe("en");
});

function markOf(page: Page, selector: string): Promise<string> {
  return page
    .locator(selector)
    .first()
    .evaluate((marked) => getComputedStyle(marked, "::before").content);
}

function backgroundOf(button: ReturnType<typeof yes>): Promise<string> {
  return button.evaluate((shown) => getComputedStyle(shown).backgroundColor);
}

function isInView(item: Element): boolean {
  const [own, area] = [item, item.closest(".content")!].map((each) => each.getBoundingClientRect());
  return own!.bottom <= area!.bottom && own!.top >= area!.top;
}
