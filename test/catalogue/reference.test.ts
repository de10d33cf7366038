import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderReference } from "../../scripts/tools/services-reference.ts";

test("docs/services-reference.md is up to date: node scripts/tools/services-reference.ts", () => {
  const page = readFileSync("docs/services-reference.md", "utf8").replaceAll("\r\n", "\n");
  expect(page).toBe(renderReference());
});
