import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Answer, Question, StartQuestion } from "../../shared/page-messages.ts";
import {
  authorizationRequest,
  CANARY,
  call,
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
import { expectRefused, sealOne, spyOnFetch } from "./tools.ts";

const provider = testProvider();

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => (fetched = spyOnFetch()));
afterEach(() => vi.restoreAllMocks());

/** Runs a Madata login that returns to the root address, up to the question. */
async function reachMadataConfirmation(jar = new Jar()): Promise<{ question: Question; jar: Jar }> {
  const query = new URLSearchParams({
    code: CANARY.serviceCode,
    state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }),
  });
  return { question: readFragment<Question>(await call("callback", provider, `/callback?${query}`, { jar })), jar };
}

describe("[A1] without a click on our own page", () => {
  test("nothing is exchanged: every step up to the question leaves the service alone", async () => {
    await reachConfirmation(provider);
    await reachMadataConfirmation();
    expect(fetched).not.toHaveBeenCalled();
  });

  test("[A45] twenty logins that nobody answers use up no token of the user's", async () => {
    const jar = new Jar();
    for (let opened = 0; opened < 20; opened += 1) {
      await reachConfirmation(provider, { jar, overrides: { client_id: `${GOOD}/app-${opened}` } });
      await reachMadataConfirmation(jar);
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each([
    ["prompt", "login"],
    ["approval_prompt", "auto"],
    ["consent", "1"],
    ["confirm", "yes"],
    ["decision", "yes"],
    ["response_mode", "web_message"],
  ])("%s=%s does not skip the question", async (name, value) => {
    const { question } = await reachConfirmation(provider, { overrides: { [name]: value } });
    expect(question.ticket).toBeTruthy();
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each(["none", "none login", "consent none"])(
    "prompt=%s gets a refusal, and no question that could be skipped",
    async (prompt) => {
      const { challenge } = pkcePair();
      const response = await call(
        "authorize",
        provider,
        `/authorize/github?${authorizationRequest(challenge, { prompt })}`,
        { headers: { referer: `${GOOD}/` } },
      );
      expect(Object.fromEntries(new URL(response.headers.get("location")!).searchParams)).toMatchObject({
        error: "login_required",
      });
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(fetched).not.toHaveBeenCalled();
    },
  );

  test("a second login of the same app, in the same browser, is asked about again", async () => {
    const { question, jar } = await reachConfirmation(provider);
    await decide(provider, question, jar);
    const { question: second } = await reachConfirmation(provider, { jar });
    expect(second.ticket).not.toBe(question.ticket);
    expect(second.refused).toBe(false);
  });

  test("what the page was given redeems nothing", async () => {
    const { verifier, challenge } = pkcePair();
    const { question, toService } = await reachConfirmation(provider, { challenge });
    for (const code of [question.ticket, toService.searchParams.get("state")!, CANARY.serviceCode]) {
      await expectRefused(await redeem(provider, { code, code_verifier: verifier }), "invalid_code");
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE"])("%s /decision hands over nothing", async (method) => {
    const { question, jar } = await reachConfirmation(provider);
    const query = new URLSearchParams({ ticket: question.ticket, origin: GOOD, service: "github", decision: "yes" });
    await expectRefused(
      await call("decision", provider, `/decision?${query}`, { method, jar, headers: OWN_PAGE }),
      "wrong_method",
    );
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each<[string, Record<string, unknown>]>([
    ["no ticket", { ticket: undefined }],
    ["a ticket that is a list", { ticket: ["x"] }],
    ["no origin", { origin: undefined }],
    ["no service", { service: undefined }],
    ["no decision", { decision: undefined }],
    ["a decision that is true", { decision: true }],
    ["a decision of other letters", { decision: "YES" }],
    ["a list of decisions", { decision: ["yes"] }],
    ["no word about the opener", { opener: undefined }],
    ["an opener that is a text", { opener: "true" }],
  ])("%s is no decision", async (_, change) => {
    const { question, jar } = await reachConfirmation(provider);
    await expectRefused(await decide(provider, question, jar, change), "unreadable_body");
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each(["", "x", "a.b.c.d.e", "eyJhbGciOiJub25lIn0..."])("%j is no ticket", async (ticket) => {
    const { question, jar } = await reachConfirmation(provider);
    await expectRefused(await decide(provider, question, jar, { ticket }), "invalid_state");
  });

  test("No hands over a refusal and nothing else, in every dialect", async () => {
    const byNavigation = await reachConfirmation(provider);
    const byMessage = await reachConfirmation(provider, { overrides: { response_mode: "web_message" } });
    const toMadata = await reachMadataConfirmation();
    for (const { question, jar } of [byNavigation, byMessage, toMadata]) {
      const response = await decide(provider, question, jar, { decision: "no", opener: true });
      const answer = JSON.stringify(await response.json());
      expect(answer).toContain("access_denied");
      expect(answer).not.toMatch(/"code"|[?&]code=|"token"/);
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test("Yes is worth nothing where the service has refused", async () => {
    const { question, jar } = await reachConfirmation(provider, { answer: { error: "access_denied" } });
    expect(question.refused).toBe(true);
    await expectRefused(await decide(provider, question, jar), "refused_at_service");
    expect(fetched).not.toHaveBeenCalled();
  });

  test("where the app's window is lost and it has no page of its own, nothing is exchanged for nobody", async () => {
    const { question, jar } = await reachMadataConfirmation();
    await expectRefused(await decide(provider, question, jar, { opener: false }), "opener_lost");
    const lost = await reachConfirmation(provider, {
      overrides: { response_mode: "web_message", redirect_uri: undefined },
    });
    await expectRefused(await decide(provider, lost.question, lost.jar, { opener: false }), "opener_lost");
    expect(fetched).not.toHaveBeenCalled();
  });

  test("after Yes the token of Madata's dialect goes to the origin that was shown, and the secret to the service only", async () => {
    const { question, jar } = await reachMadataConfirmation();
    const answer = (await (await decide(provider, question, jar, { opener: true })).json()) as Answer;
    expect(answer).toEqual({ message: { backend: "Github", token: CANARY.accessToken }, targetOrigin: GOOD });
    expect(fetched).toHaveBeenCalledTimes(1);
  });
});

describe("[A6] what is handed over is what was shown", () => {
  test.each([
    "https://evil.example",
    "https://good.example/",
    "https://good.example:443",
    "https://GOOD.example",
    "null",
    "*",
    "",
  ])("the page showed %j, but the login is good.example's: refused", async (origin) => {
    const { question, jar } = await reachConfirmation(provider);
    await expectRefused(await decide(provider, question, jar, { origin }), "not_what_was_shown");
    const madata = await reachMadataConfirmation();
    await expectRefused(
      await decide(provider, madata.question, madata.jar, { origin, opener: true }),
      "not_what_was_shown",
    );
    expect(fetched).not.toHaveBeenCalled();
  });

  test("No to something that was not shown reaches nobody either", async () => {
    const { question, jar } = await reachConfirmation(provider);
    await expectRefused(await decide(provider, question, jar, { origin: EVIL, decision: "no" }), "not_what_was_shown");
  });

  test("the page showed another service: refused", async () => {
    const { question, jar } = await reachConfirmation(provider);
    await expectRefused(await decide(provider, question, jar, { service: "other" }), "invalid_state");
    await expectRefused(await decide(provider, question, jar, { service: "Github" }), "unknown_service");
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("[A6][A21] the whole redirect URI was shown, wherever the result may be sent there", () => {
  /** A page on the app's own origin that redirects to the address in its URL. */
  const REDIRECTOR = `${GOOD}/go/${EVIL}/%7Euser?next=a%2Fb`;

  test.each<[string, string | undefined]>([
    ["none", undefined],
    ["an empty one", ""],
    ["the origin only", GOOD],
    ["the origin with its slash", `${GOOD}/`],
    ["the app's usual page", `${GOOD}/callback`],
    ["one byte less", REDIRECTOR.slice(0, -1)],
    ["one byte more", `${REDIRECTOR}b`],
    ["one letter in upper case", REDIRECTOR.replace("user", "User")],
    ["a percent sign with other letters", REDIRECTOR.replace("%7E", "%7e")],
    ["the same page in another encoding", REDIRECTOR.replace("%7E", "~")],
    ["more of it encoded", REDIRECTOR.replace("user", "%75ser")],
    ["less of it encoded", REDIRECTOR.replace("%2F", "/")],
    ["a space behind it", `${REDIRECTOR} `],
    ["a fragment behind it", `${REDIRECTOR}#`],
    ["another path that leads there", REDIRECTOR.replace("/go/", "/go/./")],
    ["another page of the attacker's", `${EVIL}/`],
  ])("the page showed %s: refused, for Yes and for No, in either mode", async (_, redirectUri) => {
    for (const mode of ["query", "web_message"]) {
      const { question, jar } = await reachConfirmation(provider, {
        overrides: { redirect_uri: REDIRECTOR, response_mode: mode },
      });
      for (const decision of ["yes", "no"] as const) {
        for (const opener of [false, true]) {
          const { redirectUri: _, ...rest } = question;
          const shown = redirectUri === undefined ? rest : { ...rest, redirectUri };
          await expectRefused(await decide(provider, shown, jar, { decision, opener }), "not_what_was_shown");
        }
      }
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test("byte for byte as it was asked for: the code goes there", async () => {
    for (const redirectUri of [REDIRECTOR, `${GOOD}/callback`, `${GOOD}/`, GOOD]) {
      const { question, jar } = await reachConfirmation(provider, { overrides: { redirect_uri: redirectUri } });
      expect(question).toMatchObject({ origin: GOOD, redirectUri });
      const { location } = (await (await decide(provider, question, jar)).json()) as { location: string };
      expect(location.startsWith(`${redirectUri}${redirectUri.includes("?") ? "&" : "?"}code=`)).toBe(true);
    }
  });

  test("the page showed one where the result travels by message only: refused", async () => {
    const byMessage = await reachConfirmation(provider, {
      overrides: { response_mode: "web_message", redirect_uri: undefined },
    });
    const madata = await reachMadataConfirmation();
    for (const { question, jar } of [byMessage, madata]) {
      expect(question).not.toHaveProperty("redirectUri");
      for (const redirectUri of ["", GOOD, `${GOOD}/`, `${GOOD}/callback`, `${EVIL}/`]) {
        const response = await decide(provider, question, jar, { redirectUri, opener: true });
        await expectRefused(response, "not_what_was_shown");
      }
    }
    expect(fetched).not.toHaveBeenCalled();
  });
});

/* ---- Only our own pages ---- */

const allowedHeaders = { origin: PROVIDER, "sec-fetch-site": "same-origin", "content-type": "application/json" };

const foreign: [string, Record<string, string | undefined>, "foreign_request" | "unreadable_body"][] = [
  ["the attacker's page", { origin: EVIL, "sec-fetch-site": "cross-site" }, "foreign_request"],
  ["the attacker's page, if only Origin tells", { origin: EVIL, "sec-fetch-site": undefined }, "foreign_request"],
  ["the attacker's page, if Sec-Fetch-Site lies", { origin: EVIL }, "foreign_request"],
  ["the honest app", { origin: GOOD, "sec-fetch-site": "cross-site" }, "foreign_request"],
  ["a sandboxed page", { origin: "null", "sec-fetch-site": "cross-site" }, "foreign_request"],
  ["a sandboxed page of ours", { origin: "null" }, "foreign_request"],
  ["a program that leaves Origin out", { origin: undefined }, "foreign_request"],
  ["a program that leaves everything out", { origin: undefined, "sec-fetch-site": undefined }, "foreign_request"],
  ["an empty Origin", { origin: "" }, "foreign_request"],
  ["our origin over http", { origin: "http://auth.example" }, "foreign_request"],
  ["our origin with a slash", { origin: `${PROVIDER}/` }, "foreign_request"],
  ["our origin in upper case", { origin: "https://AUTH.example" }, "foreign_request"],
  ["our origin on another port", { origin: `${PROVIDER}:8443` }, "foreign_request"],
  ["our origin as a prefix", { origin: `${PROVIDER}.evil.example` }, "foreign_request"],
  ["a sub-domain of ours", { origin: "https://x.auth.example", "sec-fetch-site": "same-site" }, "foreign_request"],
  ["two origins", { origin: `${PROVIDER} ${EVIL}` }, "foreign_request"],
  ["two Origin headers", { origin: `${PROVIDER}, ${EVIL}` }, "foreign_request"],
  ["a page of the same site", { "sec-fetch-site": "same-site" }, "foreign_request"],
  ["a page of another site", { "sec-fetch-site": "cross-site" }, "foreign_request"],
  ["a person who typed it", { "sec-fetch-site": "none" }, "foreign_request"],
  ["an unknown Sec-Fetch-Site", { "sec-fetch-site": "same-origin, cross-site" }, "foreign_request"],
  ["an empty Sec-Fetch-Site", { "sec-fetch-site": "" }, "foreign_request"],
  ["a form", { "content-type": "application/x-www-form-urlencoded" }, "unreadable_body"],
  ["a form that sends text", { "content-type": "text/plain" }, "unreadable_body"],
  ["a form with files", { "content-type": "multipart/form-data; boundary=x" }, "unreadable_body"],
  ["a body without a type", { "content-type": "" }, "unreadable_body"],
  ["a type that only begins like JSON", { "content-type": "application/jsonp" }, "unreadable_body"],
  ["a type hidden in a parameter", { "content-type": "text/plain;application/json" }, "unreadable_body"],
];

function headersWith(change: Record<string, string | undefined>): Record<string, string> {
  const entries = Object.entries({ ...allowedHeaders, ...change });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

describe("[A2] POST /decision from", () => {
  test.each(foreign)("%s is refused", async (_, change, reason) => {
    const { question, jar } = await reachConfirmation(provider);
    await expectRefused(await decide(provider, question, jar, {}, headersWith(change)), reason);
    const madata = await reachMadataConfirmation();
    await expectRefused(
      await decide(provider, madata.question, madata.jar, { opener: true }, headersWith(change)),
      reason,
    );
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each<[string, Record<string, string | undefined>]>([
    ["our own page", {}],
    ["our own page in a browser without Sec-Fetch-Site", { "sec-fetch-site": undefined }],
    ["our own page with a charset", { "content-type": "application/json; charset=utf-8" }],
  ])("%s is answered", async (_, change) => {
    const { question, jar } = await reachConfirmation(provider);
    expect((await decide(provider, question, jar, {}, headersWith(change))).status).toBe(200);
  });
});

describe("[A2][A18] the click on the start page from", () => {
  async function reachStart(): Promise<{ question: StartQuestion; jar: Jar }> {
    const jar = new Jar();
    const query = authorizationRequest(pkcePair().challenge);
    return {
      question: readFragment<StartQuestion>(await call("authorize", provider, `/authorize/github?${query}`, { jar })),
      jar,
    };
  }
  async function click(jar: Jar, request: unknown, headers: Record<string, string>): Promise<Response> {
    return await call("authorize", provider, "/authorize/github", {
      method: "POST",
      jar,
      headers,
      body: JSON.stringify({ request }),
    });
  }

  test.each(foreign)("%s is refused", async (_, change, reason) => {
    const { question, jar } = await reachStart();
    await expectRefused(await click(jar, question.request, headersWith(change)), reason);
  });

  test("our own page is told the way to the service", async () => {
    const { question, jar } = await reachStart();
    const { location } = (await (await click(jar, question.request, allowedHeaders)).json()) as { location: string };
    const toService = new URL(location);
    expect(toService.origin).toBe("https://github.example");
    expect(toService.searchParams.get("redirect_uri")).toBe(`${PROVIDER}/callback/github`);
  });

  test("our own page in another browser, or without the cookie, is refused", async () => {
    const { question } = await reachStart();
    const { jar: other } = await reachStart();
    await expectRefused(await click(new Jar(), question.request, allowedHeaders), "other_browser");
    await expectRefused(await click(other, question.request, allowedHeaders), "other_browser");
  });

  test.each([undefined, null, 1, true, "", "x", [], ["x"], {}])(
    "our own page with %j for a request is refused",
    async (request) => {
      const { jar } = await reachStart();
      await expectRefused(await click(jar, request, allowedHeaders), "invalid_state");
    },
  );

  test("a link cannot do it", async () => {
    const { question, jar } = await reachStart();
    const response = await call(
      "authorize",
      provider,
      `/authorize/github?${new URLSearchParams({ request: question.request })}`,
      { jar },
    );
    await expectRefused(response, "invalid_client_id");
  });

  test("a ticket or a state is not what the start page was given", async () => {
    const { question: _, jar } = await reachStart();
    const { question, toService } = await reachConfirmation(provider, { jar });
    for (const value of [question.ticket, toService.searchParams.get("state")]) {
      await expectRefused(await click(jar, value, allowedHeaders), "invalid_state");
    }
    await expectRefused(
      await click(jar, sealOne("request", provider, { browser: "x" }), allowedHeaders),
      "other_browser",
    );
  });
});

describe("[A2][A37] no other origin may read, or ask whether it may", () => {
  test.each(["decision", "authorize", "callback"] as const)("OPTIONS at /%s allows nothing", async (endpoint) => {
    const path = endpoint === "decision" ? "/decision" : `/${endpoint}/github`;
    const headers = {
      origin: EVIL,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    };
    const response = await call(endpoint, provider, path, { method: "OPTIONS", headers });
    expect(response.status).toBe(405);
    expect([...response.headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  });
});
