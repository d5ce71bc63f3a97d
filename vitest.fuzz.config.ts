import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/fuzz/**/*.test.ts"],
    // For the cases that FUZZ_RUNS asks for, however many.
    testTimeout: 600_000,
    pool: "forks",
  },
});
