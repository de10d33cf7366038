import { defineConfig } from "vitest/config";

/** Runs the tests of one module, which `run.ts` passes in `MUTATION_TESTS`. */
export default defineConfig({
  test: {
    include: (process.env.MUTATION_TESTS ?? "").split(" "),
    testTimeout: 60_000,
  },
});
