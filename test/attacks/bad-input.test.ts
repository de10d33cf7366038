import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { MAX_BODY_BYTES, MAX_URL_CHARACTERS } from "../../server/request/parameters.ts";
import type { ErrorName } from "../tools/error-name.ts";
import type { EndpointName } from "../tools/harness.ts";
import {
  authorizationRequest,
  call,
  EVIL,
  GOOD,
  keepSealed,
  OWN_PAGE,
  pkcePair,
  redeem,
  testProvider,
} from "../tools/harness.ts";
import { boundJar, ERROR_DESCRIPTION, expectRefused, leastCpuMs, sealOne, spyOnFetch } from "./tools.ts";

const provider = testProvider();
const { challenge, verifier } = pkcePair();
const FORM = { "content-type": "application/x-www-form-urlencoded" };

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => (fetched = spyOnFetch()));
afterEach(() => {
  expect(fetched).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

const long = "x".repeat(2_049);
const malformed = [
  "x",
  "%",
  "\u{1F600}",
  "a b",
  "null",
  "[object Object]",
  "{}",
  "../..",
  "' OR 1=1 --",
  "${7*7}",
  "\uFFFD",
];

describe("GET /authorize/:service", () => {
  const authorize = (overrides: Record<string, string | undefined>) =>
    call("authorize", provider, `/authorize/github?${authorizationRequest(challenge, overrides)}`, {
      headers: { referer: `${GOOD}/` },
    });

  const parameters: [string, missing: ErrorName, wrong: ErrorName][] = [
    ["client_id", "invalid_client_id", "invalid_client_id"],
    ["redirect_uri", "invalid_redirect_uri", "invalid_redirect_uri"],
    ["response_type", "unsupported_response_type", "unsupported_response_type"],
    ["code_challenge", "invalid_code_challenge", "invalid_code_challenge"],
    ["code_challenge_method", "invalid_code_challenge", "invalid_code_challenge"],
  ];
  test.each(parameters)("%s: missing, empty, too long, malformed", async (name, missing, wrong) => {
    await expectRefused(await authorize({ [name]: undefined }), missing);
    await expectRefused(await authorize({ [name]: "" }), missing);
    await expectRefused(await authorize({ [name]: long }), "oversized_parameter");
    for (const value of malformed) await expectRefused(await authorize({ [name]: value }), wrong);
    for (const value of ["\0", "a\r\nSet-Cookie: x=y", "\x7F"])
      await expectRefused(await authorize({ [name]: value }), "oversized_parameter");
  });

  test.each([
    ["response_mode", "unsupported_response_mode"],
    ["scope", undefined],
    ["state", undefined],
  ] as const)("%s may be missing or empty, but not too long", async (name, wrong) => {
    expect((await authorize({ [name]: undefined })).status).toBe(302);
    expect((await authorize({ [name]: "" })).status).toBe(302);
    await expectRefused(await authorize({ [name]: long }), "oversized_parameter");
    await expectRefused(await authorize({ [name]: "a\nb" }), "oversized_parameter");
    if (wrong) for (const value of malformed) await expectRefused(await authorize({ [name]: value }), wrong);
  });

  test("nothing at all", async () => {
    await expectRefused(await call("authorize", provider, "/authorize/github"), "invalid_client_id");
    await expectRefused(await call("authorize", provider, "/authorize/github?"), "invalid_client_id");
    await expectRefused(await call("authorize", provider, "/authorize/github?%"), "invalid_client_id");
    await expectRefused(await call("authorize", provider, "/authorize/github?&&&=&=="), "invalid_client_id");
    await expectRefused(await call("authorize", provider, "/authorize/github?client_id=%FF%FE"), "invalid_client_id");
  });

  test("a service whose authorization endpoint nobody knows", async () => {
    const github = testProvider();
    const { authorizationEndpoint: _, ...old } = github.services.get("github")!;
    const upstream = { ...github, services: Object.assign(new Map([["github", old]]), { missing: () => undefined }) };
    await expectRefused(
      await call("authorize", upstream, `/authorize/github?${authorizationRequest(challenge)}`),
      "service_without_authorization_endpoint",
    );
  });
});

describe("GET /callback/:service and GET /callback", () => {
  const { jar, browser } = boundJar();
  const callback = async (query: Record<string, string>, path = "/callback/github") =>
    await call("callback", provider, `${path}?${new URLSearchParams(query)}`, { jar });

  test("without a state, an empty or a malformed one", async () => {
    await expectRefused(await callback({}), "invalid_state");
    await expectRefused(await callback({ code: "x" }), "invalid_state");
    await expectRefused(await callback({ code: "x", state: "" }), "invalid_state");
    for (const state of malformed) await expectRefused(await callback({ code: "x", state }), "invalid_state");
    await expectRefused(await callback({}, "/callback"), "invalid_app_state");
    for (const state of malformed)
      await expectRefused(await callback({ code: "x", state }, "/callback"), "invalid_app_state");
  });

  test("with neither code nor error", async () => {
    const state = keepSealed(sealOne("state", provider, { browser }), jar);
    await expectRefused(await callback({ state }), "no_code");
    await expectRefused(await callback({ state, code: "", error: "" }), "no_code");
    await expectRefused(
      await callback({ state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }) }, "/callback"),
      "no_code",
    );
  });

  test("with something too long, or control characters", async () => {
    const state = sealOne("state", provider, { browser });
    for (const name of ["code", "iss", "error"]) {
      await expectRefused(await callback({ state, [name]: "x".repeat(12_289) }), "oversized_parameter");
      await expectRefused(await callback({ state, [name]: "a\nb" }), "oversized_parameter");
    }
    await expectRefused(await callback({ code: "x", state: "x".repeat(12_289) }), "oversized_parameter");
  });
});

describe("the POSTs of our own pages", () => {
  const { jar } = boundJar();
  const bodies: [string, BodyInit | null, ErrorName][] = [
    ["no body", null, "unreadable_body"],
    ["an empty body", "", "unreadable_body"],
    ["no JSON", "ticket=x", "unreadable_body"],
    ["half a JSON", '{"ticket":', "unreadable_body"],
    ["a list", "[]", "unreadable_body"],
    ["null", "null", "unreadable_body"],
    ["a text", '"x"', "unreadable_body"],
    ["a number", "1", "unreadable_body"],
    ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x7b]), "unreadable_body"],
    ["16 KiB and one byte", `{"ticket":"${"x".repeat(MAX_BODY_BYTES - 12)}"}`, "too_large"],
    ["6 MB", "x".repeat(6_000_000), "too_large"],
  ];
  test.each(bodies)("[A46] %s", async (_, body, reason) => {
    for (const [endpoint, path] of [
      ["decision", "/decision"],
      ["authorize", "/authorize/github"],
    ] as const) {
      const response = await call(endpoint, provider, path, { method: "POST", jar, headers: OWN_PAGE, body });
      await expectRefused(response, reason);
      expect(response.headers.get("content-type")).toBe("application/json");
    }
  });
});

describe("POST /token/:service", () => {
  test.each(["code", "code_verifier", "client_id", "redirect_uri"])("%s: empty, too long, malformed", async (name) => {
    const code = sealOne("code", provider, { browser: "x", challenge });
    const right: Record<string, string> = { code, code_verifier: verifier };
    const answers = [
      await redeem(provider, { ...right, [name]: "" }),
      await redeem(provider, { ...right, [name]: "x".repeat(12_289) }),
      await redeem(provider, { ...right, [name]: "a\0b" }),
    ];
    for (const value of malformed) answers.push(await redeem(provider, { ...right, [name]: value }));
    for (const response of answers) {
      expect(response.status).toBe(400);
      const body = (await response.json()) as Record<string, string>;
      expect(Object.keys(body)).toEqual(["error", "error_description"]);
      expect(["invalid_request", "invalid_grant"]).toContain(body.error);
      expect(body.error_description).toMatch(ERROR_DESCRIPTION);
    }
  });

  test.each<[string, BodyInit | null, Record<string, string>, ErrorName]>([
    ["no body", null, FORM, "unsupported_grant_type"],
    ["an empty body", "", FORM, "unsupported_grant_type"],
    ["separators only", "&&==&", FORM, "unsupported_grant_type"],
    ["half a percent-encoding", "grant_type=%", FORM, "unsupported_grant_type"],
    ["no type", "grant_type=authorization_code", { "content-type": "" }, "unreadable_body"],
    ["another type", "grant_type=authorization_code", { "content-type": "text/plain" }, "unreadable_body"],
    ["files", "--x--", { "content-type": "multipart/form-data; boundary=x" }, "unreadable_body"],
    ["bytes that are no text", new Uint8Array([0xff]), FORM, "unreadable_body"],
    ["16 KiB and one byte", "x".repeat(MAX_BODY_BYTES + 1), FORM, "too_large"],
    ["16 KiB, which is still read", "x".repeat(MAX_BODY_BYTES), FORM, "unsupported_grant_type"],
    ["a length that is a lie", "x", { ...FORM, "content-length": "99999" }, "too_large"],
    [
      "a malformed Basic header",
      "grant_type=authorization_code&code=x&code_verifier=x",
      { ...FORM, authorization: "Basic %%%" },
      "missing_token_parameter",
    ],
    [
      "another kind of Authorization",
      "grant_type=authorization_code&code=x&code_verifier=x",
      { ...FORM, authorization: "Bearer x" },
      "missing_token_parameter",
    ],
  ])("[A46] %s", async (_, body, headers, reason) => {
    const response = await call("token", provider, "/token/github", { method: "POST", headers, body });
    await expectRefused(response, reason);
    expect(response.headers.get("content-type")).toBe("application/json");
  });
});

describe("[A46] an address that is too long", () => {
  const places: [EndpointName, string, string][] = [
    ["authorize", "GET", "/authorize/github"],
    ["authorize", "POST", "/authorize/github"],
    ["callback", "GET", "/callback/github"],
    ["callback", "GET", "/callback"],
    ["decision", "POST", "/decision"],
    ["services", "GET", "/services.json"],
    ["token", "POST", "/token/github"],
  ];
  test.each(places)("%s by %s %s", async (endpoint, method, path) => {
    const query = "x".repeat(MAX_URL_CHARACTERS);
    await expectRefused(await call(endpoint, provider, `${path}?${query}`, { method }), "too_large");
  });
});

describe("[A47] 16 KiB of anything are answered at once", () => {
  const fillings = [
    "%",
    "%00",
    "[",
    "{",
    '"',
    "&",
    "=",
    ";",
    " ",
    "+",
    ".",
    "a.",
    "/../",
    "\\",
    "<",
    "é",
    "\u{10FFFF}",
    "=&",
    "a=",
    ":",
    "@",
    "https://",
    "xn--a.",
  ];
  test.each(fillings)("%j", async (filling) => {
    const text = filling.repeat(Math.ceil(8_000 / encodeURIComponent(filling).length));
    const { jar } = boundJar();
    // Encoding can make the text longer, so it is cut to the length that each place accepts.
    const value = encodeURIComponent(text)
      .slice(0, 15_000)
      .replace(/%[^%]?$/, "");
    const requests: [EndpointName, string, RequestInit?][] = [
      ["authorize", `/authorize/github?client_id=${value}`],
      ["authorize", `/authorize/github?client_id=${encodeURIComponent(`${GOOD}/`)}&redirect_uri=${value}`],
      ["authorize", `/authorize/github?${text.slice(0, 3_000)}`],
      ["callback", `/callback/github?code=x&state=${value}`],
      ["callback", `/callback?code=x&state=${value}`],
      ["token", "/token/github", { method: "POST", headers: FORM, body: text }],
      [
        "token",
        "/token/github",
        {
          method: "POST",
          headers: { ...FORM, authorization: `Basic ${Buffer.from(text).toString("base64")}` },
          body: "",
        },
      ],
      ["decision", "/decision", { method: "POST", headers: OWN_PAGE, body: text }],
      [
        "decision",
        "/decision",
        { method: "POST", headers: OWN_PAGE, body: JSON.stringify({ ticket: text, origin: text }).slice(0, 16_000) },
      ],
    ];
    for (const [endpoint, path, init] of requests) {
      const answer = async () => {
        const response = await call(endpoint, provider, path, { jar, ...init });
        expect(response.status).toBeGreaterThanOrEqual(400);
        expect(response.status).toBeLessThan(500);
        expect(response.headers.get("location")).toBeNull();
      };
      expect(await leastCpuMs(answer), `${endpoint} ${path.slice(0, 60)}`).toBeLessThan(50);
    }
  });

  test("also in the headers that are read", async () => {
    for (const filling of [" ", "\t", ";", "=", "x ", ",", "prefetch", "https://", "@", "%"]) {
      const value = `x${filling.repeat(Math.floor(15_000 / filling.length))}x`;
      for (const header of [
        "cookie",
        "referer",
        "origin",
        "sec-purpose",
        "purpose",
        "sec-fetch-site",
        "if-none-match",
        "content-type",
        "authorization",
      ]) {
        const query = authorizationRequest(challenge, { redirect_uri: `${EVIL}/` });
        const askEverywhere = async () => {
          await call("authorize", provider, `/authorize/github?${query}`, { headers: { [header]: value } });
          await call("decision", provider, "/decision", {
            method: "POST",
            headers: { ...OWN_PAGE, [header]: value },
            body: "{}",
          });
          await call("token", provider, "/token/github", {
            method: "POST",
            headers: { ...FORM, [header]: value },
            body: "",
          });
        };
        expect(await leastCpuMs(askEverywhere), `${header} ${JSON.stringify(filling)}`).toBeLessThan(100);
      }
    }
  });
});
