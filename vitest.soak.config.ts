import { defineConfig } from "vitest/config";
import { createSkipReporter } from "./test/servers/skip-reporter.ts";

export default defineConfig({
  test: {
    include: ["test/soak/**/*.test.ts"],
    pool: "forks",
    fileParallelism: false,
    reporters: ["default", createSkipReporter((line) => process.stdout.write(`${line}\n`))],
  },
});
