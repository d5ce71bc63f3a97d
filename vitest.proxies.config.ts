import { defineConfig } from "vitest/config";
import { createSkipReporter } from "./test/servers/skip-reporter.ts";

export default defineConfig({
  test: {
    include: ["test/proxies/**/*.test.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Each file is a proxy, an app and a serve; more at once would be late for each other.
    maxWorkers: 2,
    reporters: ["verbose", createSkipReporter((line) => process.stdout.write(`${line}\n`))],
  },
});
