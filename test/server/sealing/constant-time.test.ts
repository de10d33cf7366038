import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { equalSecrets } from "../../../server/sealing/constant-time.ts";
import { RUNS } from "../../attacks/tools.ts";

describe("the comparison of secrets", () => {
  test("[A49] says the same as ===, for strings of any two lengths", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (left, right) => {
        expect(equalSecrets(left, right)).toBe(left === right);
        expect(equalSecrets(left, left)).toBe(true);
      }),
      RUNS,
    );
  });

  test.each([
    ["", "a"],
    ["a", "a\0"],
    ["a", "A"],
    ["1", "1 "],
    ["é", "e\u0301"],
  ])("[A49] %j is not %j", (left, right) => {
    expect(equalSecrets(left, right)).toBe(false);
  });
});
