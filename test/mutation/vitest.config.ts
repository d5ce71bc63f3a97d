import { defineConfig } from "vitest/config";

/** The tests that cover `core`, `engine`, `http` and `page` in the test's own process. */
export default defineConfig({
  test: {
    root: process.cwd(),
    include: ["src/{core,engine,http,page}/**/*.test.ts"],
    testTimeout: 30_000,
    pool: "forks",
  },
});
