import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { UserinfoEndpoint } from "../../server/provider/service.ts";
import { CANARY, call, EVIL, PROVIDER, testProvider } from "../tools/harness.ts";
import { startLocalServer } from "../tools/local-server.ts";
import { expectError, FORM, fakeServices, sealRefresh } from "./refresh-tools.ts";
import { RUNS } from "./tools.ts";

const TOKEN = CANARY.accessToken;
const USERINFO: UserinfoEndpoint = {
  endpoint: "https://api.github.example/user",
  method: "GET",
  headers: { Accept: "application/vnd.github+json" },
  claims: {
    sub: ["id"],
    username: ["login"],
    name: ["name", "login"],
    avatar: ["avatar_url"],
    url: ["html_url"],
    email: ["email"],
  },
};
const PROFILE = {
  id: 583231,
  login: "octocat",
  name: null,
  avatar_url: "https://avatars.example/u/583231",
  html_url: "https://github.example/octocat",
};

const provider = testProvider({ github: { userinfo: USERINFO } });

let services: ReturnType<typeof fakeServices>;
beforeEach(() => (services = fakeServices(Response.json(PROFILE))));
afterEach(() => vi.restoreAllMocks());

function ask(
  headers: Record<string, string> = { authorization: `Bearer ${TOKEN}` },
  path = "/userinfo/github",
  init: RequestInit = {},
  by = provider,
) {
  return call("userinfo", by, path, { ...init, headers });
}

/** RFC 6750 §3, readable from every origin. */
async function expectInvalidToken(response: Response): Promise<void> {
  expect(response.headers.get("www-authenticate")).toBe('Bearer error="invalid_token"');
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(response.headers.get("access-control-expose-headers")).toContain("www-authenticate");
  await expectError(response, "invalid_token");
}

describe("[A54] who somebody is", () => {
  test("comes from the configured address, with the token and the configured headers only", async () => {
    const headers = {
      authorization: `Bearer ${TOKEN}`,
      cookie: "canary-of-a-header",
      "x-canary": "canary-of-a-header",
      accept: "text/html",
      "x-forwarded-host": "evil.example",
    };
    const response = await ask(headers, `/userinfo/github?url=${EVIL}&endpoint=${EVIL}&host=evil.example`);
    expect(await response.json()).toEqual({
      sub: "583231",
      id: "583231",
      username: "octocat",
      name: "octocat",
      avatar: PROFILE.avatar_url,
      url: PROFILE.html_url,
    });
    expect(services.seen).toEqual([
      {
        url: USERINFO.endpoint,
        method: "GET",
        headers: {
          accept: "application/vnd.github+json",
          authorization: `Bearer ${TOKEN}`,
          "user-agent": "auth-provider",
        },
        body: "",
      },
    ]);
  });

  test("is told by POST as well (OpenID Connect Core §5.3.1), and nothing of the body counts", async () => {
    const init = { method: "POST", body: "access_token=other" };
    expect(
      (await ask({ authorization: `Bearer ${TOKEN}`, "content-type": FORM }, "/userinfo/github", init)).status,
    ).toBe(200);
    expect(services.seen[0]).toMatchObject({ method: "GET", body: "", headers: { authorization: `Bearer ${TOKEN}` } });
    services.seen.length = 0;
    await expectInvalidToken(
      await ask({ "content-type": FORM }, "/userinfo/github", { method: "POST", body: `access_token=${TOKEN}` }),
    );
    expect(services.seen).toEqual([]);
  });

  test("holds no other member of the service's profile, and no header of its answer", async () => {
    const more = {
      ...PROFILE,
      email: "octo@cat.example",
      private_gists: 81,
      two_factor_authentication: true,
      token: "canary-of-the-profile",
      plan: { name: "canary-of-the-profile" },
    };
    const upstream = {
      "set-cookie": "canary-of-the-profile=1",
      "x-canary": "canary-of-the-profile",
      location: EVIL,
      "access-control-allow-credentials": "true",
    };
    services.answerWith(Response.json(more, { headers: upstream }));
    const response = await ask();
    expect(JSON.stringify([...response.headers])).not.toMatch(/canary-of-the-profile|evil/);
    const text = await response.text();
    expect(text).not.toContain("canary-of-the-profile");
    expect(Object.keys(JSON.parse(text) as object).sort()).toEqual([
      "avatar",
      "email",
      "id",
      "name",
      "sub",
      "url",
      "username",
    ]);
  });

  test("[A32] is told without sub and id where the service knows its users by names only", async () => {
    const { sub: _, ...claims } = USERINFO.claims;
    const names = testProvider({ github: { userinfo: { ...USERINFO, claims } } });
    const response = await ask(undefined, "/userinfo/github", {}, names);
    expect(response.status).toBe(200);
    const answer = (await response.json()) as Record<string, unknown>;
    expect(answer).toMatchObject({ username: "octocat", name: "octocat" });
    expect(answer).not.toHaveProperty("sub");
    expect(answer).not.toHaveProperty("id");
  });

  test("is asked of every catalogued service at its own address, in its own way", async () => {
    const profiles: Record<string, { url: string; method: string; profile: unknown; claims: unknown }> = {
      github: {
        url: "https://api.github.com/user",
        method: "GET",
        profile: PROFILE,
        claims: { sub: "583231", username: "octocat", name: "octocat" },
      },
      gitlab: {
        url: "https://gitlab.com/api/v4/user",
        method: "GET",
        profile: { id: 1, username: "john", web_url: "https://gitlab.example/john" },
        claims: { sub: "1", username: "john", url: "https://gitlab.example/john" },
      },
      dropbox: {
        url: "https://api.dropboxapi.com/2/users/get_current_account",
        method: "POST",
        profile: {
          account_id: "dbid:AAH4",
          name: { display_name: "Franz F.", given_name: "Franz" },
          email: "f@example.org",
        },
        claims: { sub: "dbid:AAH4", name: "Franz F.", username: "f@example.org", email: "f@example.org" },
      },
      google: {
        url: "https://openidconnect.googleapis.com/v1/userinfo",
        method: "GET",
        profile: { sub: "110169484474386276334", picture: "https://lh3.example/a" },
        claims: { sub: "110169484474386276334", avatar: "https://lh3.example/a" },
      },
      airtable: {
        url: "https://api.airtable.com/v0/meta/whoami",
        method: "GET",
        profile: { id: "usrL2PNC5o3H4lBEi", scopes: [] },
        claims: { sub: "usrL2PNC5o3H4lBEi" },
      },
    };
    const keys = ["Github", "Gitlab", "Dropbox", "Google", "Airtable"];
    const { configuration } = resolveConfiguration({
      services: Object.fromEntries(keys.map((key) => [key, { client_id: "some-client-id" }])),
      secrets: Object.fromEntries(keys.map((key) => [key, { client_secret: CANARY.clientSecret }])),
      env: {},
      production: true,
      localDevelopment: false,
    });
    const catalogue = createProvider(configuration, { URL: PROVIDER });
    for (const [service, { url, method, profile, claims }] of Object.entries(profiles)) {
      services.answerWith(Response.json(profile));
      services.seen.length = 0;
      const response = await ask({ authorization: `Bearer ${TOKEN}` }, `/userinfo/${service}`, {}, catalogue);
      expect(await response.json(), service).toMatchObject(claims as object);
      expect(services.seen, service).toMatchObject([{ url, method, body: "" }]);
      expect(JSON.stringify(services.seen)).not.toContain(CANARY.clientSecret);
    }
  });
});

describe("[A54] a service that wants the token elsewhere", () => {
  const ends = async (changes: Partial<UserinfoEndpoint>) => {
    const by = testProvider({ github: { userinfo: { ...USERINFO, headers: {}, ...changes } } });
    expect((await ask({ authorization: `Bearer ${TOKEN}` }, "/userinfo/github", {}, by)).status).toBe(200);
    return services.seen[0]!;
  };

  test("in a parameter of the body: gets it there only", async () => {
    const { url, headers, body } = await ends({
      method: "POST",
      body: "form",
      tokenParameter: "auth_token",
      parameters: { app: "{client_id}" },
    });
    expect(url).toBe(USERINFO.endpoint);
    expect(headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({ app: "client-of-github", auth_token: TOKEN });
  });

  test("under another scheme, or under none", async () => {
    expect((await ends({ scheme: "OAuth" })).headers.authorization).toBe(`OAuth ${TOKEN}`);
    services.seen.length = 0;
    expect((await ends({ scheme: "" })).headers.authorization).toBe(TOKEN);
  });

  test("gets our secret only where it tells us alone", async () => {
    expect(JSON.stringify(await ends({}))).not.toContain(CANARY.clientSecret);
    services.seen.length = 0;
    const { headers, body } = await ends({
      method: "POST",
      body: "form",
      tokenParameter: "token",
      authMethod: "client_secret_post",
    });
    expect(headers.authorization).toBeUndefined();
    expect(new URLSearchParams(body).get("client_secret")).toBe(CANARY.clientSecret);
  });
});

describe("[A34][A54] a token that is not in an Authorization header as Bearer", () => {
  afterEach(() => expect(services.seen).toEqual([]));

  test.each([
    "?access_token=x",
    `?access_token=${TOKEN}`,
    "?access_token=",
    "?x=y&access_token=x",
    "?access_token[]=x&access_token=y",
    "?%61ccess_token=x",
  ])("in the URL is refused, also with a right header: %s", async (query) => {
    await expectError(await ask({}, `/userinfo/github${query}`), "token_in_url");
    await expectError(await ask({ authorization: `Bearer ${TOKEN}` }, `/userinfo/github${query}`), "token_in_url");
    await expectError(await ask({}, `/userinfo/github${query}`, { method: "POST" }), "token_in_url");
  });

  test.each([
    "",
    "Bearer",
    "Bearer ",
    "Bearer  x",
    "bearerx",
    "Bearer x y",
    "Bearer x, Bearer y",
    "Bearer tökén",
    "Bearer x\ty",
    "Basic eDp5",
    `DPoP ${TOKEN}`,
    `token ${TOKEN}`,
    TOKEN,
  ])("as %j is none", async (authorization) => {
    await expectInvalidToken(await ask({ authorization }));
  });

  test.each([
    "token",
    "access-token",
    "x-access-token",
    "x-api-key",
    "private-token",
    "proxy-authorization",
    "x-authorization",
  ])("in the header %s is none", async (name) => {
    await expectInvalidToken(await ask({ [name]: `Bearer ${TOKEN}` }));
  });

  test("in a cookie is none", async () => {
    await expectInvalidToken(await ask({ cookie: `access_token=${TOKEN}; authorization=Bearer ${TOKEN}` }));
  });

  test("larger than 8 KiB is none [A46]", async () => {
    await expectInvalidToken(await ask({ authorization: `Bearer ${"x".repeat(8_193)}` }));
  });

  test("our refresh token, whose dots and letters fit, opens nothing here", async () => {
    services.answerWith(new Response("", { status: 401 }));
    const token = sealRefresh(provider);
    await expectInvalidToken(await ask({ authorization: `Bearer ${token}` }));
    expect(services.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${token}`]);
    services.seen.length = 0;
  });

  test("two headers are none", async () => {
    const headers = new Headers({ authorization: `Bearer ${TOKEN}` });
    headers.append("authorization", "Bearer other");
    await expectInvalidToken(await ask({ authorization: headers.get("authorization")! }));
  });

  test.each(["\r\n", "\r", "\n", "\0", "\u0085", "\u2028", "%0d%0a"])(
    "with a line break cannot even be sent, or is none: %j",
    async (lineBreak) => {
      const authorization = `Bearer x${lineBreak}X-Injected: y`;
      let response: Response;
      try {
        response = await ask({ authorization });
      } catch (error) {
        expect(error).toBeInstanceOf(TypeError);
        return;
      }
      await expectInvalidToken(response);
    },
  );
});

describe("[A54] a token of visible ASCII (RFC 6749 appendix A.12) is passed on as it is", () => {
  test.each([
    [
      "Salesforce's !",
      "00Dx0000000BV7z!AR8AQP0jITN80ESEsj5EbaZTFG0RNBaT1cyWk7TrqoDjoNIWQ2ME_sTZzBjfmOE6zMHq6y8PIW4eWze9JksNEkWUl.Cju7m4",
    ],
    ["Amazon's |", "Atza|IQEBLjAsAhRmHjNgHpi0U-Dme37rR6CuUpSR"],
    ["TikTok's ! and *", "act.example12345Example12345Example*!4127.e1"],
    ["Stack Exchange's ) and (", "G*0DJzE8SfBrKn4tMej85Q))(("],
    ["the = of base64, wherever", "a=b=="],
    ["a comma, a semicolon and quotes", 'x,y;"z"'],
    ["every visible character", String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 0x21 + index))],
  ])("%s", async (_, token) => {
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(200);
    expect(services.seen.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${token}`]);
  });

  test("also where the service reads it from a parameter, which it cannot leave", async () => {
    const parameter = { method: "POST", body: "form", tokenParameter: "token" } satisfies Partial<UserinfoEndpoint>;
    const by = testProvider({ github: { userinfo: { ...USERINFO, headers: {}, ...parameter } } });
    const token = "x&client_id=y#z?%41+!|*";
    expect((await ask({ authorization: `Bearer ${token}` }, "/userinfo/github", {}, by)).status).toBe(200);
    expect([...new URLSearchParams(services.seen[0]!.body)]).toEqual([["token", token]]);
    services.seen.length = 0;
    const inQuery = testProvider({
      github: { userinfo: { ...USERINFO, headers: {}, tokenParameter: "token", body: "query" } },
    });
    expect((await ask({ authorization: `Bearer ${token}` }, "/userinfo/github", {}, inQuery)).status).toBe(200);
    const { origin, pathname, searchParams, hash } = new URL(services.seen[0]!.url);
    expect([origin + pathname, [...searchParams], hash]).toEqual([USERINFO.endpoint, [["token", token]], ""]);
  });
});

test("[A54] whatever stands in the Authorization header: the service gets exactly one token of visible ASCII, or nothing", async () => {
  const letter = fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code));
  const visible = fc.stringMatching(/^[\x21-\x7E]{1,40}$/);
  const header = fc.oneof(
    fc.string({ unit: letter }),
    fc.string({ unit: letter }).map((text) => `Bearer ${text}`),
    visible.map((text) => `bEaReR ${text}`),
    visible.map((text) => `Bearer ${text}, x`),
  );
  await fc.assert(
    fc.asyncProperty(header, async (authorization) => {
      services.seen.length = 0;
      const response = await ask({ authorization });
      // Whitespace around a header value is not part of it (RFC 9110 §5.5).
      const token = /^bearer ([\x21-\x7E]+)$/i.exec(authorization.replace(/^ +| +$/g, ""))?.[1];
      if (token === undefined) {
        expect(response.status).toBe(401);
        expect(services.seen).toEqual([]);
      } else {
        expect(services.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
          [USERINFO.endpoint, `Bearer ${token}`],
        ]);
      }
    }),
    RUNS,
  );
});

test("a token of 8 KiB is passed on", async () => {
  expect((await ask({ authorization: `Bearer ${"x".repeat(8_192)}` })).status).toBe(200);
});

describe("[A54] what a service may answer", () => {
  test.each([401])("%i: the token is not valid", async (status) => {
    for (const body of ["", '{"message":"Bad credentials"}', "<h1>no</h1>"]) {
      services.answerWith(
        new Response(body, { status, headers: { "www-authenticate": 'Bearer realm="canary-of-the-service"' } }),
      );
      await expectInvalidToken(await ask());
    }
  });

  test.each([404, 405, 429, 500, 502, 503])(
    "%i: the service failed, which says nothing about the token",
    async (status) => {
      services.answerWith(Response.json({ id: 1, message: "canary-of-the-service" }, { status }));
      const response = await ask();
      expect(response.headers.get("www-authenticate")).toBeNull();
      await expectError(response, "service_failed");
    },
  );

  test.each([
    ["a page", new Response("<!doctype html><title>Log in</title>", { headers: { "content-type": "text/html" } })],
    ["nothing", new Response(null, { status: 204 })],
    ["an empty text", new Response("")],
    ["half of it", new Response('{"id":1')],
    ["a list", Response.json([PROFILE])],
    ["null", Response.json(null)],
    ["a text", Response.json("583231")],
    ["a number", Response.json(583231)],
    ["a form", new Response("id=583231&login=octocat")],
    ["JavaScript", new Response('callback({"id":583231})')],
    ["nobody's id", Response.json({ ...PROFILE, id: undefined })],
    ["an empty id", Response.json({ ...PROFILE, id: "" })],
    ["null for an id", Response.json({ ...PROFILE, id: null })],
    ["a list for an id", Response.json({ ...PROFILE, id: [583231] })],
    ["an object for an id", Response.json({ ...PROFILE, id: { value: 1 } })],
    ["true for an id", Response.json({ ...PROFILE, id: true })],
    ["more than 64 KiB", Response.json({ ...PROFILE, padding: "x".repeat(70_000) })],
  ])("%s is no profile", async (_, answer) => {
    services.answerWith(answer);
    const response = await ask();
    expect(response.status).toBe(502);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    await expectError(response, "service_unintelligible");
  });

  test("a failed connection, a redirect, and a service that hangs [A17][A46]", async () => {
    services.answerWith(new TypeError("fetch failed"));
    await expectError(await ask(), "service_unreachable");
    vi.restoreAllMocks();
    const paths: string[] = [];
    const limit = new AbortController();
    const { origin, stop } = await startLocalServer((request, response) => {
      paths.push(request.url ?? "");
      if (request.url === "/moved") return void response.writeHead(307, { location: "/elsewhere" }).end();
      limit.abort(new DOMException("too slow", "TimeoutError"));
    });
    const at = (path: string) => testProvider({ github: { userinfo: { ...USERINFO, endpoint: `${origin}${path}` } } });
    await expectError(await ask(undefined, undefined, undefined, at("/moved")), "service_unreachable");
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(limit.signal);
    await expectError(await ask(undefined, undefined, undefined, at("/hangs")), "service_too_slow");
    expect(timeout).toHaveBeenCalledWith(8_000);
    expect(paths).toEqual(["/moved", "/hangs"]);
    await stop();
  });
});

describe("[A41][A61] other ways to ask", () => {
  afterEach(() => expect(services.seen).toEqual([]));

  test.each([
    "nobody",
    "__proto__",
    "constructor",
    "toString",
    "Github",
    "GITHUB",
    "github.",
    "github%20",
    "https%3A%2F%2Fevil.example",
    "",
  ])("%j is no service", async (service) => {
    await expectError(await ask({ authorization: `Bearer ${TOKEN}` }, `/userinfo/${service}`), "unknown_service");
  });

  test("a service whose address for this nobody knows", async () => {
    await expectError(await ask({ authorization: `Bearer ${TOKEN}` }, "/userinfo/other"), "no_userinfo");
  });

  test.each(["HEAD", "PUT", "DELETE", "PATCH"])("%s", async (method) => {
    const response = await ask({ authorization: `Bearer ${TOKEN}` }, "/userinfo/github", { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, POST, OPTIONS");
  });

  test("a preflight is answered for every origin, without credentials [A37]", async () => {
    const headers = {
      origin: EVIL,
      "access-control-request-method": "GET",
      "access-control-request-headers": "authorization",
    };
    const response = await ask(headers, "/userinfo/github", { method: "OPTIONS" });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-headers")).toContain("authorization");
  });
});
