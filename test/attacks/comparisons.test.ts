import { timingSafeEqual } from "node:crypto";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { equalSecrets } from "../../server/sealing/constant-time.ts";
import { call, decide, Jar, reachConfirmation, redeem, testProvider } from "../tools/harness.ts";
import { boundJar, reachCode, spyOnFetch } from "./tools.ts";

vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  return { ...crypto, timingSafeEqual: vi.fn(crypto.timingSafeEqual) };
});

const compared = vi.mocked(timingSafeEqual);
const provider = testProvider();

beforeEach(() => {
  spyOnFetch();
  compared.mockClear();
});

describe("[A49] what an attacker could find out by trying", () => {
  test.each([
    ["a", "b"],
    ["a", "a".repeat(10_000)],
    ["", "x"],
  ])("is compared in constant time, by digests of one length, however long both are", (left, right) => {
    equalSecrets(left, right);
    expect(compared.mock.calls.map((both) => both.map(({ byteLength }) => byteLength))).toEqual([[32, 32]]);
  });

  test("is the browser's binding at the callback and at the gate", async () => {
    const { question, jar, callbackUrl } = await reachConfirmation(provider);
    const other = boundJar().jar;
    for (const pair of jar.logins) other.put(pair);
    for (const browser of [jar, other]) {
      compared.mockClear();
      await call("callback", provider, callbackUrl, { jar: browser });
      await decide(provider, question, browser);
      expect(compared).toHaveBeenCalledTimes(2);
    }
    compared.mockClear();
    await decide(provider, question, new Jar());
    expect(compared).not.toHaveBeenCalled();
  });

  test("is the code verifier at the token endpoint", async () => {
    const { code, verifier } = await reachCode(provider);
    for (const tried of [verifier, "v".repeat(43)]) {
      compared.mockClear();
      await redeem(provider, { code, code_verifier: tried });
      expect(compared).toHaveBeenCalledTimes(1);
    }
  });
});
