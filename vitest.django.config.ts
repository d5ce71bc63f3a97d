import { defineConfig } from "vitest/config";
import { createSkipReporter } from "./test/servers/skip-reporter.ts";

export default defineConfig({
  test: {
    include: ["test/django/**/*.test.ts"],
    testTimeout: 180_000,
    hookTimeout: 90_000,
    pool: "forks",
    // Each starts servers of its own, whose workers share the machine's few processors.
    fileParallelism: false,
    reporters: ["default", createSkipReporter((line) => process.stdout.write(`${line}\n`))],
  },
});
