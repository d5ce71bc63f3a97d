import { defineConfig } from "vitest/config";

const folder = process.env["MUTATE"] ?? "{core,engine,http,page}";

/** The tests that lie in the mutated folder, and run in the test's own process. */
export default defineConfig({
  test: {
    root: process.cwd(),
    include: [`src/${folder}/**/*.test.ts`],
    setupFiles: ["test/mutation/setup.ts"],
    testTimeout: 10_000,
    pool: "forks",
  },
});
