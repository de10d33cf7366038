import { expect, test } from "vitest";
import { loadWithAttack, loadWithLogins } from "./scenarios.ts";

/** A version of `npm run test:load` that takes a few seconds and checks for the same faults. */

test("two hundred logins at once: none is lost, none is mixed up, and the provider keeps nothing of them", async () => {
  // If logins ran one after the other, the provider could not mix them up.
  const { faults, peak } = await loadWithLogins({ logins: 200, serviceDelayMs: 50, atOnce: 11 });
  expect(faults).toEqual([]);
  expect(peak).toBeGreaterThan(10);
});

test("[A46] hostile requests at five times the capacity: nothing grows, and good logins work afterwards", async () => {
  const { faults, unanswered } = await loadWithAttack({ seconds: 0.7, factor: 5, calibrationSeconds: 0.3 });
  expect(faults).toEqual([]);
  expect(unanswered).toEqual([]);
});
