import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { buildPageScripts } from "../../scripts/build/page-scripts.ts";
import type { Answer } from "../../shared/page-messages.ts";
import type { EndpointName } from "../tools/harness.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  decide,
  EVIL,
  GOOD,
  Jar,
  PROVIDER,
  pkcePair,
  plainService,
  reachConfirmation,
  readFragment,
  testProvider,
} from "../tools/harness.ts";
import { answerIn, expectRefused, RUNS, spyOnFetch } from "./tools.ts";

const provider = testProvider();
const { challenge } = pkcePair();

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => (fetched = spyOnFetch()));
afterEach(() => vi.restoreAllMocks());

/** The harness searches answers for markup from the request. A bare `<` would match in every page. */
const anyText = fc.string().map((text) => text.replaceAll(/[<>"]/g, (mark) => `${mark}canary`));

type Overrides = Record<string, string | undefined>;

function start(overrides: Overrides = {}, referer: string | undefined = `${GOOD}/`, by = provider): Promise<Response> {
  const headers: Record<string, string> = referer === undefined ? {} : { referer };
  return call("authorize", by, `/authorize/github?${authorizationRequest(challenge, overrides)}`, { headers });
}

/** Starts a login without a `Referer`, so nothing shows which site started it. */
function startUnattested(overrides: Overrides = {}): Promise<Response> {
  return call("authorize", provider, `/authorize/github?${authorizationRequest(challenge, overrides)}`);
}

describe("[A3] a redirect URI that is not the app's own", () => {
  test.each([
    `${EVIL}/callback`,
    "https://sub.good.example/callback",
    "https://good.example.evil.example/callback",
    "https://evilgood.example/callback",
    "https://good.example:8443/callback",
    "https://good.example:443/callback",
    "http://good.example/callback",
    "https://GOOD.example/callback",
    "HTTPS://good.example/callback",
    "https://good.example@evil.example/callback",
    "https://good.example:x@good.example/callback",
    "https://evil.example\\@good.example/callback",
    "https://good.example\\callback",
    "https://good.example/a/../callback",
    "https://good.example/a/%2e%2e/callback",
    "https://good.example/./callback",
    "//good.example/callback",
    "https:good.example/callback",
    "https:///good.example/callback",
    "https://good.example/callback#x",
    "https://good.example/callback#",
    "https://good.example./callback",
    "https://good%2eexample/callback",
    "https://good.example/call back",
    " https://good.example/callback",
    "https://good.example/callback?code=x",
    "https://good.example/callback?state=x",
    "https://good.example/callback?iss=x",
    "https://good.example/callback?error=x",
    "/callback",
    "javascript:location='https://good.example/'",
    "data:text/html,x",
    "blob:https://good.example/x",
    "good.example:/callback",
    "urn:ietf:wg:oauth:2.0:oob",
    "https://xn--good-0na.example/callback",
    PROVIDER,
    `${PROVIDER}/callback/github`,
    "null",
    "*",
  ])("%j is refused with a page, whoever started the login", async (redirectUri) => {
    for (const mode of [undefined, "query", "web_message"]) {
      const overrides = { redirect_uri: redirectUri, response_mode: mode };
      for (const response of [
        await start(overrides),
        await start(overrides, `${EVIL}/`),
        await startUnattested(overrides),
      ]) {
        await expectRefused(response, "invalid_redirect_uri");
        expect(answerIn(await response.text())).toBeUndefined();
      }
    }
  });

  test("a control character in it is refused", async () => {
    for (const character of ["\n", "\r", "\t", "\0", "\x7F"]) {
      await expectRefused(
        await start({ redirect_uri: `https://good.example/${character}callback` }),
        "oversized_parameter",
      );
    }
  });

  test("none at all is refused where the result would travel by it", async () => {
    await expectRefused(await start({ redirect_uri: undefined }), "invalid_redirect_uri");
    await expectRefused(await start({ redirect_uri: "" }), "invalid_redirect_uri");
  });

  test("in mode web_message the port is not free even on loopback: a message goes to the origin of client_id", async () => {
    const overrides = { client_id: "http://127.0.0.1:3000/", redirect_uri: "http://127.0.0.1:4000/callback" };
    await expectRefused(
      await start({ ...overrides, response_mode: "web_message" }, "http://127.0.0.1:4000/"),
      "invalid_redirect_uri",
    );
    const { question } = await reachLoopback(overrides, "http://127.0.0.1:4000/");
    expect(question.origin).toBe("http://127.0.0.1:4000");
  });

  async function reachLoopback(overrides: Overrides, referer: string) {
    const jar = new Jar();
    const started = await call(
      "authorize",
      provider,
      `/authorize/github?${authorizationRequest(challenge, overrides)}`,
      { jar, headers: { referer } },
    );
    const state = new URL(started.headers.get("location")!).searchParams.get("state")!;
    const returned = await call(
      "callback",
      provider,
      `/callback/github?${new URLSearchParams({ code: CANARY.serviceCode, state })}`,
      { jar },
    );
    return { question: readFragment(returned) };
  }
});

describe("[A18] who starts a login that ends in a navigation", () => {
  test.each([
    ["a page of the app", `${GOOD}/`],
    ["the app, in a browser that sends only origins", `${GOOD}/`],
    ["a deep page of the app", `${GOOD}/a/b?c=d`],
  ])("%s: straight on", async (_, referer) => {
    const response = await start({}, referer);
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toMatch(/^https:\/\/github\.example\//);
  });

  test.each([
    ["nobody", undefined],
    ["the attacker", `${EVIL}/`],
    ["the attacker, naming the app in his path", `${EVIL}/${GOOD}/`],
    ["the attacker, naming the app as user", "https://good.example@evil.example/"],
    ["a host that begins like the app", "https://good.example.evil.example/"],
    ["a sub-domain of the app", "https://sub.good.example/"],
    ["the app over http", "http://good.example/"],
    ["the app on another port", "https://good.example:8443/"],
    ["a page without an origin", "about:blank"],
    ["null", "null"],
    ["an empty header", ""],
    ["no URL", "good.example"],
    ["this provider", `${PROVIDER}/`],
    ["the service", "https://github.example/login"],
    ["a blob of the attacker", "blob:https://evil.example/x"],
  ])("%s: a page asks first, and the service is not visited", async (_, referer) => {
    const response = referer === undefined ? await startUnattested() : await start({}, referer);
    expect(response.status).toBe(303);
    const location = new URL(response.headers.get("location")!);
    expect(location.origin + location.pathname + location.search).toBe(`${PROVIDER}/start`);
    expect(readFragment(response)).toMatchObject({
      origin: GOOD,
      redirectUri: `${GOOD}/callback`,
      service: "github",
    });
    expect(location.href).not.toContain("github.example");
  });

  test("the same where the redirect URI is only for a lost opener", async () => {
    const overrides = { response_mode: "web_message" };
    expect((await start(overrides)).status).toBe(302);
    for (const response of [await startUnattested(overrides), await start(overrides, `${EVIL}/`)]) {
      expect(response.status).toBe(303);
      expect(new URL(response.headers.get("location")!).pathname).toBe("/start");
    }
  });

  test("a login that can only end in a message needs no start page: the browser sees to its receiver", async () => {
    const response = await startUnattested({ response_mode: "web_message", redirect_uri: undefined });
    expect(response.status).toBe(302);
  });

  test.each(["start", "started", "attested", "confirmed", "referer", "origin", "click", "request"])(
    "no flag in the URL stands for the click: %s",
    async (name) => {
      const response = await startUnattested({ [name]: "1" });
      expect(response.status).toBe(303);
    },
  );

  test("no other header stands for the click", async () => {
    const headers = { origin: GOOD, "x-requested-with": GOOD, "sec-fetch-site": "same-origin", "sec-fetch-user": "?1" };
    const response = await call("authorize", provider, `/authorize/github?${authorizationRequest(challenge)}`, {
      headers,
    });
    expect(response.status).toBe(303);
  });
});

describe("[A21] a redirect URI that could lead on to somewhere else", () => {
  const CARRYING = [
    `${GOOD}/out?to=${EVIL}`,
    `${GOOD}/?`,
    `${GOOD}/out?`,
    `${GOOD}/go?${EVIL}`,
    `${GOOD}/go/${EVIL}/`,
    `${GOOD}/go/https%3A%2F%2Fevil.example`,
    `${GOOD}/go/https%253A%252F%252Fevil.example`,
    `${GOOD}//evil.example`,
    `${GOOD}/%5Cevil.example`,
  ];

  test.each(CARRYING)(
    "%s is refused where no page of the app is known to have started the login",
    async (redirectUri) => {
      for (const mode of [undefined, "web_message"]) {
        const overrides = { redirect_uri: redirectUri, response_mode: mode };
        await expectRefused(await startUnattested(overrides), "unattested_redirect_uri");
        await expectRefused(await start(overrides, `${EVIL}/`), "unattested_redirect_uri");
      }
    },
  );

  test.each(CARRYING)(
    "[A18] %s never goes on by itself: the redirector that starts the login is a page of the app too",
    async (redirectUri) => {
      for (const mode of [undefined, "web_message"]) {
        for (const referer of [`${GOOD}/`, `${GOOD}/go?${EVIL}`]) {
          const response = await start({ redirect_uri: redirectUri, response_mode: mode }, referer);
          expect(response.status).toBe(303);
          const location = new URL(response.headers.get("location")!);
          expect(location.pathname).toBe("/start");
          expect(readFragment(response)).toMatchObject({ origin: GOOD, redirectUri });
          expect(location.href).not.toContain("github.example");
        }
      }
    },
  );

  test("[A43] nor is anybody offered a way there when the request is wrong", async () => {
    for (const redirectUri of CARRYING) {
      const response = await start({ redirect_uri: redirectUri, code_challenge: undefined });
      await expectRefused(response, "invalid_code_challenge");
      expect(answerIn(await response.text())).toBeUndefined();
    }
  });

  test("a login that can only end in a message has no address to look at", async () => {
    expect((await start({ response_mode: "web_message", redirect_uri: undefined })).status).toBe(302);
  });

  test("its own query survives, and the result comes after it", async () => {
    const { question, jar } = await reachConfirmation(provider, {
      overrides: { redirect_uri: `${GOOD}/callback?tenant=a%20b` },
    });
    const { location } = (await (await decide(provider, question, jar)).json()) as { location: string };
    expect(location).toMatch(/^https:\/\/good\.example\/callback\?tenant=a%20b&code=/);
  });

  test.each(["fragment", "form_post", "QUERY", "query fragment", "query.jwt", "jwt", "none", "__proto__"])(
    "response_mode=%s is refused: a fragment would travel on with a redirect",
    async (mode) => {
      await expectRefused(await start({ response_mode: mode }), "unsupported_response_mode");
    },
  );
});

describe("[A34] no token travels in a URL", () => {
  test.each([undefined, "token", "id_token", "code token", "code id_token", "none", "CODE", "code code"])(
    "response_type=%s is refused",
    async (type) => {
      await expectRefused(await start({ response_type: type }), "unsupported_response_type");
    },
  );

  test("what goes back to the app by URL is a code, the app's state and the issuer", async () => {
    const { question, jar } = await reachConfirmation(provider);
    const { location } = (await (await decide(provider, question, jar)).json()) as { location: string };
    const landed = new URL(location);
    expect([...landed.searchParams.keys()].sort()).toEqual(["code", "iss", "state"]);
    expect(landed.hash).toBe("");
    expect(location).not.toContain(CANARY.serviceCode);
  });

  test("a token in a query opens nothing", async () => {
    const query = new URLSearchParams({
      access_token: CANARY.accessToken,
      state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }),
    });
    await expectRefused(await call("callback", provider, `/callback?${query}`), "no_code");
    await expectRefused(await call("callback", provider, `/callback/github?${query}`), "invalid_state");
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("[A9] a GET never leads to an app", () => {
  const names = [
    "redirect_uri",
    "url",
    "next",
    "return_to",
    "returnTo",
    "redirect",
    "continue",
    "target",
    "dest",
    "client_id",
    "state",
    "site_id",
    "provider",
    "iss",
    "origin",
    "error_uri",
  ];
  const values = [
    `${EVIL}/`,
    "//evil.example/",
    "/\\evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
  ];
  const routes: [EndpointName, string][] = [
    ["authorize", "/authorize/github"],
    ["authorize", "/authorize/nobody"],
    ["callback", "/callback/github"],
    ["callback", "/callback"],
    ["callback", "/callback/nobody"],
    ["decision", "/decision"],
    ["token", "/token/github"],
    ["services", "/services.json"],
  ];

  test.each(routes)("%s at %s, with any name that redirectors use", async (endpoint, path) => {
    for (const name of names) {
      for (const value of values) {
        for (const more of [{}, { code: "X" }, { error: "access_denied" }] as Record<string, string>[]) {
          const response = await call(endpoint, provider, `${path}?${new URLSearchParams({ [name]: value, ...more })}`);
          expect(response.headers.get("location")).toBeNull();
          expect(response.headers.get("refresh")).toBeNull();
          const body = await response.text();
          expect(body).not.toContain("evil.example");
          expect(body).not.toMatch(/http-equiv/i);
        }
      }
    }
  });

  test.each([{}, { response_mode: "web_message" }, { client_id: `${EVIL}/`, redirect_uri: `${EVIL}/` }] as Overrides[])(
    "a code that a service was made to send to /authorize goes no further: %o",
    async (overrides) => {
      for (const code of ["X", ""]) await expectRefused(await start({ ...overrides, code }), "unexpected_parameter");
    },
  );

  test("and the same in Madata's way to /authorize", async () => {
    const query = new URLSearchParams({
      client_id: "client-of-github",
      redirect_uri: PROVIDER,
      code: "X",
      state: JSON.stringify({ url: `${EVIL}/`, backend: "Github" }),
    });
    await expectRefused(await call("authorize", provider, `/authorize/github?${query}`), "unexpected_parameter");
  });

  test("what the service answers decides nothing about where people go", async () => {
    for (const answer of [
      { error: "access_denied", error_uri: `${EVIL}/` },
      { code: "x", redirect_uri: `${EVIL}/` },
      { error: `${EVIL}/` },
    ] as Record<string, string>[]) {
      const { question, jar } = await reachConfirmation(provider, { answer });
      const body = (await (await decide(provider, question, jar, { decision: "no" })).json()) as { location: string };
      expect(new URL(body.location).origin).toBe(GOOD);
      expect(body.location).not.toContain("evil.example");
    }
  });

  test("any query at /authorize ends at the service, on our start page, or with an error", async () => {
    const name = fc.constantFrom(
      "client_id",
      "redirect_uri",
      "response_type",
      "response_mode",
      "scope",
      "state",
      "code_challenge",
      "code_challenge_method",
      "code",
      "x",
      "__proto__",
    );
    const value = fc.oneof(
      fc.constantFrom(
        `${GOOD}/`,
        `${EVIL}/`,
        "client-of-github",
        PROVIDER,
        "code",
        "query",
        "web_message",
        "S256",
        challenge,
        "read:user",
        '{"url":"https://evil.example/","backend":"Github"}',
      ),
      anyText,
      fc.webUrl({ withFragments: true, withQueryParameters: true }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(name, value), { maxLength: 12 }),
        fc.constantFrom(`${GOOD}/`, `${EVIL}/`, ""),
        async (pairs, referer) => {
          const response = await call("authorize", provider, `/authorize/github?${new URLSearchParams(pairs)}`, {
            headers: { referer },
          });
          expect([302, 303, 400]).toContain(response.status);
          const location = response.headers.get("location");
          if (location === null) return;
          const target = new URL(location);
          if (response.status === 302)
            expect(target.origin + target.pathname).toBe("https://github.example/login/oauth/authorize");
          else expect(target.origin + target.pathname).toBe(`${PROVIDER}/start`);
        },
      ),
      RUNS,
    );
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("[A42] a parameter that comes twice", () => {
  test("is refused at /authorize, whichever it is and wherever it stands", async () => {
    const names = [
      "client_id",
      "redirect_uri",
      "response_type",
      "response_mode",
      "scope",
      "state",
      "code_challenge",
      "code_challenge_method",
    ];
    const request = () => [
      ...new URLSearchParams(authorizationRequest(challenge, { scope: "repo", response_mode: "query" })),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.oneof(anyText, fc.constantFrom(`${EVIL}/`, "")),
        fc.nat({ max: 8 }),
        async (name, value, index) => {
          const search = new URLSearchParams(request().toSpliced(index, 0, [name, value]) as [string, string][]);
          await expectRefused(
            await call("authorize", provider, `/authorize/github?${search}`, { headers: { referer: `${GOOD}/` } }),
            "duplicate_parameter",
          );
        },
      ),
      RUNS,
    );
  });

  test.each(["code=A&code=B", "state=A&state=B", "code=A&state=&state=", "iss=A&iss=B", "error=A&error=B"])(
    "is refused at the callbacks: %s",
    async (query) => {
      await expectRefused(await call("callback", provider, `/callback/github?${query}`), "duplicate_parameter");
      if (!query.startsWith("iss"))
        await expectRefused(await call("callback", provider, `/callback?${query}`), "duplicate_parameter");
    },
  );
});

describe("[A43] an error is shown here, and sends nobody anywhere", () => {
  const faults: [string, Overrides, "unsupported_response_type" | "invalid_code_challenge" | "invalid_scope"][] = [
    ["another response type", { response_type: "token" }, "unsupported_response_type"],
    ["no challenge", { code_challenge: undefined }, "invalid_code_challenge"],
    ["plain", { code_challenge_method: "plain" }, "invalid_code_challenge"],
    ["a malformed scope", { scope: '"quoted"' }, "invalid_scope"],
  ];

  test.each(faults)(
    "%s: nobody who is not known to come from the app is offered a way there",
    async (_, overrides, reason) => {
      for (const response of [
        await startUnattested(overrides),
        await start(overrides, `${EVIL}/`),
        await start(overrides, "https://github.example/"),
      ]) {
        await expectRefused(response, reason);
        expect(answerIn(await response.text())).toBeUndefined();
      }
    },
  );

  test.each(faults)(
    "%s: the app that started it is told, by a click, in the words of RFC 6749",
    async (_, overrides, reason) => {
      const response = await start(overrides);
      await expectRefused(response, reason);
      const { location } = answerIn(await response.text()) as { location: string };
      const landed = new URL(location);
      expect(landed.origin + landed.pathname).toBe(`${GOOD}/callback`);
      expect(landed.searchParams.get("state")).toBe("state-of-the-app");
      expect(landed.searchParams.get("iss")).toBe(`${PROVIDER}/github`);
      expect([...landed.searchParams.keys()].sort()).toEqual(["error", "error_description", "iss", "state"]);
    },
  );

  test.each(faults)(
    "%s: a waiting window is told by a message to its own origin only",
    async (_, overrides, reason) => {
      const request = { ...overrides, response_mode: "web_message", redirect_uri: undefined };
      for (const response of [await startUnattested(request), await start(request, `${EVIL}/`)]) {
        await expectRefused(response, reason);
        const answer = answerIn(await response.text()) as Extract<Answer, { message: unknown }>;
        expect(answer.targetOrigin).toBe(GOOD);
        expect(answer.message).toMatchObject({
          type: "authorization_response",
          response: { state: "state-of-the-app" },
        });
      }
    },
  );

  test("before it is known who asks, there is nobody to tell", async () => {
    for (const overrides of [
      { client_id: "x" },
      { client_id: undefined },
      { response_mode: "fragment" },
      { redirect_uri: EVIL },
    ] as Overrides[]) {
      expect(answerIn(await (await start(overrides)).text())).toBeUndefined();
    }
  });
});

describe("[A33] what the person is shown", () => {
  test.each([
    ["https://\u0430pple.example/", "a letter of another alphabet"],
    ["https://good.example\u2024evil.example/", "a dot that is none"],
    ["https://\u202Egood.example/", "a mark that turns the text around"],
    ["https://good.example\u200B/", "a letter that nobody sees"],
    ["https://good%2Eexample/", "a percent-encoded dot"],
    ["https://good.example./", "a trailing dot"],
    ["https://3221225985/", "an address as one number"],
    ["https://good.example:443/", "a default port"],
  ])("%s is refused as client_id, not repaired: %s", async (clientId) => {
    await expectRefused(await start({ client_id: clientId, redirect_uri: clientId }), "invalid_client_id");
    await expectRefused(
      await start({ client_id: clientId, redirect_uri: undefined, response_mode: "web_message" }),
      "invalid_client_id",
    );
  });

  test.each([
    ["punycode, as it is", "https://xn--pple-43d.example/"],
    ["a port", "https://good.example:8443/"],
    ["an IP address", "https://192.0.2.1/"],
    ["this computer", "http://localhost:3000/"],
    [
      "a long name, whole",
      `https://accounts.google.com.${"a".repeat(60)}.${"b".repeat(60)}.${"c".repeat(60)}.evil.example/`,
    ],
  ])("%s", async (_, clientId) => {
    const { origin } = new URL(clientId);
    const response = await start({ client_id: clientId, redirect_uri: clientId }, `${EVIL}/`);
    expect(readFragment(response)).toMatchObject({ origin, redirectUri: clientId });
    expect(`${origin}/`).toBe(clientId);
  });

  test("[A67] is the origin and nothing that the app wrote besides: no path, no name, no logo, no state", async () => {
    const { question } = await reachConfirmation(provider, {
      overrides: {
        client_id: `${GOOD}/path-of-the-app?query-of-the-app`,
        client_name: "Your Bank",
        logo_uri: `${EVIL}/logo.svg`,
        state: "state-of-the-app",
        scope: "repo unheard-of",
      },
    });
    const { ticket, lifetimeSeconds, ...shown } = question;
    expect(shown).toEqual({
      origin: GOOD,
      redirectUri: `${GOOD}/callback`,
      service: "github",
      scopes: ["repo", "unheard-of"],
      delivery: "navigation",
      offline: false,
      scopesMerged: false,
      refused: false,
      unknownStart: false,
      canStartAgain: true,
    });
    expect(ticket).not.toContain("state-of-the-app");
    expect(lifetimeSeconds).toBe(600);
  });

  test("[A67] a service's logo of another origin is not loaded", async () => {
    const scriptOf = async (icon: string) => (await buildPageScripts([plainService({ icon })])).get("/confirm.js")!;
    expect(await scriptOf(`${EVIL}/logo.svg`)).not.toContain(EVIL);
    expect(await scriptOf("/services/github.svg")).toContain("/services/github.svg");
  });
});

describe("[A31] the scopes that the service is asked for", () => {
  test("are the ones shown, and no parameter of the app gets through besides", async () => {
    const { question, toService } = await reachConfirmation(provider, {
      overrides: {
        scope: "gist repo",
        include_granted_scopes: "true",
        access_type: "offline",
        prompt: "select_account",
        login_hint: "x",
        audience: "x",
        nonce: "n",
      },
    });
    expect(question.scopes!.join(" ")).toBe(toService.searchParams.get("scope"));
    expect([...toService.searchParams.keys()].sort()).toEqual([
      "client_id",
      "code_challenge",
      "code_challenge_method",
      "redirect_uri",
      "response_type",
      "scope",
      "state",
    ]);
  });

  const RESOURCES = [
    "resource=https%3A%2F%2Fapi.evil.example%2F",
    "resource=https%3A%2F%2Fapi.github.example",
    "resource=",
    "resource",
    "resource=a&resource=b",
    "resource=https%3A%2F%2Fapi.evil.example&resource=https%3A%2F%2Fapi.evil.example",
    "%72esource=x",
  ];

  test.each(RESOURCES)("a token for another server is not to be had: ?%s (RFC 8707 §2)", async (resource) => {
    const query = authorizationRequest(challenge);
    const ask = (headers: Record<string, string>, more = "") =>
      call("authorize", provider, `/authorize/github?${query}&${resource}${more}`, { headers });
    const attested = await ask({ referer: `${GOOD}/` });
    await expectRefused(attested, "invalid_target");
    const { location } = answerIn(await attested.text()) as { location: string };
    expect(location).toMatch(/^https:\/\/good\.example\/callback\?error=invalid_target&/);
    const unattested = await ask({});
    await expectRefused(unattested, "invalid_target");
    expect(answerIn(await unattested.text())).toBeUndefined();
    const message = await ask({}, "&response_mode=web_message");
    expect(answerIn(await message.text())).toMatchObject({
      targetOrigin: GOOD,
      message: { response: { error: "invalid_target" } },
    });
  });

  test("and nobody is told of that before it is known who asks", async () => {
    const query = authorizationRequest(challenge, { redirect_uri: `${EVIL}/`, resource: EVIL });
    await expectRefused(await call("authorize", provider, `/authorize/github?${query}`), "invalid_redirect_uri");
  });

  test("outside the owner's list are refused", async () => {
    const limited = testProvider({ github: { allowedScopes: ["gist"] } });
    await expectRefused(await start({ scope: "repo" }, `${GOOD}/`, limited), "invalid_scope");
    expect((await start({ scope: "gist" }, `${GOOD}/`, limited)).status).toBe(302);
  });
});

describe("[A58] apps on this computer, and apps that the owner did not list", () => {
  const closed = testProvider({ env: { ALLOWED_APPS: `${GOOD}, https://*.allowed.example` } });
  test.each([
    "https://evil.example/",
    "https://good.example.evil.example/",
    "https://allowed.example/",
    "https://evilallowed.example/",
    "https://x.allowed.example.evil.example/",
  ])("%s is not let in, in either mode", async (clientId) => {
    await expectRefused(
      await start({ client_id: clientId, redirect_uri: clientId }, clientId, closed),
      "app_not_allowed",
    );
    await expectRefused(
      await start({ client_id: clientId, redirect_uri: undefined, response_mode: "web_message" }, clientId, closed),
      "app_not_allowed",
    );
  });

  test.each([`${GOOD}/`, "https://x.allowed.example/", "https://x.y.allowed.example/"])(
    "%s is let in",
    async (clientId) => {
      expect((await start({ client_id: clientId, redirect_uri: clientId }, clientId, closed)).status).toBe(302);
    },
  );

  test.each(["http://localhost/", "http://127.0.0.1/", "http://[::1]/", "https://localhost/"])(
    "ALLOW_LOOPBACK=false shuts out %s",
    async (clientId) => {
      const overrides = { client_id: clientId, redirect_uri: clientId };
      expect((await start(overrides, clientId)).status).toBe(302);
      await expectRefused(
        await start(overrides, clientId, testProvider({ env: { ALLOW_LOOPBACK: "false" } })),
        "app_not_allowed",
      );
    },
  );
});
