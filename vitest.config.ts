import { defineConfig } from "vitest/config";
import { createSkipReporter } from "./test/servers/skip-reporter.ts";

/** Each has a configuration of its own. */
const suites = ["browser", "built", "concurrency", "django", "faults", "fuzz", "package", "proxies", "soak"];

/** Many processes each, whose times are looked at: they would be late for each other. */
const crowded = ["demo", "leaks", "story"];

const testsOf = (folders: readonly string[]): string[] => folders.map((name) => `test/${name}/**/*.test.ts`);

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: ["src/**/*.test.ts", "test/**/*.test.ts"],
          exclude: testsOf([...suites, ...crowded]),
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "stories",
          include: testsOf(crowded),
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    reporters: ["default", createSkipReporter((line) => process.stdout.write(`${line}\n`))],
  },
});
