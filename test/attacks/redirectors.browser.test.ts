import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import * as errors from "../../server/answers/error-catalogue.ts";
import { answerYes } from "../tools/people.ts";
import { VERIFIER } from "./browser/app.ts";
import { context, openApp, setTheStage, world } from "./browser/stage.ts";
import { openWindow } from "./browser/windows.ts";

/**
 * Pages on the app's own host that others control: redirectors and files uploaded by users. The referrer that the
 * browser sends for them decides whether a login continues without a click.
 */

setTheStage();

/** The `Referer` of the request to `/authorize`. */
function refererOfStart(): string | undefined {
  return world.provider.exchanges.find(({ method, url }) => method === "GET" && url.startsWith("/authorize/"))?.headers
    .referer;
}

function visitsToService(): number {
  return world.service.exchanges.filter(({ url }) => url.includes("/authorize")).length;
}

async function expectStartPage(page: Page): Promise<void> {
  await page.waitForURL(`${world.provider.origin}/start`);
  await page.getByRole("button", { name: /^continue/i }).waitFor();
  expect(visitsToService()).toBe(0);
}

describe("[A21] a redirector on the app's origin", () => {
  test.each(["/go", "/refresh"])(
    "%s, as a page of the app, attests the start; its own address as redirect URI does not go on by itself",
    async (path) => {
      const page = await openApp(world.hostile);
      const login = world.login("navigation", world.honest, "github", `/go?${world.hostile.origin}/`);
      const popup = await openWindow(page, `${world.honest.origin}${path}?${login}`);
      await expectStartPage(popup);
      expect(refererOfStart()).toBe(`${world.honest.origin}/`);
      expect(await popup.locator(".address").innerText()).toBe(`${world.honest.origin}/go?${world.hostile.origin}/`);
    },
  );

  test("/moved, which answers with a redirect, attests nothing: the browser still names the page before it", async () => {
    const page = await openApp(world.hostile);
    const login = world.login("navigation", world.honest, "github", `/go?${world.hostile.origin}/`);
    const popup = await openWindow(page, `${world.honest.origin}/moved?${login}`);
    await popup.getByText(errors.unattested_redirect_uri.text).waitFor();
    expect(refererOfStart()).toBe(`${world.hostile.origin}/`);
    expect(visitsToService()).toBe(0);
  });

  test("the same login with a plain page goes on to the question, which is asked in any case", async () => {
    const page = await openApp(world.hostile);
    const popup = await openWindow(page, `${world.honest.origin}/go?${world.login("navigation", world.honest)}`);
    await popup.waitForURL(`${world.provider.origin}/confirm`);
    expect(visitsToService()).toBe(1);
    expect(world.tokenRequests()).toBe(0);
  });
});

describe("[A18] a user's file on the app's host, in a sandbox", () => {
  test("attests nothing, though it is a page of that host", async () => {
    const page = await context.newPage();
    await page.goto(`${world.honest.origin}/uploaded`);
    expect(await page.evaluate(() => self.origin)).toBe("null");
    await page.evaluate(
      (url) => void location.assign(url),
      world.login("navigation", world.honest, "github", "/uploaded"),
    );
    await expectStartPage(page);
    expect(refererOfStart()).toBeUndefined();
  });

  test("[A30] redeems nothing by itself: its origin is null", async () => {
    const page = await context.newPage();
    await page.goto(`${world.honest.origin}/uploaded`);
    await page.evaluate(
      (url) => void location.assign(url),
      world.login("navigation", world.honest, "github", "/uploaded"),
    );
    await page.getByRole("button", { name: /^continue/i }).click();
    await answerYes(page);
    await page.waitForURL(/\/uploaded\?code=/);
    const redirectUri = `${world.honest.origin}/uploaded`;
    const form = {
      grant_type: "authorization_code",
      client_id: `${world.honest.origin}/`,
      redirect_uri: redirectUri,
      code_verifier: VERIFIER,
    };
    const answer = await page.evaluate(
      async ([endpoint, form]) => {
        const code = new URLSearchParams(location.search).get("code")!;
        const response = await fetch(endpoint, { method: "POST", body: new URLSearchParams({ ...form, code }) });
        return (await response.json()) as { error: string };
      },
      [`${world.provider.origin}/token/github`, form] as const,
    );
    expect(answer).toMatchObject({ error: "invalid_grant" });
    const [request] = world.provider.exchanges.filter(
      ({ method, url }) => method === "POST" && url === "/token/github",
    );
    expect(request?.headers.origin).toBe("null");
    expect(world.tokenRequests()).toBe(0);
  });

  test("[A6] gets no message either, in whichever dialect it asks for one", async () => {
    const page = await context.newPage();
    await page.goto(`${world.honest.origin}/uploaded`);
    await page.evaluate(() => {
      Object.assign(window, { heard: [] });
      addEventListener("message", ({ data, source, origin }) => {
        (window as unknown as { heard: unknown[] }).heard.push(data);
        if (String(data).startsWith("authorizing:")) (source as Window).postMessage(data, origin);
      });
    });
    const popup = await openWindow(page, world.login("message", world.honest));
    await answerYes(popup);
    await expect.poll(() => world.decisions()).toEqual([{ decision: "yes", status: 200 }]);
    const cms = await openWindow(page, world.login("cms", world.honest));
    // It answers the handshake, but from an opaque origin.
    await expect
      .poll(() => page.evaluate(() => (window as unknown as { heard: unknown[] }).heard))
      .toEqual(["authorizing:github"]);
    expect(world.decisions()).toHaveLength(1);
    await cms.close();
  });
});
