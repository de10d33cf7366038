/**
 * The newest Decap CMS, Sveltia CMS and Static CMS, unmodified from npm, in their PKCE modes and with their backends for
 * Bitbucket: from the login button, through the service and the question, to the first call of the service's API, and on
 * after the access token has ended.
 */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page, Request } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openBrowser } from "../tools/browser.ts";
import { answerYes, readPage } from "../tools/people.ts";
import { openProfile, type Profile } from "../tools/profile.ts";
import { freePort, startSite } from "../tools/site.ts";
import { type AdminServer, CMSES, type Cms, startAdminServer } from "./cms-admin.ts";
import { CMS_MODES } from "./cms-modes.ts";
import { type FakeBitbucket, startFakeBitbucket } from "./fake-bitbucket.ts";
import { type FakeGitea, startFakeGitea } from "./fake-gitea.ts";
import { type FakeGitlab, startFakeGitlab } from "./fake-gitlab.ts";

const REGISTRATION = { clientId: "client-of-the-owner", clientSecret: "secret-of-the-owner-0123456789" };

const SECRET = { client_secret: REGISTRATION.clientSecret };

type Host = FakeBitbucket | FakeGitea | FakeGitlab;

let hosts: { gitlab: FakeGitlab; gitea: FakeGitea; codeberg: FakeGitea; bitbucket: FakeBitbucket };
let browser: Browser;
let site: Awaited<ReturnType<typeof startSite>>;
let admin: AdminServer;
let profile: Profile;

beforeAll(async () => {
  const port = await freePort();
  const [gitlab, gitea, codeberg, bitbucket] = await Promise.all([
    startFakeGitlab(REGISTRATION),
    startFakeGitea(REGISTRATION, "gitea"),
    startFakeGitea(REGISTRATION, "forgejo"),
    startFakeBitbucket(REGISTRATION),
  ]);
  hosts = { gitlab, gitea, codeberg, bitbucket };
  const origin = `http://localhost:${port}`;
  [site, admin, browser] = await Promise.all([
    startSite({
      port,
      services: {
        Gitlab: gitlab.record,
        Gitea: gitea.record,
        Codeberg: codeberg.record,
        Bitbucket: bitbucket.record,
        Lasting: { ...gitlab.record, name: "Lasting", refresh_tokens: "rotating", refresh_for_every_app: true },
        Durable: { ...gitea.record, name: "Durable", refresh_tokens: "reusable", refresh_for_every_app: true },
        Cutting: { ...gitlab.record, name: "Cutting", opener: "cut" },
      },
      secrets: Object.fromEntries(
        ["Gitlab", "Gitea", "Codeberg", "Bitbucket", "Lasting", "Durable", "Cutting"].map((key) => [key, SECRET]),
      ),
    }),
    startAdminServer({ baseUrl: origin }),
    openBrowser(),
  ]);
  profile = await openProfile(browser, `${admin.origin}/empty`, [`${origin}/favicon.svg`]);
});
afterAll(async () => {
  await Promise.all([
    browser?.close(),
    site?.stop(),
    admin?.stop(),
    ...Object.values(hosts).map((host) => host.stop()),
  ]);
});
beforeEach(async () => {
  for (const host of Object.values(hosts)) host.cutsOpener = false;
  await profile.reset();
});

function loginButton(page: Page) {
  return page.getByRole("button", { name: /^(log ?in|sign in) with/i });
}

/** The admin page with PKCE: everything as the CMS's documentation says, and `base_url` as ours. */
function pkceUrl(cms: Cms, backend: string, service: string, host: Host, more: Record<string, string> = {}): string {
  return admin.urlWithoutQuery(cms, backend, {
    ...host.backend,
    auth_type: "pkce",
    base_url: `${site.origin}/${service}`,
    app_id: `${admin.origin}/`,
    ...more,
  });
}

async function openAdmin(url: string): Promise<Page> {
  const { page } = profile;
  await page.goto(url);
  await loginButton(page).waitFor();
  return page;
}

async function pressLogin(page: Page): Promise<Page> {
  const popup = page.waitForEvent("popup");
  await loginButton(page).click();
  return await popup;
}

/** Sveltia CMS opens a window of its own and sends no Referer, so the start page comes first. The others use their page. */
async function logIn(cms: Cms, page: Page, service: string): Promise<void> {
  if (cms !== "sveltia") {
    await loginButton(page).click();
    return await answerYes(page);
  }
  const popup = await pressLogin(page);
  await popup.getByRole("button", { name: `Continue to ${service}` }).click();
  await answerYes(popup);
}

/** The first calls of the API with the token that was issued last. */
async function expectAccepted(host: Host, before: number): Promise<void> {
  const accepted = () => host.apiRequests.slice(before).filter(({ status }) => status === 200);
  const isAccepted = () => accepted().some(({ token }) => token === host.issuedTokens.at(-1));
  await expect.poll(isAccepted).toBe(true);
}

async function expectLoggedIn(page: Page, cms: Cms, host: Host, before: number): Promise<void> {
  await expectAccepted(host, before);
  // Static CMS shows nothing before it has more to do.
  if (cms === "static") return;
  await page.getByText("Notes of Mona").first().waitFor();
  await expect.poll(() => loginButton(page).count()).toBe(0);
}

function watchTokenRequests(): Request[] {
  const seen: Request[] = [];
  profile.context.on("request", (request) => {
    if (request.url().startsWith(site.origin) && /token$/.test(request.url())) seen.push(request);
  });
  return seen;
}

/** Sveltia CMS separates them by commas. */
const GITEA_SCOPES = "read:repository write:repository read:user";

const PKCE_LOGINS: [Cms, "gitlab" | "gitea", keyof typeof hosts, string, string, string][] = [
  ["decap", "gitlab", "gitlab", "GitLab", "api", "/gitlab/oauth/token"],
  ["decap", "gitea", "gitea", "Gitea", "repository", "/gitea/login/oauth/access_token"],
  ["decap", "gitea", "codeberg", "Codeberg", "repository", "/codeberg/login/oauth/access_token"],
  ["sveltia", "gitlab", "gitlab", "GitLab", "api", "/gitlab/oauth/token"],
  ["sveltia", "gitea", "gitea", "Gitea", GITEA_SCOPES, "/gitea/login/oauth/access_token"],
  ["sveltia", "gitea", "codeberg", "Codeberg", GITEA_SCOPES, "/codeberg/login/oauth/access_token"],
  ["static", "gitlab", "gitlab", "GitLab", "api", "/gitlab/oauth/token"],
  ["static", "gitea", "gitea", "Gitea", "repository", "/gitea/login/oauth/access_token"],
];

describe("with PKCE, and the service at the end of base_url", () => {
  test.each(PKCE_LOGINS)("%s with its backend %s at %s logs in, and calls the API with its token", async (...row) => {
    const [cms, backend, at, name, scope, tokenPath] = row;
    const host = hosts[at];
    const before = host.apiRequests.length;
    const tokenRequests = watchTokenRequests();
    const url = pkceUrl(cms, backend, at, host);
    const page = await openAdmin(url);
    await logIn(cms, page, name);
    await expectLoggedIn(page, cms, host, before);
    expect(host.authorizeRequests.at(-1)!.searchParams.get("scope")).toBe(scope);
    expect(host.authorizeRequests.at(-1)!.searchParams.get("redirect_uri")).toBe(`${site.origin}/callback/${at}`);
    const posted = tokenRequests.filter((request) => request.method() === "POST");
    expect(posted.map((request) => new URL(request.url()).pathname)).toEqual([tokenPath]);
    expect(posted[0]!.postDataJSON()).toMatchObject({ client_id: `${admin.origin}/`, redirect_uri: url });
    expect(posted[0]!.headers()).not.toHaveProperty("dpop");
  });
});

describe("[A29] after the access token has ended", () => {
  const TWO_HOURS = 2 * 60 * 60 + 1;

  test.each<[Cms, "gitlab" | "gitea", keyof typeof hosts, string, string]>([
    ["decap", "gitlab", "gitlab", "lasting", "Lasting"],
    ["sveltia", "gitlab", "gitlab", "lasting", "Lasting"],
    ["sveltia", "gitea", "gitea", "durable", "Durable"],
  ])("%s with %s gets a new one, twice, if the owner gives every app a refresh token", async (...row) => {
    const [cms, backend, at, service, name] = row;
    const host = hosts[at];
    let before = host.apiRequests.length;
    const page = await openAdmin(pkceUrl(cms, backend, service, host));
    if (cms === "sveltia") {
      const popup = await pressLogin(page);
      await popup.getByRole("button", { name: `Continue to ${name}` }).click();
      await popup.getByRole("button", { name: /^yes/i }).waitFor();
      expect(await readPage(popup)).toContain("Keep this access while you are away, for up to 90 days");
      await answerYes(popup);
    } else {
      await loginButton(page).click();
      await page.getByRole("button", { name: /^yes/i }).waitFor();
      expect(await readPage(page)).toContain("Keep this access while you are away, for up to 90 days");
      await answerYes(page);
    }
    await expectLoggedIn(page, cms, host, before);

    for (let round = 0; round < 2; round += 1) {
      const ended = host.issuedTokens.at(-1);
      // A page that is still loading would get a new token now, and be gone before it could keep that.
      const url = page.url();
      await page.goto("about:blank");
      host.advance(TWO_HOURS);
      before = host.apiRequests.length;
      await page.goto(url);
      await expect.poll(() => host.issuedTokens.at(-1)).not.toBe(ended);
      await expectLoggedIn(page, cms, host, before);
      expect(host.apiRequests[before]).toMatchObject({ status: 401, token: ended });
    }
  });

  test("without that setting, the user logs in again", async () => {
    const { gitlab } = hosts;
    const before = gitlab.apiRequests.length;
    const page = await openAdmin(pkceUrl("decap", "gitlab", "gitlab", gitlab));
    await logIn("decap", page, "GitLab");
    await expectLoggedIn(page, "decap", gitlab, before);
    gitlab.advance(TWO_HOURS);
    await page.reload();
    await loginButton(page).waitFor();
  });
});

describe("Bitbucket", () => {
  test.each<Cms>(["decap", "static"])("%s logs in by a popup, with a scope that only the CMS has", async (cms) => {
    const { bitbucket } = hosts;
    const before = bitbucket.apiRequests.length;
    const page = await openAdmin(admin.url(cms, "bitbucket", bitbucket.backend));
    await answerYes(await pressLogin(page));
    await expectAccepted(bitbucket, before);
    expect(bitbucket.authorizeRequests.at(-1)!.searchParams.get("scope")).toBe("repo");
    if (cms === "decap") await page.getByText("Notes of Mona").first().waitFor();
  });
});

describe("[A40] a service that cuts its windows off from the app", () => {
  test("Sveltia's popup keeps its name and the window that opened it, and so finds its way back", async () => {
    const { gitlab } = hosts;
    gitlab.cutsOpener = true;
    const before = gitlab.apiRequests.length;
    const url = pkceUrl("sveltia", "gitlab", "cutting", gitlab);
    const page = await openAdmin(url);
    const popup = await pressLogin(page);
    await popup.getByRole("link", { name: "Open Cutting" }).waitFor();
    expect(popup.url()).toBe(`${site.origin}/waiting`);
    expect(await readPage(popup)).toContain(url);
    const second = profile.context.waitForEvent("page");
    await popup.getByRole("link", { name: "Open Cutting" }).click();
    await (await second).waitForEvent("close");
    await answerYes(popup);
    await expectLoggedIn(page, "sveltia", gitlab, before);
    await expect.poll(() => popup.isClosed()).toBe(true);
  });
});

describe("a wrong setting is named in the window that waits", () => {
  test.each<[string, Cms, string, (origin: string) => Record<string, string>, RegExp]>([
    [
      "base_url without the service",
      "decap",
      "gitea",
      (origin) => ({ base_url: origin }),
      /base_url.*service.*codeberg/s,
    ],
    [
      "base_url without the service",
      "decap",
      "gitlab",
      (origin) => ({ base_url: origin }),
      /base_url.*service.*codeberg/s,
    ],
    ["another service's name", "decap", "gitea", (origin) => ({ base_url: `${origin}/gitty` }), /base_url.*service/s],
    ["app_id from the service", "decap", "gitea", () => ({ app_id: "6f1e-client-id" }), /app_id.*not the client ID/s],
  ])("%s (%s with %s)", async (_, cms, backend, wrong, sentence) => {
    const page = await openAdmin(pkceUrl(cms, backend, "gitea", hosts.gitea, wrong(site.origin)));
    await loginButton(page).click();
    await page.waitForURL(`${site.origin}/**`);
    await page.getByRole("heading").waitFor();
    expect(await readPage(page)).toMatch(sentence);
  });

  test("Sveltia's old auth_endpoint", async () => {
    const page = await openAdmin(pkceUrl("sveltia", "gitlab", "gitlab", hosts.gitlab, { auth_endpoint: "auth" }));
    const popup = await pressLogin(page);
    await popup.waitForURL(`${site.origin}/**`);
    await popup.getByRole("heading").waitFor();
    expect(await readPage(popup)).toMatch(/base_url.*remove auth_endpoint/s);
  });

  test("a service in base_url of a popup; Sveltia's own window says so, too", async () => {
    const settings = { ...hosts.gitlab.backend, base_url: `${site.origin}/gitlab`, auth_endpoint: "auth" };
    const popup = await pressLogin(await openAdmin(admin.urlWithoutQuery("decap", "gitlab", settings)));
    await popup.getByRole("heading").waitFor();
    expect(await readPage(popup)).toMatch(/base_url.*remove the path/s);
    const page = await openAdmin(admin.urlWithoutQuery("sveltia", "gitlab", settings));
    await pressLogin(page);
    await page.getByText(/base_url in the configuration of this CMS/).waitFor();
  });
});

test("Sveltia needs no auth_endpoint for GitLab", async () => {
  const { gitlab } = hosts;
  const before = gitlab.apiRequests.length;
  const page = await openAdmin(admin.urlWithoutQuery("sveltia", "gitlab", gitlab.backend));
  await answerYes(await pressLogin(page));
  await expectLoggedIn(page, "sveltia", gitlab, before);
});

/** The sources that the packages' source maps contain. */
const MAPS: Partial<Record<Cms, string>> = {
  decap: "decap-cms/dist/decap-cms.js.map",
  sveltia: "@sveltia/cms/dist/sveltia-cms.js.map",
};

describe("what cannot work is prevented by the CMS itself", () => {
  const prevented = CMS_MODES.filter(({ prevents }) => prevents !== undefined);
  test.each(prevented)("$cms with $backend by $mode", async ({ cms, prevents }) => {
    const map = fileURLToPath(new URL(`node_modules/${MAPS[cms]}`, import.meta.url));
    const { sources, sourcesContent } = JSON.parse(await readFile(map, "utf8")) as Record<string, string[]>;
    const index = sources!.findIndex((source) => source.endsWith(prevents!.file));
    expect(sourcesContent![index]).toContain(prevents!.line);
  });

  test("Sveltia refuses PKCE with GitHub before any login", async () => {
    const { page } = profile;
    await page.goto(admin.urlWithoutQuery("sveltia", "github", { auth_type: "pkce", app_id: `${admin.origin}/` }));
    await page.getByText(/PKCE/).first().waitFor();
    expect(await loginButton(page).count()).toBe(0);
  });
});

test("every CMS is in the list of modes", () => {
  expect(new Set(CMS_MODES.map(({ cms }) => cms))).toEqual(new Set(Object.keys(CMSES)));
});
