import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OAuthError } from "../../../server/answers/errors.ts";
import type { UserinfoEndpoint } from "../../../server/provider/service.ts";
import { readClaims } from "../../../server/upstream/userinfo.ts";
import { RUNS } from "../../attacks/tools.ts";

type Claims = UserinfoEndpoint["claims"];

const MEMBERS = ["sub", "id", "username", "name", "avatar", "url", "email"];

/** Reads one claim of a profile that always has a `sub`. */
function username(profile: object, ...candidates: string[]): string | undefined {
  return readClaims({ ...profile, fixed: "1" }, { sub: ["fixed"], username: candidates }).username;
}

function refusal(profile: unknown, claims: Claims): string | undefined {
  try {
    readClaims(profile, claims);
    return undefined;
  } catch (error) {
    if (error instanceof OAuthError) return error.definition.name;
    throw error;
  }
}

describe("a claim", () => {
  test.each<[string, object, string[], string | undefined]>([
    ["a member", { login: "octocat" }, ["login"], "octocat"],
    ["a deep member", { a: { b: { c: "x" } } }, ["a.b.c"], "x"],
    ["an element of a list", { emails: [{ value: "a@b.example" }] }, ["emails.0.value"], "a@b.example"],
    ["beyond a list", { emails: [] }, ["emails.0.value"], undefined],
    ["the first that is there", { b: "2", c: "3" }, ["a", "b", "c"], "2"],
    [
      "past null, empty texts, and what is no text",
      { a: null, b: "", c: {}, d: [], e: true, f: "x" },
      ["a", "b", "c", "d", "e", "f"],
      "x",
    ],
    ["a number", { id: 583231 }, ["id"], "583231"],
    ["zero", { id: 0 }, ["id"], "0"],
    ["through a text", { a: "xyz" }, ["a.0"], undefined],
    ["the length of a text", { a: "xyz" }, ["a.length"], undefined],
    ["through null", { a: null }, ["a.b"], undefined],
    ["a template", { id: "7", hash: "abc" }, ["https://cdn.example/{id}/{hash}.png"], "https://cdn.example/7/abc.png"],
    ["a template of deep members", { user: { id: 7 } }, ["https://x.example/{user.id}"], "https://x.example/7"],
    [
      "a template with a gap, then the next",
      { id: "7", login: "x" },
      ["https://cdn.example/{id}/{hash}.png", "login"],
      "x",
    ],
    ["a template that is filled with a pattern of String.replace", { id: "$&$1$`" }, ["<{id}>"], "<$&$1$`>"],
    ["a member with dots in its name", { "https://x.example/id": "7" }, ["https://x\\.example/id"], "7"],
    ["such a member in a template", { "https://x.example/id": "7", id: "8" }, ["{https://x\\.example/id}-{id}"], "7-8"],
    ["no member with dots in its name, where dots lead on", { "a.b": "x" }, ["a.b"], undefined],
    ["a template that is filled with a template", { id: "{secret}", secret: "s" }, ["<{id}>"], "<{secret}>"],
    ["no path", { login: "octocat" }, [], undefined],
    ["2,048 characters", { a: "x".repeat(2_048) }, ["a"], "x".repeat(2_048)],
    ["one more", { a: "x".repeat(2_049), b: "y" }, ["a", "b"], "y"],
  ])("is read: %s", (_, profile, candidates, expected) => {
    expect(username(profile, ...candidates)).toBe(expected);
  });

  test.each([
    "constructor",
    "__proto__",
    "toString",
    "valueOf.name",
    "constructor.name",
    "__proto__.constructor.name",
    "list.constructor.name",
    "list.at.name",
    "hasOwnProperty.name",
  ])("[A41] that every object inherits is none: %s", (path) => {
    expect(username({ list: ["x"] }, path)).toBeUndefined();
    expect(username({ list: ["x"] }, `<{${path}}>`)).toBeUndefined();
    expect(refusal({}, { sub: [path] })).toBe("service_unintelligible");
  });

  test("[A41] called __proto__ in JSON is an ordinary member, and changes nothing", () => {
    const profile = JSON.parse('{"id":"1","__proto__":{"name":"x","email":"polluted"}}') as object;
    expect(readClaims(profile, { sub: ["id"], name: ["name"], email: ["email"] })).toEqual({ sub: "1", id: "1" });
    expect(({} as Record<string, unknown>).email).toBeUndefined();
  });
});

describe("sub", () => {
  test.each([undefined, null, "", true, {}, [], ["x"], { id: "1" }])(
    "is refused as %j: nobody can be told apart by it",
    (id) => {
      expect(refusal({ id }, { sub: ["id"] })).toBe("service_unintelligible");
    },
  );

  test.each([undefined, null, "x", 1, [], ["x"], true])("is refused in %j, which is no profile", (profile) => {
    expect(refusal(profile, { sub: ["id"] })).toBe("service_unintelligible");
  });

  test("is refused where no path is known", () => {
    expect(refusal({ id: "1" }, {})).toBe("service_unintelligible");
    expect(refusal({ id: "1" }, { sub: [] })).toBe("service_unintelligible");
  });

  test("[A32] is not made up where the service has none, and neither is id", () => {
    expect(readClaims({ id: "1", sub: "1", login: "octocat" }, { username: ["login"] })).toEqual({
      username: "octocat",
    });
  });

  test("[A32] is not replaced by a name where the service should have told it", () => {
    expect(refusal({ login: "octocat" }, { sub: ["id"], username: ["login"] })).toBe("service_unintelligible");
  });

  test.each([
    ["9007199254740993", "9007199254740992"],
    ["12345678901234567891", "12345678901234567890"],
    ["1e400", "1e500"],
  ])("never makes two people one: %s and %s", (one, other) => {
    // JSON.parse rounds such numbers, and the rounded values are equal.
    const subOf = (id: string) => {
      try {
        return readClaims(JSON.parse(`{"id":${id}}`), { sub: ["id"] }).sub;
      } catch {
        return undefined;
      }
    };
    const subs = [subOf(one), subOf(other)];
    expect(subs[0] === undefined || subs[0] !== subs[1], String(subs)).toBe(true);
  });
});

describe("[A54] whatever a profile holds", () => {
  const name = fc.oneof(
    fc.constantFrom("id", "login", "a", "0", "1", "length", "__proto__", "constructor", "toString", "prototype"),
    fc.string(),
  );
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("."));
  const candidate = fc.oneof(
    path,
    path.map((inner) => `x{${inner}}`),
    fc.string(),
  );
  const candidates = fc.array(candidate, { maxLength: 3 });
  const claims: fc.Arbitrary<Claims> = fc.record(
    { sub: candidates, username: candidates, name: candidates, avatar: candidates, url: candidates, email: candidates },
    { requiredKeys: [] },
  );
  const { value: profile } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
      fc.dictionary(name, tie("value")),
      fc.array(tie("value")),
    ),
  }));

  test("only texts come out, under our own names, and all of them stood in it", () => {
    let read = 0;
    fc.assert(
      fc.property(fc.dictionary(name, profile!), claims, (made, paths) => {
        const source = JSON.stringify(made);
        const parsed: unknown = JSON.parse(source);
        let result: Record<string, unknown>;
        try {
          result = readClaims(parsed, paths);
        } catch (error) {
          expect(error).toMatchObject({ message: "service_unintelligible" });
          return;
        }
        read += 1;
        expect(MEMBERS).toEqual(expect.arrayContaining(Object.keys(result)));
        expect(result.id).toBe(result.sub);
        expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
        const texts = textsIn(parsed);
        for (const [claim, value] of Object.entries(result)) {
          expect(typeof value, claim).toBe("string");
          const own = paths[claim === "id" ? "sub" : (claim as keyof Claims)] ?? [];
          const isTemplate = own.some((each) => each.includes("{"));
          if (!isTemplate) expect(texts).toContain(value);
        }
      }),
      RUNS,
    );
    expect(read).toBeGreaterThan(10);
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

/** Every string and number in a JSON value, as text. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string" || typeof value === "number") return [String(value)];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
