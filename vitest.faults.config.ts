import { defineConfig } from "vitest/config";
import { createSkipReporter } from "./test/servers/skip-reporter.ts";

export default defineConfig({
  test: {
    include: ["test/faults/**/*.test.ts"],
    globalSetup: ["test/faults/global-setup.ts"],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    pool: "forks",
    // What is compared are milliseconds, on a machine that may have something else to do: what is late once must not
    // fail a run; what is wrong fails thrice.
    retry: 2,
    // Most of a trial is waiting; more at once would measure each other.
    maxWorkers: 2,
    reporters: ["verbose", createSkipReporter((line) => process.stdout.write(`${line}\n`))],
  },
});
