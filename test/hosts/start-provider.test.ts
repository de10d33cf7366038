import { afterEach, expect, test, vi } from "vitest";
import { startProvider } from "../../hosts/start-provider.ts";
import { CANARY, PROVIDER, plainService } from "../tools/harness.ts";

afterEach(() => void vi.restoreAllMocks());

function warningsAtStart(service: Parameters<typeof plainService>[0], env: Record<string, string>): unknown[] {
  const warn = vi.spyOn(console, "warn").mockReturnValue();
  startProvider({ services: [plainService(service)], secrets: {}, localDevelopment: false }, { URL: PROVIDER, ...env });
  return warn.mock.calls.flat();
}

test("a service without its secret is not offered, and the start names the variable", () => {
  const [warning, ...others] = warningsAtStart({}, {});
  expect(others).toEqual([]);
  expect(warning).toContain("GITHUB_CLIENT_SECRET is missing");
});

test("a client ID of another kind than the build was made for is named, and not the secret, which is there", () => {
  const env = { GITHUB_CLIENT_ID: "Iv1.0123456789abcdef", GITHUB_CLIENT_SECRET: CANARY.clientSecret };
  const [warning, ...others] = warningsAtStart({ otherClientIds: String.raw`Iv1\.[0-9a-f]{16}` }, env);
  expect(others).toEqual([]);
  expect(warning).toContain("GITHUB_CLIENT_ID is of another kind of client");
  expect(warning).not.toContain("SECRET");
  expect(warning).not.toContain("Iv1");
});
