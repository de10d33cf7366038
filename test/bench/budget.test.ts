import { expect, test } from "vitest";
import { overruns } from "../../bench/results/budget.ts";

const sizes = {
  functions: { token: { bytes: 3_000, gzip: 1_000 } },
  pages: { "/confirm": { gzip: 2_000, requests: 5 } },
  modules: { auth: { bytes: 900, gzip: 400 } },
};
const budget = {
  functions: { token: 1_000 },
  pages: { "/confirm": { gzip: 2_000, requests: 5 } },
  modules: { auth: 400 },
};

test("what is exactly as large as it may be fits", () => {
  expect(overruns(sizes, budget)).toEqual([]);
});

test("what is too large is named, with its size, its budget, and what to do", () => {
  expect(overruns(sizes, { ...budget, functions: { token: 999 } })).toEqual([
    'The function "token" is 1000 bytes gzip, its budget 999. ' +
      "Make it smaller or, if what came in is worth it, raise its number in bench/budget.json and say why in the commit.",
  ]);
});

test("a page that loads one more file is over its budget of requests", () => {
  expect(overruns(sizes, { ...budget, pages: { "/confirm": { gzip: 2_000, requests: 4 } } })).toEqual([
    expect.stringContaining('The page "/confirm" is 5 requests, its budget 4.'),
  ]);
});

test("nothing escapes by having no budget, and no budget outlives what it was for", () => {
  expect(overruns(sizes, { ...budget, modules: { former: 1 } })).toEqual([
    'The module "auth" (400 bytes gzip) has no budget: give it one in bench/budget.json.',
    'There is no module "former" any more: take it out of bench/budget.json.',
  ]);
});
