import { createRemoteJWKSet, jwtVerify } from "jose";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { SCOPE_DESCRIPTIONS } from "../../../demo/service/scopes.ts";
import type { DemoService } from "../../../demo/service.ts";
import { startDemoService } from "../../../demo/service.ts";
import { keysAsJson, makeKey } from "../../../scripts/add-key/key-list.ts";
import { openBrowser } from "../../tools/browser.ts";
import { allowAtService, answerNo, answerYes } from "../../tools/people.ts";
import { allowAgain } from "../../tools/profile.ts";
import { freePort, startSite } from "../../tools/site.ts";
import { clickLogin, openAuthApp, outcomeOf, startAuthApp } from "./auth-app.ts";

/** `idToken()` of auth.js in a real browser, from the button to a server that checks the token by the published keys. */

const SECRET = "secret-of-the-provider-at-the-service";
const HOUR_MS = 3_600_000;

type Site = Awaited<ReturnType<typeof startSite>>;
type App = Awaited<ReturnType<typeof startAuthApp>>;

let browser: Browser;
let service: DemoService;
let signing: Site;
let keyless: Site;
let apps: Record<"own" | "other" | "keyless", App>;
let page: Page;

beforeAll(async () => {
  const [signingPort, keylessPort] = [await freePort(), await freePort()];
  const origins = [signingPort, keylessPort].map((port) => `http://localhost:${port}`) as [string, string];
  service = await startDemoService({
    clientId: "client",
    clientSecret: SECRET,
    redirectUris: origins.map((origin) => `${origin}/callback/demo`),
  });
  const options = { services: { Demo: service.record }, secrets: { Demo: { client_secret: SECRET } } };
  const secrets = { ...options.secrets, SIGNING_KEY: keysAsJson([makeKey("RS256")]) };
  [browser, signing, keyless] = await Promise.all([
    openBrowser(),
    startSite({ ...options, secrets, port: signingPort }),
    startSite({ ...options, services: { Demo: withoutOpenid(service) }, port: keylessPort }),
  ]);
  apps = {
    own: await startAuthApp(signing.origin),
    other: await startAuthApp(signing.origin),
    keyless: await startAuthApp(keyless.origin),
  };
});

/** A service that has an openid of its own gets it from a provider without a key. */
const withoutOpenid = ({ record }: DemoService) => ({
  ...record,
  default_scopes: ["profile"],
  scope_descriptions: { profile: "Read your name" },
});

afterAll(async () => {
  const parts = [signing, keyless, service, ...Object.values(apps ?? {})];
  await Promise.all([browser?.close(), ...parts.map((part) => part?.stop())]);
});

beforeEach(async () => {
  await page?.context().close();
  page = await (await browser.newContext()).newPage();
});

/** A page of the app whose button asks for an ID token. */
async function openApp({ origin }: App, options: object = {}, at = page): Promise<Page> {
  await openAuthApp(at, `${origin}/demo`);
  await at.evaluate((options) => {
    const { Auth, use } = window as any;
    use(new Auth({ service: "demo", scope: "openid profile", ...options }));
  }, options);
  return at;
}

async function expectOutcome(at: Page, expected: object): Promise<void> {
  await expect.poll(() => outcomeOf(at).catch(() => null)).toMatchObject(expected);
}

async function logIn(at: Page, { again = false } = {}): Promise<void> {
  const popup = await clickLogin(at);
  await (again ? allowAgain(popup) : allowAtService(popup));
  await popup.getByText(SCOPE_DESCRIPTIONS.openid!).waitFor();
  await answerYes(popup);
  await expectOutcome(at, { user: { username: "alice" } });
}

/** The ID token, or the error code. */
const idTokenOf = (at: Page, options: object = {}) =>
  at.evaluate(
    (options) => (window as any).auth.idToken(options).catch(({ code }: { code: string }) => `error ${code}`),
    options,
  ) as Promise<string>;

/** What a server of the app does with it. */
async function verified(idToken: string, { origin }: App) {
  const issuer = `${signing.origin}/demo`;
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks.json`));
  const checks = { issuer, audience: `${origin}/`, algorithms: ["RS256"] };
  return (await jwtVerify(idToken, keys, checks)).payload;
}

describe("[A69] the ID token of a login in a page", () => {
  test("comes with the login, and a server checks it by the address of the keys alone", async () => {
    await openApp(apps.own);
    expect(await idTokenOf(page)).toBe("error logged_out");
    await logIn(page);
    const idToken = await idTokenOf(page);
    expect(await verified(idToken, apps.own)).toMatchObject({
      iss: `${signing.origin}/demo`,
      sub: "alice",
      aud: `${apps.own.origin}/`,
      name: "Alice Example",
    });
    // A reload asks nobody.
    await openApp(apps.own);
    expect(await idTokenOf(page)).toBe(idToken);
  });

  test("is renewed when it is over, and when the app wants another: of the same user, for the same app", async () => {
    await page.clock.install();
    await openApp(apps.own);
    await logIn(page);
    const first = await idTokenOf(page);
    await page.clock.setSystemTime(Date.now() + HOUR_MS + 60_000);
    const second = await idTokenOf(page);
    const third = await idTokenOf(page, { refresh: true });
    const tokens = [first, second, third];
    expect(new Set(tokens).size).toBe(3);
    const claims = await Promise.all(tokens.map((token) => verified(token, apps.own)));
    expect(new Set(claims.map(({ iss, sub, aud }) => `${iss} ${sub} ${aud}`)).size).toBe(1);
    // Each belongs to its own access token.
    expect(new Set(claims.map(({ at_hash: hash }) => hash)).size).toBe(3);
  });

  test("is not another app's: by another name, without openid, or on another origin", async () => {
    await openApp(apps.own, { app: "one" });
    await logIn(page);
    const idToken = await idTokenOf(page);
    for (const options of [{ app: "two" }, {}, { app: "one", scope: "profile" }]) {
      await openApp(apps.own, options);
      expect(await idTokenOf(page), JSON.stringify(options)).toBe("error logged_out");
    }
    const other = await openApp(apps.other, { app: "one" }, await page.context().newPage());
    expect(await idTokenOf(other)).toBe("error logged_out");

    await logIn(other, { again: true });
    const others = await idTokenOf(other);
    expect((await verified(others, apps.other)).aud).toBe(`${apps.other.origin}/`);
    await expect(verified(others, apps.own)).rejects.toThrow(/aud/);
    await expect(verified(idToken, apps.other)).rejects.toThrow(/aud/);
  });

  test("is not there for a login without openid, and the error says what to ask for", async () => {
    await openApp(apps.own, { scope: "profile" });
    const popup = await clickLogin(page);
    await allowAtService(popup);
    await answerYes(popup);
    // This service says who the user is only for its own openid.
    await expectOutcome(page, { user: { username: "" } });
    expect(await idTokenOf(page)).toBe("error no_id_token");
  });

  test("is not there after No", async () => {
    await openApp(apps.own);
    const popup = await clickLogin(page);
    await allowAtService(popup);
    await answerNo(popup);
    await expectOutcome(page, { code: "access_denied", typed: true });
    expect(await idTokenOf(page)).toBe("error logged_out");
  });

  test("is not there at a provider without a key, and the developer reads what the owner must do", async () => {
    await openApp(apps.keyless);
    const popup = await clickLogin(page);
    await expectOutcome(page, {
      code: "invalid_scope",
      typed: true,
      message: expect.stringMatching(/SIGNING_KEY.*npm run add-key/),
    });
    expect(await idTokenOf(page)).toBe("error logged_out");
    if (!popup.isClosed()) await popup.close();
  });
});
