import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Provider } from "../../server/provider/provider.ts";
import { codeChallengeOf } from "../../server/request/pkce.ts";
import { CANARY, call, EVIL, GOOD, PROVIDER, pkcePair, redeem, testProvider } from "../tools/harness.ts";
import { boundJar, expectRefused, RUNS, reachCode, sealOne, spyOnFetch } from "./tools.ts";

const provider = testProvider();
const FORM = "application/x-www-form-urlencoded";

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => (fetched = spyOnFetch()));
afterEach(() => vi.restoreAllMocks());

/** A token request with exactly this body. */
function post(
  body: string,
  headers: Record<string, string> = {},
  path = "/token/github",
  by: Provider = provider,
): Promise<Response> {
  return call("token", by, path, { method: "POST", headers: { "content-type": FORM, ...headers }, body });
}

function goodRequest(): { form: Record<string, string>; code: string; verifier: string } {
  const { verifier, challenge } = pkcePair();
  const code = sealOne("code", provider, { browser: boundJar().browser, challenge });
  const form = {
    grant_type: "authorization_code",
    code,
    redirect_uri: `${GOOD}/callback`,
    client_id: `${GOOD}/`,
    code_verifier: verifier,
  };
  return { form, code, verifier };
}

describe("a correct token request", () => {
  test("is answered as form and as JSON, and from a server without an Origin", async () => {
    const { form } = goodRequest();
    const requests = [
      () => post(new URLSearchParams(form).toString(), { origin: GOOD }),
      () => post(new URLSearchParams(form).toString()),
      () => post(JSON.stringify(form), { origin: GOOD, "content-type": "application/json" }),
    ];
    for (const request of requests) {
      const response = await request();
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        access_token: CANARY.accessToken,
        token_type: "bearer",
        scope: "read:user",
      });
    }
  });

  test("may name its client in a Basic header with an empty secret (RFC 6749 §2.3.1)", async () => {
    const { form } = goodRequest();
    const { client_id: clientId, ...rest } = form;
    const authorization = `Basic ${Buffer.from(`${encodeURIComponent(clientId!)}:`).toString("base64")}`;
    expect((await post(new URLSearchParams(rest).toString(), { authorization })).status).toBe(200);
  });
});

describe("[A24] PKCE cannot be left out or weakened", () => {
  const { verifier, challenge } = pkcePair();
  const requests: [string, Record<string, string | undefined>][] = [
    ["no challenge", { code_challenge: undefined }],
    ["no challenge and no method", { code_challenge: undefined, code_challenge_method: undefined }],
    ["an empty challenge", { code_challenge: "" }],
    ["no method, which would mean plain", { code_challenge_method: undefined }],
    ["plain", { code_challenge_method: "plain", code_challenge: verifier }],
    ["an unknown method", { code_challenge_method: "S512" }],
    ["S256 in lower case", { code_challenge_method: "s256" }],
    ["a challenge that is too short", { code_challenge: challenge.slice(1) }],
    ["a challenge that is too long", { code_challenge: `${challenge}A` }],
    ["a padded challenge", { code_challenge: `${challenge.slice(0, 42)}=` }],
    ["a challenge in hexadecimal", { code_challenge: "0".repeat(64) }],
  ];
  test.each(requests)("an authorization request with %s is refused", async (_, overrides) => {
    const query = new URLSearchParams(
      Object.entries({
        client_id: `${GOOD}/`,
        redirect_uri: `${GOOD}/callback`,
        response_type: "code",
        code_challenge: challenge,
        code_challenge_method: "S256",
        ...overrides,
      }).filter((entry): entry is [string, string] => entry[1] !== undefined),
    );
    for (const mode of ["query", "web_message"]) {
      const response = await call("authorize", provider, `/authorize/github?${query}&response_mode=${mode}`, {
        headers: { referer: `${GOOD}/` },
      });
      await expectRefused(response, "invalid_code_challenge");
    }
  });

  const verifiers: [
    string,
    (right: string) => string | undefined,
    "missing_token_parameter" | "invalid_code_verifier",
  ][] = [
    ["no verifier", () => undefined, "missing_token_parameter"],
    ["an empty verifier", () => "", "missing_token_parameter"],
    ["another verifier", () => pkcePair().verifier, "invalid_code_verifier"],
    ["a verifier that is too short", () => "a".repeat(42), "invalid_code_verifier"],
    ["a verifier that is too long", () => "a".repeat(129), "invalid_code_verifier"],
    ["a verifier with a letter too many", (right) => `${right}A`, "invalid_code_verifier"],
    ["a verifier with other letters", (right) => `${right.slice(0, 42)}+`, "invalid_code_verifier"],
    ["a verifier in another case", (right) => `${right.toUpperCase()}x`, "invalid_code_verifier"],
    ["a space after the verifier", (right) => `${right} `, "invalid_code_verifier"],
  ];
  test.each(verifiers)("a token request with %s is refused", async (_, change, reason) => {
    const { code, verifier: right } = goodRequest();
    await expectRefused(await redeem(provider, { code, code_verifier: change(right) }), reason);
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each(["a", "a".repeat(42), "a".repeat(129), `${"a".repeat(42)}+`])(
    "a verifier that the RFC does not allow is refused, even if its challenge fits: %s",
    async (short) => {
      const code = sealOne("code", provider, { browser: "x", challenge: codeChallengeOf(short) });
      await expectRefused(await redeem(provider, { code, code_verifier: short }), "invalid_code_verifier");
    },
  );

  test("the challenge itself is no verifier", async () => {
    const pair = pkcePair();
    const code = sealOne("code", provider, { browser: "x", challenge: pair.challenge });
    await expectRefused(await redeem(provider, { code, code_verifier: pair.challenge }), "invalid_code_verifier");
  });

  test("no other name stands for the verifier", async () => {
    const { form, verifier: right } = goodRequest();
    const { code_verifier: _, ...rest } = form;
    for (const name of ["code_verifier[]", "codeVerifier", "Code_Verifier", "code_verifier "]) {
      await expectRefused(
        await post(new URLSearchParams({ ...rest, [name]: right }).toString()),
        "missing_token_parameter",
      );
    }
    const list = JSON.stringify({ ...rest, code_verifier: [right] });
    await expectRefused(await post(list, { "content-type": "application/json" }), "unreadable_body");
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("[A22] a code for one service", () => {
  test("is none at the token endpoint of another", async () => {
    const { code, verifier } = goodRequest();
    await expectRefused(
      await redeem(provider, { code, code_verifier: verifier }, { service: "other" }),
      "invalid_code",
    );
    await expectRefused(
      await redeem(provider, { code, code_verifier: verifier }, { service: "nobody" }),
      "unknown_service",
    );
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("[A30] a code of another client", () => {
  test.each([
    "https://evil.example",
    "null",
    "",
    "http://good.example",
    "https://good.example:8443",
    "https://sub.good.example",
    "https://good.example/",
    "https://GOOD.example",
    PROVIDER,
  ])("is refused from the origin %j", async (origin) => {
    const { code, verifier } = goodRequest();
    await expectRefused(
      await redeem(provider, { code, code_verifier: verifier }, { headers: { origin } }),
      "code_of_other_client",
    );
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each([
    "https://evil.example/",
    "https://good.example",
    "https://good.example/callback",
    "https://good.example//",
    "client-of-github",
    "https://GOOD.example/",
  ])("is refused with the client_id %j", async (clientId) => {
    const { code, verifier } = goodRequest();
    await expectRefused(
      await redeem(provider, { code, code_verifier: verifier, client_id: clientId }),
      "code_of_other_client",
    );
  });

  test.each([
    undefined,
    "",
    "https://good.example/callback/",
    "https://good.example/callback?x",
    "https://good.example/",
    "https://evil.example/callback",
    "https://good.example/Callback",
  ])("is refused with the redirect_uri %j (RFC 6749 §4.1.3)", async (redirectUri) => {
    const { code, verifier } = goodRequest();
    await expectRefused(
      await redeem(provider, { code, code_verifier: verifier, redirect_uri: redirectUri }),
      "code_of_other_client",
    );
  });

  test("where no redirect URI was named, none is asked for", async () => {
    const { code, verifier } = await reachCode(provider, {
      overrides: { response_mode: "web_message", redirect_uri: undefined },
      opener: true,
    });
    expect((await redeem(provider, { code, code_verifier: verifier, redirect_uri: undefined })).status).toBe(200);
  });

  test("is refused in a Basic header that names somebody else, or comes with a secret", async () => {
    const { form } = goodRequest();
    const basic = (id: string, secret: string) => ({
      authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${secret}`).toString("base64")}`,
    });
    const body = new URLSearchParams(form).toString();
    await expectRefused(await post(body, basic(`${EVIL}/`, "")), "duplicate_parameter");
    await expectRefused(await post(body, basic(`${GOOD}/`, "secret")), "client_secret_given");
    await expectRefused(await post(`${body}&client_secret=x`), "client_secret_given");
    expect((await post(`${body}&client_secret=`)).status).toBe(200);
  });

  test.each([
    ["in the body", (_id: string) => ({}), "&client_secret=public"],
    [
      "in a Basic header",
      (id: string) => ({
        authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:public`).toString("base64")}`,
      }),
      "",
    ],
  ])(
    "[A24] gains nothing by the word that stands for a secret, %s: it is redeemed with its verifier only",
    async (_, header, more) => {
      const { form } = goodRequest();
      const send = async (changes: Record<string, string>, id = `${GOOD}/`) => {
        return await post(`${new URLSearchParams({ ...form, client_id: id, ...changes })}${more}`, header(id));
      };
      await expectRefused(await send({ code_verifier: "" }), "missing_token_parameter");
      await expectRefused(await send({ code_verifier: "v".repeat(43) }), "invalid_code_verifier");
      await expectRefused(await send({}, `${EVIL}/`), "code_of_other_client");
      await expectRefused(await send({ redirect_uri: `${GOOD}/other` }), "code_of_other_client");
      expect((await send({})).status).toBe(200);
    },
  );
});

describe("[A42] a token request that is put together in a confusing way", () => {
  test("doubled parameters are refused, whichever", async () => {
    const { form } = goodRequest();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(form)),
        fc.oneof(fc.string(), fc.constantFrom("", ...Object.values(form))),
        fc.nat({ max: 5 }),
        async (name, value, index) => {
          const body = new URLSearchParams(Object.entries(form).toSpliced(index, 0, [name, value])).toString();
          await expectRefused(await post(body), "duplicate_parameter");
        },
      ),
      RUNS,
    );
    expect(fetched).not.toHaveBeenCalled();
  });

  test("any body at all is refused, or is the correct one", async () => {
    const { form } = goodRequest();
    const name = fc.constantFrom(
      ...Object.keys(form),
      "client_secret",
      "scope",
      "refresh_token",
      "__proto__",
      "code[]",
    );
    const value = fc.oneof(
      fc.constantFrom(...Object.values(form), "refresh_token", "password", "client_credentials"),
      fc.string(),
    );
    const asForm = fc
      .array(fc.tuple(name, value), { maxLength: 8 })
      .map((pairs): [string, string] => [new URLSearchParams(pairs).toString(), FORM]);
    const asJson = fc
      .dictionary(name, fc.oneof(value, fc.jsonValue()))
      .map((members): [string, string] => [JSON.stringify(members), "application/json"]);
    await fc.assert(
      fc.asyncProperty(fc.oneof(asForm, asJson), async ([body, type]) => {
        const response = await post(body, { "content-type": type });
        expect([200, 400]).toContain(response.status);
        if (response.status === 200) expect(fetched).toHaveBeenCalled();
        else
          expect(((await response.json()) as { error: string }).error).toMatch(
            /^(invalid_request|invalid_grant|invalid_client|unsupported_grant_type)$/,
          );
      }),
      RUNS,
    );
  });

  test("what stands in the URL is no part of it", async () => {
    const { form } = goodRequest();
    const { code, ...rest } = form;
    await expectRefused(
      await post(new URLSearchParams(rest as Record<string, string>).toString(), {}, `/token/github?code=${code}`),
      "missing_token_parameter",
    );
    await expectRefused(await post("", {}, `/token/github?${new URLSearchParams(form)}`), "unsupported_grant_type");
    expect(
      (await post(new URLSearchParams(form).toString(), {}, "/token/github?code=x&grant_type=password")).status,
    ).toBe(200);
  });

  test.each([
    undefined,
    "",
    "password",
    "client_credentials",
    "implicit",
    "authorization_code ",
    "AUTHORIZATION_CODE",
    "urn:ietf:params:oauth:grant-type:token-exchange",
    "__proto__",
  ])("grant_type %j is not supported", async (grantType) => {
    const { code, verifier } = goodRequest();
    await expectRefused(
      await redeem(provider, { code, code_verifier: verifier, grant_type: grantType }),
      "unsupported_grant_type",
    );
    expect(fetched).not.toHaveBeenCalled();
  });

  test.each(["code", "client_id", "code_verifier"])("without %s it is refused", async (name) => {
    const { code, verifier } = goodRequest();
    await expectRefused(
      await redeem(provider, { code, code_verifier: verifier, [name]: undefined }),
      "missing_token_parameter",
    );
    await expectRefused(
      await redeem(provider, { code, code_verifier: verifier, [name]: "" }),
      "missing_token_parameter",
    );
  });

  test("of other JSON types than text it is refused", async () => {
    const { form } = goodRequest();
    for (const name of Object.keys(form)) {
      for (const value of [[form[name]], { value: form[name] }, 1, true, null, []]) {
        const body = JSON.stringify({ ...form, [name]: value });
        await expectRefused(await post(body, { "content-type": "application/json" }), "unreadable_body");
      }
    }
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("[A31] a token for another server (RFC 8707 §2)", () => {
  test.each(["resource=https%3A%2F%2Fapi.evil.example", "resource=", "resource", "resource=a&resource=b"])(
    "is refused before the service is asked, by either grant: %s",
    async (resource) => {
      const { code, verifier } = goodRequest();
      const headers = { "content-type": "application/x-www-form-urlencoded", origin: GOOD };
      const grants = [
        {
          grant_type: "authorization_code",
          client_id: `${GOOD}/`,
          redirect_uri: `${GOOD}/callback`,
          code,
          code_verifier: verifier,
        },
        {
          grant_type: "refresh_token",
          client_id: `${GOOD}/`,
          refresh_token: sealOne("refresh", provider, { browser: "x" }),
        },
      ];
      for (const grant of grants) {
        const body = `${new URLSearchParams(grant as Record<string, string>)}&${resource}`;
        await expectRefused(
          await call("token", provider, "/token/github", { method: "POST", headers, body }),
          "invalid_target",
        );
      }
      expect(fetched).not.toHaveBeenCalled();
      expect((await redeem(provider, { code, code_verifier: verifier })).status).toBe(200);
    },
  );

  test("is refused as JSON too", async () => {
    const { code, verifier } = goodRequest();
    const body = {
      grant_type: "authorization_code",
      client_id: `${GOOD}/`,
      code,
      code_verifier: verifier,
      resource: EVIL,
    };
    const headers = { "content-type": "application/json", origin: GOOD };
    const response = await call("token", provider, "/token/github", {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    await expectRefused(response, "invalid_target");
  });
});

describe("[A32] what the app gets", () => {
  test("is the access token and what RFC 6749 §5.1 says about it: no ID token, no refresh token, nothing unknown", async () => {
    fetched.mockImplementation(async () =>
      Response.json({
        access_token: CANARY.accessToken,
        token_type: "bearer",
        expires_in: 3600,
        scope: "openid email",
        id_token: "canary-of-the-body",
        refresh_token: "canary-of-the-body",
        email: "canary-of-the-body",
      }),
    );
    const { verifier, challenge } = pkcePair();
    const code = sealOne("code", provider, { browser: "x", challenge, scopes: ["openid", "email"] });
    const response = await redeem(provider, { code, code_verifier: verifier });
    expect(await response.json()).toEqual({
      access_token: CANARY.accessToken,
      token_type: "bearer",
      expires_in: 3600,
      scope: "email",
    });
  });
});
