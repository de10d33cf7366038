import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type HeaderRule, headersFor, parseHeaders } from "../../../scripts/build/headers-file.ts";
import { hashSource } from "../../../scripts/build/inline-hashes.ts";
import { PROJECT } from "../../../scripts/files/project.ts";
import { verify } from "../../../scripts/verify.ts";
import { confirmPath, returnedPath, signOutPath, startPath, waitingPath } from "../../client/pages/questions.ts";
import { openBrowser } from "../../tools/browser.ts";
import { watchPolicy } from "../../tools/policy.ts";
import { expectLoopbackOnly, processTree } from "../../tools/process-tree.ts";
import { type RunningSite, startSiteOnNetlify } from "../../tools/site.ts";

/** Netlify's own server applies the headers and rules that the build writes for the static pages. */

let browser: Browser;
let site: RunningSite;
let rules: HeaderRule[];

beforeAll(async () => {
  const github = { client_id: "client-of-github", client_secret: "client-secret-of-github-0123456789" };
  [browser, site] = await Promise.all([
    openBrowser(),
    startSiteOnNetlify({
      services: { Github: { client_id: github.client_id } },
      secrets: { Github: { client_secret: github.client_secret } },
    }),
  ]);
  rules = parseHeaders(await readFile(join(site.published, "_headers"), "utf8"));
});

afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

test("[A56] `npm run verify` finds nothing unexplained in what Netlify's server makes of a build", async () => {
  const lines: string[] = [];
  const argv = ["--url", site.origin];
  const print = (text: string) => void lines.push(text);
  const status = await verify({ argv, directory: PROJECT, print, fetch, insecureLoopback: true });
  expect(lines.join("\n")).not.toContain("Unexplained");
  expect(status).toBe(0);
});

describe("the static files come with exactly the headers of `_headers`", () => {
  test.each(["/", "/confirm", "/start", "/sign-out", "/nowhere", "/card.css", "/error.js", "/auth.js", "/madata.js"])(
    "[A59] %s",
    async (path) => {
      const { headers } = await fetch(site.origin + path);
      for (const [name, value] of Object.entries(headersFor(rules, path))) expect(headers.get(name), name).toBe(value);
    },
  );

  test.each(["/", "/confirm", "/start", "/waiting", "/returned", "/sign-out", "/try", "/nowhere"])(
    "%s arrives as it was built: the policy knows its style and its script",
    async (path) => {
      const response = await fetch(site.origin + path);
      const policy = response.headers.get("content-security-policy")!.split("; ");
      const html = await response.text();
      for (const [directive, element] of [
        ["style-src", "style"],
        ["script-src", "script"],
      ] as const) {
        const [, content] = new RegExp(`<${element}(?: type="module")?>(.*?)</${element}>`, "s").exec(html)!;
        expect(policy.find((each) => each.startsWith(directive))).toContain(hashSource(content!));
      }
    },
  );
});

describe("in Chromium", () => {
  let context: BrowserContext;
  let page: Page;
  const violations: string[] = [];

  beforeAll(async () => {
    context = await browser.newContext({ locale: "de" });
    await watchPolicy(context, (violation) => violations.push(violation));
    page = await context.newPage();
  });
  afterEach(() => violations.splice(0));

  test.each([
    ["/", "/"],
    ["/confirm", confirmPath()],
    ["/confirm without a question", "/confirm"],
    ["/start", startPath()],
    ["/waiting", waitingPath()],
    ["/returned", returnedPath()],
    ["/sign-out", signOutPath()],
    ["/nowhere", "/nowhere"],
    ["a page of a function", "/authorize/nowhere"],
  ])("%s: the policy stops nothing, and the script has run", async (_, path) => {
    // The browser does not reload a page if only the fragment changes, so another address is loaded in between.
    await page.goto(`${site.origin}/favicon.svg`);
    await page.goto(site.origin + path);
    // Only the script switches the page to the user's language.
    await page.locator("html[lang=de]").waitFor();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue("--accent"))).not.toBe(
      "",
    );
    expect(violations).toEqual([]);
  });
});

test("the site that tests start is for this computer only", async () => {
  await expectLoopbackOnly(processTree(process.pid), 4);
});
