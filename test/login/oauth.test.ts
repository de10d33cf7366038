import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Provider } from "../../server/provider/provider.ts";
import { callbackUri } from "../../server/provider/provider.ts";
import {
  CANARY,
  codeIn,
  decide,
  GOOD,
  PROVIDER,
  pkcePair,
  reachConfirmation,
  redeem,
  testProvider,
} from "../tools/harness.ts";
import { startTokenServer } from "../tools/token-server.ts";

let server: Awaited<ReturnType<typeof startTokenServer>>;
let provider: Provider;

beforeAll(async () => {
  server = await startTokenServer();
  provider = testProvider({ github: { tokenEndpoint: server.endpoint } });
});
afterAll(() => server.stop());

describe("a login of a standard client, from the app's click to its access token", () => {
  test("in a full-page redirect", async () => {
    server.answerWith({ json: { access_token: CANARY.accessToken, token_type: "bearer", scope: "read:user" } });
    const { verifier, challenge } = pkcePair();

    const { question, jar, toService } = await reachConfirmation(provider, { challenge });
    expect(toService.origin).toBe("https://github.example");
    expect(toService.searchParams.get("redirect_uri")).toBe(`${PROVIDER}/callback/github`);
    expect(toService.searchParams.get("scope")).toBe("read:user");
    expect(toService.searchParams.get("code_challenge_method")).toBe("S256");
    expect(toService.searchParams.get("code_challenge")).not.toBe(challenge);
    expect(question).toMatchObject({
      origin: GOOD,
      service: "github",
      scopes: ["read:user"],
      redirectUri: `${GOOD}/callback`,
      delivery: "navigation",
      refused: false,
    });

    const confirmed = await decide(provider, question, jar);
    expect(confirmed.status).toBe(200);
    const answer = (await confirmed.json()) as { location: string };
    const landed = new URL(answer.location);
    expect(landed.origin + landed.pathname).toBe(`${GOOD}/callback`);
    expect(landed.searchParams.get("state")).toBe("state-of-the-app");
    expect(landed.searchParams.get("iss")).toBe(`${PROVIDER}/github`);
    expect(server.seen).toHaveLength(0);

    const response = await redeem(provider, { code: codeIn(answer), code_verifier: verifier });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      access_token: CANARY.accessToken,
      token_type: "bearer",
      scope: "read:user",
    });
    expect(server.seen).toHaveLength(1);
    const [asked] = server.seen;
    expect(asked!.url).toBe("/token");
    expect(asked!.form.get("code")).toBe(CANARY.serviceCode);
    expect(asked!.form.get("client_secret")).toBe(CANARY.clientSecret);
    expect(asked!.form.get("redirect_uri")).toBe(callbackUri({ provider, service: provider.services.get("github")! }));
    expect(asked!.form.get("code_verifier")).toMatch(/^[A-Za-z0-9_-]{43}$/);
  });
});
