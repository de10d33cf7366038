import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeScopes, readScopes } from "../../netlify/oauth/scopes.ts";
import { RUNS } from "../attacks/tools.ts";
import { plainService } from "../tools/harness.ts";

const service = plainService({ defaultScopes: ["read:user"] });

describe("the scopes to ask for", () => {
  test("[A31] none named: the service's default", () => {
    expect(readScopes(undefined, service)).toEqual(["read:user"]);
  });

  test("[A31] named ones, and only those, in their order and once each", () => {
    expect(readScopes("repo gist repo", service)).toEqual(["repo", "gist"]);
    expect(readScopes("  repo   gist ", service)).toEqual(["repo", "gist"]);
    expect(readScopes("read:user.what/ever?x=1&y", service)).toEqual(["read:user.what/ever?x=1&y"]);
    expect(readScopes("https://www.example.com/auth/drive.file", service)).toEqual([
      "https://www.example.com/auth/drive.file",
    ]);
  });

  test.each([
    "",
    " ",
    "   ",
    '"',
    "a\\b",
    "a\tb",
    "a\nb",
    "é",
    "a\u00A0b",
    "\u202Egist",
    "a\u2028b",
    "\0",
    "a\x7Fb",
    '<img src="x">',
  ])("[A31] %j is refused, not replaced by the default (RFC 6749 §3.3)", (scope) => {
    expect(readScopes(scope, service)).toBeUndefined();
  });

  test("[A31] the owner's allow-list is the limit, and an empty one allows nothing", () => {
    const limited = plainService({ allowedScopes: ["read:user", "gist"] });
    expect(readScopes("gist", limited)).toEqual(["gist"]);
    expect(readScopes("gist read:user", limited)).toEqual(["gist", "read:user"]);
    for (const scope of ["repo", "gist repo", "GIST", "gist,read:user", "gis", "constructor"])
      expect(readScopes(scope, limited)).toBeUndefined();
    expect(readScopes("gist", plainService({ allowedScopes: [] }))).toBeUndefined();
  });

  test("[A31] whatever is asked for: well-formed, distinct, nothing added", () => {
    const token = fc.constantFrom("repo", "gist", "read:user", "__proto__", "a".repeat(300), "é", '"', "");
    const scope = fc.oneof(
      fc.string(),
      fc.array(token).map((tokens) => tokens.join(" ")),
    );
    fc.assert(
      fc.property(scope, (value) => {
        const scopes = readScopes(value, service);
        if (!scopes) return;
        expect(scopes.length).toBeGreaterThan(0);
        expect(new Set(scopes).size).toBe(scopes.length);
        expect(new Set(scopes)).toEqual(new Set(value.split(" ").filter(Boolean)));
        for (const token of scopes) expect(token).toMatch(/^[\x21\x23-\x5B\x5D-\x7E]+$/);
      }),
      RUNS,
    );
  });
});

describe("scopes as they are shown", () => {
  test("[A31][A33] in words where there are any, and always verbatim", () => {
    expect(describeScopes(["read:user", "unheard-of"], service)).toEqual([
      { value: "read:user", description: "Read your profile" },
      { value: "unheard-of" },
    ]);
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty", "valueOf"])(
    "[A41] %s has no inherited description",
    (scope) => {
      expect(describeScopes([scope], service)).toEqual([{ value: scope }]);
    },
  );
});
