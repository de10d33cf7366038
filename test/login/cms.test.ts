import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Provider } from "../../server/provider/provider.ts";
import type { UnnamedQuestion } from "../../shared/page-messages.ts";
import { expectRefused, spyOnFetch } from "../attacks/tools.ts";
import { CANARY, call, EVIL, GOOD, Jar, OWN_PAGE, PROVIDER, readFragment, testProvider } from "../tools/harness.ts";
import { startTokenServer } from "../tools/token-server.ts";

/** The dialect of Decap CMS, Sveltia CMS and Static CMS, tested through the provider's HTTP interface. */

let server: Awaited<ReturnType<typeof startTokenServer>>;
let provider: Provider;

beforeAll(async () => {
  server = await startTokenServer();
  provider = testProvider({ github: { tokenEndpoint: server.endpoint } });
});
afterAll(() => server.stop());
beforeEach(() => {
  server.seen.length = 0;
  server.answerWith({ json: { access_token: CANARY.accessToken, token_type: "bearer", scope: "repo,user" } });
});
afterEach(() => vi.restoreAllMocks());

const CMS_REQUEST = { provider: "github", site_id: "good.example", scope: "repo,user" };

async function start(parameters: Record<string, string>, jar = new Jar(), by = provider): Promise<Response> {
  return await call("authorize", by, `/auth?${new URLSearchParams(parameters)}`, { jar });
}

async function reachHandshake(
  parameters: Record<string, string> = CMS_REQUEST,
  answer: Record<string, string> = { code: CANARY.serviceCode },
  by = provider,
): Promise<{ question: UnnamedQuestion; jar: Jar; toService: URL }> {
  const jar = new Jar();
  const started = await start(parameters, jar, by);
  expect(started.status, await started.clone().text()).toBe(302);
  const toService = new URL(started.headers.get("location")!);
  const query = new URLSearchParams({ ...answer, state: toService.searchParams.get("state")! });
  const returned = await call("callback", by, `/callback/github?${query}`, { jar });
  expect(returned.status, await returned.clone().text()).toBe(303);
  expect(returned.headers.get("location")).toMatch(new RegExp(`^${by.origin}/confirm#`));
  return { question: readFragment<UnnamedQuestion>(returned), jar, toService };
}

function answer(
  { ticket }: UnnamedQuestion,
  jar: Jar,
  {
    origin = GOOD,
    decision = "yes",
    opener = true,
    service = "github",
    by = provider,
  }: Partial<Record<"origin" | "decision" | "service", string>> & {
    opener?: boolean;
    by?: Provider;
  } = {},
): Promise<Response> {
  const body = JSON.stringify({ ticket, origin, service, decision, opener });
  return call("decision", by, "/decision", { method: "POST", jar, headers: OWN_PAGE, body });
}

/** Parses the message as the CMSes do. */
function readMessage(message: string): { result: string; content: Record<string, string> } {
  const { result, json } = /^authorization:github:(?<result>success|error):(?<json>.+)$/.exec(message)!.groups!;
  return { result: result!, content: JSON.parse(json!) as Record<string, string> };
}

/** What the error page tells the window that answers its handshake. */
async function reportIn(response: Response): Promise<{ handshake: string; message: string } | undefined> {
  const [, json] = /<meta name="answer" content="([^"]*)">/.exec(await response.text()) ?? [];
  return json === undefined
    ? undefined
    : JSON.parse(json.replaceAll("&quot;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&"));
}

describe("a login of a CMS", () => {
  test("asks the service, then the browser who it is, then the person, and only then exchanges the code", async () => {
    const { question, jar, toService } = await reachHandshake();
    expect(toService.origin).toBe("https://github.example");
    expect(toService.searchParams.get("scope")).toBe("repo user");
    expect(toService.searchParams.get("code_challenge_method")).toBe("S256");
    expect(question).toMatchObject({
      handshake: "authorizing:github",
      claimedHost: "good.example",
      service: "github",
      scopes: ["repo", "user"],
      delivery: "message",
      refused: false,
    });
    expect(question).not.toHaveProperty("origin");
    expect(question).not.toHaveProperty("redirectUri");
    expect(server.seen).toHaveLength(0);

    const { message, targetOrigin } = (await (await answer(question, jar)).json()) as {
      message: string;
      targetOrigin: string;
    };
    expect(targetOrigin).toBe(GOOD);
    expect(message).toBe(`authorization:github:success:{"token":"${CANARY.accessToken}","provider":"github"}`);
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]!.form.get("code_verifier")).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });

  test.each([
    ["repo,user", "repo user"],
    ["repo user", "repo user"],
    ["api", "api"],
    ["repo, user", "repo user"],
    ["", "read:user"],
  ])("scope %j asks for %j", async (scope, asked) => {
    const { toService } = await reachHandshake({ provider: "github", scope });
    expect(toService.searchParams.get("scope")).toBe(asked);
  });

  test("without scope and site_id, the service's default", async () => {
    const { toService, question } = await reachHandshake({ provider: "github" });
    expect(toService.searchParams.get("scope")).toBe("read:user");
    expect(question).not.toHaveProperty("claimedHost");
  });

  test("the service under its name in services.json; the messages repeat the CMS's own word", async () => {
    const { question, jar } = await reachHandshake({ provider: "Github", scope: "repo,user" });
    expect(question.handshake).toBe("authorizing:Github");
    const { message } = (await (await answer(question, jar)).json()) as { message: string };
    expect(message).toMatch(/^authorization:Github:success:\{/);
    expect(message).toContain('"provider":"Github"');
  });

  test("what CMSes say on the developer's computer in place of their host is no claim", async () => {
    for (const siteId of ["demo.decapcms.org", "cms.netlify.com"]) {
      const { question } = await reachHandshake({ ...CMS_REQUEST, site_id: siteId });
      expect(question).not.toHaveProperty("claimedHost");
    }
  });

  test("No tells the CMS in a form that each of them shows, and exchanges nothing", async () => {
    const { question, jar } = await reachHandshake();
    const body = (await (await answer(question, jar, { decision: "no" })).json()) as {
      message: string;
      targetOrigin: string;
    };
    expect(body.targetOrigin).toBe(GOOD);
    const { result, content } = readMessage(body.message);
    expect(result).toBe("error");
    expect(content).toEqual({
      message: "The user did not confirm.",
      error: "The user did not confirm.",
      errorCode: "access_denied",
      provider: "github",
    });
    expect(server.seen).toHaveLength(0);
  });

  test("a refusal at the service still asks the browser who is to be told", async () => {
    const { question, jar } = await reachHandshake(CMS_REQUEST, { error: "access_denied" });
    expect(question).toMatchObject({ refused: true, handshake: "authorizing:github" });
    const { message } = (await (await answer(question, jar, { decision: "no" })).json()) as { message: string };
    expect(readMessage(message).content.errorCode).toBe("access_denied");
  });

  test("an exchange that fails is told in one line", async () => {
    server.answerWith({ json: { error: "invalid_grant", error_description: "line one\nline two" } });
    const { question, jar } = await reachHandshake();
    const response = await answer(question, jar);
    expect(response.status).toBe(400);
    const { answer: told } = (await response.json()) as { answer: { message: string; targetOrigin: string } };
    expect(told.targetOrigin).toBe(GOOD);
    expect(told.message).not.toContain("\n");
    expect(readMessage(told.message).content.errorCode).toBe("invalid_grant");
  });

  test.each([
    ["a service that nobody offers", { provider: "bitbucket" }, "unknown_service", "authorizing:bitbucket"],
    ["a scope that is none", { provider: "github", scope: '"' }, "invalid_scope", "authorizing:github"],
    ["a scope of commas", { provider: "github", scope: ",," }, "invalid_scope", "authorizing:github"],
  ] as const)("%s: a page in plain words, and whoever answers it is told", async (_, parameters, reason, handshake) => {
    const response = await start(parameters);
    await expectRefused(response.clone(), reason);
    const report = await reportIn(response);
    expect(report!.handshake).toBe(handshake);
    expect(report!.message).toMatch(/^authorization:[a-z]+:error:\{"message":/);
  });

  test("a login that took too long is told as well", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const jar = new Jar();
    const state = new URL((await start(CMS_REQUEST, jar)).headers.get("location")!).searchParams.get("state")!;
    vi.setSystemTime(Date.now() + 1_000_000);
    const response = await call("callback", provider, `/callback/github?code=x&state=${state}`, { jar });
    vi.useRealTimers();
    expect((await reportIn(response))!.handshake).toBe("authorizing:github");
  });
});

describe("[A8] who gets the token", () => {
  let fetched: ReturnType<typeof spyOnFetch>;
  const quiet = testProvider();
  beforeEach(() => (fetched = spyOnFetch()));

  test("whoever the browser says has answered, whatever site_id claims", async () => {
    vi.restoreAllMocks();
    const { question, jar } = await reachHandshake();
    const body = (await (await answer(question, jar, { origin: EVIL })).json()) as { targetOrigin: string };
    expect(body.targetOrigin).toBe(EVIL);
    expect(question.claimedHost).toBe("good.example");
  });

  test.each(["http://app.localhost:8080", "http://tauri.localhost"])(
    "[A58] an app at a name below localhost: %s",
    async (origin) => {
      vi.restoreAllMocks();
      const { question, jar } = await reachHandshake();
      const body = (await (await answer(question, jar, { origin })).json()) as { targetOrigin: string };
      expect(body.targetOrigin).toBe(origin);
    },
  );

  test.each([
    "null",
    "*",
    "/",
    "",
    "http://good.example",
    "http://app.localhost.",
    "http://app.localhost:80",
    "http://*.localhost",
    "https://good.example/",
    "https://good.example/path",
    "https://good.example.",
    "https://GOOD.example",
    "https://good.example:443",
    "https://good.example@evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "blob:https://good.example/x",
    "file://",
    "https://localhost.evil.example\\@good.example",
    "https://intranet",
    PROVIDER,
    "chrome-extension://abcdefghijklmnop",
  ])("an origin that is none is refused, and nothing is exchanged: %s", async (origin) => {
    const { question, jar } = await reachHandshake(CMS_REQUEST, { code: CANARY.serviceCode }, quiet);
    for (const decision of ["yes", "no"]) {
      await expectRefused(await answer(question, jar, { origin, decision, by: quiet }), "not_what_was_shown");
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test("only apps that the owner allows", async () => {
    const strict = testProvider({ env: { ALLOWED_APPS: GOOD, ALLOW_LOOPBACK: "false" } });
    const { question, jar } = await reachHandshake(CMS_REQUEST, { code: CANARY.serviceCode }, strict);
    await expectRefused(await answer(question, jar, { origin: EVIL, by: strict }), "app_not_allowed");
    for (const origin of ["http://localhost:8080", "http://app.localhost:8080", "https://app.localhost"]) {
      await expectRefused(await answer(question, jar, { origin, by: strict }), "app_not_allowed");
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test("nobody, where the window that opened us is gone", async () => {
    const { question, jar } = await reachHandshake(CMS_REQUEST, { code: CANARY.serviceCode }, quiet);
    await expectRefused(await answer(question, jar, { opener: false, by: quiet }), "opener_lost");
    expect(fetched).not.toHaveBeenCalled();
  });

  test("[A13] nobody in another browser, and no page but ours may ask [A2]", async () => {
    const { question, jar } = await reachHandshake(CMS_REQUEST, { code: CANARY.serviceCode }, quiet);
    await expectRefused(await answer(question, new Jar(), { by: quiet }), "other_browser");
    await expectRefused(await answer(question, jar, { service: "other", by: quiet }), "invalid_state");
    const body = JSON.stringify({
      ticket: question.ticket,
      origin: EVIL,
      service: "github",
      decision: "yes",
      opener: true,
    });
    for (const headers of [
      { ...OWN_PAGE, origin: EVIL },
      { ...OWN_PAGE, "sec-fetch-site": "cross-site" },
    ]) {
      await expectRefused(
        await call("decision", quiet, "/decision", { method: "POST", jar, headers, body }),
        "foreign_request",
      );
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test("[A5] hostile words are no service, and no answer holds any of them", async () => {
    const hostile = [
      '"><img src=x onerror=window.__x=1>',
      "github:success:{}",
      "git hub",
      "a\nb",
      "x".repeat(65),
      "__proto__",
      ".",
      "(.+)",
    ];
    for (const word of hostile) {
      const response = await start({ provider: word, site_id: word, scope: "repo" }, new Jar(), quiet);
      expect(response.status).toBeGreaterThanOrEqual(400);
      const page = await response.text();
      expect(page).not.toContain("__x");
      if (word !== "__proto__" && word.length > 1) expect(page).not.toContain(word);
    }
  });

  test.each([
    ["Good.Example", "good.example"],
    ["good.example:443", "good.example"],
    ["localhost:8080", "localhost:8080"],
  ])("[A67] a site_id of %s is shown as browsers spell it: %s", async (siteId, claimedHost) => {
    const { question } = await reachHandshake({ ...CMS_REQUEST, site_id: siteId });
    expect(question.claimedHost).toBe(claimedHost);
  });

  test("[A5] a hostile site_id is no host, so it is not even shown", async () => {
    for (const siteId of ['"><script>', "good.example/path", "a b", "x".repeat(254), "https://good.example"]) {
      const { question } = await reachHandshake({ ...CMS_REQUEST, site_id: siteId }, { code: "x" }, quiet);
      expect(question).not.toHaveProperty("claimedHost");
    }
  });

  test("[A9] a code that a service was made to send to /auth goes no further", async () => {
    await expectRefused(await start({ ...CMS_REQUEST, code: "X" }, new Jar(), quiet), "unexpected_parameter");
  });

  test("[A42] a parameter twice is an error", async () => {
    const response = await call("authorize", quiet, "/auth?provider=github&provider=other");
    await expectRefused(response, "duplicate_parameter");
  });

  test("[A14] a CMS's state opens at its service's callback only", async () => {
    const jar = new Jar();
    const state = new URL((await start(CMS_REQUEST, jar, quiet)).headers.get("location")!).searchParams.get("state")!;
    await expectRefused(
      await call("callback", quiet, `/callback/other?code=x&state=${state}`, { jar }),
      "invalid_state",
    );
    await expectRefused(await call("callback", quiet, `/callback?code=x&state=${state}`, { jar }), "invalid_app_state");
  });
});
