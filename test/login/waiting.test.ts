import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer, Question, Returned, WaitingQuestion } from "../../shared/page-messages.ts";
import { expectRefused, spyOnFetch } from "../attacks/tools.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  EVIL,
  GOOD,
  Jar,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  readFragment,
  testProvider,
} from "../tools/harness.ts";
import { startTokenServer } from "../tools/token-server.ts";

/**
 * The waiting window, for services that cut their windows off from the app, tested through the provider's HTTP
 * interface.
 */

const provider = testProvider({ github: { opener: "cut" } });

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => (fetched = spyOnFetch()));
afterEach(() => vi.restoreAllMocks());

type Parameters = Record<string, string | undefined>;

const WEB_MESSAGE: Parameters = { response_mode: "web_message", redirect_uri: undefined };

function webMessagePath(overrides: Parameters = {}): string {
  return `/authorize/github?${authorizationRequest(pkcePair().challenge, { ...WEB_MESSAGE, ...overrides })}`;
}

function madataPath(): string {
  const state = JSON.stringify({ url: `${GOOD}/`, backend: "Github" });
  return `/authorize/github?${new URLSearchParams({ client_id: "client-of-github", redirect_uri: PROVIDER, state })}`;
}

const CMS_PATH = "/auth?provider=github&scope=repo";

async function open(path: string, jar: Jar): Promise<WaitingQuestion> {
  const response = await call("authorize", provider, path, { jar });
  expect(response.status, await response.clone().text()).toBe(303);
  expect(response.headers.get("location")).toMatch(/^https:\/\/auth\.example\/waiting#/);
  return readFragment<WaitingQuestion>(response);
}

function post(body: object, jar: Jar, headers: Record<string, string> = OWN_PAGE): Promise<Response> {
  return call("authorize", provider, "/authorize/github", { method: "POST", jar, headers, body: JSON.stringify(body) });
}

async function serviceAddress({ request }: WaitingQuestion, jar: Jar): Promise<URL> {
  return new URL(((await (await post({ request }, jar)).json()) as { location: string }).location);
}

async function comeBack(toService: URL, jar: Jar): Promise<Returned> {
  const query = new URLSearchParams({ code: CANARY.serviceCode, state: toService.searchParams.get("state")! });
  const response = await call("callback", provider, `/callback/github?${query}`, { jar });
  expect(response.status, await response.clone().text()).toBe(303);
  expect(response.headers.get("location")).toMatch(/^https:\/\/auth\.example\/returned#/);
  return readFragment<Returned>(response);
}

function answer(
  question: { ticket: string },
  waitingWindow: string | undefined,
  jar: Jar,
  decision = "no",
  by = provider,
): Promise<Response> {
  const body = JSON.stringify({
    ticket: question.ticket,
    origin: GOOD,
    service: "github",
    decision,
    opener: true,
    waitingWindow,
  });
  return call("decision", by, "/decision", { method: "POST", jar, headers: OWN_PAGE, body });
}

describe("a service that cuts the opener", () => {
  test.each([
    ["web_message without a redirect URI", webMessagePath(), GOOD],
    ["Madata over /authorize", madataPath(), GOOD],
    ["a CMS", CMS_PATH, undefined],
  ])("%s: our page keeps the window, and what it has begun comes back under its id", async (_, path, origin) => {
    const jar = new Jar();
    const waitingWindow = await open(path, jar);
    expect(waitingWindow.waitingWindow).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(waitingWindow.origin).toBe(origin);
    expect(waitingWindow.service).toBe("github");

    const toService = await serviceAddress(waitingWindow, jar);
    expect(toService.origin).toBe("https://github.example");
    expect(toService.href).not.toContain(waitingWindow.waitingWindow);

    const returned = await comeBack(toService, jar);
    expect(returned.waitingWindow).toBe(waitingWindow.waitingWindow);
    expect(returned.question.delivery).toBe("message");
    expect(returned.question).not.toHaveProperty("waitingWindow");

    const told = (await (await answer(returned.question, waitingWindow.waitingWindow, jar)).json()) as Answer;
    expect(told).toMatchObject({ targetOrigin: GOOD });
    expect(fetched).not.toHaveBeenCalled();
  });

  test("ways that lead back without an opener go straight to the service", async () => {
    const headers = { referer: `${GOOD}/` };
    for (const overrides of [{}, { response_mode: "web_message" }] as Parameters[]) {
      const path = `/authorize/github?${authorizationRequest(pkcePair().challenge, overrides)}`;
      const response = await call("authorize", provider, path, { headers });
      expect(response.status).toBe(302);
    }
  });

  test("a service that keeps the opener needs no waiting window", async () => {
    const kept = testProvider();
    for (const path of [webMessagePath(), madataPath(), CMS_PATH]) {
      expect((await call("authorize", kept, path)).headers.get("location")).toMatch(/^https:\/\/github\.example\//);
    }
  });

  test("Madata's client that names no scope gets what the service gives, and the person reads that", async () => {
    const jar = new Jar();
    const toService = await serviceAddress(await open(madataPath(), jar), jar);
    expect(toService.searchParams.has("scope")).toBe(false);
    expect((await comeBack(toService, jar)).question.scopes).toBeNull();
  });

  test("a cancelled login is told to the app, in its own dialect", async () => {
    const jar = new Jar();
    const cancelled = async (path: string) =>
      (await (await post({ request: (await open(path, jar)).request, cancel: true }, jar)).json()) as object;
    expect(await cancelled(webMessagePath())).toMatchObject({
      targetOrigin: GOOD,
      message: { type: "authorization_response", response: { error: "access_denied", state: "state-of-the-app" } },
    });
    expect(await cancelled(madataPath())).toEqual({
      targetOrigin: GOOD,
      message: { backend: "Github:refused", error: "access_denied" },
    });
    expect(await cancelled(CMS_PATH)).toMatchObject({
      handshake: "authorizing:github",
      message: expect.stringMatching(/^authorization:github:error:/),
    });
  });

  test("Yes there exchanges the code and names the app's origin as the only target", async () => {
    vi.restoreAllMocks();
    const server = await startTokenServer();
    server.answerWith({ json: { access_token: CANARY.accessToken, token_type: "bearer" } });
    const live = testProvider({ github: { opener: "cut", tokenEndpoint: server.endpoint } });
    const jar = new Jar();
    const waitingWindow = await open(madataPath(), jar);
    const { question } = await comeBack(await serviceAddress(waitingWindow, jar), jar);
    const response = await answer(question, waitingWindow.waitingWindow, jar, "yes", live);
    expect(await response.json()).toEqual({
      message: { backend: "Github", token: CANARY.accessToken },
      targetOrigin: GOOD,
    });
    await server.stop();
  });
});

describe("[A40] a ticket of another window", () => {
  test("is refused under any id but its own, in either direction", async () => {
    const jar = new Jar();
    const first = await open(webMessagePath(), jar);
    const second = await open(webMessagePath({ client_id: `${EVIL}/` }), jar);
    expect(first.waitingWindow).not.toBe(second.waitingWindow);
    const foreign = (await comeBack(await serviceAddress(second, jar), jar)).question as Question;

    for (const waitingWindow of [first.waitingWindow, undefined, "", second.waitingWindow.toLowerCase()]) {
      await expectRefused(await answer(foreign, waitingWindow, jar, "yes"), "not_what_was_shown");
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test("a ticket without a window is refused in a window", async () => {
    const kept = testProvider();
    const jar = new Jar();
    const started = await call("authorize", kept, webMessagePath(), { jar });
    const state = new URL(started.headers.get("location")!).searchParams.get("state")!;
    const returned = await call("callback", kept, `/callback/github?code=x&state=${state}`, { jar });
    const own = await open(webMessagePath(), jar);
    await expectRefused(
      await answer(readFragment<Question>(returned), own.waitingWindow, jar, "yes", kept),
      "not_what_was_shown",
    );
  });

  test("[A13] what another browser has begun does not come back in this one", async () => {
    const theirs = new Jar();
    const toService = await serviceAddress(await open(webMessagePath(), theirs), theirs);
    const mine = new Jar();
    await open(webMessagePath(), mine);
    const query = new URLSearchParams({ code: "x", state: toService.searchParams.get("state")! });
    await expectRefused(await call("callback", provider, `/callback/github?${query}`, { jar: mine }), "other_browser");
  });

  test("[A2] only our own page opens the service for it, and only in the same browser", async () => {
    const jar = new Jar();
    const { request } = await open(webMessagePath(), jar);
    for (const body of [{ request }, { request, cancel: true }]) {
      await expectRefused(await post(body, new Jar()), "other_browser");
      await expectRefused(await post(body, jar, { ...OWN_PAGE, origin: GOOD }), "foreign_request");
    }
  });

  test("[A43] a login that waits on the start page cannot be cancelled to an address that nobody has attested", async () => {
    const jar = new Jar();
    const response = await call(
      "authorize",
      provider,
      `/authorize/github?${authorizationRequest(pkcePair().challenge)}`,
      { jar },
    );
    const { request } = readFragment(response);
    await expectRefused(await post({ request, cancel: true }, jar), "invalid_state");
  });

  test("an answer that no login can use ends in the service's own window, and names no app", async () => {
    const jar = new Jar();
    const state = (await serviceAddress(await open(webMessagePath(), jar), jar)).searchParams.get("state")!;
    const response = await call("callback", provider, `/callback/github?state=${state}`, { jar });
    await expectRefused(response.clone(), "no_code");
    expect(await response.text()).not.toContain('name="answer"');
  });
});
