import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OAuthError } from "../../server/answers/errors.ts";
import { serviceById } from "../../server/provider/provider.ts";
import {
  authorizationRequest,
  CANARY,
  call,
  decide,
  GOOD,
  OWN_PAGE,
  pkcePair,
  reachConfirmation,
  redeem,
  testProvider,
} from "../tools/harness.ts";
import { boundJar, expectRefused, RUNS, spyOnFetch } from "./tools.ts";

const provider = testProvider();

let fetched: ReturnType<typeof spyOnFetch>;
beforeEach(() => (fetched = spyOnFetch()));
afterEach(() => vi.restoreAllMocks());

const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "isPrototypeOf",
  "__defineGetter__",
  "__lookupSetter__",
  "get",
  "has",
  "size",
  "default",
  "undefined",
  "null",
  "0",
  "-1",
  "NaN",
  "true",
  "Github",
  "GITHUB",
  "gitHub",
  "github ",
  "g\u0131thub",
  "githu\u212A",
  "github.",
];

/** Every part of a response that a caller can see. */
async function seen(response: Response): Promise<unknown> {
  return { status: response.status, headers: [...response.headers], body: await response.text() };
}

describe("[A41] a name that every object has is no service", () => {
  test.each(NAMES)("%j gets the answers of any other unknown name, at every endpoint", async (name) => {
    const { jar } = boundJar();
    const { verifier, challenge } = pkcePair();
    const query = authorizationRequest(challenge);
    const answersTo = async (service: string) => {
      const path = encodeURIComponent(service);
      const json = new URLSearchParams({ code: "x", state: JSON.stringify({ url: `${GOOD}/`, backend: service }) });
      const body = { ticket: "x", origin: GOOD, service, decision: "yes", opener: true };
      const responses = [
        await call("authorize", provider, `/authorize/${path}?${query}`, { jar }),
        await call("authorize", provider, `/authorize/${path}`, { method: "POST", jar, headers: OWN_PAGE, body: "{}" }),
        await call("callback", provider, `/callback/${path}?code=x&state=y`, { jar }),
        await redeem(provider, { code: "x", code_verifier: verifier }, { service: path }),
        await call("decision", provider, "/decision", {
          method: "POST",
          jar,
          headers: OWN_PAGE,
          body: JSON.stringify(body),
        }),
      ];
      for (const response of responses) await expectRefused(response, "unknown_service");
      const atRoot = await call("callback", provider, `/callback?${json}`, { jar });
      if (service !== "Github") await expectRefused(atRoot, "unknown_service");
      return await Promise.all(responses.map(seen));
    };
    expect(await answersTo(name)).toEqual(await answersTo("nobody"));
    expect(fetched).not.toHaveBeenCalled();
  });

  test("any name at all finds the service of exactly that id, or none", () => {
    const name = fc.oneof(
      fc.string(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("github", "other", ...NAMES),
      fc.mixedCase(fc.constant("github")),
    );
    fc.assert(
      fc.property(name, (id) => {
        let found: string | undefined;
        try {
          found = serviceById(provider, id).id;
        } catch (error) {
          expect(error).toBeInstanceOf(OAuthError);
          expect((error as OAuthError).definition.name).toBe("unknown_service");
        }
        expect(found).toBe(id === "github" || id === "other" ? id : undefined);
      }),
      RUNS,
    );
  });

  test.each(["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__"])(
    "nor is %j a method",
    async (method) => {
      for (const endpoint of ["authorize", "token", "services"] as const) {
        await expectRefused(await call(endpoint, provider, `/${endpoint}/github`, { method }), "wrong_method");
      }
    },
  );

  test("no path at all is no service either", () => {
    expect(() => serviceById(provider, undefined)).toThrow(expect.objectContaining({ message: "unknown_service" }));
    expect(() => serviceById(provider, "")).toThrow(expect.objectContaining({ message: "unknown_service" }));
  });

  test.each(NAMES)("%j as a parameter, a member, a scope or an error changes nothing", async (name) => {
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    const { question, jar } = await reachConfirmation(provider, {
      overrides: { [`${name}x`]: "x", scope: name.trim().replace(/[^!-~]/g, "x"), state: name },
    });
    const body = `{"ticket":${JSON.stringify(question.ticket)},"origin":"${GOOD}","redirectUri":"${GOOD}/callback","service":"github","decision":"no","opener":false,"__proto__":{"decision":"yes"},${JSON.stringify(name)}:"x"}`;
    const response = await call("decision", provider, "/decision", { method: "POST", jar, headers: OWN_PAGE, body });
    const { location } = (await response.json()) as { location: string };
    expect(new URL(location).searchParams.get("error")).toBe("access_denied");
    expect(new URL(location).searchParams.get("state")).toBe(name);
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
  });

  test("what the service answers is no way in either", async () => {
    fetched.mockImplementation(
      async () =>
        new Response(
          `{"access_token":"${CANARY.accessToken}","__proto__":{"scope":"all"},"constructor":{"prototype":{"x":1}}}`,
        ),
    );
    const { challenge, verifier } = pkcePair();
    const { question, jar } = await reachConfirmation(provider, { challenge });
    const { location } = (await (await decide(provider, question, jar)).json()) as { location: string };
    const response = await redeem(provider, {
      code: new URL(location).searchParams.get("code")!,
      code_verifier: verifier,
    });
    expect(await response.json()).toEqual({
      access_token: CANARY.accessToken,
      token_type: "Bearer",
      scope: "read:user",
    });
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});
