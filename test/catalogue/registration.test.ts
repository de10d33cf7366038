import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../catalogue/load.ts";
import { redirectUriRules, registrationConditions } from "../../catalogue/registration.ts";
import type { ServiceRecord } from "../../catalogue/schema.ts";

const catalogue = [...loadCatalogue()];

describe("every service", () => {
  test.each(catalogue)("%s says what its form requires, and who has confirmed the record", (_, record) => {
    expect(record.console_url).toMatch(/^https:\/\//);
    expect(record.registration_conditions).toBeDefined();
    expect(record.redirect_uri_rules).toBeDefined();
    expect(record.sources).toBeDefined();
  });

  test.each(catalogue)("%s admits what nobody has confirmed", (_, { sources = [], userinfo_endpoint, notes = "" }) => {
    if (sources.length === 1 && sources[0] !== "vendor")
      expect(notes).toContain("Only one source describes this service.");
    if (userinfo_endpoint === undefined) expect(notes).toContain("profile");
  });
});

describe("the rules of redirect URIs, in words", () => {
  test.each<[NonNullable<ServiceRecord["redirect_uri_rules"]>, string | undefined]>([
    [{}, undefined],
    [{ multiple: false }, "one per app"],
    [{ multiple: true, exact_match: true }, "several per app; exactly as registered"],
    [{ exact_match: false, https_only: false }, "may differ from the registered one; https or http"],
    [{ https_only: true }, "https only"],
    [{ https_only: true, localhost: true }, "https only, except http://localhost"],
    [
      { https_only: true, localhost: false, loopback_ip: true },
      "https only, except http://127.0.0.1; no http://localhost",
    ],
    [{ localhost: true, loopback_ip: true }, "also http://localhost and http://127.0.0.1"],
    [{ loopback_ip: false }, "no http://127.0.0.1"],
  ])("%j: %s", (rules, words) => {
    expect(redirectUriRules({ redirect_uri_rules: rules })).toBe(words);
  });

  test("a closed door is named", () => {
    expect(registrationConditions({ registration_conditions: ["closed", "paid_account"] })).toEqual([
      "The service accepts no new apps.",
      "You need a paid account.",
    ]);
    expect(registrationConditions({})).toEqual([]);
  });
});
