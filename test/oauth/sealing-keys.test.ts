import { afterEach, describe, expect, test, vi } from "vitest";
import { MAX_SEALED_CHARACTERS } from "../../netlify/oauth/parameters.ts";
import { seal, ticketLifetimeSeconds, unseal } from "../../netlify/oauth/seal.ts";
import { boundJar, oauthTransaction, sealOne, serviceOf } from "../attacks/tools.ts";
import { testProvider } from "../tools/harness.ts";

const { browser } = boundJar();

afterEach(() => void vi.restoreAllMocks());

describe("sealing keys", () => {
  /** A key that is made is imported once. */
  const importedKeys = () => {
    const imported = vi.spyOn(crypto.subtle, "importKey");
    return async () => await Promise.all(imported.mock.results.map(({ value }) => value as Promise<CryptoKey>));
  };

  test("are made once for each provider, service and kind: that costs more than a seal", async () => {
    const provider = testProvider();
    const made = importedKeys();
    const sealTwice = async (kind: "state" | "code", service: string) => {
      await sealOne(kind, provider, { service, browser });
      const value = await sealOne(kind, provider, { service, browser });
      expect(await unseal(kind, value, { provider, service: serviceOf(provider, service) })).toBeDefined();
    };
    await sealTwice("state", "github");
    expect(await made()).toHaveLength(1);
    await sealTwice("code", "github");
    expect(await made()).toHaveLength(2);
    await sealTwice("code", "other");
    expect(await made()).toHaveLength(3);
  });

  test("cannot be read out again by anything that gets hold of them", async () => {
    const made = importedKeys();
    await sealOne("state", testProvider(), { browser });
    expect((await made()).map(({ extractable }) => extractable)).toEqual([false]);
  });
});

test("[A27] the longest value that is looked at is the longest that any endpoint takes", async () => {
  const provider = testProvider();
  const context = { provider, service: serviceOf(provider) };
  const sealPadded = (characters: number) =>
    seal("state", { transaction: oauthTransaction({ state: "x".repeat(characters) }), browser }, context);
  const spare = MAX_SEALED_CHARACTERS - (await sealPadded(0)).length;
  // Three characters inside become four outside.
  let padding = Math.floor((spare * 3) / 4);
  while ((await sealPadded(padding)).length < MAX_SEALED_CHARACTERS) padding += 1;

  const longest = await sealPadded(padding);
  expect(longest).toHaveLength(MAX_SEALED_CHARACTERS);
  expect(await unseal("state", longest, context)).toBeDefined();
  expect(await unseal("state", await sealPadded(padding + 1), context)).toBeUndefined();
});

test("a ticket is good for no longer than the service's own code, and for ten minutes at most", () => {
  const lifetime = (codeLifetimeSeconds?: number) => {
    const service = serviceOf(testProvider({ github: codeLifetimeSeconds === undefined ? {} : { codeLifetimeSeconds } }));
    return ticketLifetimeSeconds(service);
  };
  expect([lifetime(), lifetime(60), lifetime(600), lifetime(3_600)]).toEqual([600, 60, 600, 600]);
});
