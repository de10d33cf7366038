import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { resolveConfiguration } from "../../scripts/configuration/configuration.ts";
import type { Provider } from "../../server/provider/provider.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { RevocationEndpoint } from "../../server/provider/service.ts";
import { CANARY, call, EVIL, GOOD, PROVIDER, testProvider } from "../tools/harness.ts";
import { startLocalServer } from "../tools/local-server.ts";
import { expectError, FORM, fakeServices, REFRESHING, SERVICE_REFRESH_TOKEN, sealRefresh } from "./refresh-tools.ts";
import { RUNS, sealOne } from "./tools.ts";

const TOKEN = CANARY.accessToken;

const RFC_7009: RevocationEndpoint = {
  endpoint: "https://github.example/oauth/revoke",
  method: "POST",
  authMethod: "client_secret_post",
  body: "form",
  tokenParameter: "token",
};

function withRevocation(changes: Partial<RevocationEndpoint> = {}, env = {}): Provider {
  return testProvider({ github: { ...REFRESHING, revocation: { ...RFC_7009, ...changes } }, env });
}

const provider = withRevocation();
const basic = `Basic ${Buffer.from(`client-of-github:${CANARY.clientSecret}`).toString("base64")}`;

let services: ReturnType<typeof fakeServices>;
beforeEach(() => (services = fakeServices(new Response(null, { status: 200 }))));
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function post(
  body: string,
  headers: Record<string, string> = {},
  path = "/revoke/github",
  by = provider,
): Promise<Response> {
  return call("revoke", by, path, { method: "POST", headers: { "content-type": FORM, ...headers }, body });
}

async function revoke(
  token: string,
  by = provider,
  headers: Record<string, string> = {},
  service = "github",
): Promise<Response> {
  return await post(new URLSearchParams({ token }).toString(), headers, `/revoke/${service}`, by);
}

/** RFC 7009 §2.2. The response has a body because some clients read one for every status. */
async function expectEnded(response: Response): Promise<void> {
  expect({ status: response.status, body: await response.text() }).toEqual({ status: 200, body: "{}" });
  expect(response.headers.get("content-type")).toBe("application/json");
}

describe("[A44] a token is ended as its service documents it", () => {
  const report = resolveConfiguration({
    services: Object.fromEntries(
      ["Github", "Gitlab", "Dropbox", "Google", "Airtable"].map((key) => [key, { client_id: `id of/${key}` }]),
    ),
    secrets: Object.fromEntries(
      ["Github", "Gitlab", "Dropbox", "Google", "Airtable"].map((key) => [key, { client_secret: CANARY.clientSecret }]),
    ),
    env: {},
    production: true,
    localDevelopment: false,
  });
  const catalogue = createProvider(report.configuration, { URL: PROVIDER });

  test("GitHub: DELETE of the token as JSON, at an address with our client identifier, with our credentials", async () => {
    await expectEnded(await revoke(TOKEN, catalogue));
    expect(services.seen).toHaveLength(1);
    const [{ url, method, headers, body }] = services.seen as [(typeof services.seen)[0]];
    expect([method, url]).toEqual(["DELETE", "https://api.github.com/applications/id%20of%2FGithub/token"]);
    expect(headers.authorization).toBe(
      `Basic ${Buffer.from(`id+of%2FGithub:${CANARY.clientSecret}`).toString("base64")}`,
    );
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["user-agent"]).toBeTruthy();
    expect(JSON.parse(body)).toEqual({ access_token: TOKEN });
  });

  test("GitLab: RFC 7009 as a form, with our credentials in it", async () => {
    await expectEnded(await revoke(TOKEN, catalogue, {}, "gitlab"));
    const [{ url, method, headers, body }] = services.seen as [(typeof services.seen)[0]];
    expect([method, url]).toEqual(["POST", "https://gitlab.com/oauth/revoke"]);
    expect(headers["content-type"]).toBe(FORM);
    expect(headers.authorization).toBeUndefined();
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
      token: TOKEN,
      client_id: "id of/Gitlab",
      client_secret: CANARY.clientSecret,
    });
  });

  test("Dropbox: the token itself as Bearer, no body, nothing of ours", async () => {
    await expectEnded(await revoke(TOKEN, catalogue, {}, "dropbox"));
    const [{ url, method, headers, body }] = services.seen as [(typeof services.seen)[0]];
    expect([method, url, body]).toEqual(["POST", "https://api.dropboxapi.com/2/auth/token/revoke", ""]);
    expect(headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(headers["content-type"]).toBeUndefined();
    expect(JSON.stringify(headers)).not.toContain(CANARY.clientSecret);
  });

  test("Google could only end every app's access, and Airtable nothing: no app can make us do that", async () => {
    for (const service of ["google", "airtable"]) {
      for (const hint of [
        "",
        "&token_type_hint=access_token",
        "&token_type_hint=refresh_token",
        "&token_type_hint=grant",
      ]) {
        await expectError(
          await post(`token=${TOKEN}${hint}`, {}, `/revoke/${service}`, catalogue),
          "unsupported_token_type",
        );
      }
    }
    expect(services.seen).toEqual([]);
  });
});

describe("[A44] the request to the service", () => {
  const shapes = (["client_secret_post", "client_secret_basic", "none", "bearer"] as const).flatMap((authMethod) =>
    (["form", "json", "empty"] as const).map((body) => [authMethod, body] as const),
  );
  test.each(shapes)("%s with body %s", async (authMethod, body) => {
    await expectEnded(await revoke(TOKEN, withRevocation({ authMethod, body, tokenParameter: "the_token" })));
    const [{ url, method, headers, body: sent }] = services.seen as [(typeof services.seen)[0]];
    expect([method, url]).toEqual(["POST", RFC_7009.endpoint]);
    expect(headers.authorization).toBe(
      { client_secret_post: undefined, client_secret_basic: basic, none: undefined, bearer: `Bearer ${TOKEN}` }[
        authMethod
      ],
    );
    expect(headers["content-type"]).toBe({ form: FORM, json: "application/json", empty: undefined }[body]);
    const ours =
      authMethod === "client_secret_post" ? { client_id: "client-of-github", client_secret: CANARY.clientSecret } : {};
    const expected = { ...ours, the_token: TOKEN };
    if (body === "empty") expect(sent).toBe("");
    else expect(body === "json" ? JSON.parse(sent) : Object.fromEntries(new URLSearchParams(sent))).toEqual(expected);
  });

  test("holds nothing else of what the app sent, and goes nowhere else", async () => {
    const body = new URLSearchParams({
      token: TOKEN,
      token_type_hint: "refresh_token",
      client_id: `${GOOD}/`,
      client_secret: "x",
      url: EVIL,
      endpoint: EVIL,
      access_token: "x",
    });
    await expectEnded(
      await post(
        body.toString(),
        { cookie: "canary-of-a-header", "x-canary": "canary-of-a-header", authorization: "Basic eDp5" },
        `/revoke/github?token=x&url=${EVIL}`,
      ),
    );
    const [{ url, headers, body: sent }] = services.seen as [(typeof services.seen)[0]];
    expect(url).toBe(RFC_7009.endpoint);
    expect(Object.fromEntries(new URLSearchParams(sent))).toEqual({
      token: TOKEN,
      client_id: "client-of-github",
      client_secret: CANARY.clientSecret,
    });
    expect(JSON.stringify(headers)).not.toMatch(/canary-of-a-header|eDp5|evil/);
  });

  test("keeps our client identifier inside its part of the path", async () => {
    const endpoint = "https://github.example/applications/{client_id}/token";
    await expectEnded(await revoke(TOKEN, withRevocation({ endpoint }, { GITHUB_CLIENT_ID: "a/../b?c#d" })));
    expect(services.seen[0]!.url).toBe("https://github.example/applications/a%2F..%2Fb%3Fc%23d/token");
  });

  test.each([
    "..",
    ".",
    "%2e%2e",
    "a/../b",
    "../../user",
    "a?b#c",
    "a&b=c",
    "{client_id}",
    "$&",
    "https://evil.example/",
  ])("keeps the token inside its part of the path, where a service wants it there: %j", async (token) => {
    const endpoint = "https://github.example/applications/{client_id}/tokens/{token}";
    const response = await revoke(
      token,
      withRevocation({ endpoint, method: "DELETE", authMethod: "client_secret_basic", body: "empty" }),
    );
    const urls = services.seen.map(({ url }) => url);
    if (urls.length === 0) expect(response.status).toBeLessThan(500);
    else
      expect(urls).toEqual([
        `https://github.example/applications/client-of-github/tokens/${encodeURIComponent(token)}`,
      ]);
  });

  test("adds nothing to a query that the service wants the token in", async () => {
    const by = withRevocation({ method: "GET", authMethod: "none", body: "query" });
    for (const token of ["a&b=c", "a#b", "?", "a%26b"]) {
      services.seen.length = 0;
      await expectEnded(await revoke(token, by));
      expect([...new URL(services.seen[0]!.url).searchParams]).toEqual([["token", token]]);
    }
  });

  test("is as wide as the configuration says, whatever the token looks like", async () => {
    // Tokens of only dots are never sent: see the path tests below.
    const text = fc
      .oneof(
        fc.string({ minLength: 1 }),
        fc.constantFrom("x&client_secret=y", '","access_token":"z', "__proto__", "%00", "{client_id}", "a b", "=", "+"),
      )
      .filter((token) => !/^\.{1,2}$/.test(token));
    const byBody = { form: withRevocation(), json: withRevocation({ body: "json" }) };
    await fc.assert(
      fc.asyncProperty(text, fc.constantFrom("form" as const, "json" as const), async (token, body) => {
        services.seen.length = 0;
        await expectEnded(await revoke(token, byBody[body]));
        const [{ url, body: sent }] = services.seen as [(typeof services.seen)[0]];
        expect(url).toBe(RFC_7009.endpoint);
        const members = body === "json" ? Object.entries(JSON.parse(sent) as object) : [...new URLSearchParams(sent)];
        expect(members.sort()).toEqual(
          [
            ["client_id", "client_id"],
            ["client_secret", ""],
            ["token", ""],
          ].map(([name]) => [
            name,
            { client_id: "client-of-github", client_secret: CANARY.clientSecret, token }[name!],
          ]),
        );
      }),
      RUNS,
    );
  });

  test.each(["日本", "a\u0100b", "👍"])(
    "a token that no header can hold is none, and no fault of the service: %s",
    async (token) => {
      const response = await revoke(token, withRevocation({ authMethod: "bearer", body: "empty" }));
      expect(response.status).toBeLessThan(500);
      expect(services.seen).toEqual([]);
    },
  );
});

describe("[A44] nobody is told “signed out” falsely", () => {
  const withOurs = ["client_secret_post", "client_secret_basic"] as const;
  const withoutOurs = ["none", "bearer"] as const;

  test.each([200, 201, 202, 204])("%i: ended", async (status) => {
    services.answerWith(new Response(null, { status }));
    await expectEnded(await revoke(TOKEN));
  });

  test.each([400, 404, 422])(
    "%i: the service does not know the token, so it is as good as ended (RFC 7009 §2.2)",
    async (status) => {
      for (const authMethod of [...withOurs, ...withoutOurs]) {
        for (const body of [
          "",
          "<h1>no</h1>",
          '{"error":"invalid_token"}',
          '{"message":"Not Found"}',
          '{"error":"invalid_grant"}',
          "[]",
          "null",
        ]) {
          services.answerWith(new Response(body, { status }));
          await expectEnded(await revoke(TOKEN, withRevocation({ authMethod })));
        }
      }
    },
  );

  test.each([401, 403])(
    "%i: it is us that the service refuses, where we showed our own credentials",
    async (status) => {
      services.answerWith(new Response('{"message":"Bad credentials"}', { status }));
      for (const authMethod of withOurs)
        await expectError(await revoke(TOKEN, withRevocation({ authMethod })), "service_refused_provider");
    },
  );

  test("401: it is the token that the service refuses, where it showed itself", async () => {
    services.answerWith(new Response('{"error":"invalid_access_token"}', { status: 401 }));
    await expectEnded(await revoke(TOKEN, withRevocation({ authMethod: "bearer", body: "empty" })));
  });

  test.each([400, 401, 403, 404])("%i with invalid_client: it is us, however we asked", async (status) => {
    services.answerWith(Response.json({ error: "invalid_client" }, { status }));
    for (const authMethod of [...withOurs, "none"] as const)
      await expectError(await revoke(TOKEN, withRevocation({ authMethod })), "service_refused_provider");
  });

  test.each([429, 500, 502, 503, 504, 599])("%i: nobody knows", async (status) => {
    for (const body of ["", '{"error":"invalid_token"}', "{}"]) {
      services.answerWith(new Response(body, { status }));
      for (const authMethod of [...withOurs, ...withoutOurs])
        await expectError(await revoke(TOKEN, withRevocation({ authMethod })), "service_failed");
    }
  });

  test.each([405, 408, 413, 415, 425])("%i: the service did not even look at the token", async (status) => {
    services.answerWith(new Response(null, { status }));
    expect((await revoke(TOKEN)).status).not.toBe(200);
  });

  test.each([
    "unsupported_token_type",
    "unauthorized_client",
    "invalid_request",
    "temporarily_unavailable",
    "server_error",
  ])("400 %s: nothing was ended (RFC 7009 §2.2.1)", async (error) => {
    services.answerWith(Response.json({ error }, { status: 400 }));
    expect((await revoke(TOKEN)).status).not.toBe(200);
  });

  test.each([301, 302, 303, 307, 308])("%i: the token and our secret follow no redirect [A17]", async (status) => {
    vi.restoreAllMocks();
    const paths: string[] = [];
    const { origin, stop } = await startLocalServer((request, response) => {
      paths.push(request.url ?? "");
      response.writeHead(request.url === "/revoke" ? status : 200, { location: "/elsewhere" }).end();
    });
    await expectError(await revoke(TOKEN, withRevocation({ endpoint: `${origin}/revoke` })), "service_unreachable");
    expect(paths).toEqual(["/revoke"]);
    await stop();
  });

  test("a service that hangs up, or that nobody can reach", async () => {
    vi.restoreAllMocks();
    const { origin, stop } = await startLocalServer((request) => void request.socket.destroy());
    const endpoint = `${origin}/revoke`;
    await expectError(await revoke(TOKEN, withRevocation({ endpoint })), "service_unreachable");
    await stop();
    await expectError(await revoke(TOKEN, withRevocation({ endpoint })), "service_unreachable");
  });

  test("a service that hangs is given up after 8 seconds [A46]", async () => {
    vi.restoreAllMocks();
    const limit = new AbortController();
    const { origin, stop } = await startLocalServer(() => limit.abort(new DOMException("too slow", "TimeoutError")));
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(limit.signal);
    await expectError(await revoke(TOKEN, withRevocation({ endpoint: `${origin}/revoke` })), "service_too_slow");
    expect(timeout).toHaveBeenCalledWith(8_000);
    await stop();
  });

  test("whatever a service answers: 200 or an error that says so, and never its own words", async () => {
    const body = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .constantFrom("invalid_client", "invalid_token", "server_error")
        .map((error) => JSON.stringify({ error, error_description: "canary-of-the-service" })),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 200, max: 599 }), body, async (status, text) => {
        services.answerWith(new Response([204, 205, 304].includes(status) ? null : text, { status }));
        const response = await revoke(TOKEN);
        const answer = await response.text();
        expect([200, 400, 502]).toContain(response.status);
        if (status === 429 || status >= 500 || status === 401 || status === 403) expect(response.status).toBe(502);
        if (response.status === 200) expect(answer).toBe("{}");
        expect(answer).not.toContain("canary-of-the-service");
      }),
      RUNS,
    );
  });
});

describe("[A30][A44] our own refresh token", () => {
  test("stands for the service's, which is what the service gets", async () => {
    for (const overrides of [{}, { thumbprint: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I" }]) {
      services.seen.length = 0;
      await expectEnded(await revoke(sealRefresh(provider, overrides)));
      expect(new URLSearchParams(services.seen[0]!.body).get("token")).toBe(SERVICE_REFRESH_TOKEN);
    }
  });

  test("stands for it whatever the hint says (RFC 7009 §2.1)", async () => {
    const token = sealRefresh(provider);
    for (const hint of ["access_token", "refresh_token", "x", ""]) {
      services.seen.length = 0;
      await expectEnded(await post(new URLSearchParams({ token, token_type_hint: hint }).toString()));
      expect(new URLSearchParams(services.seen[0]!.body).get("token")).toBe(SERVICE_REFRESH_TOKEN);
    }
  });

  test("is ended even after its own end, since the service's may live on", async () => {
    const token = sealRefresh(provider, { expiresAt: Math.floor(Date.now() / 1_000) - 3_600 });
    await expectEnded(await revoke(token));
    expect(new URLSearchParams(services.seen[0]!.body).get("token")).toBe(SERVICE_REFRESH_TOKEN);
  });

  test.each([
    EVIL,
    "null",
    "",
    "http://good.example",
    `${GOOD}:8443`,
    "https://sub.good.example",
    `${GOOD}/`,
    PROVIDER,
  ])("is not ended from the origin %j", async (origin) => {
    const token = sealRefresh(provider);
    await expectError(await revoke(token, provider, { origin }), "invalid_refresh_token");
    expect(services.seen).toEqual([]);
    await expectEnded(await revoke(token, provider, { origin: GOOD }));
  });

  test("of another service is not opened: this one never hears of what is inside [A26]", async () => {
    const shared = { SEALING_KEY: "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV" };
    const by = testProvider({ github: { ...REFRESHING, revocation: RFC_7009 }, other: REFRESHING, env: shared });
    await revoke(sealRefresh(by, {}, "other"), by);
    expect(services.seen.map(({ body }) => body).join()).not.toContain(SERVICE_REFRESH_TOKEN);
  });

  test("no other sealed value gives away what is inside [A26]", async () => {
    for (const kind of ["request", "state", "ticket", "code"] as const)
      await revoke(sealOne(kind, provider, { browser: "x" }));
    expect(services.seen.map(({ body }) => body).join()).not.toContain(CANARY.serviceCode);
  });

  test("is not called ended where the service takes only access tokens as Bearer, and refuses it", async () => {
    // As at Dropbox: the token authenticates the request, and a refresh token cannot do that.
    const by = withRevocation({ authMethod: "bearer", body: "empty" });
    let ended = false;
    services.answerWith(({ url, headers }) => {
      if (url !== RFC_7009.endpoint) return Response.json({ access_token: TOKEN, token_type: "bearer" });
      if (headers.authorization !== `Bearer ${TOKEN}`)
        return new Response('{"error":"invalid_access_token"}', { status: 401 });
      ended = true;
      return new Response(null);
    });
    const response = await revoke(sealRefresh(by), by);
    expect({ status: response.status, ended }).not.toEqual({ status: 200, ended: false });
  });
});

describe("[A44] a service that ends refresh tokens only", () => {
  test("ends ours, and says about an access token that it cannot", async () => {
    const by = withRevocation({ tokenKind: "refresh_token" });
    await expectError(await revoke(TOKEN, by), "unsupported_token_type");
    await expectError(
      await post(`token=${TOKEN}&token_type_hint=refresh_token`, {}, "/revoke/github", by),
      "unsupported_token_type",
    );
    expect(services.seen).toEqual([]);
    await expectEnded(await revoke(sealRefresh(by), by));
    expect(new URLSearchParams(services.seen[0]!.body).get("token")).toBe(SERVICE_REFRESH_TOKEN);
  });
});

describe("[A42][A46] a revocation request that is put together wrongly", () => {
  afterEach(() => expect(services.seen).toEqual([]));

  test.each(["", "token=", "Token=x", "token%5B%5D=x", "access_token=x", "refresh_token=x"])(
    "without token: %j",
    async (body) => {
      await expectError(await post(body), "missing_token");
      await expectError(await post(body, {}, `/revoke/github?token=${TOKEN}`), "missing_token");
    },
  );

  test("parameters twice", async () => {
    for (const body of [
      "token=x&token=x",
      "token=x&token=",
      "token=x&token_type_hint=a&token_type_hint=b",
      "token=x&client_id=a&client_id=b",
    ]) {
      await expectError(await post(body), "duplicate_parameter");
    }
  });

  test("other JSON types than text, or another type of body", async () => {
    for (const token of [["x"], { token: "x" }, 1, true, null]) {
      await expectError(
        await post(JSON.stringify({ token }), { "content-type": "application/json" }),
        "unreadable_body",
      );
    }
    for (const body of ["[]", "null", '"x"', "{", ""])
      await expectError(await post(body, { "content-type": "application/json" }), "unreadable_body");
    await expectError(await post("token=x", { "content-type": "text/plain" }), "unreadable_body");
  });

  test.each(["a%00b", "a%0D%0AX-Header: y", "a%0Ab", "%7F", "a%1Fb"])("control characters: %s", async (token) => {
    await expectError(await post(`token=${token}`), "oversized_parameter");
    await expectError(
      await post(`token=${token}`, {}, "/revoke/github", withRevocation({ authMethod: "bearer", body: "empty" })),
      "oversized_parameter",
    );
  });

  test("more than 16 KiB, and tokens that nobody has", async () => {
    await expectError(await post(`token=${"x".repeat(16_384)}`), "too_large");
    await expectError(await post(`token=x&padding=${"x".repeat(16_384 - 15)}`), "too_large");
    await expectError(await post(`token=${"x".repeat(12_289)}`), "oversized_parameter");
  });

  test.each(["GET", "PUT", "DELETE", "PATCH", "HEAD"])("%s [A61]", async (method) => {
    const response = await call("revoke", provider, `/revoke/github?token=${TOKEN}`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST, OPTIONS");
  });

  test.each(["nobody", "__proto__", "constructor", "Github", "GITHUB", "github%20", "", "github."])(
    "for %j, which is no service [A41]",
    async (service) => {
      await expectError(await post("token=x", {}, `/revoke/${service}`), "unknown_service");
    },
  );

  test("a preflight is answered for every origin, without credentials [A37]", async () => {
    const response = await call("revoke", provider, "/revoke/github", {
      method: "OPTIONS",
      headers: { origin: EVIL, "access-control-request-method": "POST" },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-headers")).toBe("authorization, content-type, dpop");
  });
});

test("exactly 16 KiB are read", async () => {
  await expectEnded(await post(`token=x&padding=${"x".repeat(16_384 - 16)}`));
});

test.each([
  ["without client authentication", "", {}],
  ["with the word that stands for a secret in the body", "&client_secret=public", {}],
  [
    "with it in a Basic header",
    "",
    { authorization: `Basic ${Buffer.from(`${encodeURIComponent(`${GOOD}/`)}:public`).toString("base64")}` },
  ],
])("[A44] a tool ends its token in whatever way it logs in: %s (RFC 7009 §2.1)", async (_, more, headers) => {
  await expectEnded(await post(`token=${TOKEN}&client_id=${encodeURIComponent(`${GOOD}/`)}${more}`, headers));
  const sent = new URLSearchParams(services.seen[0]!.body);
  expect([sent.get("token"), sent.get("client_id"), sent.get("client_secret")]).toEqual([
    TOKEN,
    "client-of-github",
    CANARY.clientSecret,
  ]);
});

test("the same as JSON, as simple-oauth2 sends it", async () => {
  await expectEnded(
    await post(JSON.stringify({ token: TOKEN, token_type_hint: "access_token" }), {
      "content-type": "application/json",
    }),
  );
  expect(new URLSearchParams(services.seen[0]!.body).get("token")).toBe(TOKEN);
});
