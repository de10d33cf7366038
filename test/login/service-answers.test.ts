import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as errors from "../../server/answers/error-catalogue.ts";
import type { Provider } from "../../server/provider/provider.ts";
import type { Service } from "../../server/provider/service.ts";
import { answerIn, expectRefused } from "../attacks/tools.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  codeIn,
  decide,
  GOOD,
  Jar,
  PROVIDER,
  pkcePair,
  readFragment,
  redeem,
  testProvider,
} from "../tools/harness.ts";
import { startTokenServer } from "../tools/token-server.ts";

/** Services whose response arrives as a POST, or has more parameters than code and state. */

let server: Awaited<ReturnType<typeof startTokenServer>>;
beforeAll(async () => {
  server = await startTokenServer();
  server.answerWith({ json: { access_token: CANARY.accessToken, token_type: "bearer" } });
});
afterAll(() => server.stop());

const providerWith = (github: Partial<Service>): Provider =>
  testProvider({ github: { tokenEndpoint: server.endpoint, ...github } });

async function begin(provider: Provider, jar: Jar, challenge: string): Promise<URL> {
  const query = authorizationRequest(challenge);
  const started = await call("authorize", provider, `/authorize/github?${query}`, {
    jar,
    headers: { referer: `${GOOD}/` },
  });
  return new URL(started.headers.get("location")!);
}

/** Posts as the browser does from the service's page: without our cookie, which is SameSite=Lax. */
async function post(provider: Provider, fields: Record<string, string>): Promise<Response> {
  return await call("callback", provider, "/callback/github", {
    method: "POST",
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      origin: "https://github.example",
      "sec-fetch-mode": "navigate",
    },
    body: new URLSearchParams(fields).toString(),
  });
}

describe("a service that posts its answer (form_post)", () => {
  const provider = () => providerWith({ responseMode: "form_post" });

  test("is asked for that, and its answer is checked like any other", async () => {
    const [jar, { verifier, challenge }] = [new Jar(), pkcePair()];
    const toService = await begin(provider(), jar, challenge);
    expect(toService.searchParams.get("response_mode")).toBe("form_post");

    const state = toService.searchParams.get("state")!;
    const forwarded = await post(provider(), { code: "code-of-the-service", state, user: '{"name":"Alice"}' });
    expect(forwarded.status).toBe(303);
    const location = new URL(forwarded.headers.get("location")!);
    expect(location.origin + location.pathname).toBe(`${PROVIDER}/callback/github`);
    expect([...location.searchParams.keys()]).toEqual(["code", "state"]);
    expect(forwarded.headers.get("set-cookie")).toBeNull();

    const arrived = await call("callback", provider(), location.pathname + location.search, { jar });
    const answer = (await (await decide(provider(), readFragment(arrived), jar)).json()) as { location: string };
    const response = await redeem(provider(), { code: codeIn(answer), code_verifier: verifier });
    expect(response.status).toBe(200);
  });

  test("[A13] in a browser that did not begin the login ends there", async () => {
    const toService = await begin(provider(), new Jar(), pkcePair().challenge);
    const forwarded = await post(provider(), { code: "stolen", state: toService.searchParams.get("state")! });
    const { pathname, search } = new URL(forwarded.headers.get("location")!);
    const arrived = await call("callback", provider(), pathname + search, { jar: new Jar() });
    expect(arrived.status).toBe(400);
    expect(arrived.headers.get("location")).toBeNull();
  });

  test("[A61] no other service may post, and a person who comes with such a post reads a page", async () => {
    const refused = await post(providerWith({}), { code: "x", state: "y" });
    expect(refused.status).toBe(405);
    expect(refused.headers.get("content-type")).toBe("text/html; charset=utf-8");
  });
});

describe("a service that answers with an error", () => {
  async function answerWith(error: string): Promise<Response> {
    const jar = new Jar();
    const toService = await begin(providerWith({}), jar, pkcePair().challenge);
    const query = new URLSearchParams({ error, state: toService.searchParams.get("state")! });
    return await call("callback", providerWith({}), `/callback/github?${query}`, { jar });
  }

  test.each([
    ["invalid_scope", "service_refused_scope", "invalid_scope"],
    ["redirect_uri_mismatch", "service_refused_provider", "server_error"],
    ["unauthorized_client", "service_refused_provider", "server_error"],
    ["temporarily_unavailable", "service_failed", "temporarily_unavailable"],
  ] as const)(
    "%s is no refusal of the person: the page says what is wrong, and a click tells the app",
    async (word, reason, error) => {
      const response = await answerWith(word);
      await expectRefused(response.clone(), reason);
      expect(response.status).toBe(errors[reason].status);
      const { location } = answerIn(await response.text()) as { location: string };
      expect(location.startsWith(`${GOOD}/`)).toBe(true);
      expect(new URL(location).searchParams.get("error")).toBe(error);
    },
  );

  test.each(["access_denied", "user_denied", "consent_required", "toString", "<b>"])(
    "%s means that the person has refused, and the app is told that",
    async (word) => expect(readFragment(await answerWith(word))).toMatchObject({ refused: true }),
  );
});

describe("a service that adds parameters to its answer", () => {
  test("has them repeated in the token request, and the app gets them; no others", async () => {
    const provider = providerWith({ callbackParameters: ["realmId"] });
    const [jar, { verifier, challenge }] = [new Jar(), pkcePair()];
    const toService = await begin(provider, jar, challenge);
    const answer = new URLSearchParams({
      code: "c",
      state: toService.searchParams.get("state")!,
      realmId: "1234",
      other: "x",
    });
    const arrived = await call("callback", provider, `/callback/github?${answer}`, { jar });
    const confirmed = (await (await decide(provider, readFragment(arrived), jar)).json()) as { location: string };
    expect(confirmed.location).not.toContain("1234");

    server.seen.length = 0;
    const response = await redeem(provider, { code: codeIn(confirmed), code_verifier: verifier });
    expect(await response.json()).toEqual({
      realmId: "1234",
      access_token: CANARY.accessToken,
      token_type: "bearer",
      scope: "read:user",
    });
    expect(server.seen[0]!.form.get("realmId")).toBe("1234");
    expect(server.seen[0]!.form.has("other")).toBe(false);
  });

  test("[A42] twice is an error", async () => {
    const provider = providerWith({ callbackParameters: ["realmId"] });
    const jar = new Jar();
    const toService = await begin(provider, jar, pkcePair().challenge);
    const query = `code=c&state=${toService.searchParams.get("state")}&realmId=1&realmId=2`;
    expect((await call("callback", provider, `/callback/github?${query}`, { jar })).status).toBe(400);
  });
});
