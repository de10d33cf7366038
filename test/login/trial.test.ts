import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { RevocationEndpoint, Service } from "../../server/provider/service.ts";
import type { Question } from "../../shared/page-messages.ts";
import { expectRefused } from "../attacks/tools.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  decide,
  EVIL,
  GOOD,
  Jar,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  readFragment,
  testProvider,
} from "../tools/harness.ts";

/** "Try it": a login that ends on our own page, and whose token nobody gets. */

const REVOCATION: RevocationEndpoint = {
  endpoint: "https://api.github.example/revoke",
  method: "POST",
  authMethod: "client_secret_basic",
  body: "form",
  tokenParameter: "token",
};

const USERINFO: NonNullable<Service["userinfo"]> = {
  endpoint: "https://api.github.example/user",
  method: "GET",
  headers: {},
  claims: { sub: ["id"], username: ["login"], name: ["name"] },
};

const FULL: Partial<Service> = { revocation: REVOCATION, userinfo: USERINFO };
const REFRESH_TOKEN = "canary-refresh-token-0123456789";
const BACK = `${PROVIDER}/try#github`;

let outbound: { url: string; body: string }[];
let answers: Record<string, () => Response>;

beforeEach(() => {
  outbound = [];
  answers = {
    "/login/oauth/access_token": () => Response.json({ access_token: CANARY.accessToken, token_type: "bearer" }),
    "/user": () => Response.json({ id: 1, login: "mona", name: "Mona Lisa" }),
    "/revoke": () => new Response(null, { status: 200 }),
  };
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    outbound.push({ url: String(input), body: String(init?.body ?? "") });
    return answers[new URL(String(input)).pathname]!();
  });
});
afterEach(() => vi.restoreAllMocks());

function begin(provider: ReturnType<typeof testProvider>, jar = new Jar(), headers = OWN_PAGE): Promise<Response> {
  const body = JSON.stringify({ trial: true });
  return call("authorize", provider, "/authorize/github", { method: "POST", jar, headers, body });
}

async function reachQuestion(
  provider: ReturnType<typeof testProvider>,
  answer: Record<string, string> = { code: CANARY.serviceCode },
): Promise<{ question: Question; jar: Jar; toService: URL }> {
  const jar = new Jar();
  const { location } = (await (await begin(provider, jar)).json()) as { location: string };
  const toService = new URL(location);
  const query = new URLSearchParams({ ...answer, state: toService.searchParams.get("state")! });
  const returned = await call("callback", provider, `/callback/github?${query}`, { jar });
  expect(returned.headers.get("location")).toMatch(/^https:\/\/auth\.example\/confirm#/);
  return { question: readFragment<Question>(returned), jar, toService };
}

describe("a login that is tried", () => {
  test("asks the question of any app, with the provider in its place, and exchanges nothing before [A1]", async () => {
    const { question } = await reachQuestion(testProvider({ github: FULL }));
    expect(question).toMatchObject({
      origin: PROVIDER,
      redirectUri: `${PROVIDER}/try`,
      delivery: "navigation",
      service: "github",
      scopes: ["read:user"],
      offline: false,
    });
    expect(outbound).toEqual([]);
  });

  test("ends in the user's name, and its token is revoked and goes nowhere else [A65]", async () => {
    const provider = testProvider({ github: FULL });
    const { question, jar } = await reachQuestion(provider);
    const response = await decide(provider, question, jar);
    const text = await response.text();
    expect(JSON.parse(text)).toEqual({ trial: { name: "Mona Lisa", revoked: true, installed: true } });
    expect(text).not.toContain(CANARY.accessToken);
    expect(outbound.map(({ url }) => url)).toEqual([
      "https://github.example/login/oauth/access_token",
      USERINFO.endpoint,
      REVOCATION.endpoint,
    ]);
    expect(new URLSearchParams(outbound[2]!.body).get("token")).toBe(CANARY.accessToken);
    expect(jar.logins).toEqual([]);
  });

  test("gives back a refresh token that nobody has asked for [A29]", async () => {
    answers["/login/oauth/access_token"] = () =>
      Response.json({ access_token: CANARY.accessToken, token_type: "bearer", refresh_token: REFRESH_TOKEN });
    const provider = testProvider({ github: { ...FULL, refreshTokens: "rotating" } });
    const { question, jar } = await reachQuestion(provider);
    expect(await (await decide(provider, question, jar)).text()).not.toContain(REFRESH_TOKEN);
    const revoked = outbound.slice(2).map(({ body }) => new URLSearchParams(body).get("token"));
    expect(revoked).toEqual([REFRESH_TOKEN, CANARY.accessToken]);
  });

  test("never ends the grant, which belongs to the user's apps, and then says so [A44]", async () => {
    const provider = testProvider({ github: { userinfo: USERINFO, grantRevocation: REVOCATION } });
    const { question, jar } = await reachQuestion(provider);
    expect(await (await decide(provider, question, jar)).json()).toEqual({
      trial: { name: "Mona Lisa", revoked: false, installed: true },
    });
    expect(outbound).toHaveLength(2);
  });

  test("works without a profile, and if the service does not revoke", async () => {
    answers["/revoke"] = () => new Response(null, { status: 503 });
    const provider = testProvider({ github: { revocation: REVOCATION } });
    const { question, jar } = await reachQuestion(provider);
    expect(await (await decide(provider, question, jar)).json()).toEqual({
      trial: { revoked: false, installed: true },
    });
  });

  test("revokes the token even if the service does not say whose it is, and leads back", async () => {
    answers["/user"] = () => new Response("down", { status: 503 });
    const provider = testProvider({ github: FULL });
    const { question, jar } = await reachQuestion(provider);
    const response = await decide(provider, question, jar);
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ reason: "service_failed", answer: { location: BACK } });
    expect(outbound.at(-1)!.url).toBe(REVOCATION.endpoint);
  });

  test("a wrong client secret is named, and nothing is asked of the service with it", async () => {
    answers["/login/oauth/access_token"] = () => Response.json({ error: "invalid_client" }, { status: 401 });
    const provider = testProvider({ github: FULL });
    const { question, jar } = await reachQuestion(provider);
    expect(await (await decide(provider, question, jar)).json()).toMatchObject({ reason: "service_refused_provider" });
    expect(outbound).toHaveLength(1);
  });

  test("a token that can do more than was shown is revoked, and no name is read with it [A31]", async () => {
    answers["/login/oauth/access_token"] = () =>
      Response.json({ access_token: CANARY.accessToken, token_type: "bearer", scope: "read:user,delete_repo" });
    const provider = testProvider({ github: FULL });
    const { question, jar } = await reachQuestion(provider);
    expect(await (await decide(provider, question, jar)).json()).toMatchObject({ reason: "granted_too_much" });
    expect(outbound.map(({ url }) => url)).not.toContain(USERINFO.endpoint);
    expect(outbound.at(-1)!.url).toBe(REVOCATION.endpoint);
  });

  test("No exchanges nothing, and leads back to our own page", async () => {
    const provider = testProvider({ github: FULL });
    const { question, jar } = await reachQuestion(provider);
    const answer = await decide(provider, question, jar, { decision: "no" });
    expect(await answer.json()).toEqual({ location: BACK });
    expect(outbound).toEqual([]);
  });

  test("a refusal at the service leads back in the same way", async () => {
    const provider = testProvider({ github: FULL });
    const { question, jar } = await reachQuestion(provider, { error: "access_denied" });
    expect(question.refused).toBe(true);
    expect(await (await decide(provider, question, jar, { decision: "no" })).json()).toEqual({ location: BACK });
  });

  test("asks for the least: the scopes that say who the user is, not those that the owner gives to apps", async () => {
    const provider = testProvider({ github: { ...FULL, defaultScopes: ["repo"], profileScopes: ["read:user"] } });
    const { question, toService } = await reachQuestion(provider);
    expect(toService.searchParams.get("scope")).toBe("read:user");
    expect(question.scopes).toEqual(["read:user"]);
  });

  test("another origin or page than the one that was shown gets nothing [A6]", async () => {
    const provider = testProvider({ github: FULL });
    const { question, jar } = await reachQuestion(provider);
    await expectRefused(await decide(provider, question, jar, { origin: GOOD }), "not_what_was_shown");
    await expectRefused(await decide(provider, question, jar, { redirectUri: `${PROVIDER}/` }), "not_what_was_shown");
    expect(outbound).toEqual([]);
  });
});

describe("nobody else can try one", () => {
  test("a page of another origin cannot begin it [A2]", async () => {
    const provider = testProvider({ github: FULL });
    await expectRefused(await begin(provider, new Jar(), { ...OWN_PAGE, origin: EVIL }), "foreign_request");
  });

  test("no app can ask for it in our name: our own origin is still no app [A4]", async () => {
    const provider = testProvider({ github: FULL });
    const query = authorizationRequest(pkcePair().challenge, {
      client_id: `${PROVIDER}/`,
      redirect_uri: `${PROVIDER}/try`,
    });
    await expectRefused(await call("authorize", provider, `/authorize/github?${query}`), "invalid_client_id");
  });

  test("an owner turns it off for everybody, and an unclear setting answers nobody [A50]", async () => {
    const off = testProvider({ github: FULL, env: { ALLOW_TRY: "false" } });
    await expectRefused(await begin(off), "trial_not_offered");
    const list = (await (await call("services", off, "/services.json")).json()) as Record<string, { try: boolean }>;
    expect(list.Github!.try).toBe(false);
    expect(() => testProvider({ env: { ALLOW_TRY: "no" } })).toThrow();
  });

  test("services.json says where it is offered", async () => {
    const provider = testProvider();
    const list = (await (await call("services", provider, "/services.json")).json()) as Record<
      string,
      { try: boolean }
    >;
    expect(list.Github!.try).toBe(true);
  });
});
