import { describe, expect, test } from "vitest";
import { loadCatalogue, recordIssues } from "../../catalogue/load.ts";
import type { ServiceRecord } from "../../catalogue/schema.ts";

const good = loadCatalogue().get("gitlab")!;

function issuesWith(changes: Record<string, unknown>) {
  return recordIssues("gitlab.json", { ...good, ...changes } as ServiceRecord);
}

describe("a record that the schema refuses names the field, the reason, and what to write", () => {
  test("a good one names nothing", () => {
    expect(issuesWith({})).toEqual([]);
  });

  test.each<[field: string, value: unknown, message: RegExp, advice: RegExp]>([
    ["token_endpoint", "http://gitlab.com/oauth/token", /not an https URL/, /"token_endpoint": "https:/],
    ["console_url", undefined, /^is missing$/, /"console_url": "https:/],
    ["code_challenge_method", "s256", /"S256"/, /"code_challenge_method": "S256"/],
    ["default_scopes", "read_user", /array/, /"default_scopes": \[/],
    ["registration_conditions", ["expensive"], /"paid_account"/, /"registration_conditions": \["review"/],
    ["redirect_uri_rules", { several: true }, /several/, /"redirect_uri_rules": \{"multiple"/],
    ["sources", [], /./, /"sources": \["vendor"/],
    ["refresh_request", { redirect_uri: "https://x.example/" }, /true/, /"refresh_request": \{/],
    ["url_variables", { instance: { pattern: "(", example: "x" } }, /regular expression/, /"url_variables": \{/],
    ["url_variables", { instance: null }, /object/, /"url_variables": \{/],
  ])("%s: %j", (field, value, message, advice) => {
    const found = issuesWith({ [field]: value }).find(({ path }) =>
      path.startsWith(`catalogue/services/gitlab.json → ${field}`),
    );
    expect(found?.message).toMatch(message);
    expect(found?.advice).toMatch(advice);
  });

  test("a misspelled field gets the right spelling", () => {
    expect(issuesWith({ revocation_endpiont: "https://gitlab.com/oauth/revoke" })).toEqual([
      {
        path: "catalogue/services/gitlab.json → revocation_endpiont",
        message: '"revocation_endpiont" is not a known key',
        advice: 'Did you mean "revocation_endpoint"?',
      },
    ]);
  });
});
