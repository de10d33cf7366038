import type * as Crypto from "node:crypto";
import type { KeyObject } from "node:crypto";
import { createSecretKey, hkdfSync } from "node:crypto";
import { inspect } from "node:util";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { LONGEST_LOGIN_SECONDS, ticketLifetimeSeconds } from "../../../server/sealing/lifetimes.ts";
import { MAX_SEALED_CHARACTERS, seal, unseal } from "../../../server/sealing/seal.ts";
import { boundJar, oauthTransaction, sealOne, serviceOf } from "../../attacks/tools.ts";
import { testProvider } from "../../tools/harness.ts";

vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof Crypto>();
  return { ...crypto, hkdfSync: vi.fn(crypto.hkdfSync), createSecretKey: vi.fn(crypto.createSecretKey) };
});

const { browser } = boundJar();

beforeEach(() => void vi.clearAllMocks());

describe("sealing keys", () => {
  test("are made once for each provider, service and kind: that costs more than a seal", () => {
    const provider = testProvider();
    const sealTwice = (kind: "state" | "code", service: string) => {
      sealOne(kind, provider, { service, browser });
      const value = sealOne(kind, provider, { service, browser });
      expect(unseal(kind, value, { provider, service: serviceOf(provider, service) })).toBeDefined();
    };
    sealTwice("state", "github");
    expect(hkdfSync).toHaveBeenCalledTimes(1);
    sealTwice("code", "github");
    expect(hkdfSync).toHaveBeenCalledTimes(2);
    sealTwice("code", "other");
    expect(hkdfSync).toHaveBeenCalledTimes(3);
  });

  test("are shown to nobody who prints what holds them", () => {
    sealOne("state", testProvider(), { browser });
    const [made] = vi.mocked(createSecretKey).mock.results;
    const key = made!.value as KeyObject;
    const printed = [inspect(key, { showHidden: true, depth: 9 }), JSON.stringify({ key }), String(key)].join();
    expect(key.symmetricKeySize).toBe(32);
    for (const encoding of ["hex", "base64", "base64url", "latin1"] as const) {
      expect(printed).not.toContain(key.export().toString(encoding).slice(0, 8));
    }
  });
});

test("[A27] the longest value that is looked at is the longest that any endpoint takes", () => {
  const provider = testProvider();
  const context = { provider, service: serviceOf(provider) };
  const sealPadded = (characters: number) =>
    seal("state", { transaction: oauthTransaction({ state: "x".repeat(characters) }), browser }, context);
  const spare = MAX_SEALED_CHARACTERS - sealPadded(0).length;
  // Base64url turns three characters into four.
  let padding = Math.floor((spare * 3) / 4);
  while (sealPadded(padding).length < MAX_SEALED_CHARACTERS) padding += 1;

  const longest = sealPadded(padding);
  expect(longest).toHaveLength(MAX_SEALED_CHARACTERS);
  expect(unseal("state", longest, context)).toBeDefined();
  expect(unseal("state", sealPadded(padding + 1), context)).toBeUndefined();
});

test("a ticket is good for no longer than the service's own code, and for ten minutes at most", () => {
  const lifetime = (codeLifetimeSeconds?: number) => {
    const service = serviceOf(
      testProvider({ github: codeLifetimeSeconds === undefined ? {} : { codeLifetimeSeconds } }),
    );
    return ticketLifetimeSeconds(service);
  };
  expect([lifetime(), lifetime(60), lifetime(600), lifetime(3_600)]).toEqual([600, 60, 600, 600]);
});

test("the longest login takes the whole time of its request, its state and its ticket, by clocks that differ", () => {
  expect(LONGEST_LOGIN_SECONDS).toBe(600 + 30 + 900 + 30 + 600 + 30);
});
