import { describe, expect, test } from "vitest";
import * as errors from "../../../server/answers/error-catalogue.ts";
import type { TokenContext, TokenRequest } from "../../../server/grants/token-request.ts";
import { isOtherClient, readTokenRequest } from "../../../server/grants/token-request.ts";
import { serviceOf } from "../../attacks/tools.ts";
import type { ErrorName } from "../../tools/error-name.ts";
import { EVIL, GOOD, PROVIDER, testProvider } from "../../tools/harness.ts";

function read(form: Record<string, string>, authorization?: string): Promise<TokenRequest> {
  const headers = new Headers({ "content-type": "application/x-www-form-urlencoded" });
  if (authorization !== undefined) headers.set("authorization", authorization);
  return readTokenRequest(
    new Request(`${PROVIDER}/token/github`, { method: "POST", headers, body: new URLSearchParams(form).toString() }),
  );
}

function basic(credentials: string, scheme = "Basic"): string {
  return `${scheme} ${Buffer.from(credentials).toString("base64")}`;
}

async function expectRefused(request: Promise<TokenRequest>, reason: ErrorName): Promise<void> {
  await expect(request).rejects.toMatchObject({ definition: errors[reason] });
}

describe("the client_id of a token request", () => {
  test("stands in the body", async () => {
    expect(await read({ client_id: `${GOOD}/`, code: "x" })).toEqual({ client_id: `${GOOD}/`, code: "x" });
  });

  test.each([
    ["encoded", basic(`${encodeURIComponent(`${GOOD}/`)}:`)],
    ["as it is, colon and all", basic(`${GOOD}/:`)],
    ["under a scheme in another spelling", basic(`${GOOD}/:`, "bASIC")],
  ])("or in a Basic header with an empty secret, %s (RFC 6749 §2.3.1)", async (_, header) => {
    expect(await read({ code: "x" }, header)).toEqual({ client_id: `${GOOD}/`, code: "x" });
    expect(await read({ client_id: `${GOOD}/` }, header)).toEqual({ client_id: `${GOOD}/` });
  });

  test("keeps every letter that the header has", async () => {
    expect(await read({}, basic(`${GOOD}/?a&b=c:`))).toEqual({ client_id: `${GOOD}/?a&b=c` });
    expect(await read({}, basic("a+b%2Bc%26:"))).toEqual({ client_id: "a b+c&" });
  });

  test("must be one: two that differ are refused, an empty one included", async () => {
    await expectRefused(read({ client_id: `${GOOD}/` }, basic(`${EVIL}/:`)), "duplicate_parameter");
    await expectRefused(read({ client_id: `${GOOD}/` }, basic(":")), "duplicate_parameter");
  });

  test.each([
    ["is no Basic header", "Bearer eHg6"],
    ["only contains one", `Digest ${basic("x:")}`],
    ["goes on after one", `${basic("x:")}, Bearer y`],
    ["has no colon", basic("x")],
    ["is empty", "Basic"],
  ])("is not taken from what %s", async (_, header) => {
    expect(await read({ code: "x" }, header)).toEqual({ code: "x" });
  });
});

describe("a tool that insists on a client secret sends the word public", () => {
  test.each([
    ["encoded", basic(`${encodeURIComponent(`${GOOD}/`)}:public`)],
    ["as it is, colon and all", basic(`${GOOD}/:public`)],
    ["with every letter encoded", basic(`${encodeURIComponent(`${GOOD}/`)}:%70%75%62%6C%69%63`)],
  ])("in a Basic header, %s", async (_, header) => {
    expect(await read({ code: "x" }, header)).toEqual({ code: "x", client_id: `${GOOD}/` });
    expect(await read({ client_id: `${GOOD}/` }, header)).toEqual({ client_id: `${GOOD}/` });
    expect(await read({ client_id: `${GOOD}/`, client_secret: "" }, header)).toEqual({ client_id: `${GOOD}/` });
  });

  test("in the body, and in both", async () => {
    expect(await read({ client_id: `${GOOD}/`, client_secret: "public" })).toEqual({ client_id: `${GOOD}/` });
    expect(await read({ client_secret: "public" }, basic(`${GOOD}/:public`))).toEqual({ client_id: `${GOOD}/` });
  });

  test.each([
    "Public",
    "PUBLIC",
    " public",
    "public ",
    "publi",
    "publics",
    "public\u0000",
    "none",
    "secret",
    "undefined",
    "null",
    `${GOOD}/`,
  ])("and no other: %j", async (secret) => {
    await expect(read({ client_id: `${GOOD}/`, client_secret: secret })).rejects.toThrow();
    await expectRefused(read({}, basic(`${GOOD}/:${encodeURIComponent(secret)}`)), "client_secret_given");
    await expectRefused(
      read({ client_secret: "public" }, basic(`${GOOD}/:${encodeURIComponent(secret)}`)),
      "client_secret_given",
    );
  });

  test("which names nobody: a client_id is needed as ever, and must be one", async () => {
    expect(await read({ client_secret: "public" })).toEqual({});
    await expectRefused(read({ client_id: `${GOOD}/` }, basic(`${EVIL}/:public`)), "duplicate_parameter");
    await expectRefused(read({ client_id: `${GOOD}/` }, basic(":public")), "duplicate_parameter");
  });

  test("and whoever sends another is told the word", () => {
    expect(errors.client_secret_given.advice).toMatch(/\bpublic\b/);
  });
});

test("any other client secret is refused, in the body and in the header: an app has none, and would give it away", async () => {
  await expectRefused(read({ client_id: `${GOOD}/`, client_secret: "s" }), "client_secret_given");
  await expectRefused(read({}, basic(`${GOOD}/:s`)), "client_secret_given");
  expect(await read({ client_id: `${GOOD}/`, client_secret: "" })).toEqual({ client_id: `${GOOD}/` });
});

test("only what a token request can have is read", async () => {
  const request = {
    grant_type: "g",
    code: "c",
    redirect_uri: "r",
    code_verifier: "v",
    refresh_token: "t",
    scope: "s",
    client_id: "i",
  };
  expect(await read({ ...request, username: "u", password: "p", audience: "x" })).toEqual(request);
});

describe("[A30] whoever asks is another client than the one that a value was made for", () => {
  const provider = testProvider();
  const context: TokenContext = { provider, service: serviceOf(provider), origin: GOOD, thumbprint: undefined };
  const issuedTo = { clientId: `${GOOD}/`, appOrigin: GOOD };

  test.each([
    ["the same, in a browser", `${GOOD}/`, GOOD, false],
    ["the same, outside browsers", `${GOOD}/`, null, false],
    ["another name", `${EVIL}/`, GOOD, true],
    ["another name outside browsers", `${EVIL}/`, null, true],
    ["no name", undefined, GOOD, true],
    ["another page that knows the name", `${GOOD}/`, EVIL, true],
    ["a page without an origin", `${GOOD}/`, "null", true],
    ["an empty origin", `${GOOD}/`, "", true],
  ])("%s: %j from %j → %j", (_, clientId, origin, expected) => {
    const request = clientId === undefined ? {} : { client_id: clientId };
    expect(isOtherClient(request, { ...context, origin }, issuedTo)).toBe(expected);
  });
});
