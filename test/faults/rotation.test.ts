import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Environment } from "../../server/provider/environment.ts";
import { expectRefused } from "../attacks/tools.ts";
import type { EndpointName } from "../tools/harness.ts";
import { CANARY, Jar } from "../tools/harness.ts";
import { FaultyService } from "./faulty-service.ts";
import type { Journey, Site } from "./journeys.ts";
import { answersApp, LOGINS, named, REFRESH, siteAt } from "./journeys.ts";

/**
 * Two deploys at once: during a key rotation, a login may start on an instance of one deploy and continue on an
 * instance of the other. The first key of the list seals, and all keys open.
 *
 * A rotation in three deploys loses nothing: `old` → `old,new` → `new,old` → `new`. The last deploy must wait until
 * everything sealed with the old key has expired (90 days, or 15 minutes if no refresh tokens are issued).
 * `old` → `new,old` in one deploy loses only logins that go *back* to an instance of the old deploy. This never happens
 * on a host that switches deploys atomically.
 */

const OLD = "pT4vZ-k8Qm2Xw9LrYc0hNd7BsGf3JaEuKi6oRt1yQxV";
const NEW = "Wm3-yC6rDk9tXs0Nv5HbZq2LjPg8AaFuEi7oKx4TfRV";

const sealingKeys = (...keys: string[]): Environment => ({ SEALING_KEY: keys.join(",") });
const secrets = (secret: string, previous?: string): Environment => ({
  GITHUB_CLIENT_SECRET: secret,
  ...(previous === undefined ? {} : { GITHUB_CLIENT_SECRET_PREVIOUS: previous }),
});

const service = new FaultyService();
beforeAll(() => service.start());
afterAll(() => service.stop());
beforeEach(() => service.recover());
afterEach(() => vi.restoreAllMocks());

const STEPS: EndpointName[] = ["authorize", "callback", "decision", "token"];

/** Every way to split the steps of one login between two deploys. */
const DIVISIONS = Array.from({ length: 2 ** STEPS.length }, (_, bits) =>
  STEPS.filter((_, index) => bits & (1 << index)),
);
/** The splits in which no step returns to the first deploy. */
const FORWARD = STEPS.map((_, index) => STEPS.slice(index));

function divided(before: Site, after: Site, stepsAfter: EndpointName[]): Site {
  return {
    // Refresh tokens are sealed by the first deploy.
    provider: before.provider,
    send: (endpoint, ...request) => (stepsAfter.includes(endpoint) ? after : before).send(endpoint, ...request),
  };
}

async function expectToken(journey: Journey, site: Site, jar = new Jar()): Promise<void> {
  const response = await journey.run(site, jar);
  const text = await response.text();
  expect(response.status, text).toBe(200);
  expect(text).toContain(CANARY.accessToken);
}

/** The error of the last step for a value that it cannot open. */
function refusalOf(journey: Journey): "invalid_refresh_token" | "invalid_code" | "invalid_state" {
  if (journey === REFRESH) return "invalid_refresh_token";
  return answersApp(journey) ? "invalid_code" : "invalid_state";
}

describe.each(named([...LOGINS, REFRESH]))("[A51] %s, begun at one deploy and continued at another", (_, journey) => {
  test.each<[string, Environment, Environment]>([
    ["a second key that only opens is added", sealingKeys(OLD), sealingKeys(OLD, NEW)],
    ["the two keys change places", sealingKeys(OLD, NEW), sealingKeys(NEW, OLD)],
    ["a key is taken away that has sealed nothing that still lives", sealingKeys(NEW, OLD), sealingKeys(NEW)],
  ])("works in either direction where %s", async (_, envBefore, envAfter) => {
    const [before, after] = [siteAt(service.origin, envBefore), siteAt(service.origin, envAfter)];
    for (const stepsAfter of DIVISIONS) await expectToken(journey, divided(before, after, stepsAfter));
  });

  test.each<[string, Environment, Environment]>([
    ["a new key seals and the old one still opens", sealingKeys(OLD), sealingKeys(NEW, OLD)],
    ["a client secret is rotated and the previous one is named", secrets(OLD), secrets(NEW, OLD)],
  ])("works forward where %s", async (_, envBefore, envAfter) => {
    const [before, after] = [siteAt(service.origin, envBefore), siteAt(service.origin, envAfter)];
    for (const stepsAfter of FORWARD) await expectToken(journey, divided(before, after, stepsAfter));
  });

  test.each<[string, Environment, Environment]>([
    ["a key is replaced outright", sealingKeys(OLD), sealingKeys(NEW)],
    ["a key is taken away too early", sealingKeys(OLD, NEW), sealingKeys(NEW)],
    ["a client secret is rotated and the previous one is forgotten", secrets(OLD), secrets(NEW)],
    ["the first deploy is met again after a new key has sealed", sealingKeys(NEW, OLD), sealingKeys(OLD)],
  ])("ends clearly where %s, and works the next time", async (_, envBefore, envAfter) => {
    const [before, after] = [siteAt(service.origin, envBefore), siteAt(service.origin, envAfter)];
    const jar = new Jar();
    const refused = await journey.run(divided(before, after, [answersApp(journey) ? "token" : "decision"]), jar);
    await expectRefused(refused, refusalOf(journey));
    expect(service.requests).toEqual([]);
    await expectToken(journey, after, jar);
  });
});
