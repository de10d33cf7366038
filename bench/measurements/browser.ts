import type { Browser, Page } from "playwright-core";
import { startDemoService } from "../../demo/service.ts";
import { listen, openPopup, prepareLogin, received, redeemInPage, startApp } from "../../test/tools/app.ts";
import { openBrowser } from "../../test/tools/browser.ts";
import { freePort, startSite } from "../../test/tools/site.ts";

/**
 * A whole login as a user experiences it: an app, this provider under `netlify dev`, a real authorization server, and
 * Chromium with an empty cache. A script plays the user and clicks without delay.
 */

export interface BrowserResult {
  /** By step, in the order of a login. */
  ms: Record<string, number[]>;
  /** Requests to this provider in one login. */
  requests: number;
}

const SECRET = "client-secret-of-the-bench-0123456789";
const POLL_MS = 5;
const LIMIT_MS = 30_000;

interface LoginSetup {
  browser: Browser;
  provider: string;
  app: string;
}

export async function measureBrowser(runs: number, onRun: (run: number) => void): Promise<BrowserResult> {
  const parts: { stop(): Promise<void> }[] = [];
  try {
    const port = await freePort();
    const redirectUris = [`http://localhost:${port}/callback/demo`];
    const service = await startDemoService({ clientId: "bench", clientSecret: SECRET, redirectUris });
    parts.push(service);
    const site = await startSite({
      services: { Demo: service.record },
      secrets: { Demo: { client_secret: SECRET } },
      port,
    });
    parts.push(site);
    const app = await startApp();
    parts.push(app);
    const browser = await openBrowser();
    parts.push({ stop: () => browser.close() });

    const result: BrowserResult = { ms: {}, requests: 0 };
    // The first login does not count, because the server has only just started.
    for (let run = 0; run <= runs; run += 1) {
      onRun(run);
      const { steps, requests } = await logIn({ browser, provider: site.origin, app: app.origin });
      if (run === 0) continue;
      for (const [name, ms] of Object.entries(steps)) {
        result.ms[name] ??= [];
        result.ms[name].push(ms);
      }
      result.requests = requests;
    }
    return result;
  } finally {
    for (const part of parts.reverse()) await part.stop();
  }
}

async function logIn({
  browser,
  provider,
  app,
}: LoginSetup): Promise<{ steps: Record<string, number>; requests: number }> {
  const context = await browser.newContext();
  let requests = 0;
  context.on("request", (request) => (requests += request.url().startsWith(provider) ? 1 : 0));
  try {
    const page = await context.newPage();
    await page.goto(`${app}/`);
    await listen(page);
    const login = await prepareLogin(page, provider);

    const steps = await measureSteps(page, provider, login);
    return { steps, requests };
  } finally {
    await context.close();
  }
}

/** Goes through a login and measures how long each step takes. */
async function measureSteps(
  page: Page,
  provider: string,
  login: Awaited<ReturnType<typeof prepareLogin>>,
): Promise<Record<string, number>> {
  const clicked = performance.now();
  const popup = await openPopup(page, login.url);
  const alice = popup.getByRole("button", { name: /log in as Alice/i });
  await alice.waitFor();
  const atService = performance.now();

  await alice.click();
  const allow = popup.getByRole("button", { name: /^allow/i });
  await allow.waitFor();
  const allowing = performance.now();
  await allow.click();
  const yes = popup.getByRole("button", { name: /^yes/i });
  await yes.waitFor();
  const asked = performance.now();

  await pointAt(popup);
  await until(() => yes.isEnabled());
  const armed = performance.now();
  await popup.mouse.down();
  await popup.mouse.up();
  const code = await codeAt(page);
  const answered = performance.now();

  const { status } = await redeemInPage(page, provider, login, code);
  if (status !== 200) throw new Error(`The token endpoint answered ${status}.`);
  const done = performance.now();

  return {
    "click in the app → the service's page": atService - clicked,
    "Allow → our question can be read": asked - allowing,
    "question → Yes may be pressed": armed - asked,
    "Yes → the app has its code": answered - armed,
    "code → access token": done - answered,
    "all of this": atService - clicked + (done - allowing),
  };
}

/** Moves the mouse, because the page otherwise ignores a click on Yes. */
async function pointAt(popup: Page): Promise<void> {
  const box = (await popup.getByRole("button", { name: /^yes/i }).boundingBox())!;
  await popup.mouse.move(box.x + 3, box.y - 20);
  await popup.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 5 });
}

async function codeAt(page: Page): Promise<string> {
  let code: string | undefined;
  await until(async () => {
    const messages = await received(page);
    const answer = messages
      .map(({ data }) => data as { response?: { code?: string } })
      .find(({ response }) => response?.code);
    code = answer?.response?.code;
    return code !== undefined;
  });
  return code!;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error("The login in Chromium got stuck.");
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
