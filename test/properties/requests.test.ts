import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { expectRefused, RUNS, spyOnFetch } from "../attacks/tools.ts";
import type { EndpointName } from "../tools/harness.ts";
import { authorizationRequest, call, GOOD, OWN_PAGE, PROVIDER, pkcePair, testProvider } from "../tools/harness.ts";

const provider = testProvider();

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => (fetched = spyOnFetch()));
afterEach(() => {
  expect(fetched).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

const FORM = { "content-type": "application/x-www-form-urlencoded" };

/** A request of each kind, with every parameter that its endpoint reads. */
const REQUESTS: [endpoint: EndpointName, path: string, method: "GET" | "POST", parameters: Record<string, string>][] = [
  [
    "authorize",
    "/authorize/github",
    "GET",
    {
      ...Object.fromEntries(new URLSearchParams(authorizationRequest(pkcePair().challenge))),
      ...{ response_mode: "query", scope: "repo", dpop_jkt: pkcePair().challenge },
    },
  ],
  ["authorize", "/auth", "GET", { provider: "github", site_id: "good.example", scope: "repo" }],
  ["callback", "/callback/github", "GET", { code: "x", state: "y", iss: `${PROVIDER}/x`, error: "z" }],
  [
    "callback",
    "/callback",
    "GET",
    { code: "x", state: JSON.stringify({ url: `${GOOD}/`, backend: "Github" }), error: "z" },
  ],
  [
    "token",
    "/token/github",
    "POST",
    {
      ...{
        grant_type: "authorization_code",
        code: "x",
        redirect_uri: `${GOOD}/callback`,
        code_verifier: "v".repeat(43),
      },
      ...{ refresh_token: "r", scope: "repo", client_id: `${GOOD}/`, client_secret: "" },
    },
  ],
  ["revoke", "/revoke/github", "POST", { token: "x", token_type_hint: "access_token", client_id: `${GOOD}/` }],
];

const request = fc.constantFrom(...REQUESTS);
const anyText = fc.oneof(fc.string(), fc.constantFrom("", "x", `${GOOD}/`, "authorization_code"));

async function send(
  endpoint: EndpointName,
  path: string,
  method: "GET" | "POST",
  pairs: [string, string][],
): Promise<Response> {
  const parameters = new URLSearchParams(pairs).toString();
  if (method === "GET")
    return await call(endpoint, provider, `${path}?${parameters}`, { headers: { referer: `${GOOD}/` } });
  return await call(endpoint, provider, path, { method, headers: FORM, body: parameters });
}

describe("[A42] parameters that come in a confusing way", () => {
  test("any of them twice, in any order, is refused at every endpoint (RFC 6749 §3.1, §3.2)", async () => {
    const polluted = request.chain(([endpoint, path, method, parameters]) =>
      fc.record({
        ...{ endpoint: fc.constant(endpoint), path: fc.constant(path), method: fc.constant(method) },
        pairs: fc.tuple(fc.constantFrom(...Object.keys(parameters)), anyText).chain((again) =>
          fc.shuffledSubarray([...Object.entries(parameters), again], {
            minLength: Object.keys(parameters).length + 1,
          }),
        ),
      }),
    );
    await fc.assert(
      fc.asyncProperty(polluted, async ({ endpoint, path, method, pairs }) => {
        const response = await send(endpoint, path, method, pairs);
        await expectRefused(response, "duplicate_parameter");
      }),
      RUNS,
    );
  });

  test("whatever a token request in JSON holds besides text is refused, at /token and at /revoke", async () => {
    const posts = REQUESTS.filter(([, , method]) => method === "POST");
    const notText = fc.jsonValue().filter((value) => typeof value !== "string");
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...posts),
        fc.nat(),
        notText,
        async ([endpoint, path, , parameters], index, value) => {
          const names = Object.keys(parameters);
          const body = JSON.stringify({ ...parameters, [names[index % names.length]!]: value });
          const headers = { "content-type": "application/json" };
          await expectRefused(
            await call(endpoint, provider, path, { method: "POST", headers, body }),
            "unreadable_body",
          );
        },
      ),
      RUNS,
    );
  });

  test("whatever a decision in JSON holds in place of what it should is refused at /decision", async () => {
    const decision = {
      ticket: "x",
      origin: GOOD,
      service: "github",
      decision: "yes",
      opener: true,
      waitingWindow: "h",
    };
    const members = Object.entries(decision).map(([name, value]) => ({ name, type: typeof value }));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...members), fc.jsonValue(), async ({ name, type }, value) => {
        fc.pre(typeof value !== type);
        const body = JSON.stringify({ ...decision, [name]: value });
        await expectRefused(
          await call("decision", provider, "/decision", { method: "POST", headers: OWN_PAGE, body }),
          "unreadable_body",
        );
      }),
      RUNS,
    );
  });
});

/* ---- Service names ---- */

const inherited = [
  ...Object.getOwnPropertyNames(Object.prototype),
  ...Object.getOwnPropertyNames(Map.prototype),
  "prototype",
];

/** Names that resemble a service's name or a property that every object has. */
const strangeName = fc
  .oneof(
    fc.constantFrom(...inherited, "nobody", "github.", "github%00", "githüb", "gıthub", "ɢithub", "git-hub", "..", "."),
    fc.mixedCase(fc.constantFrom("github", "other")),
    fc
      .tuple(fc.constantFrom("github", "other"), fc.string({ minLength: 1, maxLength: 3 }))
      .map((parts) => parts.join("")),
    fc.string({ minLength: 1, unit: "binary" }),
  )
  .filter((name) => name.isWellFormed() && !["github", "other"].includes(name));

/** One request to each endpoint that takes a service name. */
const NAMED: ((name: string) => Promise<Response>)[] = [
  (name) => call("authorize", provider, `/authorize/${name}?${authorizationRequest(pkcePair().challenge)}`),
  (name) => call("authorize", provider, `/authorize/${name}`, { method: "POST", headers: OWN_PAGE, body: "{}" }),
  (name) => call("callback", provider, `/callback/${name}?code=x&state=y`),
  (name) => call("metadata", provider, `/.well-known/oauth-authorization-server/${name}`),
  (name) =>
    call("token", provider, `/token/${name}`, { method: "POST", headers: FORM, body: "grant_type=refresh_token" }),
  (name) => call("revoke", provider, `/revoke/${name}`, { method: "POST", headers: FORM, body: "token=x" }),
  (name) => call("userinfo", provider, `/userinfo/${name}`, { headers: { authorization: "Bearer x" } }),
];

describe("[A41] a name that is no service's", () => {
  test("in the path of any endpoint: there is no such service, whatever the name means to a program", async () => {
    await fc.assert(
      fc.asyncProperty(strangeName, fc.constantFrom(...NAMED), async (name, ask) => {
        // A dot segment changes the path before the endpoint sees a name.
        fc.pre(name !== "." && name !== "..");
        await expectRefused(await ask(encodeURIComponent(name)), "unknown_service");
      }),
      RUNS,
    );
  });

  test("in a decision, a CMS's request or the state of a Madata client: neither", async () => {
    const asks = [
      (name: string) => {
        const body = JSON.stringify({ ticket: "x", origin: GOOD, service: name, decision: "yes", opener: true });
        return call("decision", provider, "/decision", { method: "POST", headers: OWN_PAGE, body });
      },
      (name: string) => call("authorize", provider, `/auth?${new URLSearchParams({ provider: name })}`),
      (name: string) => {
        const state = JSON.stringify({ url: `${GOOD}/`, backend: name });
        return call("callback", provider, `/callback?${new URLSearchParams({ code: "x", state })}`);
      },
    ];
    await fc.assert(
      fc.asyncProperty(strangeName, fc.constantFrom(...asks), async (name, ask) => {
        // Older clients send the key from `services.json`.
        fc.pre(!["Github", "Other"].includes(name));
        const response = await ask(name);
        expect([400, 404]).toContain(response.status);
        expect(response.headers.get("location")).toBeNull();
        expect(response.headers.get("set-cookie")).toBeNull();
      }),
      RUNS,
    );
  });
});
