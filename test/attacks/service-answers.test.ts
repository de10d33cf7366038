import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Provider } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";
import type { ErrorName } from "../tools/error-name.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  codeIn,
  decide,
  EVIL,
  GOOD,
  Jar,
  PROVIDER,
  pkcePair,
  reachConfirmation,
  readFragment,
  redeem,
  testProvider,
} from "../tools/harness.ts";
import { startLocalServer } from "../tools/local-server.ts";
import type { TokenAnswer } from "../tools/token-server.ts";
import { startTokenServer } from "../tools/token-server.ts";
import { boundJar, expectRefused, fetchedUrls, sealOne, spyOnFetch } from "./tools.ts";

let server: Awaited<ReturnType<typeof startTokenServer>>;
beforeAll(async () => void (server = await startTokenServer()));
afterAll(() => server.stop());
afterEach(() => vi.restoreAllMocks());

/** Redeems one of our codes, with a scripted token endpoint at the service. */
async function redeemAt(answer: TokenAnswer, github: Partial<Service> = {}, scopes = ["read:user"]): Promise<Response> {
  server.answerWith(answer);
  const env = { SEALING_KEY: "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV" };
  const provider = testProvider({ github: { tokenEndpoint: server.endpoint, ...github }, env });
  const { verifier, challenge } = pkcePair();
  const code = sealOne("code", provider, { browser: boundJar().browser, challenge, scopes });
  return await redeem(provider, { code, code_verifier: verifier });
}

const TOKEN = CANARY.accessToken;
/** Text from a third party, which our answers must not contain. */
const BODY = "canary-of-the-body";

describe("[A52] whatever the service answers, the app reads one of our own words", () => {
  test.each<[string, TokenAnswer, ErrorName]>([
    [
      "an error with status 200, as GitHub sends it",
      { json: { error: "bad_verification_code", error_description: BODY, error_uri: BODY } },
      "service_refused_provider",
    ],
    [
      "invalid_grant with status 200",
      { json: { error: "invalid_grant", error_description: BODY } },
      "service_refused_grant",
    ],
    [
      "invalid_grant with status 400",
      { status: 400, json: { error: "invalid_grant", error_description: BODY } },
      "service_refused_grant",
    ],
    ["an error beside a token", { json: { error: "invalid_grant", access_token: TOKEN } }, "service_refused_grant"],
    [
      "invalid_client",
      { status: 401, json: { error: "invalid_client", error_description: BODY } },
      "service_refused_provider",
    ],
    [
      "invalid_request",
      { status: 400, json: { error: "invalid_request", error_description: BODY } },
      "service_refused_provider",
    ],
    ["an error nobody knows", { status: 400, json: { error: BODY } }, "service_refused_provider"],
    ["an error that is an object", { status: 400, json: { error: { message: BODY } } }, "service_refused_provider"],
    ["an error that is a list", { json: { error: ["invalid_grant"] } }, "service_refused_provider"],
    ["an error that is a number", { json: { error: 1 } }, "service_refused_provider"],
    ["an error that is false", { json: { error: false, access_token: TOKEN } }, "service_refused_provider"],
    ["an empty error", { json: { error: "", access_token: TOKEN } }, "service_refused_provider"],
    ["an inherited name as error", { json: { error: "__proto__" } }, "service_refused_provider"],
    ["temporarily_unavailable", { status: 400, json: { error: "temporarily_unavailable" } }, "service_failed"],
    ["server_error", { json: { error: "server_error" } }, "service_failed"],
    ["status 500", { status: 500, text: BODY }, "service_failed"],
    ["status 503 with an OAuth error", { status: 503, json: { error: "invalid_grant" } }, "service_failed"],
    ["status 500 with a token", { status: 500, json: { access_token: TOKEN } }, "service_failed"],
    ["status 400 without a word", { status: 400, text: BODY }, "service_failed"],
    ["status 404 with HTML", { status: 404, text: `<h1>${BODY}</h1>` }, "service_failed"],
    ["status 400 with a token", { status: 400, json: { access_token: TOKEN } }, "service_failed"],
    ["status 429", { status: 429, json: { message: BODY } }, "service_failed"],
    ["HTML", { text: `<html><script>${BODY}</script></html>` }, "service_unintelligible"],
    [
      "HTML that calls itself JSON",
      { text: `<html>${BODY}`, contentType: "application/json" },
      "service_unintelligible",
    ],
    [
      "a form",
      { text: `access_token=${TOKEN}&token_type=bearer`, contentType: "application/x-www-form-urlencoded" },
      "service_unintelligible",
    ],
    ["nothing", { text: "", contentType: "application/json" }, "service_unintelligible"],
    ["status 204", { status: 204, text: "" }, "service_unintelligible"],
    ["null", { json: null }, "service_unintelligible"],
    ["a text", { json: BODY }, "service_unintelligible"],
    ["a list", { json: [{ access_token: TOKEN }] }, "service_unintelligible"],
    ["no token", { json: { token_type: "bearer", note: BODY } }, "service_unintelligible"],
    ["a token that is an object", { json: { access_token: { value: TOKEN } } }, "service_unintelligible"],
    ["a token that is a number", { json: { access_token: 12345 } }, "service_unintelligible"],
    ["a token that is null", { json: { access_token: null } }, "service_unintelligible"],
    ["an empty token", { json: { access_token: "" } }, "service_unintelligible"],
    ["a token with a line feed", { json: { access_token: `${TOKEN}\n` } }, "service_unintelligible"],
    ["a token with a header in it", { json: { access_token: `x\r\nSet-Cookie: ${BODY}` } }, "service_unintelligible"],
    ["a token with other letters", { json: { access_token: "tök€n" } }, "service_unintelligible"],
    ["a token of 8,193 characters", { json: { access_token: "x".repeat(8_193) } }, "service_unintelligible"],
    ["half a JSON", { text: `{"access_token":"${TOKEN}"`, contentType: "application/json" }, "service_unintelligible"],
    [
      "an inherited token",
      { text: `{"__proto__":{"access_token":"${TOKEN}"}}`, contentType: "application/json" },
      "service_unintelligible",
    ],
    ["10 MB", "huge", "service_unintelligible"],
    ["a broken connection", "reset", "service_unreachable"],
  ])("%s", async (_, answer, reason) => {
    const response = await redeemAt(answer);
    const text = await response.clone().text();
    expect(text).not.toContain(BODY);
    expect(text).not.toContain(TOKEN);
    await expectRefused(response, reason);
  });

  test("the service's own word for invalid_grant is understood where its record says so", async () => {
    const response = await redeemAt(
      { json: { error: "bad_verification_code" } },
      { tokenErrorCodes: { bad_verification_code: "invalid_grant" } },
    );
    await expectRefused(response, "service_refused_grant");
  });

  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ["no token_type", { token_type: undefined }, { token_type: "Bearer" }],
    ["an odd token_type", { token_type: `<b>${BODY}</b>` }, { token_type: "Bearer" }],
    ["a token_type that is a list", { token_type: ["bearer"] }, { token_type: "Bearer" }],
    ["a DPoP token", { token_type: "DPoP" }, { token_type: "DPoP" }],
    ["a lifetime", { expires_in: 3600 }, { expires_in: 3600 }],
    ["a lifetime as text", { expires_in: "3600" }, { expires_in: 3600 }],
    ["a lifetime with a fraction", { expires_in: 3599.9 }, { expires_in: 3599 }],
    ["a negative lifetime", { expires_in: -1 }, {}],
    ["a lifetime of words", { expires_in: BODY }, {}],
    ["an infinite lifetime", { expires_in: "Infinity" }, {}],
    ["a lifetime of null", { expires_in: null }, {}],
    ["no error, spelled out", { error: null }, {}],
    ["members nobody knows", { note: BODY, id_token: BODY, refresh_token: BODY, error_description: BODY }, {}],
    ["a member __proto__", { __proto__x: BODY }, {}],
    ["a scope that is an object", { scope: { value: BODY } }, {}],
    ["fewer scopes than were asked for", { scope: "repo" }, { scope: "repo" }],
    ["scopes with commas", { scope: "repo,read:user" }, { scope: "repo read:user" }],
  ])("a token with %s is handed on as RFC 6749 §5.1 has it", async (_, members, expected) => {
    const answer = { json: { access_token: TOKEN, token_type: "bearer", ...members } };
    const response = await redeemAt(answer, {}, ["read:user", "repo"]);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      access_token: TOKEN,
      token_type: "bearer",
      scope: "read:user repo",
      ...expected,
    });
  });

  test.each([false, true])(
    "a scope that is none by RFC 6749 §3.3 is not handed on (merging earlier grants: %s)",
    async (scopesMerged) => {
      for (const scope of [`repo "${BODY}"`, `repo \u2028${BODY}`, `repo <${BODY}\\>`]) {
        const response = await redeemAt(
          { json: { access_token: TOKEN, token_type: "bearer", scope } },
          { scopesMerged },
          ["repo"],
        );
        expect(await response.clone().text()).not.toContain(BODY);
        if (response.status === 200) expect(((await response.json()) as { scope: string }).scope).toBe("repo");
      }
    },
  );

  test("[A31] more than was asked for is not handed on, unless the service is known to merge earlier grants", async () => {
    const answer = { json: { access_token: TOKEN, token_type: "bearer", scope: "read:user,repo" } };
    const response = await redeemAt(answer);
    expect(await response.clone().text()).not.toContain(TOKEN);
    await expectRefused(response, "granted_too_much");
    expect((await redeemAt(answer, { scopesMerged: true })).status).toBe(200);
    expect((await redeemAt(answer, {}, ["repo", "read:user"])).status).toBe(200);
  });

  test("a token of 8,192 characters is one", async () => {
    expect((await redeemAt({ json: { access_token: "x".repeat(8_192), token_type: "bearer" } })).status).toBe(200);
  });
});

describe("[A17] the client secret", () => {
  test.each([301, 302, 303, 307, 308])("does not follow a redirect: %i", async (status) => {
    let requests = 0;
    const elsewhere = await startLocalServer((_, response) => {
      requests += 1;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ access_token: TOKEN }));
    });
    await expectRefused(
      await redeemAt({ redirect: status, location: `${elsewhere.origin}/token` }),
      "service_unreachable",
    );
    await expectRefused(await redeemAt({ redirect: status, location: "/elsewhere" }), "service_unreachable");
    expect(requests).toBe(0);
    await elsewhere.stop();
  });

  test.each([
    ["as a server's runtime shows it, with a token in its body", 307],
    ["as a browser's runtime hides it", 0],
    ["without an address", 300],
  ])("gets no token from a redirect: %s", async (_, status) => {
    const answer = Response.json({ access_token: TOKEN, token_type: "bearer" });
    Object.defineProperty(answer, "status", { value: status });
    vi.spyOn(globalThis, "fetch").mockResolvedValue(answer);
    await expectRefused(await redeemAt({ json: {} }), "service_unreachable");
  });

  test.each(["client_secret_post", "client_secret_basic"] as const)(
    "is in the body or the header, never in the URL: %s",
    async (tokenEndpointAuthMethod) => {
      await redeemAt({ json: { access_token: TOKEN } }, { tokenEndpointAuthMethod });
      const { url, headers, form } = server.seen.at(-1)!;
      expect(url).toBe("/token");
      const basic = Buffer.from(String(headers.authorization ?? "").replace("Basic ", ""), "base64").toString();
      const inBody = tokenEndpointAuthMethod === "client_secret_post";
      expect(form.get("client_secret")).toBe(inBody ? CANARY.clientSecret : null);
      expect(basic).toBe(inBody ? "" : `client-of-github:${CANARY.clientSecret}`);
      expect(form.get("client_id")).toBe(inBody ? "client-of-github" : null);
    },
  );

  test("is form-encoded in the header (RFC 6749 §2.3.1)", async () => {
    server.answerWith({ json: { access_token: TOKEN } });
    const env = { GITHUB_CLIENT_SECRET: "a:secret/with+odd%letters", GITHUB_CLIENT_ID: "id:with:colons" };
    const provider = testProvider({
      github: { tokenEndpoint: server.endpoint, tokenEndpointAuthMethod: "client_secret_basic" },
      env,
    });
    const { verifier, challenge } = pkcePair();
    const code = sealOne("code", provider, { browser: "x", challenge });
    await redeem(provider, { code, code_verifier: verifier });
    const basic = Buffer.from(
      String(server.seen.at(-1)!.headers.authorization).replace("Basic ", ""),
      "base64",
    ).toString();
    const [id, secret] = basic.split(":").map((part) => new URLSearchParams(`v=${part}`).get("v"));
    expect([id, secret]).toEqual([env.GITHUB_CLIENT_ID, env.GITHUB_CLIENT_SECRET]);
  });

  test("is not sent by a public client", async () => {
    await redeemAt({ json: { access_token: TOKEN } }, { tokenEndpointAuthMethod: "none" });
    const { headers, form } = server.seen.at(-1)!;
    expect(headers.authorization).toBeUndefined();
    expect([...form.values()].join(" ")).not.toContain(CANARY.clientSecret);
  });

  test("no header of the app's request travels on to the service", async () => {
    server.answerWith({ json: { access_token: TOKEN } });
    const provider = testProvider({ github: { tokenEndpoint: server.endpoint } });
    const { verifier, challenge } = pkcePair();
    const code = sealOne("code", provider, { browser: "x", challenge });
    await redeem(
      provider,
      { code, code_verifier: verifier },
      {
        headers: { cookie: "canary-of-a-header", "x-canary": "canary-of-a-header", "user-agent": "canary-of-a-header" },
      },
    );
    const { headers, form } = server.seen.at(-1)!;
    expect(JSON.stringify(headers)).not.toContain("canary-of-a-header");
    expect(JSON.stringify(headers)).not.toContain("good.example");
    expect([...form.keys()].sort()).toEqual([
      "client_id",
      "client_secret",
      "code",
      "code_verifier",
      "grant_type",
      "redirect_uri",
    ]);
  });
});

describe("[A12] where we call to", () => {
  const addresses = [
    EVIL,
    "https://evil.example/token",
    "http://169.254.169.254/latest/meta-data/",
    "http://localhost:8888/",
    "http://[::1]/",
    "127.0.0.1",
    "file:///etc/passwd",
    "gopher://evil.example/",
  ];
  const names = [
    "instance",
    "host",
    "domain",
    "server",
    "url",
    "token_endpoint",
    "authorization_endpoint",
    "issuer",
    "iss",
    "resource",
    "redirect_uri",
    "api",
    "base_url",
    "service",
    "provider",
    "tenant",
    "jwks_uri",
    "client_metadata",
  ];

  test("is decided by no parameter of any step", async () => {
    const fetched = spyOnFetch();
    const provider = testProvider();
    for (const address of addresses) {
      const extra = new URLSearchParams(
        names.filter((name) => !["redirect_uri", "iss", "resource"].includes(name)).map((name) => [name, address]),
      );
      const { verifier, challenge } = pkcePair();
      const jar = new Jar();
      const started = await call(
        "authorize",
        provider,
        `/authorize/github?${authorizationRequest(challenge)}&${extra}`,
        { jar, headers: { referer: `${GOOD}/` } },
      );
      const toService = new URL(started.headers.get("location")!);
      expect(toService.href).not.toContain(encodeURIComponent(address));
      const query = new URLSearchParams({ code: CANARY.serviceCode, state: toService.searchParams.get("state")! });
      const question = readFragment(await call("callback", provider, `/callback/github?${query}&${extra}`, { jar }));
      const confirmed = await decide(
        provider,
        question,
        jar,
        Object.fromEntries([...extra].filter(([name]) => name !== "service")),
      );
      const code = codeIn((await confirmed.json()) as { location: string });
      const { redirect_uri: _, ...more } = Object.fromEntries(extra);
      expect((await redeem(provider, { ...more, code, code_verifier: verifier })).status).toBe(200);
    }
    // A request for another resource server is refused as a whole (RFC 8707 §2).
    for (const address of addresses) {
      const query = authorizationRequest(pkcePair().challenge, { resource: address });
      await expectRefused(await call("authorize", provider, `/authorize/github?${query}`), "invalid_target");
    }
    expect(new Set(fetchedUrls(fetched))).toEqual(new Set(["https://github.example/login/oauth/access_token"]));
    for (const [, init] of fetched.mock.calls) expect(init).toMatchObject({ redirect: "manual", method: "POST" });
  });

  test("is nowhere for a service that nobody configured", async () => {
    const fetched = spyOnFetch();
    const provider = testProvider();
    for (const address of [...addresses.map(encodeURIComponent), "mastodon", "evil.example"]) {
      await expectRefused(
        await call("authorize", provider, `/authorize/${address}?${authorizationRequest(pkcePair().challenge)}`),
        "unknown_service",
      );
      await expectRefused(
        await redeem(provider, { code: "x", code_verifier: pkcePair().verifier }, { service: address }),
        "unknown_service",
      );
      await expectRefused(await call("callback", provider, `/callback/${address}?code=x&state=y`), "unknown_service");
    }
    expect(fetched).not.toHaveBeenCalled();
  });

  test("is nowhere for a client_id or a redirect_uri either: nothing is fetched to find out more", async () => {
    const fetched = spyOnFetch();
    const provider: Provider = testProvider();
    for (const clientId of [
      "https://evil.example/client.json",
      "https://192.0.2.1/",
      "http://localhost:8888/",
      "http://127.0.0.1/",
    ]) {
      const { origin } = new URL(clientId);
      const query = authorizationRequest(pkcePair().challenge, {
        client_id: clientId,
        redirect_uri: `${origin}/callback`,
        logo_uri: clientId,
        jwks_uri: clientId,
      });
      expect((await call("authorize", provider, `/authorize/github?${query}`)).status).toBe(303);
    }
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("[A20][A25] what the service is told", () => {
  test("is our redirect URI and our verifier, whatever the app says in its token request", async () => {
    server.answerWith({ json: { access_token: TOKEN } });
    const provider = testProvider({ github: { tokenEndpoint: server.endpoint } });
    const { verifier, challenge } = pkcePair();
    const { question, jar, toService } = await reachConfirmation(provider, { challenge });
    const code = codeIn((await (await decide(provider, question, jar)).json()) as { location: string });
    await redeem(provider, { code, code_verifier: verifier, scope: "repo", audience: EVIL });
    const { form } = server.seen.at(-1)!;
    expect(form.get("redirect_uri")).toBe(`${PROVIDER}/callback/github`);
    expect(form.get("code")).toBe(CANARY.serviceCode);
    expect(form.get("code_verifier")).not.toBe(verifier);
    const { createHash } = await import("node:crypto");
    expect(createHash("sha256").update(form.get("code_verifier")!).digest("base64url")).toBe(
      toService.searchParams.get("code_challenge"),
    );
    expect(form.has("scope") || form.has("audience")).toBe(false);
  });
});
