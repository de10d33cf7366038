import { defineConfig } from "vitest/config";

/** The tests of one module, as `run.ts` names them. */
export default defineConfig({
  test: {
    include: (process.env.MUTATION_TESTS ?? "").split(" "),
    testTimeout: 60_000,
  },
});
