import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Provider } from "../../server/provider/provider.ts";
import type { Question, StartQuestion } from "../../shared/page-messages.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  decide,
  Jar,
  OWN_PAGE,
  PROVIDER,
  pkcePair,
  readFragment,
  redeem,
  testProvider,
} from "../tools/harness.ts";
import {
  dpopProof,
  expectError,
  fakeServices,
  newDpopKey,
  openRefresh,
  REFRESHING,
  SERVICE_REFRESH_TOKEN,
  tokenAnswer,
  tokensIn,
} from "./refresh-tools.ts";

const provider = testProvider({ github: REFRESHING });

let services: ReturnType<typeof fakeServices>;
beforeEach(() => (services = fakeServices(tokenAnswer({ refresh_token: SERVICE_REFRESH_TOKEN }))));
afterEach(() => vi.restoreAllMocks());

function authorize(
  overrides: Record<string, string | undefined>,
  jar = new Jar(),
  by: Provider = provider,
): Promise<Response> {
  return call("authorize", by, `/authorize/github?${authorizationRequest(pkcePair().challenge, overrides)}`, { jar });
}

/** There is no redirect and no answer to the app, because the address may not belong to it. */
async function expectNowhere(response: Response, status = 400): Promise<void> {
  expect(response.status).toBe(status);
  expect(response.headers.get("location")).toBeNull();
  expect(await response.text()).not.toContain('name="answer"');
}

/** A program on the user's computer that opens a browser and listens on a port from the system (RFC 8252 §7.3). */
async function logInFromProgram(clientId: string, redirectUri: string, dpopJkt?: string) {
  const { verifier, challenge } = pkcePair();
  const jar = new Jar();
  const query = authorizationRequest(challenge, { client_id: clientId, redirect_uri: redirectUri, dpop_jkt: dpopJkt });
  const started = await call("authorize", provider, `/authorize/github?${query}`, { jar });
  const start = readFragment<StartQuestion>(started);
  const clicked = await call("authorize", provider, "/authorize/github", {
    method: "POST",
    jar,
    headers: OWN_PAGE,
    body: JSON.stringify({ request: start.request }),
  });
  const toService = new URL(((await clicked.json()) as { location: string }).location);
  const back = new URLSearchParams({ code: CANARY.serviceCode, state: toService.searchParams.get("state")! });
  const question = readFragment<Question>(await call("callback", provider, `/callback/github?${back}`, { jar }));
  const { location } = (await (await decide(provider, question, jar)).json()) as { location: string };
  return { start, toService, question, location: new URL(location), verifier };
}

describe("a program on the user's computer (RFC 8252)", () => {
  test.each([
    ["http://127.0.0.1/", "http://127.0.0.1:51004/callback"],
    ["http://127.0.0.1:3000/", "http://127.0.0.1:51004/callback"],
    ["http://127.0.0.1/", "http://127.0.0.1:1/"],
    ["http://127.0.0.1/", "http://127.0.0.1:65535/callback"],
    ["http://127.0.0.1:51004/", "http://127.0.0.1/callback"],
    ["http://[::1]/", "http://[::1]:51004/callback"],
    ["http://[::1]:3000/", "http://[::1]:51004/callback"],
  ])("logs in on any port: %s at %s", async (clientId, redirectUri) => {
    const { start, question, location, verifier } = await logInFromProgram(clientId, redirectUri);
    const { origin } = new URL(redirectUri);
    expect(start).toMatchObject({ origin, redirectUri });
    expect(question.origin).toBe(origin);
    expect(location.href.startsWith(`${redirectUri}?`)).toBe(true);
    const parameters = { code: location.searchParams.get("code")!, code_verifier: verifier, client_id: clientId };
    const fromItself = { headers: { origin } };
    await expectError(
      await redeem(provider, { ...parameters, redirect_uri: `${redirectUri.replace(/:\d+\//, ":4/")}x` }, fromItself),
      "code_of_other_client",
    );
    await expectError(
      await redeem(
        provider,
        { ...parameters, redirect_uri: redirectUri },
        { headers: { origin: "http://127.0.0.1:9" } },
      ),
      "code_of_other_client",
    );
    expect(services.seen).toEqual([]);
    await tokensIn(await redeem(provider, { ...parameters, redirect_uri: redirectUri }, fromItself));
  });

  test("sees its own port shown, and gets a refresh token for its key, sealed to that origin", async () => {
    const key = await newDpopKey();
    const [clientId, redirectUri] = ["http://127.0.0.1/", "http://127.0.0.1:51004/callback"];
    const { toService, location, verifier } = await logInFromProgram(clientId, redirectUri, key.thumbprint);
    expect(toService.searchParams.get("access_type")).toBe("offline");
    expect(toService.searchParams.get("scope")).toBe("read:user offline");
    const form = new URLSearchParams({
      grant_type: "authorization_code",
      client_id: clientId,
      redirect_uri: redirectUri,
      code: location.searchParams.get("code")!,
      code_verifier: verifier,
    });
    const headers = { "content-type": "application/x-www-form-urlencoded", dpop: await dpopProof(key) };
    const tokens = await tokensIn(
      await call("token", provider, "/token/github", { method: "POST", headers, body: form.toString() }),
    );
    expect(openRefresh(provider, tokens.refresh_token)).toMatchObject({
      clientId,
      appOrigin: "http://127.0.0.1:51004",
      thumbprint: key.thumbprint,
    });
  });

  test("cannot be logged in to by a link alone: a person clicks first [A58]", async () => {
    const response = await authorize({
      client_id: "http://127.0.0.1/",
      redirect_uri: "http://127.0.0.1:51004/callback",
    });
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toMatch(`${PROVIDER}/start#`);
  });
});

describe("[A58] an app at a name below localhost (RFC 6761 §6.3)", () => {
  test.each([
    ["http://app.localhost:3000/", "http://app.localhost:3000/callback"],
    ["http://tauri.localhost/", "http://tauri.localhost/"],
    ["https://tauri.localhost/", "https://tauri.localhost/callback"],
    ["http://tenant.app.localhost:5173/", "http://tenant.app.localhost:5173/callback"],
  ])("logs in as itself, and nobody redeems its code in its place: %s at %s", async (clientId, redirectUri) => {
    const { start, question, location, verifier } = await logInFromProgram(clientId, redirectUri);
    const { origin, host, protocol } = new URL(redirectUri);
    expect(start).toMatchObject({ origin, redirectUri });
    expect(question.origin).toBe(origin);
    const parameters = {
      code: location.searchParams.get("code")!,
      code_verifier: verifier,
      client_id: clientId,
      redirect_uri: redirectUri,
    };
    const others = [
      `${protocol}//b.localhost`,
      `${protocol}//localhost`,
      "http://127.0.0.1",
      `${origin.replace(/:\d+$/, "")}:9`,
      `${protocol}//x.${host}`,
    ];
    for (const other of others) {
      await expectError(await redeem(provider, parameters, { headers: { origin: other } }), "code_of_other_client");
    }
    expect(services.seen).toEqual([]);
    await tokensIn(await redeem(provider, parameters, { headers: { origin } }));
  });

  test("is started at once by a page of its own, and by none of another name", async () => {
    const overrides = { client_id: "http://a.localhost:3000/", redirect_uri: "http://a.localhost:3000/callback" };
    const path = `/authorize/github?${authorizationRequest(pkcePair().challenge, overrides)}`;
    const from = async (referer: string) =>
      (await call("authorize", provider, path, { headers: { referer } })).headers.get("location");
    expect(await from("http://a.localhost:3000/")).not.toContain("/start#");
    for (const other of [
      "http://b.localhost:3000/",
      "http://localhost:3000/",
      "http://a.localhost:3001/",
      "http://x.a.localhost:3000/",
    ]) {
      expect(await from(other), other).toMatch(`${PROVIDER}/start#`);
    }
  });
});

describe("[A3][A58] the port is free nowhere else", () => {
  test.each([
    ["localhost, which others may own", "http://localhost/", "http://localhost:51004/callback"],
    ["localhost on two ports", "http://localhost:3000/", "http://localhost:3001/callback"],
    ["https on localhost", "https://localhost/", "https://localhost:51004/callback"],
    ["a name below localhost on two ports", "http://app.localhost:3000/", "http://app.localhost:3001/callback"],
    ["a name below localhost without a port", "http://tauri.localhost/", "http://tauri.localhost:51004/callback"],
    ["a name below localhost, reversed", "http://app.localhost:3000/", "http://app.localhost/callback"],
    ["one name below localhost for another", "http://a.localhost:3000/", "http://b.localhost:3000/callback"],
    ["the name below for localhost", "http://localhost:3000/", "http://app.localhost:3000/callback"],
    ["localhost for the name below", "http://app.localhost:3000/", "http://localhost:3000/callback"],
    ["the address for the name below", "http://app.localhost:3000/", "http://127.0.0.1:3000/callback"],
    ["the name below for the address", "http://127.0.0.1/", "http://app.localhost:51004/callback"],
    ["an address as a name below localhost", "http://127.0.0.1/", "http://127.0.0.1.localhost:51004/callback"],
    [
      "an address as a name below, on two ports",
      "http://127.0.0.1.localhost/",
      "http://127.0.0.1.localhost:51004/callback",
    ],
    ["a name below the name below", "http://app.localhost:3000/", "http://a.app.localhost:3000/callback"],
    ["https for http below localhost", "http://tauri.localhost/", "https://tauri.localhost/callback"],
    ["a public host", "https://good.example/", "https://good.example:8443/callback"],
    ["a public address", "https://192.0.2.1/", "https://192.0.2.1:8443/callback"],
    ["another loopback address", "http://127.0.0.1/", "http://127.0.0.2:51004/callback"],
    ["the other family", "http://127.0.0.1/", "http://[::1]:51004/callback"],
    ["the other family, reversed", "http://[::1]/", "http://127.0.0.1:51004/callback"],
    ["the name for the address", "http://127.0.0.1/", "http://localhost:51004/callback"],
    ["the address for the name", "http://localhost/", "http://127.0.0.1:51004/callback"],
    ["another scheme", "http://127.0.0.1/", "https://127.0.0.1:51004/callback"],
    ["another scheme, reversed", "https://127.0.0.1/", "http://127.0.0.1:51004/callback"],
    ["a program for a page", "https://good.example/", "http://127.0.0.1:51004/callback"],
    ["a page for a program", "http://127.0.0.1/", "https://good.example/callback"],
    ["a shortened address", "http://127.1/", "http://127.1:51004/callback"],
    ["a decimal address", "http://2130706433/", "http://2130706433:51004/callback"],
    ["an octal address", "http://0177.0.0.1/", "http://0177.0.0.1:51004/callback"],
    ["a mapped address", "http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]:51004/callback"],
    ["a long spelling", "http://[0:0:0:0:0:0:0:1]/", "http://[0:0:0:0:0:0:0:1]:51004/callback"],
    ["every address", "http://0.0.0.0/", "http://0.0.0.0:51004/callback"],
    [
      "a name that begins like the address",
      "http://127.0.0.1.evil.example/",
      "http://127.0.0.1.evil.example:51004/callback",
    ],
    ["a user name", "http://127.0.0.1/", "http://127.0.0.1@evil.example/callback"],
    ["a user name and port", "http://127.0.0.1/", "http://127.0.0.1:51004@evil.example/callback"],
    ["port 0 with letters", "http://127.0.0.1/", "http://127.0.0.1:0x50/callback"],
    ["a port too high", "http://127.0.0.1/", "http://127.0.0.1:65536/callback"],
    ["the default port, spelled out", "http://127.0.0.1/", "http://127.0.0.1:80/callback"],
    ["a fragment", "http://127.0.0.1/", "http://127.0.0.1:51004/callback#x"],
    ["a parameter of ours", "http://127.0.0.1/", "http://127.0.0.1:51004/callback?code=x"],
    ["a custom scheme", "com.example.app:/", "com.example.app:/callback"],
    ["out of band", "http://127.0.0.1/", "urn:ietf:wg:oauth:2.0:oob"],
    ["a file", "http://127.0.0.1/", "file:///tmp/callback"],
  ])("%s: %s at %s", async (_, clientId, redirectUri) => {
    await expectNowhere(await authorize({ client_id: clientId, redirect_uri: redirectUri }));
    expect(services.seen).toEqual([]);
  });

  test("a message goes to the origin of client_id, so there the port counts [A40]", async () => {
    const overrides = {
      client_id: "http://127.0.0.1:3000/",
      redirect_uri: "http://127.0.0.1:51004/callback",
      response_mode: "web_message",
    };
    await expectNowhere(await authorize(overrides));
    expect((await authorize({ ...overrides, client_id: "http://127.0.0.1:51004/" })).status).toBe(303);
  });
});

describe("[A58] an owner who lets no programs in", () => {
  test.each([
    ...["http://127.0.0.1/", "http://[::1]/", "http://localhost:3000/"],
    ...["http://app.localhost:3000/", "http://tauri.localhost/", "https://tauri.localhost/"],
  ])("has them refused: %s", async (clientId) => {
    const by = testProvider({ env: { ALLOW_LOOPBACK: "false" } });
    const redirectUri = clientId.includes("localhost")
      ? `${clientId}callback`
      : clientId.replace(/\/$/, ":51004/callback");
    await expectNowhere(await authorize({ client_id: clientId, redirect_uri: redirectUri }, new Jar(), by), 403);
  });

  test("or lists the apps that may", async () => {
    const by = testProvider({ env: { ALLOWED_APPS: "https://good.example" } });
    await expectNowhere(
      await authorize(
        { client_id: "http://127.0.0.1/", redirect_uri: "http://127.0.0.1:51004/callback" },
        new Jar(),
        by,
      ),
      403,
    );
  });

  test.each([
    ["http://127.0.0.1:3000", "http://127.0.0.1:3000/", "http://127.0.0.1:9999/callback"],
    ["http://[::1]:3000", "http://[::1]:3000/", "http://[::1]:9999/callback"],
    ["http://127.0.0.1", "http://127.0.0.1/", "http://127.0.0.1:9999/callback"],
    ["http://127.0.0.1:3000", "http://127.0.0.1:3000/", "http://127.0.0.1/callback"],
    ["http://127.0.0.1:3000", "http://127.0.0.1:9999/", "http://127.0.0.1:3000/callback"],
    ["http://localhost:*", "http://127.0.0.1/", "http://127.0.0.1:9999/callback"],
    ["http://127.0.0.1:*", "http://[::1]/", "http://[::1]:9999/callback"],
    ["http://localhost:*", "http://app.localhost:3000/", "http://app.localhost:3000/callback"],
    ["http://a.localhost:*", "http://b.localhost:3000/", "http://b.localhost:3000/callback"],
    ["http://app.localhost:3000", "http://app.localhost:3001/", "http://app.localhost:3001/callback"],
  ])("or lists the port that may: %s, but %s at %s", async (listed, clientId, redirectUri) => {
    const by = testProvider({ env: { ALLOWED_APPS: listed } });
    await expectNowhere(await authorize({ client_id: clientId, redirect_uri: redirectUri }, new Jar(), by), 403);
    expect(services.seen).toEqual([]);
  });

  test.each([
    ["http://127.0.0.1:3000", "http://127.0.0.1:3000/", "http://127.0.0.1:3000/callback"],
    ["http://127.0.0.1:*", "http://127.0.0.1/", "http://127.0.0.1:9999/callback"],
    ["http://[::1]:*", "http://[::1]:3000/", "http://[::1]:9999/callback"],
    ["http://localhost:*", "http://localhost:3000/", "http://localhost:3000/callback"],
    ["http://app.localhost:*", "http://app.localhost:3000/", "http://app.localhost:3000/callback"],
    ["http://tauri.localhost", "http://tauri.localhost/", "http://tauri.localhost/callback"],
  ])("but those that are listed get on: %s for %s at %s", async (listed, clientId, redirectUri) => {
    const by = testProvider({ env: { ALLOWED_APPS: listed } });
    const response = await authorize({ client_id: clientId, redirect_uri: redirectUri }, new Jar(), by);
    expect(response.status).toBe(303);
    expect(readFragment<StartQuestion>(response)).toMatchObject({ redirectUri });
  });
});
