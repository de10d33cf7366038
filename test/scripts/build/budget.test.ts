import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import budget from "../../../bench/budget.json" with { type: "json" };
import { measureSizes } from "../../../bench/measurements/sizes.ts";
import { overruns } from "../../../bench/results/budget.ts";
import { buildProvider } from "../../../bench/setup/build.ts";

test("every function, page and module fits its budget", async () => {
  const directory = await mkdtemp(join(tmpdir(), "auth-provider-budget-"));
  await buildProvider(directory);
  expect(overruns(await measureSizes(directory), budget).join("\n")).toBe("");
});
