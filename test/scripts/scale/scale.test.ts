import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { median } from "../../../bench/results/statistics.ts";
import { STEPS } from "../../../bench/setup/journey.ts";
import { creditsPerLogin, DIALECTS, FREE_PLAN, loginsPerMonth } from "../../../scripts/scale/costs.ts";
import type { Timing, Traffic } from "../../../scripts/scale/simulation.ts";
import { seeded, simulateBusiestHour } from "../../../scripts/scale/simulation.ts";

const assumptions = { firstMs: 200, furtherMs: 100, serviceMs: 1_000, memoryGb: 1, kilobytes: 50, refreshes: 0 };
const timing: Timing = { firstMs: 200, furtherMs: 10, serviceMs: 300, idleSeconds: 300 };
const traffic: Traffic = { loginsPerDay: 24_000, peakFactor: 1, shared: 0 };

test("a login's credits are its requests, its seconds of memory and its bytes", () => {
  const credits = creditsPerLogin("oauth", assumptions, FREE_PLAN);
  expect(credits.requests).toBeCloseTo((7 / 10_000) * 2);
  // The first call starts the function, three follow, and the last one waits a second for the service.
  expect(credits.compute).toBeCloseTo((1.5 / 3_600) * 10);
  expect(credits.bandwidth).toBeCloseTo((50 / 1_000_000) * 20);
  expect(credits.total).toBeCloseTo(credits.requests + credits.compute + credits.bandwidth);
});

test("a refresh costs one more call, request and wait", () => {
  const without = creditsPerLogin("oauth", assumptions, FREE_PLAN);
  const twice = creditsPerLogin("oauth", { ...assumptions, refreshes: 2 }, FREE_PLAN);
  expect(twice.requests - without.requests).toBeCloseTo((2 / 10_000) * 2);
  expect(twice.compute - without.compute).toBeCloseTo((2.4 / 3_600) * 10);
});

test("deploys come out of the same credits, and a plan that they use up carries no login", () => {
  const credits = { requests: 0, compute: 0, bandwidth: 0, total: 0.01 };
  expect(loginsPerMonth(credits, 0, FREE_PLAN)).toBe(30_000);
  expect(loginsPerMonth(credits, 2, FREE_PLAN)).toBe(27_000);
  expect(loginsPerMonth(credits, 21, FREE_PLAN)).toBe(0);
});

test("what is reckoned with is what the code does: the calls of a login", () => {
  expect(DIALECTS.oauth.calls).toBe(STEPS.length);
});

test("the page quotes this arithmetic", async () => {
  const page = await readFile(new URL("../../../docs/scale.md", import.meta.url), "utf8");
  const usual = { firstMs: 200, furtherMs: 10, serviceMs: 300, memoryGb: 1, kilobytes: 30, refreshes: 0 };
  const credits = creditsPerLogin("oauth", usual, FREE_PLAN);
  expect(page).toContain(`| **${(credits.total * 1_000).toFixed(2)}** |`);
  for (const dialect of ["oauth", "auth.js", "madata", "cms"] as const) {
    const thousands = Math.floor(loginsPerMonth(creditsPerLogin(dialect, usual, FREE_PLAN), 2, FREE_PLAN) / 1_000);
    expect(page, dialect).toContain(`${thousands},000`);
  }
});

test("the busiest hour has as many logins as were asked for, give or take chance, and the same ones for a seed", () => {
  const hour = simulateBusiestHour(traffic, timing, seeded(1));
  expect(hour.logins).toBeGreaterThan(900);
  expect(hour.logins).toBeLessThan(1_100);
  expect(simulateBusiestHour(traffic, timing, seeded(1))).toEqual(hour);
  expect(simulateBusiestHour({ ...traffic, peakFactor: 3 }, timing, seeded(1)).logins).toBeGreaterThan(2_700);
});

test("a small provider's people wait for one start in a login; a busy one's for none", () => {
  const quiet = { ...traffic, loginsPerDay: 48 };
  const shares = Array.from(
    { length: 51 },
    (_nothing, seed) => simulateBusiestHour(quiet, timing, seeded(seed)).coldShare,
  );
  expect(median(shares)).toBeCloseTo(0.25);
  expect(simulateBusiestHour(traffic, { ...timing, idleSeconds: 0 }, seeded(1)).coldShare).toBe(1);
  expect(simulateBusiestHour(traffic, timing, seeded(1)).coldShare).toBeLessThan(0.01);
});

test("slower calls mean more functions at once (Little's law)", () => {
  const quick = simulateBusiestHour(traffic, timing, seeded(1)).concurrent;
  const slow = simulateBusiestHour(traffic, { ...timing, serviceMs: 60_000 }, seeded(1)).concurrent;
  expect(slow).toBeGreaterThan(quick);
  // 1,000 logins an hour wait for a minute each, so about 17 wait at any moment.
  expect(slow).toBeGreaterThan(17);
});

test("rate limits turn away only those who share an address, and only above the limit", () => {
  const busy = { ...traffic, loginsPerDay: 24 * 18_000 };
  expect(simulateBusiestHour(busy, timing, seeded(1)).refused).toBe(0);
  const { logins, refused } = simulateBusiestHour({ ...busy, shared: 1 }, timing, seeded(1));
  // Each login is four calls, so at most 90 of 300 logins a minute pass, and fewer because some are rejected halfway.
  expect(refused / logins).toBeGreaterThan(0.7);
});

test("nobody there: nothing runs", () => {
  const hour = simulateBusiestHour({ ...traffic, loginsPerDay: 0 }, timing, seeded(1));
  expect(hour).toEqual({ logins: 0, loginsInBusiestMinute: 0, concurrent: 0, coldShare: 0, refused: 0 });
});

test("the command answers, explains itself, and names a mistake", async () => {
  const script = fileURLToPath(new URL("../../../scripts/scale.ts", import.meta.url));
  const run = (...args: string[]) => promisify(execFile)(process.execPath, [script, ...args]);
  expect((await run("--logins", "1000", "--dialect", "cms")).stdout).toMatch(
    /3 function calls[\s\S]*busiest hour.*OAuth client/,
  );
  expect((await run("--help")).stdout).toContain("--refreshes <n>");
  await expect(run("--logins", "many")).rejects.toMatchObject({
    stderr: expect.stringContaining("--logins many is not a number"),
  });
  await expect(run("--shared", "5")).rejects.toMatchObject({
    stderr: expect.stringContaining("not a number from 0 to 1."),
  });
});
