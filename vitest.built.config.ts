import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/built/**/*.test.ts"],
    globalSetup: "test/built/global-setup.ts",
    testTimeout: 120_000,
    hookTimeout: 600_000,
    pool: "forks",
    // Each builds with all cores that it finds.
    fileParallelism: false,
  },
});
