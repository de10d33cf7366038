import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Provider } from "../../server/provider/provider.ts";
import type { RevocationEndpoint } from "../../server/provider/service.ts";
import { seal } from "../../server/sealing/seal.ts";
import type { Question } from "../../shared/page-messages.ts";
import type { EndpointName } from "../tools/harness.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  decide,
  EVIL,
  GOOD,
  Jar,
  keepSealed,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  reachConfirmation,
  readFragment,
  testProvider,
} from "../tools/harness.ts";
import {
  boundJar,
  expectRefused,
  madataTransaction,
  oauthTransaction,
  sealOne,
  serviceOf,
  spyOnFetch,
} from "./tools.ts";

const provider = testProvider();

const GRANT_REVOCATION: RevocationEndpoint = {
  endpoint: "https://github.example/grant",
  method: "DELETE",
  authMethod: "client_secret_basic",
  body: "json",
  tokenParameter: "access_token",
};

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => (fetched = spyOnFetch()));
afterEach(() => vi.restoreAllMocks());

const COOKIE = /^__Host-ap=[A-Za-z0-9_-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=4380$/;

const LOGIN_COOKIE = /^__Host-ap-[\w-]{22}-1=[\w.-]+; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=4380$/;
const LOGIN_IS_OVER = /^__Host-ap-[\w-]{22}-1=; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=0$/;

function start(jar: Jar, headers: Record<string, string> = { referer: `${GOOD}/` }): Promise<Response> {
  return call("authorize", provider, `/authorize/github?${authorizationRequest(pkcePair().challenge)}`, {
    jar,
    headers,
  });
}

/** The cookies of a browser with a different binding cookie. The cookies of its logins are still sent. */
function besideLogins(jar: Jar, { cookie = "" }: { cookie?: string }): { cookie: string } {
  return { cookie: [cookie, ...jar.logins].filter(Boolean).join("; ") };
}

function arrive(state: string, headers: Record<string, string>, more: Record<string, string> = {}): Promise<Response> {
  const query = new URLSearchParams({ code: CANARY.serviceCode, state, ...more });
  return call("callback", provider, `/callback/github?${query}`, { headers });
}

async function stateOf(jar: Jar): Promise<string> {
  return new URL((await start(jar)).headers.get("location")!).searchParams.get("state")!;
}

describe("[A13] a login goes on only in the browser that began it", () => {
  const otherBrowsers: [string, (own: string) => { cookie?: string }][] = [
    ["no cookie", () => ({})],
    ["another browser's cookie", () => ({ cookie: boundJar().jar.cookie! })],
    ["an empty cookie", () => ({ cookie: "__Host-ap=" })],
    ["both cookies", (own) => ({ cookie: `${own}; ${boundJar().jar.cookie}` })],
    ["both cookies, the other way round", (own) => ({ cookie: `${boundJar().jar.cookie}; ${own}` })],
    ["its own cookie twice", (own) => ({ cookie: `${own}; ${own}` })],
    ["its own value under a name that sub-domains can set", (own) => ({ cookie: own.replace("__Host-", "") })],
    ["the digest in place of the cookie", () => ({ cookie: `__Host-ap=${boundJar().browser}` })],
  ];

  test.each(otherBrowsers)("at the callback: a state with %s is refused before anything else", async (_, cookie) => {
    const jar = new Jar();
    const state = await stateOf(jar);
    await expectRefused(await arrive(state, besideLogins(jar, cookie(jar.cookie!))), "other_browser");
    expect(fetched).not.toHaveBeenCalled();
    expect((await arrive(state, jar.headers())).status).toBe(303);
  });

  test.each(otherBrowsers)("at the gate: a ticket with %s is refused, Yes and No alike", async (_, cookie) => {
    const { question, jar } = await reachConfirmation(provider);
    for (const decision of ["yes", "no"] as const) {
      const headers = { ...OWN_PAGE, ...besideLogins(jar, cookie(jar.cookie!)) };
      await expectRefused(await decide(provider, question, new Jar(), { decision }, headers), "other_browser");
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test("nothing else about the login is told to another browser: not that it has expired, or from whom the answer is", async () => {
    const careful = testProvider({ github: { issuer: "https://github.example", issuerRequired: true } });
    const { jar: other } = boundJar();
    const state = keepSealed(sealOne("state", careful, { browser: boundJar().browser }), other);
    for (const query of [
      { state },
      { state, code: "x", iss: EVIL },
      { state, code: "x" },
      { state, error: "access_denied" },
    ]) {
      await expectRefused(
        await call("callback", careful, `/callback/github?${new URLSearchParams(query)}`, { jar: other }),
        "other_browser",
      );
    }
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    await expectRefused(
      await call("callback", careful, `/callback/github?${new URLSearchParams({ state, code: "x" })}`, { jar: other }),
      "other_browser",
    );
    vi.useRealTimers();
  });

  test("a link that the attacker's own browser was given ends here (login CSRF)", async () => {
    const attacker = new Jar();
    const victim = new Jar();
    await start(victim);
    await expectRefused(await arrive(await stateOf(attacker), victim.headers()), "other_browser");
  });

  test("at the root the ticket is bound to the browser that the code arrived in", async () => {
    const query = new URLSearchParams({
      code: CANARY.serviceCode,
      state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }),
    });
    const jar = new Jar();
    const response = await call("callback", provider, `/callback?${query}`, { jar });
    expect(response.headers.getSetCookie()).toEqual([expect.stringMatching(COOKIE)]);
    const { hash } = new URL(response.headers.get("location")!);
    const question = JSON.parse(Buffer.from(hash.slice(1), "base64url").toString()) as Parameters<typeof decide>[1];
    await expectRefused(await decide(provider, question, new Jar(), { opener: true }), "other_browser");
    await expectRefused(await decide(provider, question, boundJar().jar, { opener: true }), "other_browser");
    expect((await decide(provider, question, jar, { opener: true })).status).toBe(200);
  });
});

describe("[A14] each address takes one kind of state", () => {
  const json = JSON.stringify({ url: `${GOOD}/`, backend: "Github" });
  const { jar, browser } = boundJar();
  const context = { provider, service: serviceOf(provider) };
  const states: Record<string, () => string> = {
    "a handle of an OAuth login": () =>
      keepSealed(seal("state", { transaction: oauthTransaction(), browser }, context), jar),
    "a handle of a Madata login": () =>
      keepSealed(seal("state", { transaction: madataTransaction(), browser }, context), jar),
    "a handle of a request of the start page": () => keepSealed(sealOne("request", provider, { browser }), jar),
    "a handle of a ticket": () => keepSealed(sealOne("ticket", provider, { browser }), jar),
    "a handle of another service's login": () =>
      keepSealed(sealOne("state", provider, { browser, service: "other" }), jar),
    "a sealed state itself": () => sealOne("state", provider, { browser }),
    "Madata's JSON": () => json,
    "Madata's JSON in base64url": () => Buffer.from(json).toString("base64url"),
    "a CMS's state": () => "0123456789abcdef0123456789abcdef",
    "a request of the start page": () => sealOne("request", provider, { browser }),
    "a ticket": () => sealOne("ticket", provider, { browser }),
    "a code": () => sealOne("code", provider, { browser }),
    "no state": () => "",
  };
  const takes: Record<string, string[]> = {
    "/callback/github": ["a handle of an OAuth login", "a handle of a Madata login"],
    "/callback": ["Madata's JSON"],
    "/callback/other": ["a handle of another service's login"],
  };
  const cells = Object.keys(takes).flatMap((path) => Object.keys(states).map((kind): [string, string] => [path, kind]));

  test.each(cells)("%s with %s", async (path, kind) => {
    const query = new URLSearchParams({ code: CANARY.serviceCode, state: states[kind]!() });
    const response = await call("callback", provider, `${path}?${query}`, { jar });
    if (takes[path]!.includes(kind)) expect(response.status).toBe(303);
    else await expectRefused(response, path === "/callback" ? "invalid_app_state" : "invalid_state");
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each(["ticket", "request"] as const)("JSON where a sealed %s belongs is refused", async (member) => {
    const endpoint: EndpointName = member === "ticket" ? "decision" : "authorize";
    const body = { [member]: json, origin: GOOD, service: "github", decision: "yes", opener: true };
    const path = endpoint === "decision" ? "/decision" : "/authorize/github";
    await expectRefused(
      await call(endpoint, provider, path, { method: "POST", jar, headers: OWN_PAGE, body: JSON.stringify(body) }),
      "invalid_state",
    );
  });

  test("Madata over /authorize: a state that names another service than the path is refused", async () => {
    for (const backend of ["Other", "github", "Nobody", "__proto__"]) {
      const query = new URLSearchParams({
        client_id: "client-of-github",
        redirect_uri: PROVIDER,
        response_type: "code",
        state: JSON.stringify({ url: `${GOOD}/`, backend }),
      });
      await expectRefused(await call("authorize", provider, `/authorize/github?${query}`), "invalid_app_state");
    }
  });

  test("Madata over /authorize: a token goes by message to the app's origin, never by a redirect to the root", async () => {
    const jar = new Jar();
    const query = new URLSearchParams({
      client_id: "client-of-github",
      redirect_uri: `${PROVIDER}/`,
      response_type: "code",
      state: json,
    });
    const started = await call("authorize", provider, `/authorize/github?${query}`, { jar });
    const toService = new URL(started.headers.get("location")!);
    expect(toService.searchParams.get("redirect_uri")).toBe(`${PROVIDER}/callback/github`);
    expect(toService.searchParams.get("state")).not.toContain("good.example");
    const returned = await arrive(toService.searchParams.get("state")!, jar.headers());
    expect(returned.status).toBe(303);
  });
});

describe("[A22] one service's answer is never taken for another's", () => {
  test("a state of one service at the callback of the other", async () => {
    const { jar, browser } = boundJar();
    for (const [own, other] of [
      ["github", "other"],
      ["other", "github"],
    ] as const) {
      const state = keepSealed(sealOne("state", provider, { service: own, browser }), jar);
      const query = new URLSearchParams({ code: CANARY.serviceCode, state });
      await expectRefused(await call("callback", provider, `/callback/${other}?${query}`, { jar }), "invalid_state");
      await expectRefused(await call("callback", provider, `/callback?${query}`, { jar }), "invalid_app_state");
      expect((await call("callback", provider, `/callback/${own}?${query}`, { jar })).status).toBe(303);
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test("each service has a redirect URI and an issuer of its own", async () => {
    const { toService: github } = await reachConfirmation(provider, { service: "github" });
    const { toService: other, question, jar } = await reachConfirmation(provider, { service: "other" });
    expect(github.searchParams.get("redirect_uri")).toBe(`${PROVIDER}/callback/github`);
    expect(other.searchParams.get("redirect_uri")).toBe(`${PROVIDER}/callback/other`);
    const { location } = (await (await decide(provider, question, jar)).json()) as { location: string };
    expect(new URL(location).searchParams.get("iss")).toBe(`${PROVIDER}/other`);
  });

  const ISSUER = "https://github.example";
  const rules: [string, { issuer?: string; issuerRequired: boolean }, string | undefined, boolean][] = [
    ["announced and right", { issuer: ISSUER, issuerRequired: true }, ISSUER, true],
    ["announced and missing", { issuer: ISSUER, issuerRequired: true }, undefined, false],
    ["announced and empty", { issuer: ISSUER, issuerRequired: true }, "", false],
    ["announced and another", { issuer: ISSUER, issuerRequired: true }, EVIL, false],
    [
      "announced, with a slash too many (RFC 9207 §2.4: compared as strings)",
      { issuer: ISSUER, issuerRequired: true },
      `${ISSUER}/`,
      false,
    ],
    ["announced, in upper case", { issuer: ISSUER, issuerRequired: true }, ISSUER.toUpperCase(), false],
    ["known and right", { issuer: ISSUER, issuerRequired: false }, ISSUER, true],
    ["known and missing", { issuer: ISSUER, issuerRequired: false }, undefined, true],
    ["known and another", { issuer: ISSUER, issuerRequired: false }, EVIL, false],
    ["unknown and missing", { issuerRequired: false }, undefined, true],
    ["unknown and some", { issuerRequired: false }, ISSUER, true],
    ["announced but not known, and missing", { issuerRequired: true }, undefined, false],
  ];
  test.each(rules)("iss of the service is %s", async (_, github, iss, accepted) => {
    const careful = testProvider({ github });
    const { jar, browser } = boundJar();
    const state = keepSealed(sealOne("state", careful, { browser }), jar);
    for (const answer of [{ code: CANARY.serviceCode }, { error: "access_denied" }]) {
      const query = new URLSearchParams({ ...answer, state, ...(iss === undefined ? {} : { iss }) } as Record<
        string,
        string
      >);
      const response = await call("callback", careful, `/callback/github?${query}`, { jar });
      if (accepted) expect(response.status).toBe(303);
      else await expectRefused(response, "wrong_issuer");
    }
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("[A39] one cookie for all logins", () => {
  test("50 logins after each other all come to their end, and leave a header of at most 80 bytes", async () => {
    const jar = new Jar();
    await start(jar);
    const cookie = jar.cookie!;
    for (let login = 0; login < 50; login += 1) {
      const { question } = await reachConfirmation(provider, { jar });
      expect((await decide(provider, question, jar)).status).toBe(200);
    }
    expect(jar.cookie).toBe(cookie);
    expect(Buffer.byteLength(cookie)).toBeLessThanOrEqual(80);
    // The first question was never answered.
    expect(jar.logins).toHaveLength(1);
  });

  test("50 questions side by side are all answered: none needs more than that cookie", async () => {
    const jar = new Jar();
    const asked: Question[] = [];
    for (let login = 0; login < 50; login += 1) asked.push((await reachConfirmation(provider, { jar })).question);
    const finished = await Promise.all(asked.map((question) => decide(provider, question, jar)));
    expect(finished.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 200));
  });

  test("it is set by every beginning, exactly so, and always with the value that the browser has", async () => {
    const jar = new Jar();
    const toService = [expect.stringMatching(COOKIE), expect.stringMatching(LOGIN_COOKIE)];
    expect((await start(jar)).headers.getSetCookie()).toEqual(toService);
    const cookie = jar.cookie;
    for (const headers of [{ referer: `${GOOD}/` }, { referer: `${EVIL}/` }, {}] as Record<string, string>[]) {
      const set = (await start(jar, headers)).headers.getSetCookie();
      // The start page comes before the service.
      expect(set).toEqual(headers.referer === `${GOOD}/` ? toService : [expect.stringMatching(COOKIE)]);
      expect(jar.cookie).toBe(cookie);
    }
    const { question } = await reachConfirmation(provider, { jar });
    expect((await decide(provider, question, jar)).headers.getSetCookie()).toEqual([
      expect.stringMatching(LOGIN_IS_OVER),
    ]);
    expect(jar.cookie).toBe(cookie);
  });

  test("a value that is none is replaced, so that nobody is locked out", async () => {
    const jar = new Jar();
    jar.cookie = "__Host-ap=broken";
    await start(jar);
    await reachConfirmation(provider, { jar });
    expect(jar.cookie).toMatch(/^__Host-ap=[A-Za-z0-9_-]{43}$/);
  });

  test("no error sets one", async () => {
    for (const path of [
      "/authorize/github",
      "/authorize/nobody",
      "/authorize/github?client_id=x",
      "/authorize/github?code=x",
    ]) {
      expect((await call("authorize", provider, path)).headers.getSetCookie()).toEqual([]);
    }
  });
});

describe("[A39] the cookie outlives every login that begins with it", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["Date"] }));
  afterEach(() => void vi.useRealTimers());

  const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
  /** Ages of an earlier login's cookie in seconds, from new to five seconds before it expires. */
  const AGES = [0, 600, 1_800, 3_595, 4_375];
  const OAUTH = `/authorize/github?${authorizationRequest(pkcePair().challenge)}`;
  const WINDOW = `/authorize/github?${authorizationRequest(pkcePair().challenge, { response_mode: "web_message", redirect_uri: undefined })}`;
  const CMS = "/auth?provider=github&scope=repo";
  /** `provider` can open its values too, because address and secret are the same. */
  const careful = testProvider({ github: { opener: "cut", grantRevocation: GRANT_REVOCATION } });

  /** Each returns the service's address. Between two steps, it waits as long as the first step allows. */
  const beginnings: [string, (jar: Jar) => Promise<string>][] = [
    ["at the app", async (jar) => headerLocation(await start(jar))],
    ["on the start page", async (jar) => await goOn(await call("authorize", provider, OAUTH, { jar }), jar)],
    ["in the waiting window", async (jar) => await goOn(await call("authorize", careful, WINDOW, { jar }), jar)],
    ["at a CMS", async (jar) => headerLocation(await call("authorize", provider, CMS, { jar }))],
    ["at a CMS, in the waiting window", async (jar) => await goOn(await call("authorize", careful, CMS, { jar }), jar)],
    ["by signing out everywhere", async (jar) => await jsonLocation(await post(careful, { signOut: true }, jar))],
  ];

  test.each(beginnings)("begun %s, beside a cookie of any age, and answered at the last moment", async (_, begin) => {
    for (const age of AGES) {
      const jar = new Jar();
      await start(jar);
      pass(age);
      const state = new URL(await begin(jar)).searchParams.get("state")!;
      pass(929);
      const arrived = await arrive(state, jar.headers());
      expect(arrived.status, `at the callback, cookie of ${age} s`).toBe(303);
      const { question, waitingWindow, ...alone } = readFragment<Partial<Question> & { question?: Question }>(arrived);
      const {
        ticket,
        handshake,
        redirectUri,
        origin = handshake ? GOOD : PROVIDER,
      } = { handshake: "", ...alone, ...question };
      pass(629);
      const shown = { ticket, origin, redirectUri, service: "github", waitingWindow };
      const body = JSON.stringify({ ...shown, decision: "no", opener: true });
      const answered = await call("decision", provider, "/decision", { method: "POST", jar, headers: OWN_PAGE, body });
      expect(answered.status, `at the question, cookie of ${age} s`).toBe(200);
    }
  });

  test.each(AGES)("begun by Madata's code, which arrives at the root, beside a cookie of %i s", async (age) => {
    const jar = new Jar();
    await start(jar);
    pass(age);
    const query = new URLSearchParams({ code: "x", state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }) });
    const question = readFragment<Question>(await call("callback", provider, `/callback?${query}`, { jar }));
    pass(629);
    expect((await decide(provider, question, jar, { opener: true })).status).toBe(200);
  });

  test("and an answer that comes too late is told so, not taken for another browser's", async () => {
    const jar = new Jar();
    const state = await stateOf(jar);
    pass(3_600);
    await expectRefused(await arrive(state, jar.headers()), "expired");
  });

  function post(by: Provider, body: object, jar: Jar): Promise<Response> {
    return call("authorize", by, "/authorize/github", {
      method: "POST",
      jar,
      headers: OWN_PAGE,
      body: JSON.stringify(body),
    });
  }

  function headerLocation(response: Response): string {
    return response.headers.get("location")!;
  }

  async function jsonLocation(response: Response): Promise<string> {
    return ((await response.json()) as { location: string }).location;
  }

  /** The click on the start page or in the waiting window. */
  async function goOn(shown: Response, jar: Jar): Promise<string> {
    const { request } = readFragment(shown);
    pass(629);
    return await jsonLocation(await post(provider, { request }, jar));
  }
});

describe("[A62] what is only fetched in advance", () => {
  const headers: Record<string, string>[] = [
    { "sec-purpose": "prefetch" },
    { "sec-purpose": "prefetch;prerender" },
    { "sec-purpose": "prefetch;anonymous-client-ip" },
    { purpose: "prefetch" },
  ];
  test.each(headers)("sets no cookie, seals nothing, leads nowhere: %o", async (advance) => {
    const { jar, browser } = boundJar();
    const json = encodeURIComponent(JSON.stringify({ url: `${GOOD}/`, backend: "Github" }));
    const places: [EndpointName, string][] = [
      ["authorize", `/authorize/github?${authorizationRequest(pkcePair().challenge)}`],
      ["callback", `/callback/github?code=x&state=${keepSealed(sealOne("state", provider, { browser }), jar)}`],
      ["callback", `/callback?code=x&state=${json}`],
    ];
    for (const [endpoint, path] of places) {
      const response = await call(endpoint, provider, path, {
        headers: { ...jar.headers(), referer: `${GOOD}/`, ...advance },
      });
      expect(response.status).toBe(204);
      expect(response.headers.get("location")).toBeNull();
      expect(response.headers.get("set-cookie")).toBeNull();
      expect(await response.text()).toBe("");
    }
  });

  test("and then opened works as if nothing had been", async () => {
    const jar = new Jar();
    const path = `/authorize/github?${authorizationRequest(pkcePair().challenge)}`;
    await call("authorize", provider, path, { jar, headers: { "sec-purpose": "prefetch", referer: `${GOOD}/` } });
    expect(jar.cookie).toBeUndefined();
    expect((await call("authorize", provider, path, { jar, headers: { referer: `${GOOD}/` } })).status).toBe(302);
  });
});
