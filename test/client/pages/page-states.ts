import type { BrowserContext, Locator, Page } from "playwright-core";
import { other_browser } from "../../../server/answers/error-catalogue.ts";
import { errorPage } from "../../../server/answers/error-page.ts";
import { readAll, untilEnabled } from "../../tools/people.ts";
import type { PageServer } from "./page-server.ts";
import {
  confirmPath,
  questionOf,
  returnedPath,
  signOutPath,
  startPath,
  unnamedPath,
  waitingPath,
} from "./questions.ts";

/** Every page of a provider in every state that a user can see, for screenshots and accessibility tests. */

/** Where a state is shown: a browser, a provider, and an app on another site. */
export interface Stage {
  context: BrowserContext;
  /** A window of the provider to use instead of a new one. */
  window?: Page;
  /** A window of the app to open popups from. */
  opener?: Page;
  provider: PageServer;
  app: { origin: string };
}

export interface PageState {
  name: string;
  open(stage: Stage): Promise<Page>;
}

const SERVICES = {
  Github: { id: "github", name: "GitHub", icon: "/icons/github.svg", try: true },
  Google: { id: "google", name: "Google", icon: "/icons/google.svg", try: true },
  Dropbox: { id: "dropbox", name: "Dropbox", icon: "/icons/dropbox.svg" },
  Gitlab: { id: "gitlab", name: "GitLab", icon: "/icons/gitlab.svg" },
  Example: { id: "example", name: "Example" },
};

const MANY_SCOPES = [
  "read:user",
  "user:email",
  "repo",
  "workflow",
  "gist",
  "read:org",
  "notifications",
  "admin:something.unheard-of",
];

/** Scope names that a deceptive app might choose. */
const UNKNOWN_SCOPES = [
  "read:user",
  "Only_reads_your_public_name",
  `This_app_has_been_verified_by_your_bank.${"It_is_safe.".repeat(5)}`,
];

/** Begins with the name of a well-known site. The site that would really receive the access is at the end. */
const LONG_ORIGIN =
  "https://accounts.google.com.sign-in.secure-session-0123456789abcdef.customers.a-rather-long-name.example";

/** Contains the address to which the redirector forwards the result. */
const REDIRECTOR = `${questionOf().origin}/go/https://evil.example/`;
const LONG_REDIRECT_URI = `${REDIRECTOR}${"a-rather-long-way/".repeat(200)}`.slice(0, 2_000);

const MESSAGE = { delivery: "message" } as const;

export const PAGE_STATES: PageState[] = [
  at("home", "/", async (page) => void (await page.getByText("Dropbox").first().waitFor())),
  at("home-makers", "/", async (page) => {
    await page.getByText("Dropbox").first().waitFor();
    await page.locator("summary").click();
    await page.locator(".sample").waitFor();
  }),
  { name: "home-without-services", open: async (stage) => visit(withServices(stage, {}), "/") },
  { name: "home-unreachable", open: async (stage) => visit(withServices(stage, null), "/") },

  at("confirm", confirmPath()),
  at("confirm-armed", confirmPath(), armed),
  at("confirm-many-scopes", confirmPath({ scopes: MANY_SCOPES, offline: true, scopesMerged: true })),
  at("confirm-identity", confirmPath({ identity: ["openid", "profile", "email"], offline: true })),
  at("confirm-unknown-scopes", confirmPath({ scopes: UNKNOWN_SCOPES })),
  at("confirm-unknown-scopes-open", confirmPath({ scopes: UNKNOWN_SCOPES }), (page) =>
    page.locator(".scopes summary").click(),
  ),
  at("confirm-installed", confirmPath({ service: "installed", scopes: [] })),
  at("confirm-not-installed", confirmPath({ service: "installed", scopes: [] }), async (page, { provider }) => {
    const body = { error: "access_denied", error_description: "Not installed.", reason: "not_installed" };
    provider.reply = { status: 400, body };
    await pressYes(page);
    await page.locator(".question").waitFor({ state: "detached" });
  }),
  at("confirm-root", confirmPath({ redirectUri: `${questionOf().origin}/` })),
  at("confirm-redirector", confirmPath({ redirectUri: REDIRECTOR })),
  at("confirm-long-address", confirmPath({ redirectUri: LONG_REDIRECT_URI })),
  at("confirm-long-host", confirmPath({ origin: LONG_ORIGIN })),
  at("confirm-punycode", confirmPath({ origin: "https://xn--pple-43d.com:8443", unknownStart: true })),
  at("confirm-loopback", confirmPath({ origin: "http://localhost:5500" })),
  at("confirm-mismatch", confirmPath({ claimedHost: "other.example" })),
  at("confirm-everything", confirmPath({ scopes: null, service: "example" })),
  at("confirm-why", confirmPath(), async (page) => {
    await page.locator("summary").click();
    await page.locator("details a").waitFor();
  }),
  popup("confirm-meeting", unnamedPath()),
  popup("confirm-yes", confirmPath(MESSAGE), async (page, { provider, app }) => {
    provider.reply = { status: 200, body: { message: {}, targetOrigin: app.origin } };
    await pressYes(page);
  }),
  popup("confirm-no", confirmPath(MESSAGE), async (page, { provider, app }) => {
    provider.reply = { status: 200, body: { message: {}, targetOrigin: app.origin } };
    await page.locator(".no").click();
    await page.locator(".question").waitFor({ state: "detached" });
  }),
  popup("confirm-gone", confirmPath(MESSAGE), async (page) => {
    await armed(page);
    await page.evaluate(() => Object.defineProperty(window, "opener", { value: { closed: true } }));
    await pressYes(page);
  }),
  at("confirm-lost", confirmPath(MESSAGE)),
  at("confirm-refused", confirmPath({ refused: true })),
  at("confirm-expired", confirmPath({ lifetimeSeconds: 0 })),
  at("confirm-expired-for-good", confirmPath({ lifetimeSeconds: 0, canStartAgain: false })),
  at("confirm-little-time", confirmPath({ lifetimeSeconds: 100 }), (page) => page.locator(".time-left p").waitFor()),
  at("confirm-unreachable", confirmPath(), async (page, { provider }) => {
    provider.reply = "cut";
    await pressYes(page);
    await page.locator(".notice").waitFor();
  }),
  at("confirm-no-unreachable", confirmPath(), async (page, { provider }) => {
    provider.reply = "cut";
    await page.locator(".no").click();
    await page.locator(".question").waitFor({ state: "detached" });
  }),
  at("confirm-no-busy", confirmPath(), async (page, { provider }) => {
    provider.reply = { status: 429, body: {} };
    await page.locator(".no").click();
    await page.locator(".question").waitFor({ state: "detached" });
  }),
  at("confirm-failed", confirmPath(), async (page, { provider }) => {
    const answer = { location: `${questionOf().origin}/callback` };
    provider.reply = {
      status: 400,
      body: {
        error: "invalid_grant",
        error_description: "GitHub does not know this code.",
        reason: "invalid_code",
        answer,
      },
    };
    await page.locator(".no").click();
    await page.locator(".question").waitFor({ state: "detached" });
  }),
  at("confirm-nothing", "/confirm"),

  at("start", startPath()),
  at("start-long", startPath({ redirectUri: `${questionOf().origin}/${"a/long/way/".repeat(12)}callback.html` })),
  at("start-failed", startPath(), async (page, { provider }) => {
    provider.reply = { status: 502, body: {} };
    await armed(page);
    await page.locator(".yes").click();
    await page.locator(".question").waitFor({ state: "detached" });
  }),
  at("start-busy", startPath(), async (page, { provider }) => {
    provider.reply = { status: 429, body: {} };
    await armed(page);
    await page.locator(".yes").click();
    await page.locator(".notice").waitFor();
  }),
  at("waiting", waitingPath(), (page) => page.locator(".yes").waitFor()),
  at("waiting-redirect", waitingPath({ redirectUri: questionOf().redirectUri! }), (page) =>
    page.locator(".yes").waitFor(),
  ),
  {
    name: "waiting-unreachable",
    open: async (stage) =>
      visit(withReply(stage, "cut"), waitingPath(), (page) => page.locator(".actions > *").first().waitFor()),
  },
  { name: "returned", open: openReturned },
  at("returned-gone", returnedPath(), (page) => page.locator(".actions > *").first().waitFor()),
  at("sign-out", signOutPath(), armed),
  at("sign-out-done", signOutPath(), async (page, { provider }) => {
    provider.reply = { status: 200, body: { ended: true } };
    await pressYes(page);
  }),
  at("sign-out-failed", signOutPath(), async (page, { provider }) => {
    provider.reply = { status: 502, body: {} };
    await pressYes(page);
  }),
  at("sign-out-refused", signOutPath({ refused: true })),
  at("try", "/try#github"),
  at("try-armed", "/try#github", armed),
  at("try-off", "/try#github", async (page, { provider }) => {
    const reason = "trial_not_offered";
    provider.reply = { status: 403, body: { error: "access_denied", error_description: "Off.", reason } };
    await pressYes(page);
    await page.locator(".question").waitFor({ state: "detached" });
  }),
  at("try-nothing", "/try"),
  at("try-works", confirmPath(), async (page, { provider }) => {
    provider.reply = { status: 200, body: { trial: { name: "Mona Lisa Octocat", revoked: true } } };
    await pressYes(page);
    await page.locator(".question").waitFor({ state: "detached" });
  }),
  at("try-works-nameless", confirmPath(), async (page, { provider }) => {
    provider.reply = { status: 200, body: { trial: { revoked: false } } };
    await pressYes(page);
    await page.locator(".question").waitFor({ state: "detached" });
  }),
  at("try-works-uninstalled", confirmPath({ service: "installed", scopes: [] }), async (page, { provider }) => {
    provider.reply = { status: 200, body: { trial: { name: "Mona", revoked: true, installed: false } } };
    await pressYes(page);
    await page.locator(".question").waitFor({ state: "detached" });
  }),
  at("error", "/error"),
  at("not-found", "/nowhere"),
];

/** Waits until everything has been read and the gate has opened. */
export async function armed(page: Page): Promise<void> {
  await page.locator(".yes").waitFor();
  await readAll(page);
  await untilEnabled(page.locator(".yes"));
}

function at(name: string, path: string, act?: (page: Page, stage: Stage) => Promise<void>): PageState {
  return { name, open: (stage) => visit(prepare(stage), path, act) };
}

/** A popup that the app opens. It stays open so that its last state can be seen. */
function popup(name: string, path: string, act?: (page: Page, stage: Stage) => Promise<void>): PageState {
  return {
    name,
    open: async (stage) => {
      const { context, provider, app, opener = await context.newPage() } = prepare(stage);
      await context.addInitScript(() => void (window.close = () => undefined));
      await opener.goto(app.origin);
      const opened = opener.waitForEvent("popup");
      await opener.evaluate((url) => void window.open(url, "popup", "width=480,height=640"), provider.origin + path);
      const page = await opened;
      await page.setViewportSize(opener.viewportSize()!);
      await page.locator("h1").waitFor();
      await act?.(page, stage);
      return page;
    },
  };
}

/** The service's own window, while a waiting window is open. */
async function openReturned(stage: Stage): Promise<Page> {
  await stage.context.addInitScript(() => void (window.close = () => undefined));
  await visit(prepare(stage), waitingPath(), (page) => page.locator(".yes").waitFor());
  const { window: _, ...elsewhere } = stage;
  return visit(elsewhere, returnedPath(), (page) => page.locator(".actions > *").first().waitFor());
}

async function visit(stage: Stage, path: string, act?: (page: Page, stage: Stage) => Promise<void>): Promise<Page> {
  const page = stage.window ?? (await stage.context.newPage());
  // Navigating to an address that differs only in the fragment would not load the page again.
  if (stage.window !== undefined) await page.goto("about:blank");
  await page.goto(stage.provider.origin + path);
  await page.locator("h1").waitFor();
  await act?.(page, stage);
  return page;
}

function prepare(stage: Stage): Stage {
  const { provider } = stage;
  provider.services = SERVICES;
  provider.pages.set("/error", errorPage(other_browser, { location: `${questionOf().origin}/callback` }));
  return withReply(stage, { status: 200, body: { location: "https://service.example/" } });
}

function withReply(stage: Stage, reply: PageServer["reply"]): Stage {
  stage.provider.reply = reply;
  return stage;
}

function withServices(stage: Stage, services: unknown): Stage {
  stage.provider.services = services;
  return stage;
}

async function pressYes(page: Page): Promise<void> {
  const yes: Locator = page.locator(".yes");
  await armed(page);
  await yes.click();
  await page.waitForFunction(() => document.querySelector('.yes[aria-disabled="false"]') === null);
}
