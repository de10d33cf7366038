import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { moreThanExplained } from "./survivors.ts";

const EXPLAINED = [
  '- `a.ts` `""` → `"x"` (2 times): the same either way.',
  "- `a.ts` `true` → `false`: there for the compiler.",
].join("\n");
const text = '`a.ts` `""` → `"x"`';
const condition = "`a.ts` `true` → `false`";

test("as many survivors as a line explains are excused: one, or the number in it", () => {
  expect(moreThanExplained([text, text, condition], EXPLAINED)).toEqual([]);
  expect(moreThanExplained([], EXPLAINED)).toEqual([]);
});

test("one more of the same kind is named, with how many there are", () => {
  expect(moreThanExplained([text, text, text], EXPLAINED)).toEqual([`${text} (3 of them, explained: 2)`]);
  expect(moreThanExplained([condition, condition], EXPLAINED)).toEqual([`${condition} (2 of them, explained: 1)`]);
});

test("the same change in another file is not excused", () => {
  expect(moreThanExplained(["`b.ts` `true` → `false`"], EXPLAINED)).toHaveLength(1);
});

test("each line of the list can be read: a file, what stood there, what stands there now, how often, and why", async () => {
  const list = await readFile(new URL("survivors.md", import.meta.url), "utf8");
  const lines = list.split("\n").filter((line) => line.startsWith("- "));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).toMatch(/^- `[\w/.-]+\.ts` `.+` → `.*`(?: \(\d+ times\))?: \S/);
});
