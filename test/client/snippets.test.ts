import { describe, expect, test } from "vitest";
import { fillSnippet } from "../../client/snippets/fill.ts";
import { readSnippets } from "../../scripts/build/snippets.ts";

/** The code on the home page. test/clients runs it. */

const snippets = await readSnippets();

const values = {
  provider: "https://login.example",
  service: "odd-service",
  serviceName: "Odd $& Service",
  clientId: "client-$1",
};

describe.each(Object.keys(snippets))("%s", (name) => {
  const code = snippets[name]!;

  test("says nothing of the provider and the service for which it was written", () => {
    const filled = fillSnippet(code, values);
    expect(filled).not.toContain("auth.example.com");
    expect(filled.replaceAll("github.com", "")).not.toMatch(/github/i);
    expect(filled).toContain(values.provider.slice(0, name === "mavo.html" ? 0 : undefined));
    expect(filled).not.toMatch(/\$1odd|\$&(?! Service)/);
  });

  test("is the same for GitHub at that provider", () => {
    const same = {
      provider: "https://auth.example.com",
      service: "github",
      serviceName: "GitHub",
      clientId: "YOUR_GITHUB_CLIENT_ID",
    };
    expect(fillSnippet(code, same)).toBe(code);
  });
});
