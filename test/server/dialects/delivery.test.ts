import { describe, expect, test } from "vitest";
import type { ReturnAddress } from "../../../server/dialects/delivery.ts";
import {
  deliverError,
  deliverMadataError,
  deliverResponse,
  deliverToken,
  reportError,
} from "../../../server/dialects/delivery.ts";
import type { KnownCms } from "../../../server/sealing/transaction.ts";
import { madataTransaction, oauthTransaction, serviceOf } from "../../attacks/tools.ts";
import { GOOD, PROVIDER, testProvider } from "../../tools/harness.ts";

const provider = testProvider();
const service = serviceOf(provider);
const iss = `${PROVIDER}/github`;
const refusal = { error: "access_denied", description: "The user said no." };
const cms: KnownCms = { dialect: "cms", scopes: [], word: "github", appOrigin: GOOD };

describe("an authorization response (RFC 6749 §4.1.2, RFC 9207)", () => {
  const byQuery: ReturnAddress = {
    appOrigin: GOOD,
    redirectUri: `${GOOD}/callback`,
    responseMode: "query",
    state: "s",
  };
  const byMessage: ReturnAddress = { ...byQuery, responseMode: "web_message" };
  const deliver = (to: ReturnAddress, openerAlive: boolean) =>
    deliverResponse(to, { code: "c" }, openerAlive, { provider, service });

  test("goes to the redirect URI, with the app's state and our name, whether or not a window waits", () => {
    const address = `${GOOD}/callback?${new URLSearchParams({ code: "c", state: "s", iss })}`;
    for (const openerAlive of [true, false]) expect(deliver(byQuery, openerAlive)).toEqual({ location: address });
    expect(deliver(byMessage, false)).toEqual({ location: address });
  });

  test("leaves the redirect URI's own query as it is", () => {
    const to = { ...byQuery, redirectUri: `${GOOD}/callback?a=%20b&a` };
    expect(deliver(to, false)).toEqual({
      location: `${GOOD}/callback?a=%20b&a&${new URLSearchParams({ code: "c", state: "s", iss })}`,
    });
  });

  test("writes a space as %20 and never as +, which not every client reads as one", () => {
    const odd = { ...byQuery, state: "a b+c %20 é" };
    const refused = deliverError(oauthTransaction(odd), refusal, false, { provider, service });
    for (const answer of [deliver(odd, false), refused]) {
      const { location } = answer as { location: string };
      expect(location).not.toContain("+");
      expect(location).toContain("state=a%20b%2Bc%20%2520%20%C3%A9&");
      expect(Object.fromEntries(new URL(location).searchParams)).toMatchObject({ state: odd.state, iss });
    }
    expect((refused as { location: string }).location).toContain("error_description=The%20user%20said%20no.");
  });

  test("goes to the waiting window where the app wants a message, to that origin only", () => {
    const message = { type: "authorization_response", response: { code: "c", state: "s", iss } };
    expect(deliver(byMessage, true)).toEqual({ message, targetOrigin: GOOD });
  });

  test("has no state where the app sent none", () => {
    const { state: _, ...stateless } = byMessage;
    expect(deliver(stateless, true)).toStrictEqual({
      message: { type: "authorization_response", response: { code: "c", iss } },
      targetOrigin: GOOD,
    });
    expect(deliver({ ...stateless, responseMode: "query" }, true)).toEqual({
      location: `${GOOD}/callback?${new URLSearchParams({ code: "c", iss })}`,
    });
  });

  test("has no way where the window is lost and the app named no page", () => {
    const { redirectUri: _, ...pageless } = byMessage;
    expect(deliver(pageless, false)).toBeUndefined();
  });
});

describe("an access token", () => {
  test("goes to Madata's window in Madata's words", () => {
    expect(deliverToken(madataTransaction(), "t")).toEqual({
      message: { backend: "Github", token: "t" },
      targetOrigin: GOOD,
    });
  });

  test("goes to a CMS's window in its words", () => {
    expect(deliverToken(cms, "t")).toEqual({
      message: 'authorization:github:success:{"token":"t","provider":"github"}',
      targetOrigin: GOOD,
    });
  });
});

const refusals = [
  [
    "OAuth",
    oauthTransaction({ responseMode: "web_message", state: "s" }),
    {
      message: {
        type: "authorization_response",
        response: { error: "access_denied", error_description: "The user said no.", state: "s", iss },
      },
      targetOrigin: GOOD,
    },
  ],
  // With its own name for the service, Madata would store a token although there is none.
  [
    "Madata",
    madataTransaction(),
    { message: { backend: "Github:refused", error: "access_denied" }, targetOrigin: GOOD },
  ],
] as const;

const cmsError =
  'authorization:github:error:{"message":"The user said no.","error":"The user said no.",' +
  '"errorCode":"access_denied","provider":"github"}';

describe("a refusal", () => {
  test.each(refusals)("is told in the app's own dialect: %s", (_, transaction, expected) => {
    expect(deliverError(transaction, refusal, true, { provider, service })).toEqual(expected);
  });

  test("is told in the app's own dialect: CMS", () => {
    expect(deliverError(cms, refusal, true, { provider, service })).toEqual({ message: cmsError, targetOrigin: GOOD });
  });

  test("needs a way, in the OAuth dialect", () => {
    expect(deliverError(oauthTransaction(), refusal, false, { provider, service })).toEqual({
      location: `${GOOD}/callback?error=access_denied&error_description=The%20user%20said%20no.&${new URLSearchParams({
        ...{ state: "state-of-the-app", iss },
      })}`,
    });
    const { redirectUri: _, ...pageless } = oauthTransaction({ responseMode: "web_message" });
    expect(deliverError(pageless, refusal, false, { provider, service })).toBeUndefined();
  });

  test("of Madata's is made of the client's name and the error alone", () => {
    const to = { appOrigin: GOOD, backend: "Gitlab" };
    expect(deliverMadataError(to, "x")).toEqual({
      message: { backend: "Gitlab:refused", error: "x" },
      targetOrigin: GOOD,
    });
  });
});

describe("the news that a login has failed before there was a question", () => {
  test.each(refusals)("is told as a refusal is, whether or not a window waits: %s", (_, transaction, expected) => {
    expect(reportError(transaction, refusal, { provider, service })).toEqual(expected);
  });

  test("goes to whichever CMS says the handshake", () => {
    const { appOrigin: _, ...unnamed } = cms;
    expect(reportError(unnamed, refusal, { provider, service })).toEqual({
      message: cmsError,
      handshake: "authorizing:github",
    });
  });

  test("goes to nobody when somebody wants to sign out", () => {
    expect(reportError({ dialect: "sign-out", scopes: [] }, refusal, { provider, service })).toBeUndefined();
  });
});
