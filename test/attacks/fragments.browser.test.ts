import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { encodeFragment } from "../../client/page/fragment.ts";
import type { PageServer } from "../client/pages/page-server.ts";
import { servePages } from "../client/pages/page-server.ts";
import {
  confirmPath,
  returnedPath,
  signOutPath,
  startPath,
  unnamedPath,
  waitingPath,
} from "../client/pages/questions.ts";
import { openBrowser } from "../tools/browser.ts";
import { watchPolicy } from "../tools/policy.ts";

/**
 * Anyone can craft a fragment and send a link that contains it. Our pages, on our origin and under our name, must not
 * show the attacker's text or link to the attacker's addresses, wherever in the fragment they are.
 */

const SENTENCE = "Your bank has verified this app, call 555-0100";
const FOREIGN = "https://evil.example/logo.svg";
/** An attacker's description of a service, under every member name that a page might read. */
const DESCRIBED = {
  ...{ id: "github", service: "github", value: "repo", scope: "repo" },
  ...{ name: SENTENCE, title: SENTENCE, text: SENTENCE, description: SENTENCE, label: SENTENCE, textContent: SENTENCE },
  ...{
    icon: FOREIGN,
    src: FOREIGN,
    logo: FOREIGN,
    manageUrl: FOREIGN,
    manage_url: FOREIGN,
    href: FOREIGN,
    location: FOREIGN,
  },
};
const CRAFTED: unknown[] = [SENTENCE, DESCRIBED, [SENTENCE, DESCRIBED], FOREIGN];

let browser: Browser;
let provider: PageServer;
let page: Page;
let requests: string[];
let faults: string[];
let loads = 0;

beforeAll(async () => {
  [browser, provider] = await Promise.all([openBrowser(), servePages()]);
  const context = await browser.newContext({ viewport: { width: 480, height: 640 } });
  await watchPolicy(context, (violation) => faults.push(violation));
  context.on("weberror", (error) => faults.push(String(error.error())));
  context.on("request", (request) => requests.push(request.url()));
  page = await context.newPage();
});

afterAll(async () => {
  await browser?.close();
  await provider?.stop();
});

beforeEach(() => {
  [requests, faults] = [[], []];
  provider.reply = { status: 200, body: { location: "https://service.example/" } };
});

afterEach(async () => {
  await page.goto("about:blank");
  expect(faults, "violations of the content security policy, and errors").toEqual([]);
  expect(
    requests.filter((url) => !url.startsWith(provider.origin)),
    "requests to elsewhere",
  ).toEqual([]);
});

/** The fragment that each page normally gets. */
const PAGES: [path: string, usual: Record<string, unknown>][] = [
  confirmPath({ claimedHost: "good.example" }),
  unnamedPath(),
  startPath(),
  waitingPath(),
  returnedPath(),
  signOutPath(),
].map((path) => {
  const [name = "", fragment = ""] = path.split("#");
  return [name, JSON.parse(Buffer.from(fragment, "base64url").toString())];
});

/** The same fragment with one crafted value: in place of a member, at any depth, or in addition to all members. */
function craft(usual: Record<string, unknown>): unknown[] {
  const changed = Object.entries(usual).flatMap(([name, value]) =>
    (isRecord(value) ? craftInside(value) : CRAFTED).map((crafted) => ({ ...usual, [name]: crafted })),
  );
  return [...changed, { ...DESCRIBED, ...usual }, ...CRAFTED];
}

/** Crafts values inside the question that one window passes to another. */
function craftInside(question: Record<string, unknown>): unknown[] {
  return Object.keys(question).map((name) => ({ ...DESCRIBED, ...question, [name]: [SENTENCE, DESCRIBED] }));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Each load has its own query, because a browser does not reload a page when only the fragment changes. */
async function open(path: string, fragment: unknown): Promise<string> {
  loads += 1;
  await page.goto(`${provider.origin}${path}?${loads}#${encodeFragment(fragment)}`);
  return await page.evaluate(readEverything);
}

/**
 * Everything that the page shows or links to: text, attributes and the window's name, including the details. Scopes are
 * left out because the page quotes them. This runs inside the page because there are hundreds of cases.
 */
async function readEverything(): Promise<string> {
  const until = async (selector: string) => {
    while (document.querySelector(selector) === null) await new Promise(requestAnimationFrame);
  };
  await until("h1");
  const why = document.querySelector<HTMLElement>(".more summary");
  why?.click();
  if (why) await until("details p");
  for (const quoted of document.querySelectorAll(".scopes code")) quoted.textContent = "";
  const attributes = Array.from(document.querySelectorAll("body *"), (each) =>
    Array.from(each.attributes, ({ value }) => value).join("\n"),
  );
  return [document.title, document.body.textContent, ...attributes].join("\n");
}

describe("[A5][A67] a fragment chooses what a page says, and brings nothing along:", () => {
  test.each(PAGES)("%s#… (%#)", async (path, usual) => {
    const asUsual = await open(path, usual);
    const fragments = craft(usual);
    for (const fragment of fragments) {
      const said = await open(path, fragment);
      for (const foreign of [SENTENCE, "555-0100", "evil.example", "logo.svg"]) {
        expect(said, JSON.stringify(fragment)).not.toContain(foreign);
      }
    }
    expect(fragments.length).toBeGreaterThan(16);
    expect(asUsual).toMatch(path === "/returned" ? /other window/ : /GitHub|The way back/);
  });

  test.each(["/start", "/waiting", "/returned", "/sign-out", "/confirm"])(
    "%s says nothing of a service that was not built",
    async (path) => {
      const [, usual] = PAGES.find(([name]) => name === path)!;
      for (const service of ["your-bank", "GitHub", "__proto__", "constructor", ""]) {
        await open(path, { ...usual, service });
        expect(await page.locator("h1").textContent()).toMatch(/^(Nothing|No login) .*here$/);
        expect(await page.locator("button").count()).toBe(0);
      }
    },
  );
});
