import { describe, expect, test } from "vitest";
import { tokenResponse } from "../../../server/grants/token-response.ts";

test("what the service did not say is left out of the app's answer, not empty (RFC 6749 §5.1)", () => {
  const answer = tokenResponse({ accessToken: "t", tokenType: "Bearer" }, [], undefined, {});
  expect(answer).toStrictEqual({ access_token: "t", token_type: "Bearer" });
});

test("scopes that all turn out to be none leave no scope either [A52]", () => {
  const tokens = { accessToken: "t", tokenType: "Bearer", scopes: ["openid", 'quo"ted', ""] };
  expect(tokenResponse(tokens, ["repo"], undefined, {})).toStrictEqual({ access_token: "t", token_type: "Bearer" });
});

test("what the service said is passed on, and nothing of its own names wins over ours", () => {
  const extraMembers = { api_host: "https://eu.service.example", access_token: "other" };
  const tokens = { accessToken: "t", tokenType: "Bearer", expiresInSeconds: 0, scopes: ["a", "b"], extraMembers };
  expect(tokenResponse(tokens, ["c"], "r", {})).toStrictEqual({
    api_host: "https://eu.service.example",
    access_token: "t",
    token_type: "Bearer",
    expires_in: 0,
    scope: "a b",
    refresh_token: "r",
  });
});

describe("where the service does not say how long its access token is good for", () => {
  const tokens = { accessToken: "t", tokenType: "Bearer" };
  const assumed = { accessTokenLifetimeSeconds: 900 };

  test("its record does, so that the app knows when to refresh", () => {
    expect(tokenResponse(tokens, [], "r", assumed)).toMatchObject({ expires_in: 900 });
  });

  test("the app is told nothing if it cannot refresh: the guess would end a login that may be good for longer", () => {
    expect(tokenResponse(tokens, [], undefined, assumed)).not.toHaveProperty("expires_in");
  });

  test("nothing is assumed of others, and what the service says wins", () => {
    expect(tokenResponse(tokens, [], "r", {})).not.toHaveProperty("expires_in");
    expect(tokenResponse({ ...tokens, expiresInSeconds: 60 }, [], "r", assumed)).toMatchObject({ expires_in: 60 });
  });
});
