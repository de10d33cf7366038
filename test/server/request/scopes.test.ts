import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../../catalogue/load.ts";
import type { ServiceRecord } from "../../../catalogue/schema.ts";
import { readScopes } from "../../../server/request/scopes.ts";
import { isScopeToken } from "../../../shared/scopes.ts";
import { RUNS } from "../../attacks/tools.ts";
import { plainService } from "../../tools/harness.ts";

const service = plainService({ defaultScopes: ["read:user"] });

describe("the scopes to ask for", () => {
  test("[A31] none named: the service's default", () => {
    expect(readScopes(undefined, service)).toEqual(["read:user"]);
  });

  test("[A31] named ones, and only those, in their order and once each", () => {
    expect(readScopes("repo gist repo", service)).toEqual(["repo", "gist"]);
    expect(readScopes("  repo   gist ", service)).toEqual(["repo", "gist"]);
    expect(readScopes("read:user.what/ever_at-all[1]", service)).toEqual(["read:user.what/ever_at-all[1]"]);
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

  test("[A31] commas separate as spaces do, because some CMSes write them, and no single scope has one", () => {
    const asked = ["read:repository", "write:repository", "read:user"];
    expect(readScopes("read:repository,write:repository,read:user", service)).toEqual(asked);
    expect(readScopes("repo,user", service)).toEqual(["repo", "user"]);
    expect(readScopes(" repo, ,user gist,,repo ", service)).toEqual(["repo", "user", "gist"]);
    for (const scope of [",", ",,", " , ", 'repo,"', "repo,\u202Egist", `repo,${"a".repeat(101)}`])
      expect(readScopes(scope, service)).toBeUndefined();
    // Unless the owner has written several as one.
    expect(readScopes("repo,user gist", plainService({ allowedScopes: ["repo,user", "gist"] }))).toEqual([
      "repo,user",
      "gist",
    ]);
  });

  test("[A31] the owner's allow-list is the limit, and an empty one allows nothing", () => {
    const limited = plainService({ allowedScopes: ["read:user", "gist"] });
    expect(readScopes("gist", limited)).toEqual(["gist"]);
    expect(readScopes("gist read:user", limited)).toEqual(["gist", "read:user"]);
    expect(readScopes("gist,read:user", limited)).toEqual(["gist", "read:user"]);
    for (const scope of ["repo", "gist repo", "gist,repo", "GIST", "gis", "constructor"])
      expect(readScopes(scope, limited)).toBeUndefined();
    expect(readScopes("gist", plainService({ allowedScopes: [] }))).toBeUndefined();
  });

  // Gitea: GrantAdditionalScopes in services/oauth2_provider/access_token.go. Forgejo: services/auth/method/oauth2.go.
  describe("[A31] where a service grants everything unless a scope that it knows limits it", () => {
    const forge = plainService({
      defaultScopes: ["read:user"],
      scopesWithoutLimit: ["openid", "profile", "email"],
      scopeDescriptions: { "write:issue": "Read and change your issues" },
    });

    test.each(["repo", "read:usr", "write:issue repo", "READ:USER", "openid x", "write:issue,x", "a b"])(
      "%s is refused, because one of its scopes is unknown",
      (scope) => expect(readScopes(scope, forge)).toBeUndefined(),
    );

    test.each([
      ["openid", ["openid", "read:user"]],
      ["openid profile email", ["openid", "profile", "email", "read:user"]],
      ["openid offline_access", ["openid", "read:user"]],
    ])("%s alone gets the default, which limits it", (scope, scopes) => {
      expect(readScopes(scope, forge)).toEqual(scopes);
    });

    test.each([
      ["write:issue", ["write:issue"]],
      ["openid write:issue", ["openid", "write:issue"]],
      ["offline_access", ["read:user"]],
      ["write:issue offline_access", ["write:issue"]],
      [undefined, ["read:user"]],
    ])("%s stays as it is", (scope, scopes) => {
      expect(readScopes(scope, forge)).toEqual(scopes);
    });

    test("the owner names further scopes by allowing or describing them", () => {
      expect(readScopes("sudo", { ...forge, allowedScopes: ["read:user", "sudo"] })).toEqual(["sudo"]);
      expect(readScopes("sudo", { ...forge, scopeDescriptions: { sudo: "Act as anybody" } })).toEqual(["sudo"]);
    });

    test.each(["gitea", "forgejo", "codeberg"])("%s is one of them", (id) => {
      const record = loadCatalogue().get(id)!;
      expect(record.scopes_without_limit).toEqual(["openid", "profile", "email", "groups"]);
      for (const area of ["issue", "repository", "organization", "package", "notification", "user"])
        for (const access of ["read", "write"]) expect(record.scope_descriptions).toHaveProperty([`${access}:${area}`]);
    });
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
        expect(new Set(scopes)).toEqual(new Set(value.split(/[ ,]/).filter(Boolean)));
        for (const token of scopes) expect(token).toMatch(/^[\x21\x23-\x5B\x5D-\x7E]+$/);
      }),
      RUNS,
    );
  });
});

describe("[A31] what an app calls a scope, which would stand on our page as it is", () => {
  /** All characters that RFC 6749 §3.3 allows, and those of them that occur in no scope of a known service. */
  const allowed = Array.from({ length: 0x7f - 0x21 }, (_, index) => String.fromCharCode(0x21 + index)).filter(
    isScopeToken,
  );
  const unheardOf = [..."!#$%&'()*+;<=>?@^`{|}~"];

  test("is made of the characters that scopes of known services are made of, and of digits", () => {
    expect(allowed.filter((character) => readScopes(`a${character}b`, service) === undefined)).toEqual(unheardOf);
    const known = new Set([...loadCatalogue().values()].flatMap(scopesOf).join(""));
    const separatesOrIsUnheardOf = new Set([",", ...unheardOf]);
    expect(new Set(allowed.filter((character) => /[^A-Za-z0-9]/.test(character) && !known.has(character)))).toEqual(
      separatesOrIsUnheardOf,
    );
  });

  test("is not long: an app that wants to be believed gets no room for it", () => {
    expect(readScopes("a".repeat(100), service)).toEqual(["a".repeat(100)]);
    expect(readScopes("a".repeat(101), service)).toBeUndefined();
    expect(readScopes(`repo ${"a".repeat(101)}`, service)).toBeUndefined();
  });

  test.each([...loadCatalogue()])("%s: every scope of the record may be asked for", (_, record) => {
    const scopes = scopesOf(record).filter((scope) => scope !== "offline_access");
    // The form of the scope alone is enough, without the service's record.
    for (const scope of scopes) expect(readScopes(scope, plainService())).toEqual([scope]);
  });

  test.each([
    "https://www.googleapis.com/auth/admin.directory.device.chromebrowsers.readonly",
    "https://graph.microsoft.com/TeamsAppInstallation.ReadWriteAndConsentSelfForTeam.All",
    "api://0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0/access_as_user",
    "campaigns.members[email]",
    "r_1st_connections_size",
  ])("%s, which no record lists, may be asked for", (scope) => {
    expect(readScopes(scope, service)).toEqual([scope]);
  });

  test.each(["defaultScopes", "allowedScopes", "offlineScopes"] as const)(
    "may be anything that the owner has written into %s",
    (field) => {
      const odd = ["patient/*.read", `a,b(c)!${"x".repeat(200)}`];
      expect(readScopes(odd[0], service)).toBeUndefined();
      expect(readScopes(odd.join(" "), plainService({ [field]: odd }))).toEqual(odd);
    },
  );

  test("may be anything that the owner has described", () => {
    const scopeDescriptions = { "patient/*.read": "Read your health record" };
    expect(readScopes("patient/*.read", plainService({ scopeDescriptions }))).toEqual(["patient/*.read"]);
    expect(readScopes("patient/*.write", plainService({ scopeDescriptions }))).toBeUndefined();
  });

  function scopesOf(record: ServiceRecord): string[] {
    const { default_scopes, offline_scopes = [], scope_descriptions = {}, scope_aliases = {} } = record;
    return [
      ...default_scopes,
      ...offline_scopes,
      ...Object.keys(scope_descriptions),
      ...Object.entries(scope_aliases).flat(),
    ];
  }
});
