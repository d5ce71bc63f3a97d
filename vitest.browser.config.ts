import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    // A browser and servers share the machine: what is late once must not fail a run; what is wrong fails thrice.
    retry: 2,
    include: ["test/browser/**/*.browser.test.ts"],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    fileParallelism: false,
  },
});
