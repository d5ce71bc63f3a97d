import { defineConfig } from "vitest/config";
import { createSkipReporter } from "./test/servers/skip-reporter.ts";

export default defineConfig({
  test: {
    include: ["test/built/**/*.test.ts"],
    globalSetup: "test/built/global-setup.ts",
    testTimeout: 120_000,
    hookTimeout: 600_000,
    pool: "forks",
    // Each builds with all cores that it finds, and waits for the registry in between.
    maxWorkers: 2,
    reporters: ["default", createSkipReporter((line) => process.stdout.write(`${line}\n`))],
  },
});
