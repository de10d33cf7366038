import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer, Question, Returned, UnnamedQuestion, WaitingQuestion } from "../../shared/page-messages.ts";
import { boundJar, expectRefused, sealOne, spyOnFetch } from "../attacks/tools.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  codeIn,
  decide,
  EVIL,
  GOOD,
  Jar,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  reachConfirmation,
  readFragment,
  redeem,
  testProvider,
} from "../tools/harness.ts";

/**
 * The service's code expires while the user reads (X and Figma: 30 seconds). The question can start the same login
 * again, and the second attempt completes.
 */

const provider = testProvider({ github: { codeLifetimeSeconds: 30 } });
const cutting = testProvider({ github: { codeLifetimeSeconds: 30, opener: "cut" } });

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"] });
  fetched = spyOnFetch();
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);

function startAgain(
  body: Record<string, unknown>,
  jar: Jar,
  { by = provider, headers = OWN_PAGE, service = "github" } = {},
): Promise<Response> {
  return call("authorize", by, `/authorize/${service}`, { method: "POST", jar, headers, body: JSON.stringify(body) });
}

async function locationOf(response: Response): Promise<URL> {
  expect(response.status, await response.clone().text()).toBe(200);
  return new URL(((await response.json()) as { location: string }).location);
}

async function comeBack<Fragment = Question>(toService: URL, jar: Jar, by = provider): Promise<Fragment> {
  expect(toService.origin).toBe("https://github.example");
  const query = new URLSearchParams({ code: CANARY.serviceCode, state: toService.searchParams.get("state")! });
  const response = await call("callback", by, `/callback/github?${query}`, { jar });
  expect(response.status, await response.clone().text()).toBe(303);
  return readFragment<Fragment>(response);
}

describe("a question that has run out of time starts again", () => {
  test.each([0, 29, 31, 600, 3_000])(
    "after %i seconds, for a standard client: the code that it ends in is redeemed",
    async (seconds) => {
      const { verifier, challenge } = pkcePair();
      const { question: first, jar, toService } = await reachConfirmation(provider, { challenge });
      expect(first).toMatchObject({ lifetimeSeconds: 30, canStartAgain: true });
      pass(seconds);
      const again = await locationOf(await startAgain({ ticket: first.ticket, origin: GOOD }, jar));
      for (const parameter of ["state", "code_challenge"]) {
        expect(again.searchParams.get(parameter)).not.toBe(toService.searchParams.get(parameter));
      }
      // Wait longer than a first login may take, but within the lifetime of the cookie.
      pass(900);
      const question = await comeBack(again, jar);
      expect({ ...question, ticket: "" }).toEqual({ ...first, ticket: "" });
      pass(25);
      const { location } = (await (await decide(provider, question, jar)).json()) as { location: string };
      expect(new URL(location).searchParams.get("state")).toBe("state-of-the-app");
      expect(fetched).not.toHaveBeenCalled();
      const answer = await redeem(provider, { code: codeIn({ location }), code_verifier: verifier });
      expect(await answer.json()).toMatchObject({ access_token: CANARY.accessToken });
    },
  );

  test("for a client that waits for a message", async () => {
    const { question: first, jar } = await reachConfirmation(provider, {
      overrides: { response_mode: "web_message", redirect_uri: undefined },
    });
    pass(60);
    const question = await comeBack(
      await locationOf(await startAgain({ ticket: first.ticket, origin: GOOD }, jar)),
      jar,
    );
    const answer = (await (await decide(provider, question, jar, { opener: true })).json()) as Answer;
    expect(answer).toMatchObject({ targetOrigin: GOOD, message: { response: { state: "state-of-the-app" } } });
  });

  test("for Madata over /authorize", async () => {
    const jar = new Jar();
    const state = JSON.stringify({ url: `${GOOD}/`, backend: "Github" });
    const query = new URLSearchParams({
      client_id: "client-of-github",
      redirect_uri: PROVIDER,
      response_type: "code",
      state,
    });
    const started = await call("authorize", provider, `/authorize/github?${query}`, { jar });
    const first = await comeBack(new URL(started.headers.get("location")!), jar);
    pass(60);
    const question = await comeBack(
      await locationOf(await startAgain({ ticket: first.ticket, origin: GOOD }, jar)),
      jar,
    );
    const answer = (await (await decide(provider, question, jar, { opener: true })).json()) as Answer;
    expect(answer).toEqual({ targetOrigin: GOOD, message: { backend: "Github", token: CANARY.accessToken } });
  });

  test("for a CMS, which answers the handshake once: the question is about the same one", async () => {
    const jar = new Jar();
    const started = await call("authorize", provider, "/auth?provider=github&site_id=good.example&scope=repo", { jar });
    const first = await comeBack<UnnamedQuestion>(new URL(started.headers.get("location")!), jar);
    expect(first).toMatchObject({ handshake: "authorizing:github" });
    pass(60);
    const question = await comeBack(
      await locationOf(await startAgain({ ticket: first.ticket, origin: GOOD }, jar)),
      jar,
    );
    expect(question).toMatchObject({ origin: GOOD, claimedHost: "good.example", delivery: "message" });
    expect(question).not.toHaveProperty("handshake");
    await expectRefused(
      await decide(provider, { ...question, origin: EVIL }, jar, { opener: true }),
      "not_what_was_shown",
    );
    const answer = (await (await decide(provider, question, jar, { opener: true })).json()) as {
      message: string;
      targetOrigin: string;
    };
    expect(answer.targetOrigin).toBe(GOOD);
    expect(answer.message).toContain(CANARY.accessToken);
  });

  test("in a waiting window, where the service would cut the popup off: by way of a waiting window", async () => {
    const jar = new Jar();
    const request = authorizationRequest(pkcePair().challenge, {
      response_mode: "web_message",
      redirect_uri: undefined,
    });
    const opened = await call("authorize", cutting, `/authorize/github?${request}`, { jar });
    const held = readFragment<WaitingQuestion>(opened);
    const toService = await locationOf(await startAgain({ request: held.request }, jar, { by: cutting }));
    const { question: first } = await comeBack<Returned>(toService, jar, cutting);
    pass(60);
    const page = await locationOf(await startAgain({ ticket: first.ticket, origin: GOOD }, jar, { by: cutting }));
    expect(page.origin + page.pathname).toBe(`${PROVIDER}/waiting`);
    const again = JSON.parse(Buffer.from(page.hash.slice(1), "base64url").toString()) as WaitingQuestion;
    expect(again).toMatchObject({ service: "github", origin: GOOD });
    expect(again.waitingWindow).not.toBe(held.waitingWindow);
    const { waitingWindow, question } = await comeBack<Returned>(
      await locationOf(await startAgain({ request: again.request }, jar, { by: cutting })),
      jar,
      cutting,
    );
    expect(waitingWindow).toBe(again.waitingWindow);
    const decided = await decide(cutting, question as Question, jar, { opener: true, waitingWindow });
    expect(decided.status, await decided.clone().text()).toBe(200);
  });

  test("[A39] and leaves no cookies of the first one behind, and renews the browser's", async () => {
    const { question, jar } = await reachConfirmation(provider);
    const before = jar.logins.map((pair) => pair.split("=", 1)[0]);
    const response = await startAgain({ ticket: question.ticket, origin: GOOD }, jar);
    expect(response.headers.getSetCookie()[0]).toBe(
      `${jar.cookie}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=4380`,
    );
    expect(jar.logins).toHaveLength(1);
    expect(before).not.toContain(jar.logins[0]!.split("=", 1)[0]);
  });
});

describe("nothing else starts again", () => {
  test("[A13] a ticket of another browser", async () => {
    const { question } = await reachConfirmation(provider);
    for (const jar of [new Jar(), boundJar().jar]) {
      await expectRefused(await startAgain({ ticket: question.ticket, origin: GOOD }, jar), "other_browser");
    }
  });

  test("[A2] from a page of others", async () => {
    const { question, jar } = await reachConfirmation(provider);
    for (const headers of [
      { ...OWN_PAGE, origin: EVIL },
      { ...OWN_PAGE, "sec-fetch-site": "cross-site" },
    ]) {
      await expectRefused(
        await startAgain({ ticket: question.ticket, origin: GOOD }, jar, { headers }),
        "foreign_request",
      );
    }
  });

  test("[A22][A26] at another service, or by a value of another kind", async () => {
    const { question, jar } = await reachConfirmation(provider);
    await expectRefused(
      await startAgain({ ticket: question.ticket, origin: GOOD }, jar, { service: "other" }),
      "invalid_state",
    );
    const { jar: own, browser } = boundJar();
    for (const kind of ["request", "state", "code"] as const) {
      await expectRefused(
        await startAgain({ ticket: sealOne(kind, provider, { browser }), origin: GOOD }, own),
        "invalid_state",
      );
    }
    for (const ticket of [null, 7, "", {}, []])
      await expectRefused(await startAgain({ ticket, origin: GOOD }, own), "invalid_state");
  });

  test("[A19] a login that an app began at the service by itself: nobody here knows what it asked for", async () => {
    const jar = new Jar();
    const query = new URLSearchParams({ code: "x", state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }) });
    const question = readFragment<Question>(await call("callback", provider, `/callback?${query}`, { jar }));
    expect(question.canStartAgain).toBe(false);
    await expectRefused(await startAgain({ ticket: question.ticket, origin: GOOD }, jar), "invalid_state");
  });

  test.each([undefined, null, 7, "", "null", "*", `${GOOD}/`, "javascript:alert(1)", PROVIDER])(
    "[A8] a CMS by the name %j",
    async (origin) => {
      const jar = new Jar();
      const started = await call("authorize", provider, "/auth?provider=github", { jar });
      const { ticket } = await comeBack<UnnamedQuestion>(new URL(started.headers.get("location")!), jar);
      await expectRefused(await startAgain({ ticket, origin }, jar), "not_what_was_shown");
    },
  );
});
