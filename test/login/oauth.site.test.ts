import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startDemoApp } from "../../demo/app-server.ts";
import type { DemoService } from "../../demo/service.ts";
import { startDemoService } from "../../demo/service.ts";
import { aim, allCases, attempt } from "../../scripts/attack/attack.ts";
import { sendTo } from "../../scripts/attack/send.ts";
import { withoutHashes } from "../../scripts/build/inline-hashes.ts";
import { SECURITY_HEADERS } from "../../server/answers/headers.ts";
import type { LoginOptions, StartedLogin } from "../tools/app.ts";
import { listen, openPopup, prepareLogin, received, receivedUpToNow, redeemInPage, startApp } from "../tools/app.ts";
import { openBrowser } from "../tools/browser.ts";
import { PATIENCE_MS } from "../tools/patience.ts";
import { allowAtService, answerNo, answerYes, denyAtService, readPage } from "../tools/people.ts";
import type { Profile } from "../tools/profile.ts";
import { allowAgain, openProfile } from "../tools/profile.ts";
import type { RunningSite } from "../tools/site.ts";
import { freePort, startSite, startSiteOnNetlify } from "../tools/site.ts";
import { startTokenServer } from "../tools/token-server.ts";
import { say } from "../tools/words.ts";

/**
 * The whole site in a real browser, against a real authorization server. It runs on Node, and also under the real
 * `netlify dev` where the platform is involved. Ports do not separate sites or cookies, so the three parties use three
 * hosts: provider `localhost`, service `127.0.0.1`, app `[::1]`.
 */

const SECRET = "secret-of-the-provider-at-the-service";

let browser: Browser;
let site: RunningSite;
/** The same provider under `netlify dev`. */
let netlify: RunningSite;
let service: DemoService;
let cuttingService: DemoService;
let tokenServer: Awaited<ReturnType<typeof startTokenServer>>;
let app: Awaited<ReturnType<typeof startApp>>;
let profile: Profile;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  const [port, netlifyPort] = [await freePort(), await freePort()];
  const providers = [port, netlifyPort].map((port) => `http://localhost:${port}`);
  const callbacks = (...ids: string[]) => providers.flatMap((origin) => ids.map((id) => `${origin}/callback/${id}`));
  const registration = { clientId: "provider-under-test", clientSecret: SECRET };
  [browser, app, tokenServer, service, cuttingService] = await Promise.all([
    openBrowser(),
    startApp(),
    startTokenServer(),
    startDemoService({ ...registration, redirectUris: callbacks("demo", "troubled") }),
    startDemoService({ ...registration, redirectUris: callbacks("cutting", "unannounced"), cutOpener: true }),
  ]);
  const options = {
    services: {
      Demo: service.record,
      Troubled: { ...service.record, name: "Troubled", token_endpoint: tokenServer.endpoint },
      Cutting: { ...cuttingService.record, name: "Cutting", opener: "cut" },
      // This service's record does not yet say that its pages cut off their opener.
      Unannounced: { ...cuttingService.record, name: "Unannounced", opener: "kept" },
    },
    secrets: {
      Demo: { client_secret: SECRET },
      Troubled: { client_secret: SECRET },
      Cutting: { client_secret: SECRET },
      Unannounced: { client_secret: SECRET },
    },
  };
  [site, netlify] = await Promise.all([
    startSite({ port, ...options }),
    startSiteOnNetlify({ port: netlifyPort, ...options }),
  ]);
  profile = await openProfile(browser, `${app.origin}/`, [
    `${site.origin}/favicon.svg`,
    `${service.origin}/people/alice.svg`,
  ]);
  ({ context, page } = profile);
});

afterAll(async () => {
  await Promise.all([
    browser?.close(),
    site?.stop(),
    netlify?.stop(),
    service?.stop(),
    cuttingService?.stop(),
    tokenServer?.stop(),
    app?.stop(),
  ]);
});

async function begin(): Promise<void> {
  await profile.reset();
  await listen(page);
}

interface Response {
  code?: string;
  state?: string;
  iss?: string;
  error?: string;
}

/** The last of exactly `number` messages that the app has received from the provider. */
async function theResponse({ origin = site.origin, number = 1 } = {}): Promise<Response> {
  await expect.poll(async () => (await received(page)).length).toBe(number);
  const message = (await received(page)).at(-1);
  expect(message!.origin).toBe(origin);
  const { type, response } = message!.data as { type: string; response: Response };
  expect(type).toBe("authorization_response");
  return response;
}

async function openLogin(options: LoginOptions = {}, { origin } = site): Promise<{ popup: Page; login: StartedLogin }> {
  const login = await prepareLogin(page, origin, options);
  return { login, popup: await openPopup(page, login.url) };
}

async function logIn(options: LoginOptions = {}, provider = site): Promise<{ popup: Page; login: StartedLogin }> {
  await begin();
  return await openLogin(options, provider);
}

describe("a login in a popup", () => {
  test("under netlify dev, names the app, and after Yes hands over a code that buys an access token, once", async () => {
    const { popup, login } = await logIn({}, netlify);
    await allowAtService(popup);
    await popup.getByRole("heading", { name: `Are you sure you want to log in to ${app.origin}` }).waitFor();
    expect(popup.url()).toBe(`${netlify.origin}/confirm`);
    expect(await received(page)).toEqual([]);
    const exchangesBefore = service.counts.token;

    await answerYes(popup);
    const response = await theResponse(netlify);
    expect(response.state).toBe(login.state);
    expect(response.iss).toBe(`${netlify.origin}/demo`);
    expect(service.counts.token).toBe(exchangesBefore);
    await expect.poll(() => popup.isClosed()).toBe(true);

    const wrong = await redeemInPage(page, netlify.origin, login, response.code!, { code_verifier: "x".repeat(43) });
    expect(wrong).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
    expect(service.counts.token).toBe(exchangesBefore);

    const tokens = await redeemInPage(page, netlify.origin, login, response.code!);
    expect(tokens).toMatchObject({ status: 200, body: { token_type: "Bearer", expires_in: 3600, scope: "profile" } });
    expect(tokens.body).not.toHaveProperty("id_token");
    const me = await page.evaluate(
      async ({ url, token }) => (await fetch(url, { headers: { authorization: `Bearer ${token}` } })).json(),
      { url: `${service.origin}/me`, token: tokens.body.access_token },
    );
    expect(me).toMatchObject({ sub: "alice" });

    const again = await redeemInPage(page, netlify.origin, login, response.code!);
    expect(again).toMatchObject({ status: 400, body: { error: "invalid_grant" } });
  });

  test("a refusal at the service and No are told to the app at once, and no token is made anywhere; [A1] nor without a click, although the service asks nothing any more", async () => {
    const exchangesBefore = service.counts.token;
    const refused = await logIn();
    await denyAtService(refused.popup);
    expect(await theResponse()).toMatchObject({ error: "access_denied", state: refused.login.state });

    const declined = await openLogin();
    await allowAgain(declined.popup);
    await answerNo(declined.popup);
    expect(await theResponse({ number: 2 })).toMatchObject({
      error: "access_denied",
      state: declined.login.state,
      iss: `${site.origin}/demo`,
    });

    const silent = await openLogin();
    await silent.popup.getByRole("heading", { name: /are you sure/i }).waitFor();
    await expect.poll(() => silent.popup.getByRole("button", { name: /^yes/i }).isEnabled()).toBe(true);
    expect(await readPage(silent.popup)).toContain(app.origin);
    // The app has received nothing about this login before this No.
    await answerNo(silent.popup);
    expect(await theResponse({ number: 3 })).toMatchObject({ error: "access_denied", state: silent.login.state });
    expect(service.counts.token).toBe(exchangesBefore);
  });

  test("a service that this provider does not have ends in plain words", async () => {
    const { popup } = await logIn({ service: "nowhere" });
    await popup.getByText("does not offer that service").waitFor();
    expect(await receivedUpToNow(page, popup)).toEqual([]);
  });
});

describe("a login that leaves the page", () => {
  test("asks first where nobody knows who started it, then returns with a code", async () => {
    await begin();
    const login = await prepareLogin(page, site.origin, { responseMode: "query" });
    await page.goto(login.url);
    await page.getByText(`${app.origin}/callback`).waitFor();
    expect(page.url()).toBe(`${site.origin}/start`);
    await page.getByRole("button", { name: /continue/i }).click();
    await allowAtService(page);
    await answerYes(page);
    await page.getByRole("heading", { name: "Back at the app" }).waitFor();
    const landed = new URL(page.url()).searchParams;
    expect(landed.get("state")).toBe(login.state);
    expect(landed.get("iss")).toBe(`${site.origin}/demo`);
    const tokens = await redeemInPage(page, site.origin, login, landed.get("code")!);
    expect(tokens.status).toBe(200);
  });

  test("goes straight on when a page of the app started it", async () => {
    await begin();
    const login = await prepareLogin(page, site.origin, { responseMode: "query" });
    await page.evaluate((url) => location.assign(url), login.url);
    await page.getByRole("button", { name: /log in as Alice/i }).waitFor();
    await denyAtService(page);
    await page.getByRole("button", { name: `Back to ${app.origin}` }).click();
    await page.getByRole("heading", { name: "Back at the app" }).waitFor();
    expect(new URL(page.url()).searchParams.get("error")).toBe("access_denied");
  });
});

describe("a login that does not go as planned", () => {
  test("[A13] a state from another browser is refused, and so is one that was tampered with", async () => {
    const { popup, login } = await logIn();
    await popup.getByRole("button", { name: /log in as Alice/i }).waitFor();
    const foreign = await fetch(login.url, { redirect: "manual", headers: { referer: `${app.origin}/` } });
    const foreignState = new URL(foreign.headers.get("location")!).searchParams.get("state")!;
    await popup.goto(`${site.origin}/callback/demo?code=stolen&state=${foreignState}&iss=${service.origin}`);
    expect(await readPage(popup)).toContain("was not started in this browser");

    const tampered = `${foreignState.slice(0, -8)}AAAAAAAA`;
    await popup.goto(`${site.origin}/callback/demo?code=stolen&state=${tampered}&iss=${service.origin}`);
    expect(await readPage(popup)).toContain("was not started in this browser");
    await popup.goto(`${site.origin}/callback/demo?code=stolen&state=${tampered}A&iss=${service.origin}`);
    expect(await readPage(popup)).toContain("could not be recognised");
    expect(await received(page)).toEqual([]);
  });

  test("whatever the token endpoint answers, or if it does not, the app gets a clear error, readable across origins", async () => {
    const { popup, login } = await logIn({ service: "troubled" });
    await allowAtService(popup);
    await answerYes(popup);
    const { code } = await theResponse();
    for (const [answer, status, error] of [
      [{ status: 500, json: { error: "server_error" } }, 502, "temporarily_unavailable"],
      [{ text: "<h1>Sorry</h1>" }, 502, "server_error"],
      [{ json: { error: "invalid_grant" } }, 400, "invalid_grant"],
      [{ status: 401, json: { error: "invalid_client" } }, 502, "server_error"],
      ["reset", 502, "temporarily_unavailable"],
      ["hang", 504, "temporarily_unavailable"],
    ] as const) {
      tokenServer.answerWith(answer);
      const result = await redeemInPage(page, site.origin, login, code!, {}, "troubled");
      expect(result).toMatchObject({ status, body: { error } });
      expect(String(result.body.error_description).length).toBeGreaterThan(20);
    }
  });
});

describe("a service that cuts the popup from the app (Cross-Origin-Opener-Policy: same-origin)", () => {
  test("[A40] the popup goes on to the app's own redirect URI, which tells the waiting page", async () => {
    // The app's page sends its origin as Referer, which shows that the app started the popup.
    const { popup, login } = await logIn({ service: "cutting" });
    await allowAtService(popup);
    await answerYes(popup);
    await expect.poll(async () => (await received(page)).length).toBe(1);
    const [relayed] = await received(page);
    expect(relayed!.origin).toBe("channel");
    const response = new URLSearchParams(relayed!.data as string);
    expect(response.get("state")).toBe(login.state);
    const tokens = await redeemInPage(page, site.origin, login, response.get("code")!, {}, "cutting");
    expect(tokens.status).toBe(200);
  });

  test("without a redirect URI, where the record does not say so, it ends in a page that does; nothing is handed over", async () => {
    const exchangesBefore = cuttingService.counts.token;
    const { popup } = await logIn({ service: "unannounced", redirectUri: null });
    await allowAtService(popup);
    await popup.getByText(/nothing was handed over/i).waitFor();
    expect(await popup.getByRole("button", { name: /^yes/i }).count()).toBe(0);
    expect(cuttingService.counts.token).toBe(exchangesBefore);
    expect(await received(page)).toEqual([]);
  });
});

describe("under netlify dev", () => {
  test.each(["/", "/confirm", "/start", "/nowhere"])(
    "[A36] the static page %s is served with every security header",
    async (path) => {
      const response = await fetch(netlify.origin + path);
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
        expect(withoutHashes(response.headers.get(name) ?? ""), name).toBe(value);
      }
      expect(response.headers.has("set-cookie")).toBe(false);
    },
  );

  test("[A10] nothing else of the repository can be fetched", async () => {
    const paths = [
      ".secret.json",
      "secret.json",
      "netlify.toml",
      "package.json",
      ".env",
      "netlify/functions/token.ts",
      "dist/functions/provider.mjs",
    ];
    for (const path of paths) expect((await fetch(`${netlify.origin}/${path}`)).status, path).toBe(404);
  });

  test("a smoke part of the attacks that anybody can make gets nowhere", async () => {
    const send = sendTo(netlify.origin, {
      patienceMs: PATIENCE_MS,
      pauseMs: 0,
      sleep: async () => {},
      onWait: () => {},
    });
    const target = await aim(netlify.origin, send, { service: "demo", app: "https://good.example" });
    const findings = [];
    for (const attack of allCases(target).filter(({ smoke }) => smoke))
      findings.push(...(await attempt(attack, target, send)));
    expect(findings).toEqual([]);
  });
});

describe("the demo app of `npm run dev`", () => {
  test("shows who they are, in a popup and on the page itself", async () => {
    const demo = await startDemoApp({ host: "::1", providerOrigin: site.origin, serviceOrigin: service.origin });
    try {
      await profile.reset();
      await page.goto(demo.origin);
      const opened = page.waitForEvent("popup");
      await page.getByRole("button", { name: "Log in with Demo" }).click();
      const popup = await opened;
      await allowAtService(popup);
      await answerYes(popup);
      await page.getByText("Alice Example").waitFor();
      await page.getByRole("button", { name: "Call the API" }).click();
      await page.getByLabel("The service’s answer").getByText('"sub": "alice"').waitFor();
      await page.reload();
      await page.getByText("Alice Example").waitFor();

      await page.getByRole("button", { name: "Log out" }).click();
      await page.getByRole("button", { name: "Log in on this page" }).click();
      // A login that outlives its access token needs the user's consent each time (OpenID Connect Core §11).
      await page.getByRole("button", { name: /^allow/i }).click();
      await answerYes(page);
      await page.getByText("Alice Example").waitFor();
    } finally {
      await demo.stop();
    }
  });
});

describe("nobody answers in time", () => {
  beforeAll(() => context.clock.install());

  test.each(["demo", "cutting"])("(%s): the page starts again, and that login ends in a token", async (name) => {
    await begin();
    const login = await prepareLogin(page, site.origin, { service: name });
    const popup = await openPopup(page, login.url);
    await allowAtService(popup);
    await popup.getByRole("heading", { name: `Are you sure you want to log in to ${app.origin}` }).waitFor();
    // Codes of the demo service are valid for one minute.
    await popup.getByText(say("confirm.expired.soon", { time: "" }).trim()).waitFor();
    await context.clock.fastForward("02:00");
    await popup.getByRole("heading", { name: say("confirm.expired.title") }).waitFor();
    expect(await received(page)).toEqual([]);
    await popup.getByRole("button", { name: "Start again" }).click();
    // The service remembers the consent and redirects back at once.
    await popup.getByRole("heading", { name: `Are you sure you want to log in to ${app.origin}` }).waitFor();
    await answerYes(popup);
    await expect.poll(async () => (await received(page)).length).toBe(1);
    // The response arrives by message, or through the app's own page if the service has cut the popup off.
    const { data } = (await received(page))[0]!;
    const code =
      typeof data === "string" ? new URLSearchParams(data).get("code") : (data as { response: Response }).response.code;
    const tokens = await redeemInPage(page, site.origin, login, code!, {}, name);
    expect(tokens).toMatchObject({ status: 200, body: { token_type: "Bearer" } });
  });
});
