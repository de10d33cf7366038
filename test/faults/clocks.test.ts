import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { expectRefused } from "../attacks/tools.ts";
import type { EndpointName } from "../tools/harness.ts";
import { CANARY, Jar } from "../tools/harness.ts";
import { answer } from "./faults.ts";
import { FaultyService, TOKEN_RESPONSE } from "./faulty-service.ts";
import type { Site } from "./journeys.ts";
import { answersApp, LOGINS, named, REFRESH, siteAt } from "./journeys.ts";

/** Clocks that disagree: the service's clock and ours, and the clocks of two of our instances. */

type Reason = Parameters<typeof expectRefused>[1];

const FIVE_MINUTES = 300;
/** The clock difference that `seal.ts` allows between two instances. */
const TOLERANCE_SECONDS = 30;

const service = new FaultyService();
beforeAll(() => service.start());
afterAll(() => service.stop());
beforeEach(() => {
  service.recover();
  vi.useFakeTimers({ toFake: ["Date"] });
});
afterEach(() => void vi.useRealTimers());

/** Each endpoint runs on its own instance, whose clock is ahead by the given number of seconds. */
function siteWithClocks(aheadSeconds: Partial<Record<EndpointName, number>>): Site {
  const now = Date.now();
  const site = siteAt(service.origin);
  return {
    ...site,
    send: (endpoint, pathAndQuery, init) => {
      vi.setSystemTime(now + (aheadSeconds[endpoint] ?? 0) * 1_000);
      return site.send(endpoint, pathAndQuery, init);
    },
  };
}

describe.each(named([...LOGINS, REFRESH]))("%s", (_, journey) => {
  test.each([-FIVE_MINUTES, FIVE_MINUTES])(
    "does not ask what time it is at the service: %i s",
    async (aheadSeconds) => {
      const there = new Date(Date.now() + aheadSeconds * 1_000);
      const seconds = Math.floor(there.getTime() / 1_000);
      // `expires_in` is a duration and needs no clock (RFC 6749 §5.1). The other two are times on the service's clock.
      const members = { ...TOKEN_RESPONSE, expires_in: 3_600, created_at: seconds, expires_at: seconds + 3_600 };
      service.behave(
        answer(JSON.stringify(members), { date: there.toUTCString(), expires: there.toUTCString(), age: "300" }),
      );
      const text = await (await journey.run(siteAt(service.origin), new Jar())).text();
      expect(text).toContain(CANARY.accessToken);
      expect(text).not.toMatch(/created_at|expires_at/);
      if (answersApp(journey)) expect(JSON.parse(text)).toMatchObject({ expires_in: 3_600 });
    },
  );
});

const STEPS = ["authorize", "callback", "decision", "token"] as const;

describe.each(named(LOGINS))("%s, by instances whose clocks differ", (_, journey) => {
  test.each(STEPS)(`by ${TOLERANCE_SECONDS} s, at %s, works`, async (step) => {
    for (const aheadSeconds of [-TOLERANCE_SECONDS, TOLERANCE_SECONDS]) {
      const response = await journey.run(siteWithClocks({ [step]: aheadSeconds }), new Jar());
      const text = await response.text();
      expect(response.status, text).toBe(200);
      expect(text).toContain(CANARY.accessToken);
    }
  });
});

const [standard, madata, cms] = LOGINS.map((login) => login.name);

/**
 * With the clock five minutes ahead, a value has expired. With the clock five minutes behind, the value is from the
 * future, and nothing in it is trusted.
 */
const REFUSED: [string, EndpointName, number, Reason][] = [
  [standard!, "authorize", FIVE_MINUTES, "invalid_state"],
  [standard!, "callback", FIVE_MINUTES, "invalid_state"],
  [standard!, "callback", -FIVE_MINUTES, "invalid_state"],
  [standard!, "decision", FIVE_MINUTES, "invalid_code"],
  [standard!, "decision", -FIVE_MINUTES, "invalid_state"],
  [standard!, "token", FIVE_MINUTES, "invalid_code"],
  [standard!, "token", -FIVE_MINUTES, "invalid_code"],
  [madata!, "callback", FIVE_MINUTES, "invalid_state"],
  [madata!, "decision", -FIVE_MINUTES, "invalid_state"],
  [cms!, "authorize", FIVE_MINUTES, "invalid_state"],
  [cms!, "callback", FIVE_MINUTES, "invalid_state"],
  [cms!, "callback", -FIVE_MINUTES, "invalid_state"],
  [cms!, "decision", -FIVE_MINUTES, "invalid_state"],
];

/** Old, but within the limit. */
const STILL_GOOD: [string, EndpointName, number][] = [
  [standard!, "authorize", -FIVE_MINUTES],
  [madata!, "callback", -FIVE_MINUTES],
  [madata!, "decision", FIVE_MINUTES],
  [cms!, "authorize", -FIVE_MINUTES],
  [cms!, "decision", FIVE_MINUTES],
];

const journeyOf = (name: string) => LOGINS.find((login) => login.name === name)!;

describe("one instance whose clock is wrong by five minutes", () => {
  test.each(REFUSED)(
    "%s: %s at %i s is refused before the service is asked, and works the next time",
    async (name, step, aheadSeconds, reason) => {
      const jar = new Jar();
      const refused = await journeyOf(name).run(siteWithClocks({ [step]: aheadSeconds }), jar);
      await expectRefused(refused, reason);
      expect(service.requests).toEqual([]);
      const text = await (await journeyOf(name).run(siteWithClocks({}), jar)).text();
      expect(text).toContain(CANARY.accessToken);
    },
  );

  test.each(STILL_GOOD)("%s: %s at %i s works", async (name, step, aheadSeconds) => {
    const response = await journeyOf(name).run(siteWithClocks({ [step]: aheadSeconds }), new Jar());
    expect(await response.text()).toContain(CANARY.accessToken);
  });
});
