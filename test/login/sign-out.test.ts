import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RevocationEndpoint } from "../../server/provider/service.ts";
import type { SignOutQuestion } from "../../shared/page-messages.ts";
import { expectRefused } from "../attacks/tools.ts";
import { CANARY, call, EVIL, GOOD, Jar, OWN_PAGE, PROVIDER, readFragment, testProvider } from "../tools/harness.ts";

/** "Sign out everywhere": how the user revokes the access granted at a service. */

const GRANT: RevocationEndpoint = {
  endpoint: "https://api.github.example/applications/{client_id}/grant",
  method: "DELETE",
  authMethod: "client_secret_basic",
  body: "json",
  tokenParameter: "access_token",
};

const provider = testProvider({ github: { grantRevocation: GRANT, manageUrl: "https://github.example/applications" } });

interface Outbound {
  url: string;
  method: string;
  body: string;
}

let outbound: Outbound[];
let endStatus: number;
let tokens: Record<string, string>;

beforeEach(() => {
  outbound = [];
  endStatus = 204;
  tokens = { access_token: CANARY.accessToken, token_type: "bearer", scope: "everything,ever,allowed" };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    outbound.push({ url: String(input), method: init?.method ?? "GET", body: String(init?.body ?? "") });
    const isEnd = String(input).endsWith("/grant");
    if (isEnd) return new Response(null, { status: endStatus });
    return Response.json(tokens);
  });
});
afterEach(() => vi.restoreAllMocks());

function begin(
  jar: Jar,
  {
    by = provider,
    service = "github",
    headers = OWN_PAGE,
  }: { by?: typeof provider; service?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  return call("authorize", by, `/authorize/${service}`, {
    method: "POST",
    jar,
    headers,
    body: JSON.stringify({ signOut: true }),
  });
}

async function reachQuestion(
  jar: Jar,
  answer: Record<string, string> = { code: CANARY.serviceCode },
  by = provider,
): Promise<SignOutQuestion> {
  const { location } = (await (await begin(jar, { by })).json()) as { location: string };
  const query = new URLSearchParams({ ...answer, state: new URL(location).searchParams.get("state")! });
  const returned = await call("callback", by, `/callback/github?${query}`, { jar });
  expect(returned.headers.get("location")).toMatch(/^https:\/\/auth\.example\/sign-out#/);
  return readFragment<SignOutQuestion>(returned);
}

function answer(
  { ticket }: SignOutQuestion,
  jar: Jar,
  overrides: Record<string, unknown> = {},
  by = provider,
): Promise<Response> {
  const decision = { ticket, origin: PROVIDER, service: "github", decision: "yes", opener: false, ...overrides };
  return call("confirm", by, "/confirm", {
    method: "POST",
    jar,
    headers: OWN_PAGE,
    body: JSON.stringify(decision),
  });
}

describe("sign out everywhere", () => {
  test("one more login, one Yes, and the service ends the grant; the token goes nowhere else", async () => {
    const jar = new Jar();
    const question = await reachQuestion(jar);
    expect(question).toMatchObject({ service: "github", refused: false });
    expect(outbound).toEqual([]);

    const response = await answer(question, jar);
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(JSON.parse(text)).toEqual({ ended: true });
    expect(text).not.toContain(CANARY.accessToken);
    expect(outbound.map(({ url, method }) => `${method} ${url}`)).toEqual([
      "POST https://github.example/login/oauth/access_token",
      "DELETE https://api.github.example/applications/client-of-github/grant",
    ]);
    expect(JSON.parse(outbound[1]!.body)).toEqual({ access_token: CANARY.accessToken });
  });

  test("sets the binding cookie on the way, and renews it in a browser that has one, beside a cookie of the login", async () => {
    const jar = new Jar();
    const [binding, ...login] = (await begin(jar)).headers.getSetCookie();
    expect(binding).toMatch(/^__Host-ap=/);
    expect(login).toEqual([expect.stringMatching(/^__Host-ap-[\w-]{22}-1=/)]);
    expect((await begin(jar)).headers.getSetCookie()[0]).toBe(binding);
  });

  test("No exchanges nothing and ends nothing", async () => {
    const jar = new Jar();
    expect(await (await answer(await reachQuestion(jar), jar, { decision: "no" })).json()).toEqual({ ended: false });
    expect(outbound).toEqual([]);
  });

  test("a service that cannot end a grant is left to its own page", async () => {
    const without = testProvider({ github: { manageUrl: "https://github.example/applications" } });
    expect(await (await begin(new Jar(), { by: without })).json()).toEqual({
      manageUrl: "https://github.example/applications",
    });
    expect(await (await begin(new Jar(), { by: testProvider() })).json()).toEqual({});
  });

  describe("where only a refresh token ends the grant", () => {
    const byRefreshToken = testProvider({
      github: {
        refreshTokens: "rotating",
        offlineScopes: ["offline_access"],
        offlineParameters: { access_type: "offline" },
        grantRevocation: { ...GRANT, tokenKind: "refresh_token", tokenParameter: "token" },
      },
    });

    test("the login asks for one, and the grant is ended with it", async () => {
      tokens = { ...tokens, refresh_token: "the-refresh-token" };
      const jar = new Jar();
      const { location } = (await (await begin(jar, { by: byRefreshToken })).json()) as { location: string };
      expect(new URL(location).searchParams.get("scope")?.split(" ")).toContain("offline_access");
      expect(new URL(location).searchParams.get("access_type")).toBe("offline");
      const question = await reachQuestion(jar, undefined, byRefreshToken);
      expect(await (await answer(question, jar, {}, byRefreshToken)).json()).toEqual({ ended: true });
      expect(outbound.at(-1)!.body).toBe('{"token":"the-refresh-token"}');
    });

    test("[A44] nobody is told that it worked if the service gives none", async () => {
      const jar = new Jar();
      const response = await answer(await reachQuestion(jar, undefined, byRefreshToken), jar, {}, byRefreshToken);
      expect(response.status).toBeGreaterThanOrEqual(500);
      expect(outbound.filter(({ url }) => url.endsWith("/grant"))).toEqual([]);
    });
  });

  test.each([500, 503, 429, 401, 403])(
    "[A44] nobody is told that it worked when the service answers %d",
    async (status) => {
      endStatus = status;
      const jar = new Jar();
      const response = await answer(await reachQuestion(jar), jar);
      expect(response.status).toBeGreaterThanOrEqual(500);
      expect(await response.text()).not.toContain('ended":true');
    },
  );
});

describe("[A44] no app can do it for them", () => {
  test.each([
    ["another origin", { ...OWN_PAGE, origin: EVIL }],
    ["no origin", { "content-type": "application/json" }],
    ["another site", { ...OWN_PAGE, "sec-fetch-site": "cross-site" }],
    ["a form", { ...OWN_PAGE, "content-type": "text/plain" }],
  ])("%s", async (_, headers) => {
    const response = await begin(new Jar(), { headers });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(await response.text()).not.toContain("location");
  });

  test("no link begins it", async () => {
    for (const query of ["signOut=true", "sign_out=true", "dialect=sign-out"]) {
      expect((await call("authorize", provider, `/authorize/github?${query}`)).status).toBe(400);
    }
  });

  test("[A6] what is shown must be this site, and nothing an app was asked about becomes this", async () => {
    const jar = new Jar();
    const question = await reachQuestion(jar);
    for (const origin of [GOOD, EVIL, "null", `${PROVIDER}/`]) {
      await expectRefused(await answer(question, jar, { origin }), "not_what_was_shown");
    }
    await expectRefused(await answer(question, new Jar()), "other_browser");
    await expectRefused(await answer(question, jar, { waitingWindow: "x" }), "not_what_was_shown");
    await expectRefused(await answer(question, jar, { redirectUri: `${PROVIDER}/` }), "not_what_was_shown");
    expect(outbound).toEqual([]);
  });

  test("refused at the service: nothing to end it with", async () => {
    const jar = new Jar();
    const question = await reachQuestion(jar, { error: "access_denied" });
    expect(question.refused).toBe(true);
    await expectRefused(await answer(question, jar), "refused_at_service");
  });
});
