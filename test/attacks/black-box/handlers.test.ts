import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { aim, allCases, attempt } from "../../../scripts/attack/attack.ts";
import type { Target } from "../../../scripts/attack/case.ts";
import { GOOD, PROVIDER, plainService, testProvider } from "../../tools/harness.ts";
import { privatePem } from "../identity-tools.ts";
import { spyOnFetch } from "../tools.ts";
import { CALLED, sendLocally } from "./local-site.ts";

/** Runs the black-box attacks against the handlers. `npm run test:attack` runs them against a published provider. */

const provider = testProvider({ github: { ...CALLED }, env: { SIGNING_KEY: privatePem() } });
const send = sendLocally(provider);
const target: Target = {
  origin: PROVIDER,
  service: "github",
  backend: "Github",
  serviceOrigin: new URL(plainService().authorizationEndpoint!).origin,
  app: GOOD,
};

let fetched: ReturnType<typeof spyOnFetch>;
beforeAll(() => void (fetched = spyOnFetch()));
afterAll(() => vi.restoreAllMocks());

test("what there is to attack is found out by reading the list and beginning a login", async () => {
  expect(await aim(PROVIDER, send, { app: GOOD })).toEqual(target);
});

describe("an attack from anywhere on the web", () => {
  const cases = allCases(target).map((attack) => [`[${attack.row}] ${attack.title}`, attack] as const);

  test.each(cases)("%s", async (_, attack) => {
    fetched.mockClear();
    expect(await attempt(attack, target, send)).toEqual([]);
    if (!attack.reachesService) expect(fetched).not.toHaveBeenCalled();
  });
});
