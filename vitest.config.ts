import { defineConfig } from "vitest/config";
import { createSkipReporter } from "./test/servers/skip-reporter.ts";

export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "test/**/*.test.ts"],
    exclude: ["browser", "concurrency", "django", "faults", "fuzz", "package", "proxies", "soak"].map(
      (name) => `test/${name}/**`,
    ),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    // Most of a process test is waiting for processes.
    maxWorkers: 2,
    reporters: ["default", createSkipReporter((line) => process.stdout.write(`${line}\n`))],
  },
});
