import { describe, expect, test } from "vitest";
import { metadata } from "../../server/endpoints/metadata.ts";
import { createProvider } from "../../server/provider/provider.ts";
import type { RevocationEndpoint, Service, UserinfoEndpoint } from "../../server/provider/service.ts";
import { DPOP_ALGORITHMS } from "../../server/request/dpop-algorithms.ts";
import {
  CANARY,
  call,
  decide,
  PROVIDER,
  plainService,
  reachConfirmation,
  serveChecked,
  testProvider,
} from "../tools/harness.ts";
import { expectError } from "./refresh-tools.ts";

const PATH = "/.well-known/oauth-authorization-server/github";
const ALIAS = "/github/.well-known/openid-configuration";
const REVOCATION: RevocationEndpoint = {
  endpoint: "https://github.example/revoke",
  method: "POST",
  authMethod: "client_secret_post",
  body: "form",
  tokenParameter: "token",
};
const USERINFO: UserinfoEndpoint = {
  endpoint: "https://github.example/user",
  method: "GET",
  headers: {},
  claims: { sub: ["id"] },
};

type Document = Record<string, unknown> & {
  issuer: string;
  scopes_supported: string[];
  grant_types_supported: string[];
};

async function documentOf(github: Partial<Service> = {}, path = PATH): Promise<Document> {
  const response = await call("metadata", testProvider({ github }), path);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  return (await response.json()) as Document;
}

/** Every part of a response that a caller can see. */
async function bytesOf(response: Response): Promise<string> {
  return [response.status, ...[...response.headers].map((header) => header.join(": ")), await response.text()].join(
    "\n",
  );
}

describe("[A53] the metadata of a service (RFC 8414 §2)", () => {
  test("is exactly this, for a service that can everything", async () => {
    const promptParameters = { select_account: { prompt: "select_account" } };
    const everything = {
      revocation: REVOCATION,
      userinfo: USERINFO,
      refreshTokens: "rotating",
      promptParameters,
    } satisfies Partial<Service>;
    expect(await documentOf(everything)).toEqual({
      issuer: "https://auth.example/github",
      authorization_endpoint: "https://auth.example/authorize/github",
      token_endpoint: "https://auth.example/token/github",
      revocation_endpoint: "https://auth.example/revoke/github",
      userinfo_endpoint: "https://auth.example/userinfo/github",
      response_types_supported: ["code"],
      response_modes_supported: ["query", "web_message"],
      grant_types_supported: ["authorization_code", "refresh_token"],
      token_endpoint_auth_methods_supported: ["none", "client_secret_post", "client_secret_basic"],
      revocation_endpoint_auth_methods_supported: ["none", "client_secret_post", "client_secret_basic"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
      dpop_signing_alg_values_supported: DPOP_ALGORITHMS,
      prompt_values_supported: ["none", "select_account"],
      scopes_supported: ["read:user"],
      service_documentation: "https://auth.example/",
    });
  });

  test("promises nothing that the service cannot", async () => {
    const document = await documentOf({ grantRevocation: REVOCATION });
    expect(document).not.toHaveProperty("revocation_endpoint");
    expect(document).not.toHaveProperty("revocation_endpoint_auth_methods_supported");
    expect(document).not.toHaveProperty("userinfo_endpoint");
    expect(document.grant_types_supported).toEqual(["authorization_code"]);
    expect(JSON.stringify(document)).not.toContain("null");
  });

  test("says nothing about how we talk to the service", async () => {
    const text = JSON.stringify(
      await documentOf({
        revocation: REVOCATION,
        userinfo: USERINFO,
        tokenParameters: { x: "canary" },
        offlineParameters: { y: "canary" },
      }),
    );
    expect(text).not.toMatch(/github\.example|client-of-github|canary/);
    expect(text).not.toContain(CANARY.clientSecret);
    const otherwise = {
      tokenEndpointAuthMethod: "client_secret_basic",
      revocation: { ...REVOCATION, authMethod: "bearer" },
    } satisfies Partial<Service>;
    expect(await documentOf(otherwise)).toEqual(await documentOf({ revocation: REVOCATION }));
  });

  test("is the same at the address where several clients look first", async () => {
    expect(await documentOf({ revocation: REVOCATION }, ALIAS)).toEqual(await documentOf({ revocation: REVOCATION }));
  });

  test("has the issuer that authorization responses carry (RFC 9207)", async () => {
    const provider = testProvider();
    const { question, jar } = await reachConfirmation(provider);
    const { location } = (await (await decide(provider, question, jar)).json()) as { location: string };
    expect(new URL(location).searchParams.get("iss")).toBe((await documentOf()).issuer);
  });

  test.each(["https://auth.example", "https://auth.example:8443", "http://localhost:8888", "http://[::1]:8888"])(
    "is about the configured address: %s",
    async (URL) => {
      const provider = testProvider({ env: { URL } });
      const document = (await (await call("metadata", provider, PATH)).json()) as Document;
      expect(document.issuer).toBe(`${URL}/github`);
      for (const [name, value] of Object.entries(document)) {
        if (name.endsWith("_endpoint"))
          expect(value, name).toMatch(new RegExp(`^${URL.replaceAll(/[[\].]/g, "\\$&")}/[a-z]+/github$`));
      }
    },
  );
});

describe("[A24] the metadata weakens nothing", () => {
  test("S256 is the only challenge method, and there is no key of clients, no fragment, no token in a front channel", async () => {
    const text = JSON.stringify(await documentOf({ codeChallengeMethod: "plain" }));
    expect(text).not.toMatch(
      /plain|client_secret_jwt|private_key_jwt|tls_client|fragment|form_post|implicit|"token"|id_token|password/,
    );
  });

  test("an app that can do without a secret finds that first, and tools that insist on one find how to send their word", async () => {
    const document = await documentOf({ revocation: REVOCATION });
    for (const name of ["token_endpoint_auth_methods_supported", "revocation_endpoint_auth_methods_supported"]) {
      expect(document[name]).toEqual(["none", "client_secret_post", "client_secret_basic"]);
    }
  });

  test("a key of DPoP is asymmetric", async () => {
    const document = await documentOf();
    for (const alg of document.dpop_signing_alg_values_supported as string[]) expect(alg).toMatch(/^(ES|PS|RS|Ed)/);
  });
});

describe("[A32] there is no ID token here", () => {
  test.each<[string, Partial<Service>]>([
    ["as default scope", { defaultScopes: ["openid", "email"] }],
    [
      "with a description",
      { scopeDescriptions: { openid: "Know who you are", email: "Read your email address" }, defaultScopes: [] },
    ],
    ["on the owner's list of allowed scopes", { allowedScopes: ["openid", "email"] }],
  ])("so openid is not offered, even if the service has it %s", async (_, github) => {
    const { scopes_supported: scopes } = await documentOf(github);
    expect(scopes).toContain("email");
    expect(scopes).not.toContain("openid");
  });

  test("nor anything that OpenID Connect needs", async () => {
    for (const path of [PATH, ALIAS]) {
      const names = Object.keys(await documentOf({ userinfo: USERINFO, defaultScopes: ["openid"] }, path)).join();
      expect(names).not.toMatch(/jwks|id_token|subject_types|claims|acr|registration|introspection|end_session/);
    }
  });
});

describe("[A53] scopes_supported", () => {
  test("holds the defaults and what the catalogue describes, once each", async () => {
    const github = { defaultScopes: ["a", "b"], scopeDescriptions: { b: "B", c: "C" } };
    expect((await documentOf(github)).scopes_supported).toEqual(["a", "b", "c"]);
  });

  test("holds only what the owner allows, where there is a list", async () => {
    const github = { defaultScopes: ["a"], scopeDescriptions: { b: "B", c: "C" }, allowedScopes: ["a"] };
    expect((await documentOf(github)).scopes_supported).toEqual(["a"]);
  });
});

describe("[A41][A61] other ways to ask", () => {
  const provider = testProvider();

  test.each([
    "nobody",
    "__proto__",
    "constructor",
    "toString",
    "Github",
    "GITHUB",
    "github%20",
    "github.",
    "GitHub",
    "%67ithub",
    "github%2F..%2Fother",
  ])("%j is no service", async (service) => {
    await expectError(
      await call("metadata", provider, `/.well-known/oauth-authorization-server/${service}`),
      "unknown_service",
    );
    await expectError(
      await call("metadata", provider, `/${service}/.well-known/openid-configuration`),
      "unknown_service",
    );
  });

  test("without a service there is no issuer", async () => {
    await expectError(await call("metadata", provider, "/.well-known/oauth-authorization-server"), "unknown_service");
  });

  test("a service that is not set up, or that only Madata's clients can use", async () => {
    const configuration = { services: [plainService()], secrets: {}, localDevelopment: false };
    await expectError(
      await call("metadata", createProvider(configuration, { URL: PROVIDER }), PATH),
      "service_not_set_up",
    );
    const { authorizationEndpoint: _, ...madataOnly } = plainService();
    const old = createProvider(
      { services: [madataOnly], secrets: { github: CANARY.clientSecret }, localDevelopment: false },
      { URL: PROVIDER },
    );
    await expectError(await call("metadata", old, PATH), "service_without_authorization_endpoint");
  });

  test.each(["POST", "PUT", "DELETE", "PATCH"])("%s", async (method) => {
    const response = await call("metadata", provider, PATH, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, OPTIONS");
  });

  test("HEAD has the headers of GET, and no body", async () => {
    const [get, head] = [
      await call("metadata", provider, PATH),
      await call("metadata", provider, PATH, { method: "HEAD" }),
    ];
    expect([...head.headers]).toEqual([...get.headers]);
    expect(head.status).toBe(200);
    expect(await head.text()).toBe("");
  });

  test("a preflight is answered", async () => {
    const response = await call("metadata", provider, PATH, { method: "OPTIONS" });
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
  });

  test.each([
    { "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" },
    { forwarded: "host=evil.example;proto=http" },
    { "x-original-host": "evil.example", "x-host": "evil.example", "x-forwarded-server": "evil.example" },
    { origin: "https://evil.example", referer: "https://evil.example/" },
    { "accept-language": "de", accept: "text/html", cookie: "__Host-ap=x" },
  ])("no header changes a byte of it: %o [A16]", async (headers) => {
    for (const path of [PATH, ALIAS]) {
      expect(await bytesOf(await call("metadata", provider, path, { headers }))).toBe(
        await bytesOf(await call("metadata", provider, path)),
      );
    }
  });

  test.each(["https://evil.example", "http://auth.example", "https://auth.example:8443"])(
    "nor does the host that a request names: %s [A16]",
    async (host) => {
      const response = await serveChecked(metadata, new Request(`${host}${PATH}`), provider, { service: "github" });
      expect(await bytesOf(response)).toBe(await bytesOf(await call("metadata", provider, PATH)));
    },
  );

  test("nor does a query", async () => {
    expect(await bytesOf(await call("metadata", provider, `${PATH}?issuer=https://evil.example&service=other`))).toBe(
      await bytesOf(await call("metadata", provider, PATH)),
    );
  });
});

describe("[A36] it may be kept, for minutes", () => {
  const provider = testProvider();

  test("and whoever knows it already gets no body again", async () => {
    const etag = (await call("metadata", provider, PATH)).headers.get("etag")!;
    expect(etag).toMatch(/^"[A-Za-z0-9_-]{22}"$/);
    for (const known of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
      const response = await call("metadata", provider, PATH, { headers: { "if-none-match": known } });
      expect([response.status, await response.text()]).toEqual([304, ""]);
      expect(response.headers.get("etag")).toBe(etag);
    }
    for (const other of ['"x"', etag.replaceAll('"', ""), `${etag}x`, ""]) {
      expect((await call("metadata", provider, PATH, { headers: { "if-none-match": other } })).status).toBe(200);
    }
  });

  test("a change of configuration changes the tag, and each service has its own", async () => {
    const tagOf = async (by: typeof provider, path: string) => (await call("metadata", by, path)).headers.get("etag");
    const tags = [
      await tagOf(provider, PATH),
      await tagOf(provider, PATH.replace("github", "other")),
      await tagOf(testProvider({ github: { userinfo: USERINFO } }), PATH),
      await tagOf(testProvider({ env: { URL: "https://other.example" } }), PATH),
    ];
    expect(new Set(tags).size).toBe(tags.length);
  });

  test("an error may not be kept", async () => {
    const response = await call("metadata", provider, "/.well-known/oauth-authorization-server/nobody");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("etag")).toBeNull();
  });
});
