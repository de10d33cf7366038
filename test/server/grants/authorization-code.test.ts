import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reachCode, spyOnFetch } from "../../attacks/tools.ts";
import { GOOD, redeem, testProvider } from "../../tools/harness.ts";

const provider = testProvider();

beforeEach(() => void spyOnFetch());
afterEach(() => vi.restoreAllMocks());

test("where the authorization request named no redirect URI, there is none to compare (RFC 6749 §4.1.3)", async () => {
  for (const redirectUri of [undefined, `${GOOD}/callback`]) {
    const { code, verifier } = await reachCode(provider, {
      overrides: { response_mode: "web_message", redirect_uri: undefined },
      opener: true,
    });
    expect((await redeem(provider, { code, code_verifier: verifier, redirect_uri: redirectUri })).status).toBe(200);
  }
});
