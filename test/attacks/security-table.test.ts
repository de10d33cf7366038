import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { findTaggedTests, readPromises, renderPage } from "../../scripts/docs/security-table.ts";

const ROWS = Array.from({ length: 76 }, (_, index) => `A${index + 1}`);

describe("the table of promises in docs/security-tests.md", () => {
  test("is up to date: node scripts/docs/security-table.ts", () => {
    const page = readFileSync("docs/security-tests.md", "utf8").replaceAll("\r\n", "\n");
    expect(page).toBe(renderPage());
  });

  test("has every row, each with its source", () => {
    expect([...readPromises().keys()]).toEqual(ROWS);
    for (const [row, { promise, source }] of readPromises()) {
      expect(promise.length, row).toBeLessThan(110);
      expect(source, row).toMatch(
        /^(?:(?:RFC \d+ §[\d.]+|(?:CVE|GHSA|CWE)-[\w-]+|\[[^\]]+\]\(https:\/\/[^)]+\))(?:, |$))+$/,
      );
    }
  });

  test("no row is without a test, and no tag without a row", () => {
    const tagged = findTaggedTests();
    expect(ROWS.filter((row) => !tagged.has(row))).toEqual([]);
    expect([...tagged.keys()].filter((row) => !ROWS.includes(row))).toEqual([]);
  });

  test("the tests that it counts are there", () => {
    for (const tests of findTaggedTests().values())
      for (const file of tests.keys()) expect(existsSync(file), file).toBe(true);
  });
});
