import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Provider } from "../../server/provider/provider.ts";
import type { Answer, Question } from "../../shared/page-messages.ts";
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
  readFragment,
  testProvider,
} from "../tools/harness.ts";
import { answerIn, boundJar, expectRefused, fetchedUrls, spyOnFetch } from "./tools.ts";

const provider = testProvider();

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => (fetched = spyOnFetch()));
afterEach(() => vi.restoreAllMocks());

/** The service sends the browser to our root address, because a Madata client asked for that. */
function arrive(
  state: unknown = { url: `${GOOD}/`, backend: "Github" },
  {
    more = {},
    headers = {},
    by = provider,
    jar = new Jar(),
  }: { more?: Record<string, string>; headers?: Record<string, string>; by?: Provider; jar?: Jar } = {},
): Promise<Response> {
  const text = typeof state === "string" ? state : JSON.stringify(state);
  return call("callback", by, `/callback?${new URLSearchParams({ code: CANARY.serviceCode, state: text, ...more })}`, {
    headers,
    jar,
  });
}

const hostile = [
  '"><img src=x onerror=window.__x=1>',
  "<script>window.__x=1</script>",
  "</script><script>window.__x=1</script>",
  "javascript:window.__x=1",
  "JaVaScRiPt:window.__x=1",
  "data:text/html,<script>window.__x=1</script>",
  "blob:https://evil.example/0",
  "vbscript:x",
  "'-window.__x-'",
  "${window.__x=1}",
  "{{constructor.constructor('window.__x=1')()}}",
  "&lt;img src=x&gt;",
  "&#x3c;img src=x onerror=x&#x3e;",
  "%3Cscript%3Ewindow.__x%3C/script%3E",
  "\u2028window.__x=1\u2029",
  "\u202Eelpmaxe.live//:sptth",
  "\uFEFFhttps://good.example/",
  "https://good.example/\u0000",
  "https://good.example/\r\nSet-Cookie: x=y",
  "https://good.example/\r\n\r\n<script>window.__x=1</script>",
  "*",
  "null",
  "undefined",
  "[object Object]",
  "//evil.example",
  "/\\evil.example",
  "https://good.example@evil.example/",
  "https://good.example\\@evil.example/",
  "https://evil.example#@good.example/",
  "https:\\\\good.example",
  "ftp://good.example/",
  "file:///etc/passwd",
  "http://good.example/",
  "https://good.example.",
  "<svg/onload=window.__x=1>",
  "<!--",
  "]]>",
  "-->",
  "x".repeat(5_000),
  "../../etc/passwd",
];

describe("[A5] hostile text, wherever it can be put", () => {
  /** The page without its answer to the app. That answer is one attribute with the app's own text, checked below. */
  const cleanOf = async (response: Response) => {
    const page = (await response.text()).replaceAll(/\s+/g, " ");
    expect(page.match(/<meta name="answer"/g) ?? []).toHaveLength(answerIn(page) ? 1 : 0);
    return page.replace(/<meta name="answer" content="[^"]*">/, "");
  };

  test.each(["url", "backend", "state", "error", "error_description", "code", "iss", "path"])(
    "in %s: no answer holds any of it",
    async (field) => {
      for (const payload of hostile) {
        const more: Record<string, string> = { code: "x" };
        const state: Record<string, string> = { url: `${GOOD}/`, backend: "Github" };
        if (field === "url" || field === "backend") state[field] = payload;
        else if (field === "state") more.state = payload;
        else if (field === "path") more.code = "x";
        else more[field] = payload;
        const path = field === "path" ? `/callback/${encodeURIComponent(payload)}` : "/callback";
        const query = new URLSearchParams({ state: JSON.stringify(state), ...more });
        const response = await call("callback", provider, `${path}?${query}`);

        const location = response.headers.get("location");
        const shown = location === null ? "" : JSON.stringify({ ...readFragment<Question>(response), ticket: "" });
        const everything =
          (await cleanOf(response.clone())) +
          shown +
          [...response.headers].filter(([name]) => name !== "location").join("\n");
        expect(everything).not.toContain("__x");
        expect(everything).not.toContain("evil.example");
        if (payload.length > 12) expect(everything).not.toContain(payload);
        if (location !== null) continue;
        expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
        expect(await cleanOf(response)).not.toMatch(
          /<a [^>]*href="(?!\/")|<script(?! type="module" src="\/error\.js")|<img(?! src="\/favicon\.svg" alt="">)|<iframe|<form|\bon\w+=/i,
        );
      }
    },
  );

  test("in the name of a service: the app's own window is told with a name that is none, and no other window", async () => {
    for (const payload of hostile) {
      if (payload.length > 64) continue;
      const page = await (await arrive({ url: `${GOOD}/`, backend: payload })).text();
      expect(answerIn(page)).toEqual({
        message: { backend: `${payload}:refused`, error: "access_denied" },
        targetOrigin: GOOD,
      });
    }
  });

  test("in what an error page tells the app: it stays a text in one attribute", async () => {
    for (const payload of hostile) {
      if (/[\x00-\x1F]/.test(payload) || payload.length > 2_048) continue;
      const query = new URLSearchParams({
        client_id: `${GOOD}/`,
        response_mode: "web_message",
        response_type: "token",
        state: payload,
      });
      const page = await (await call("authorize", provider, `/authorize/github?${query}`)).text();
      const answer = answerIn(page) as Extract<Answer, { message: unknown }>;
      expect(answer.targetOrigin).toBe(GOOD);
      expect(answer.message).toMatchObject({ response: { state: payload } });
      expect(page.match(/<meta name="answer"/g)).toHaveLength(1);
      const rest = page.replace(/<meta name="answer" content="[^"]*">/, "");
      expect(rest).not.toContain("__x");
      expect(rest).not.toContain("evil.example");
    }
  });
});

describe("[A4] the address that a token could go to", () => {
  test.each([
    "*",
    "/",
    "null",
    "https://good.example@evil.example/",
    "//evil.example/",
    "blob:https://evil.example/x",
    "data:text/html,hello",
    "javascript:1",
    "http://good.example/",
    "https://good.example\\.evil.example/",
    "about:srcdoc",
  ])("%j: no question, and nothing to say Yes to", async (url) => {
    await expectRefused(await arrive({ url, backend: "Github" }), "invalid_app_state");
  });

  test.each([
    [`${EVIL}/`, EVIL],
    [`${EVIL}/https://good.example/`, EVIL],
    [`${EVIL}/?https://good.example/#https://good.example/`, EVIL],
    ["https://good.example.evil.example/", "https://good.example.evil.example"],
    [`${GOOD}:8443/x`, `${GOOD}:8443`],
  ])("%s is shown, compared and posted to as %s", async (url, origin) => {
    const jar = new Jar();
    const question = readFragment<Question>(await arrive({ url, backend: "Github" }, { jar }));
    expect(question.origin).toBe(origin);
    const answer = (await (await decide(provider, question, jar, { opener: true })).json()) as Extract<
      Answer,
      { message: unknown }
    >;
    expect(answer.targetOrigin).toBe(origin);
  });

  test("is never a wildcard, in any answer", async () => {
    const jar = new Jar();
    const question = readFragment<Question>(await arrive(undefined, { jar }));
    for (const decision of ["yes", "no"] as const) {
      const answer = (await (await decide(provider, question, jar, { decision, opener: true })).json()) as Extract<
        Answer,
        { message: unknown }
      >;
      expect(answer.targetOrigin).toBe(GOOD);
    }
  });
});

describe("[A4][A60] the provider's own pages are no app", () => {
  const named = testProvider({ env: { SITE_NAME: "our-auth" } });

  test.each([
    [PROVIDER, "its own address"],
    ["https://our-auth.netlify.app", "its name at the platform"],
    ["https://68a1b2c3d4e5f60718293a4b--our-auth.netlify.app", "an old deploy, with its old pages"],
    ["https://deploy-preview-7--our-auth.netlify.app", "a preview, whose pages a stranger wrote"],
    ["https://main--our-auth.netlify.app", "a branch"],
  ])("%s: %s", async (origin) => {
    await expectRefused(await arrive({ url: `${origin}/`, backend: "Github" }, { by: named }), "invalid_app_state");
    for (const mode of ["query", "web_message"]) {
      const query = authorizationRequest(pkcePair().challenge, {
        client_id: `${origin}/`,
        redirect_uri: mode === "query" ? `${origin}/callback/github` : undefined,
        response_mode: mode,
      });
      const response = await call("authorize", named, `/authorize/github?${query}`, {
        headers: { referer: `${origin}/` },
      });
      await expectRefused(response, "invalid_client_id");
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each([
    "https://our-auth.example",
    "https://x-our-auth.netlify.app",
    "https://other--auth.netlify.app",
    `https://www.${new URL(PROVIDER).host}`,
  ])("%s is somebody else's", async (origin) => {
    const question = readFragment<Question>(await arrive({ url: `${origin}/`, backend: "Github" }, { by: named }));
    expect(question.origin).toBe(origin);
  });

  test("nor where the provider runs on this computer, and an app beside it may choose its port", async () => {
    const local = testProvider({ env: { URL: "http://127.0.0.1:8888" } });
    const request = (redirectUri: string) =>
      call(
        "authorize",
        local,
        `/authorize/github?${authorizationRequest(pkcePair().challenge, { client_id: "http://127.0.0.1/", redirect_uri: redirectUri })}`,
      );
    await expectRefused(await request("http://127.0.0.1:8888/callback"), "invalid_redirect_uri");
    expect((await request("http://127.0.0.1:8889/callback")).status).toBe(303);
  });
});

describe("[A68] the path, query and fragment of the app's address", () => {
  test("appear nowhere: not in the question, the answer, the log, or what is asked of the service", async () => {
    const jar = new Jar();
    const lines: string[] = [];
    const url = `${GOOD}/canary-path?canary-query=1#canary-hash`;
    const arrived = await arrive({ url, backend: "Github" }, { jar });
    lines.push(...[...arrived.headers].flat(), await arrived.clone().text());
    const question = readFragment<Question>(arrived);
    lines.push(
      JSON.stringify(question),
      ...question.ticket.split(".").map((part) => Buffer.from(part, "base64url").toString("latin1")),
    );
    const confirmed = await decide(provider, question, jar, { opener: true });
    lines.push(await confirmed.text(), JSON.stringify(fetched.mock.calls));
    expect(lines.join("\n")).not.toMatch(/canary-(path|query|hash)/);
  });
});

describe("[A19] who led the browser to our root", () => {
  test.each([
    ["the app, because the service asked nothing", `${GOOD}/`, false],
    ["a page of the app", `${GOOD}/deep/page?x`, false],
    ["the service", "https://github.example/login/oauth/authorize", false],
    ["another host of the service's site", "https://sites.github.example/x", true],
    ["nobody that the browser names", undefined, true],
    ["an empty header", "", true],
    ["no URL", "github.example", true],
  ])("%s: the question is asked", async (_, referer, unknownStart) => {
    const question = readFragment<Question>(
      await arrive(undefined, { headers: referer === undefined ? {} : { referer } }),
    );
    expect(question.unknownStart).toBe(unknownStart);
  });

  test.each([
    `${EVIL}/`,
    `${EVIL}/${GOOD}/`,
    "https://good.example.evil.example/",
    "https://github.example.evil.example/",
    "https://notgithub.example/",
    "https://sub.good.example/",
    "http://good.example/",
    "https://good.example:8443/",
    "https://other.example/",
    "about:blank",
    `${PROVIDER}/`,
  ])("%s: refused, and the code stays unused", async (referer) => {
    const response = await arrive(undefined, { headers: { referer } });
    await expectRefused(response, "started_elsewhere");
    expect(answerIn(await response.text())).toMatchObject({ targetOrigin: GOOD });
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("[A20] a code in the dialect that nothing binds to an app", () => {
  test.each([
    { redirect_uri: `${EVIL}/` },
    { redirectURI: `${EVIL}/` },
    { code_verifier: "v".repeat(43) },
    { client_id: "x" },
  ] as Record<string, string>[])(
    "is redeemed with our own redirect URI and client identifier, whatever the request says besides: %o",
    async (more) => {
      const jar = new Jar();
      const question = readFragment<Question>(await arrive(undefined, { jar, more }));
      const body = { ...more };
      expect((await decide(provider, question, jar, { opener: true, ...body })).status).toBe(200);
      const form = new URLSearchParams(String(fetched.mock.calls[0]![1]!.body));
      expect(Object.fromEntries(form)).toEqual({
        grant_type: "authorization_code",
        code: CANARY.serviceCode,
        redirect_uri: PROVIDER,
        client_id: "client-of-github",
        client_secret: CANARY.clientSecret,
      });
    },
  );
});

describe("[A23] the service, which the app chooses by its name", () => {
  test.each([
    "Other",
    "EvilGitlab",
    "github",
    "GITHUB",
    "GitHub",
    "Github ",
    "github.evil.example",
    "https://evil.example/token",
    "__proto__",
    "constructor",
  ])("%s: refused, no code goes anywhere", async (backend) => {
    const { jar } = boundJar();
    await expectRefused(await arrive({ url: `${GOOD}/`, backend }, { jar }), "unknown_service");
    expect(fetched).not.toHaveBeenCalled();
  });

  test("no name at all: refused, no code goes anywhere", async () => {
    const { jar } = boundJar();
    await expectRefused(await arrive({ url: `${GOOD}/`, backend: "" }, { jar }), "invalid_app_state");
    expect(fetched).not.toHaveBeenCalled();
  });

  test("switched off means off, also for a service with a secret", async () => {
    const off = testProvider({ github: { madata: false } });
    await expectRefused(await arrive(undefined, { by: off }), "unknown_service");
  });

  test.each([undefined, PROVIDER, `${PROVIDER}/`])(
    "and by neither way: not by /authorize either, with the redirect URI %s, and the waiting app is told",
    async (redirectUri) => {
      const query = new URLSearchParams({
        client_id: "client-of-github",
        response_type: "code",
        state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }),
        ...(redirectUri === undefined ? {} : { redirect_uri: redirectUri }),
      });
      const start = async (by: Provider) =>
        await call("authorize", by, `/authorize/github?${query}`, { headers: { referer: `${GOOD}/` } });
      expect((await start(provider)).status).toBe(302);
      const response = await start(testProvider({ github: { madata: false } }));
      await expectRefused(response, "unknown_service");
      expect(answerIn(await response.text())).toEqual({
        message: { backend: "Github:refused", error: "access_denied" },
        targetOrigin: GOOD,
      });
    },
  );

  test("a code goes to the token endpoint of the named service and to no other", async () => {
    const both = testProvider({ other: { madata: true } });
    for (const [backend, host] of [
      ["Github", "https://github.example/"],
      ["Other", "https://other.example/"],
    ] as const) {
      fetched.mockClear();
      const jar = new Jar();
      const question = readFragment<Question>(await arrive({ url: `${GOOD}/`, backend }, { by: both, jar }));
      expect((await decide(both, question, jar, { opener: true })).status).toBe(200);
      expect(fetchedUrls(fetched)).toHaveLength(1);
      expect(fetchedUrls(fetched)[0]).toMatch(new RegExp(`^${host}`));
    }
  });

  test("the page showed one service, the ticket is for another: refused", async () => {
    const both = testProvider({ other: { madata: true } });
    const jar = new Jar();
    const question = readFragment<Question>(await arrive(undefined, { by: both, jar }));
    await expectRefused(await decide(both, question, jar, { service: "other", opener: true }), "invalid_state");
  });
});

describe("a login that fails ends the client's wait", () => {
  async function answers(json: unknown): Promise<Record<string, unknown>> {
    fetched.mockImplementation(async () => Response.json(json));
    const jar = new Jar();
    const question = readFragment<Question>(await arrive(undefined, { jar }));
    return (await (await decide(provider, question, jar, { opener: true })).json()) as Record<string, unknown>;
  }

  test("the message does not carry the client's own name for the service, which would make it store nothing as a token", async () => {
    const { error, answer } = await answers({ error: "invalid_grant", error_description: CANARY.serviceCode });
    expect(error).toBe("invalid_grant");
    expect(answer).toEqual({ message: { backend: "Github:refused", error: "invalid_grant" }, targetOrigin: GOOD });
  });

  test("an error of the service is told as that, not as a refusal of the person", async () => {
    const query = new URLSearchParams({
      error: "server_error",
      state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }),
    });
    const response = await call("callback", provider, `/callback?${query}`);
    await expectRefused(response.clone(), "service_failed");
    expect(answerIn(await response.text())).toMatchObject({
      message: { backend: "Github:refused" },
      targetOrigin: GOOD,
    });
  });

  test("access refused at the service is told without an exchange", async () => {
    const jar = new Jar();
    const query = new URLSearchParams({
      error: "access_denied",
      error_description: "<b>",
      state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }),
    });
    const question = readFragment<Question>(await call("callback", provider, `/callback?${query}`, { jar }));
    expect(question.refused).toBe(true);
    const answer = await (await decide(provider, question, jar, { decision: "no", opener: true })).json();
    expect(answer).toEqual({ message: { backend: "Github:refused", error: "access_denied" }, targetOrigin: GOOD });
    expect(fetched).not.toHaveBeenCalled();
  });
});
