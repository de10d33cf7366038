import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadCatalogue } from "../../catalogue/load.ts";
import { renderReference } from "../../scripts/docs/services-reference.ts";

const page = readFileSync("docs/services-reference.md", "utf8").replaceAll("\r\n", "\n");
const records = [...loadCatalogue().values()];

test("docs/services-reference.md is up to date: node scripts/docs/services-reference.ts", () => {
  expect(page).toBe(renderReference());
});

/** The names that one paragraph of a section lists. */
function listed(heading: string, paragraph: number): string[] {
  const section = page.split(`## ${heading}\n\n`)[1]!;
  const [, names = ""] = /: (.*?)\.(?:$| [A-Z])/.exec(section.split("\n\n")[paragraph]!)!;
  return names.split(", ").sort();
}

describe("docs/services-reference.md names", () => {
  test("[A25] the services whose codes PKCE ties to no login", () => {
    const without = records.filter(({ code_challenge_method: method }) => method === "none");
    expect(listed("Services without PKCE", 0)).toEqual(without.map(({ name }) => name).sort());
  });

  test("[A25] those that may take PKCE and never look at it", () => {
    const sent = records.filter(
      ({ code_challenge_method: method, unverified = [] }) =>
        method !== "none" && unverified.includes("code_challenge_method"),
    );
    expect(listed("Services without PKCE", 1)).toEqual(sent.map(({ name }) => name).sort());
  });

  test("[A32] those that tell no identifier of their users", () => {
    const without = records.filter(({ userinfo_claims: claims }) => claims !== undefined && claims.sub === undefined);
    expect(listed("Users without an identifier", 0)).toEqual(without.map(({ name }) => name).sort());
  });
});
