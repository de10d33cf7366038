import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { authorize } from "../../server/endpoints/authorize.ts";
import type { EndpointName } from "../tools/harness.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  GOOD,
  OWN_PAGE,
  PROVIDER,
  serveChecked,
  testProvider,
} from "../tools/harness.ts";
import { boundJar, fetchedUrls, sealOne, spyOnFetch } from "./tools.ts";

// With fixed random bytes and a fixed clock, equal requests get byte-for-byte equal answers.
vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  return { ...crypto, randomBytes: (size: number) => Buffer.alloc(size, 7) };
});
beforeAll(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-06-01T12:00:00Z") });
  vi.spyOn(globalThis.crypto, "getRandomValues").mockImplementation((array) => array);
});
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const provider = testProvider();
const VERIFIER = "v".repeat(43);
const CHALLENGE = "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM";

const forged: Record<string, string>[] = [
  { "x-forwarded-host": "evil.example" },
  { "x-forwarded-host": "evil.example:443", "x-forwarded-proto": "http", "x-forwarded-port": "80" },
  { "x-forwarded-proto": "http" },
  { "x-forwarded-server": "evil.example" },
  { "x-forwarded-prefix": "/evil.example", "x-forwarded-uri": "https://evil.example/" },
  { forwarded: "for=1.2.3.4;host=evil.example;proto=http" },
  { "x-original-url": "https://evil.example/", "x-rewrite-url": "/evil.example" },
  { "x-original-host": "evil.example" },
  { "x-host": "evil.example" },
  {
    "x-real-ip": "127.0.0.1",
    "x-forwarded-for": "127.0.0.1",
    "client-ip": "127.0.0.1",
    "x-nf-client-connection-ip": "127.0.0.1",
  },
  { "x-http-method-override": "POST", "x-method-override": "DELETE" },
  { via: "1.1 evil.example", "x-forwarded-scheme": "http", "front-end-https": "off" },
];

interface Call {
  endpoint: EndpointName;
  path: string;
  init: RequestInit & { headers: Record<string, string> };
}

function calls(): Call[] {
  const { jar, browser } = boundJar();
  const json = JSON.stringify({ url: `${GOOD}/`, backend: "Github" });
  const state = sealOne("state", provider, { browser, challenge: CHALLENGE });
  const ticket = sealOne("ticket", provider, { browser, challenge: CHALLENGE });
  const code = sealOne("code", provider, { browser, challenge: CHALLENGE });
  const form = {
    grant_type: "authorization_code",
    code,
    redirect_uri: `${GOOD}/callback`,
    client_id: `${GOOD}/`,
    code_verifier: VERIFIER,
  };
  const decision = {
    ticket,
    origin: GOOD,
    redirectUri: `${GOOD}/callback`,
    service: "github",
    decision: "yes",
    opener: false,
  };
  const get = (headers: Record<string, string> = {}): Call["init"] => ({ headers });
  return [
    {
      endpoint: "authorize",
      path: `/authorize/github?${authorizationRequest(CHALLENGE)}`,
      init: get({ referer: `${GOOD}/` }),
    },
    { endpoint: "authorize", path: `/authorize/github?${authorizationRequest(CHALLENGE)}`, init: get() },
    { endpoint: "authorize", path: "/authorize/github", init: get() },
    {
      endpoint: "callback",
      path: `/callback/github?${new URLSearchParams({ code: CANARY.serviceCode, state })}`,
      init: get(jar.headers()),
    },
    {
      endpoint: "callback",
      path: `/callback?${new URLSearchParams({ code: CANARY.serviceCode, state: json })}`,
      init: get(),
    },
    {
      endpoint: "decision",
      path: "/decision",
      init: { method: "POST", headers: { ...jar.headers(), ...OWN_PAGE }, body: JSON.stringify(decision) },
    },
    {
      endpoint: "token",
      path: "/token/github",
      init: {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded", origin: GOOD },
        body: new URLSearchParams(form).toString(),
      },
    },
    { endpoint: "token", path: "/token/github", init: { method: "OPTIONS", headers: { origin: GOOD } } },
    { endpoint: "services", path: "/services.json", init: get() },
  ];
}

async function bytesOf(response: Response): Promise<string> {
  return [response.status, ...[...response.headers].map((header) => header.join(": ")), await response.text()].join(
    "\n",
  );
}

describe("[A16] our own address comes from configuration", () => {
  test.each(forged)("and no header changes a byte of any answer: %o", async (headers) => {
    const fetched = spyOnFetch();
    for (const { endpoint, path, init } of calls()) {
      const plain = await bytesOf(await call(endpoint, provider, path, init));
      const withForged = await bytesOf(
        await call(endpoint, provider, path, { ...init, headers: { ...init.headers, ...headers } }),
      );
      expect(withForged).toBe(plain);
      expect(withForged).not.toContain("evil.example");
    }
    expect(fetchedUrls(fetched).join()).not.toContain("evil.example");
    fetched.mockRestore();
  });

  test.each([
    "https://evil.example",
    "http://auth.example",
    "https://auth.example:8443",
    "https://deploy-preview-1--auth.example",
  ])("nor does the host that a request names: %s", async (host) => {
    const path = `/authorize/github?${authorizationRequest(CHALLENGE)}`;
    const headers = { referer: `${GOOD}/` };
    const answers = await Promise.all(
      [PROVIDER, host].map(
        async (origin) =>
          await bytesOf(
            await serveChecked(authorize, new Request(`${origin}${path}`, { headers }), provider, {
              service: "github",
            }),
          ),
      ),
    );
    expect(answers[1]).toBe(answers[0]);
    expect(answers[0]).toContain(encodeURIComponent(`${PROVIDER}/callback/github`));
  });
});
