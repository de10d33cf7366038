import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { not_configured } from "../../server/answers/error-catalogue.ts";
import { OAuthError } from "../../server/answers/errors.ts";
import type { Endpoint } from "../../server/endpoint.ts";
import { authorize } from "../../server/endpoints/authorize.ts";
import { callback } from "../../server/endpoints/callback.ts";
import { decision } from "../../server/endpoints/decision.ts";
import { services } from "../../server/endpoints/services.ts";
import { token } from "../../server/endpoints/token.ts";
import type { Environment } from "../../server/provider/environment.ts";
import type { Provider } from "../../server/provider/provider.ts";
import { createProvider } from "../../server/provider/provider.ts";
import {
  authorizationRequest,
  CANARY,
  GOOD,
  keepSealed,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  plainService,
  serveChecked,
  testProvider,
} from "../tools/harness.ts";
import { boundJar, expectRefused, sealOne, spyOnFetch } from "./tools.ts";

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => void (fetched = spyOnFetch()));
afterEach(() => vi.restoreAllMocks());

const healthy = testProvider();

/** Every kind of request that a healthy provider answers with success. */
async function goodRequests(): Promise<[Endpoint, Request, string | undefined][]> {
  const { jar, browser } = boundJar();
  const { verifier, challenge } = pkcePair();
  const query = authorizationRequest(challenge);
  const json = encodeURIComponent(JSON.stringify({ url: `${GOOD}/`, backend: "Github" }));
  const sealed = (kind: "request" | "state" | "ticket" | "code") => sealOne(kind, healthy, { browser, challenge });
  const form = {
    grant_type: "authorization_code",
    code: await sealed("code"),
    redirect_uri: `${GOOD}/callback`,
    client_id: `${GOOD}/`,
    code_verifier: verifier,
  };
  const yes = {
    ticket: await sealed("ticket"),
    origin: GOOD,
    redirectUri: `${GOOD}/callback`,
    service: "github",
    decision: "yes",
    opener: false,
  };
  const state = keepSealed(await sealed("state"), jar);
  const page = { ...OWN_PAGE, ...jar.headers() };
  const post = (path: string, headers: Record<string, string>, body: string) =>
    new Request(`${PROVIDER}${path}`, { method: "POST", headers, body });
  return [
    [authorize, new Request(`${PROVIDER}/authorize/github?${query}`, { headers: { referer: `${GOOD}/` } }), "github"],
    [authorize, new Request(`${PROVIDER}/authorize/github?${query}`), "github"],
    [authorize, post("/authorize/github", page, JSON.stringify({ request: await sealed("request") })), "github"],
    [callback, new Request(`${PROVIDER}/callback/github?code=x&state=${state}`, { headers: jar.headers() }), "github"],
    [callback, new Request(`${PROVIDER}/callback?code=x&state=${json}`), undefined],
    [decision, post("/decision", page, JSON.stringify(yes)), undefined],
    [
      token,
      post(
        "/token/github",
        { "content-type": "application/x-www-form-urlencoded" },
        new URLSearchParams(form).toString(),
      ),
      "github",
    ],
  ];
}

function tryCreate(
  env: Environment,
  secrets: Record<string, string> = { github: CANARY.clientSecret },
): Provider | OAuthError {
  try {
    return createProvider({ services: [plainService()], secrets, localDevelopment: false }, { URL: PROVIDER, ...env });
  } catch (error) {
    if (error instanceof OAuthError) return error;
    throw error;
  }
}

/** Every request ends with one of our errors. */
async function expectNobodyLogsIn(provider: Provider | OAuthError): Promise<void> {
  for (const [endpoint, request, service] of await goodRequests()) {
    const response = await serveChecked(endpoint, request, provider, service === undefined ? {} : { service });
    expect([400, 404, 503], `${endpoint.name} ${response.status}`).toContain(response.status);
    expect(response.headers.get("location")).toBeNull();
    expect(response.headers.get("set-cookie")).toBeNull();
  }
  expect(fetched).not.toHaveBeenCalled();
}

const NO_SECRETS: [string, string][] = [
  ["empty", ""],
  ["blank", "   "],
  ["a placeholder of our own files", "YOUR_GITHUB_CLIENT_SECRET"],
  ["a placeholder in lower case", "your-github-client-secret"],
  ["a placeholder in brackets", "<client secret goes here>"],
  ["crosses", "xxxxxxxxxxxxxxxxxxxxxxxx"],
  ["zeros", "00000000000000000000000000000000"],
  ["dots", "......................"],
  ["change me", "CHANGE_ME_CHANGE_ME_CHANGE_ME"],
  ["a note", "TODO: get one from GitHub"],
  ["short", "nine-char"],
  ["short, and padded with blanks", "short               "],
  ["a word twice", "passwordpassword"],
  ["a word that everybody thinks of", "my-Password-at-the-service-7"],
  ["a piece again and again", "k9Zq2k9Zq2k9Zq2k9Zq2"],
  ["one letter", "a".repeat(32)],
  ["counting", "0123456789abcdef"],
  ["the keyboard", "qwertyuiopasdfghjkl"],
  ["what a form says", "GitHub: client secret"],
  ["a secret with a character of no width in it", "gloas-9f86d081884c\u200B7d659a2feaa0c55ad015"],
  ["a secret with half of its quotes", '"gloas-9f86d081884c7d659a2feaa0c55ad015'],
  ["a secret with a letter that no secret has", "gloas-9f86d081884c7d659a2feaa0c55ad0é5"],
  ["nothing in quotes", '""'],
  ["a character of no width", "\u200B"],
];

/** Extra characters around a value that was copied from a file, a shell or a web page. */
const SURROUNDED: [string, (value: string) => string][] = [
  ["a line end", (value) => `${value}\n`],
  ["a line end of Windows", (value) => `${value}\r\n`],
  ["blanks", (value) => `  ${value}\t`],
  ["a blank that does not break", (value) => `\u00A0${value}\u00A0`],
  ["a space of no width", (value) => `${value}\u200B`],
  ["a byte order mark", (value) => `\uFEFF${value}`],
  ["a mark of direction", (value) => `\u200E${value}\u202C`],
  ["double quotes", (value) => `"${value}"`],
  ["single quotes", (value) => `'${value}'`],
  ["quotes, and a line end in them and behind them", (value) => `"${value}\n"\r\n`],
];

/** A key as printed by `openssl rand -base64 48` or by the command in the owner's guide. */
const RANDOM_KEY = "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV";

describe("[A50] what is missing or doubtful fails closed", () => {
  test("a healthy provider answers all of these requests, so that the refusals below mean something", async () => {
    for (const [endpoint, request, service] of await goodRequests()) {
      const response = await serveChecked(endpoint, request, healthy, service === undefined ? {} : { service });
      expect([200, 302, 303], endpoint.name).toContain(response.status);
    }
  });

  test.each(NO_SECRETS)(
    "a client secret from the environment that is %s: nobody logs in, not even by the one in the file",
    async (_, value) => {
      if (value === "") return expect(tryCreate({ GITHUB_CLIENT_SECRET: value })).not.toBeInstanceOf(OAuthError);
      await expectNobodyLogsIn(tryCreate({ GITHUB_CLIENT_SECRET: value }));
    },
  );

  test.each(NO_SECRETS)("a client secret from the file that is %s", async (_, value) => {
    await expectNobodyLogsIn(tryCreate({}, { github: value }));
  });

  test("no client secret at all, also not an inherited one", async () => {
    await expectNobodyLogsIn(tryCreate({}, {}));
    await expectNobodyLogsIn(tryCreate({}, Object.create({ github: CANARY.clientSecret }) as Record<string, string>));
  });

  test.each(NO_SECRETS)("no client secret does not become one by a SEALING_KEY: %s", async (_, value) => {
    await expectNobodyLogsIn(tryCreate({ SEALING_KEY: RANDOM_KEY }, { github: value }));
  });

  test.each(SURROUNDED)("what is around a variable is no part of it: %s", (_, surround) => {
    const secret = "gloas-9f86d081884c7d659a2feaa0c55ad015";
    const env = {
      GITHUB_CLIENT_ID: surround("Ov23li0123456789abcd"),
      GITHUB_CLIENT_SECRET: surround(secret),
      GITHUB_CLIENT_SECRET_PREVIOUS: surround(CANARY.otherSecret),
    };
    const provider = tryCreate(env) as Provider;
    expect(provider.services.get("github")).toMatchObject({
      clientId: "Ov23li0123456789abcd",
      clientSecret: secret,
      keyMaterial: [secret, CANARY.otherSecret],
    });
    const withKey = tryCreate({ SEALING_KEY: surround(RANDOM_KEY), URL: surround(PROVIDER) }) as Provider;
    expect(withKey.services.get("github")!.keyMaterial).toEqual([RANDOM_KEY]);
    expect(withKey.origin).toBe(PROVIDER);
  });

  test.each([
    "YOUR_GITHUB_CLIENT_ID",
    "<client id>",
    "   ",
    "xxxx",
    '""',
    "\u200B",
    "Ov23li\u200B0123456789",
    "Ov23li\n0123456789",
    "Öv23li",
  ])("a client identifier that is %j", async (value) => {
    await expectNobodyLogsIn(tryCreate({ GITHUB_CLIENT_ID: value }));
  });

  test("a client identifier that is empty, in the file and in the environment", async () => {
    const configuration = {
      services: [plainService({ clientId: "" })],
      secrets: { github: CANARY.clientSecret },
      localDevelopment: false,
    };
    await expectNobodyLogsIn(createProvider(configuration, { URL: PROVIDER, GITHUB_CLIENT_ID: "" }));
  });

  test.each([
    undefined,
    "",
    "auth.example",
    "http://auth.example",
    "https://auth.example/path",
    "https://auth.example/?x",
    "https://AUTH.example",
    "https://user@auth.example",
    "https://auth.example, https://evil.example",
    "*",
    "null",
    "https://auth",
  ])("an own address (URL) that is %j", async (value) => {
    const provider = tryCreate({ URL: value });
    expect(provider).toMatchObject({ message: "not_configured" });
    await expectNobodyLogsIn(provider);
  });

  test.each([
    "short",
    "YOUR_SEALING_KEY",
    "0".repeat(40),
    "x".repeat(40),
    "a".repeat(31),
    `${"k".repeat(31)} ${"pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV"}`,
    `a-sealing-key-of-enough-characters-01234,short`,
    `${RANDOM_KEY},short`,
    `${RANDOM_KEY} ${"password".repeat(4)}`,
    "password".repeat(4),
    "Password".repeat(4),
    "a".repeat(32),
    "0123456789abcdef".repeat(2),
    "0123456789abcdefABCDEF0123456789",
    "AbcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOP",
    "a-sealing-key-of-enough-characters-01234",
    "correct-horse-battery-staple-and-more-words",
    "MyVeryOwnPasswordForTheAuthProvider7",
    "qwertyuiopQWERTYUIOPasdfghjklASDFGHJKL",
    `${RANDOM_KEY.slice(0, 31)}`,
    ",",
    " ",
    " , ,\n",
  ])("a SEALING_KEY that is %j: not the client secret in its place", async (value) => {
    const provider = tryCreate({ SEALING_KEY: value });
    expect(provider).toMatchObject({ message: "not_configured" });
    await expectNobodyLogsIn(provider);
  });

  test.each([
    "good.example",
    "https://good.example/",
    "*",
    "https://*",
    "https://*.example",
    "https://good.example https://evil",
    "http://good.example",
    "null",
    ",",
    " ",
    "\n",
    " , ,\t",
    '""',
    "\u200b",
    "https://good.example:*",
    "https://*:*",
    "http://*:*",
  ])(
    "a list of ALLOWED_APPS with a fault lets nobody in, where an empty one would let everybody in: %j",
    async (value) => {
      const provider = tryCreate({ ALLOWED_APPS: value });
      expect(provider).toMatchObject({ message: "not_configured" });
      await expectNobodyLogsIn(provider);
    },
  );

  test.each(["false", "FALSE", "False", " false", "false ", "0", "no", "off", "n", "disabled"])(
    "ALLOW_LOOPBACK=%j does not let apps on this computer in",
    async (value) => {
      const provider = tryCreate({ ALLOW_LOOPBACK: value });
      const query = authorizationRequest(pkcePair().challenge, {
        client_id: "http://localhost/",
        redirect_uri: "http://localhost/",
      });
      const response = await serveChecked(authorize, new Request(`${PROVIDER}/authorize/github?${query}`), provider, {
        service: "github",
      });
      expect([403, 503]).toContain(response.status);
    },
  );

  test.each([
    ["in the file", { github: CANARY.clientSecret }, {}],
    ["in the environment", {}, { GITHUB_CLIENT_SECRET: CANARY.clientSecret }],
    ["of before", {}, { GITHUB_CLIENT_SECRET_PREVIOUS: CANARY.clientSecret }],
  ])("a public client gets no keys from what stands in the place of its secret: %s", async (_, secrets, env) => {
    const services = [plainService({ tokenEndpointAuthMethod: "none" as const })];
    const provider = createProvider({ services, secrets, localDevelopment: false }, { URL: PROVIDER, ...env });
    expect([...provider.services.values()]).toEqual([]);
    await expectNobodyLogsIn(provider);
    const withKey = createProvider(
      { services, secrets, localDevelopment: false },
      { URL: PROVIDER, SEALING_KEY: RANDOM_KEY, ...env },
    );
    expect(withKey.services.get("github")).toMatchObject({ keyMaterial: [RANDOM_KEY], clientSecret: undefined });
  });

  test("a client secret of ten characters is one, but too short to derive keys from", async () => {
    const short = "jI8zoPwLZq";
    await expectNobodyLogsIn(tryCreate({}, { github: short }));
    await expectNobodyLogsIn(tryCreate({ GITHUB_CLIENT_SECRET_PREVIOUS: CANARY.otherSecret }, { github: short }));
    const provider = tryCreate({ SEALING_KEY: RANDOM_KEY }, { github: short }) as Provider;
    expect(provider.services.get("github")).toMatchObject({ clientSecret: short, keyMaterial: [RANDOM_KEY] });
  });

  test.each(NO_SECRETS)("a client secret of before opens nothing if it is %s", (_, value) => {
    const provider = tryCreate({ GITHUB_CLIENT_SECRET_PREVIOUS: value }) as Provider;
    expect(provider.services.get("github")).toMatchObject({ keyMaterial: [CANARY.clientSecret] });
  });

  test("a public client without any key: there is nothing to seal with", async () => {
    const configuration = {
      services: [plainService({ tokenEndpointAuthMethod: "none" as const })],
      secrets: {},
      localDevelopment: false,
    };
    await expectNobodyLogsIn(createProvider(configuration, { URL: PROVIDER }));
    const withKey = createProvider(configuration, {
      URL: PROVIDER,
      SEALING_KEY: RANDOM_KEY,
    });
    expect(withKey.services.has("github")).toBe(true);
  });

  test("a service that is not set up is answered for as such, and is not in the list", async () => {
    const provider = tryCreate({}, {}) as Provider;
    const request = (path: string, init: RequestInit = {}) => new Request(`${PROVIDER}${path}`, init);
    await expectRefused(
      await serveChecked(
        authorize,
        request(`/authorize/github?${authorizationRequest(pkcePair().challenge)}`),
        provider,
        {
          service: "github",
        },
      ),
      "service_not_set_up",
    );
    await expectRefused(
      await serveChecked(token, request("/token/github", { method: "POST" }), provider, { service: "github" }),
      "service_not_set_up",
    );
    await expectRefused(
      await serveChecked(callback, request("/callback/github?code=x&state=y"), provider, { service: "github" }),
      "service_not_set_up",
    );
    expect(await (await serveChecked(services, request("/services.json"), provider, {})).json()).toEqual({});
  });

  test("a provider that is not configured says so everywhere, also in the list, and is not cached", async () => {
    const broken = new OAuthError(not_configured);
    const response = await serveChecked(services, new Request(`${PROVIDER}/services.json`), broken, {});
    await expectRefused(response, "not_configured");
    expect(response.headers.get("cache-control")).toBe("no-store");
    for (const [endpoint, request, service] of await goodRequests()) {
      await expectRefused(
        await serveChecked(endpoint, request, broken, service === undefined ? {} : { service }),
        "not_configured",
      );
    }
  });
});
