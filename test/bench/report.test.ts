import { expect, test } from "vitest";
import type { Results } from "../../bench/results/report.ts";
import { sectionsOf, writeSections } from "../../bench/results/report.ts";
import { median, percentile } from "../../bench/results/statistics.ts";
import { checkTargets } from "../../bench/results/targets.ts";

const machine = { date: "2026-01-01", node: "v24.0.0", processor: "A processor", cores: 2, load: 0 };
const starts = (cpuMs: number[]) => ({ cpuMs, wallMs: cpuMs, importMs: cpuMs.map(() => 3) });

const results: Results = {
  machine,
  cold: {
    "crypto floor, login, wrapped": starts([100, 90, 200]),
    authorize: starts([110, 120, 400]),
    callback: starts([100, 100, 100]),
    decision: starts([130, 130, 130]),
  },
};

test("a median is the one in the middle, and a percentile lies between two neighbours", () => {
  expect(median([5, 1, 9])).toBe(5);
  expect(median([1, 2])).toBe(1.5);
  expect(percentile([0, 10], 99)).toBeCloseTo(9.9);
  expect(() => median([])).toThrow();
});

test("a target is judged by the medians of one run, and by the worst of all that it speaks of", () => {
  const verdicts = checkTargets(results).map(({ target, worst, met }) => ({ promise: target.promise, worst, met }));
  expect(verdicts).toEqual([
    { promise: expect.stringMatching(/^cold login/), worst: { name: "authorize", value: 1.2 }, met: false },
    { promise: expect.stringMatching(/^the cold steps/), worst: { name: "decision", value: 1.3 }, met: false },
    { promise: expect.stringMatching(/^import/), worst: { name: "authorize", value: 3 }, met: true },
  ]);
});

test("a section of the page holds its table, its targets and where it was measured", () => {
  const page = "Before.\n<!-- bench:cold -->\nold figures\n<!-- /bench:cold -->\nAfter.\n";
  const written = writeSections(page, sectionsOf(results));
  expect(written).toMatch(/^Before\.\n<!-- bench:cold -->\n\| First call .*\n<!-- \/bench:cold -->\nAfter\.\n$/s);
  expect(written).toContain("| authorize | 120.0 | 110.0 |");
  expect(written).toContain("**missed**");
  expect(written).toContain("2 cores of A processor");
  expect(written).not.toContain("old figures");
});

test("figures without a place on the page are an error, not lost", () => {
  expect(() => writeSections("No markers here.", sectionsOf(results))).toThrow("<!-- bench:cold -->");
});
