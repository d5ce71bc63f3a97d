import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { createSkipReporter } from "./test/servers/skip-reporter.ts";

type ProjectOptions = NonNullable<TestProjectInlineConfiguration["test"]>;

const second = 1000;
const minute = 60 * second;

/**
 * Projects that need more than Node, more time than a developer waits, or the machine for themselves. Each
 * has the tests of `test/<name>` unless it names others.
 */
const others: Readonly<Record<string, ProjectOptions>> = {
  // They start a process for nearly every test.
  processes: {
    include: [
      ...testsIn("src/auto", "test/auto", "test/bench", "test/cli", "test/examples", "test/platforms"),
      "test/docs/snippets.test.ts",
    ],
    retry: 1,
    maxWorkers: 3,
    maxConcurrency: 3,
  },
  // Their processes are timed, and mostly wait. On a busy machine, what is late once is tried again.
  stories: { include: testsIn("test/demo", "test/story"), retry: 1, maxWorkers: 3 },
  // They mostly wait. Many compare milliseconds: one delay of a busy machine must not fail a run.
  servers: { include: allTests().filter(needsServer), retry: 1, maxWorkers: 3 },
  fuzz: { testTimeout: 10 * minute, maxWorkers: 2 },
  concurrency: { maxWorkers: 1 },
  // They compare milliseconds on a possibly busy machine: one delay must not fail a run, but a real fault
  // fails three times. A trial mostly waits, but more than two at once would disturb each other.
  faults: {
    globalSetup: "test/faults/global-setup.ts",
    testTimeout: 1.5 * minute,
    hookTimeout: 1.5 * minute,
    retry: 2,
    maxWorkers: 2,
  },
  soak: { include: testsIn("test/soak", "test/leaks"), maxWorkers: 1 },
  // Each file starts a proxy, an app and `serve`.
  proxies: { maxWorkers: 2 },
  django: { retry: 2, testTimeout: 3 * minute, hookTimeout: 1.5 * minute, maxWorkers: 2 },
  // Each build uses every core it finds, and in between waits for the registry.
  built: {
    globalSetup: "test/built/global-setup.ts",
    testTimeout: 2 * minute,
    hookTimeout: 10 * minute,
    maxWorkers: 2,
  },
  binary: {
    globalSetup: "test/binary/global-setup.ts",
    testTimeout: minute,
    hookTimeout: 2 * minute,
    maxWorkers: 1,
  },
  package: { testTimeout: 3 * minute, hookTimeout: 4 * minute, maxWorkers: 2 },
  // Its global setup builds the site.
  site: {
    globalSetup: "test/site/global-setup.ts",
    testTimeout: 30 * second,
    hookTimeout: minute,
    retry: 1,
    maxWorkers: 1,
  },
  browser: { testTimeout: 30 * second, hookTimeout: minute, retry: 2, maxWorkers: 2 },
};

const projects = Object.entries(others).map(([name, options], index) => ({
  extends: true as const,
  test: {
    name,
    include: testsIn(`test/${name}`),
    // Vitest runs one group after the other.
    sequence: { groupOrder: index + 1 },
    ...options,
  },
}));

/** Without a project or a path on the command line, only tests that need nothing but Node run. */
const chosen = process.argv.some((word) => /^--project\b|^(\.\/)?(src|test)(\/|$)/.test(word));

export default defineConfig({
  test: {
    testTimeout: 30 * second,
    hookTimeout: minute,
    pool: "forks",
    projects: [
      {
        extends: true,
        test: {
          name: "parts",
          include: testsIn("src", "test"),
          exclude: projects.flatMap(({ test }) => test.include),
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      ...(chosen ? projects : []),
    ],
    reporters: [
      "default",
      createSkipReporter((line) => process.stdout.write(`${line}\n`)),
      ...resultsReporter(process.env["TEST_RESULTS"]),
    ],
  },
});

function testsIn(...folders: readonly string[]): string[] {
  return folders.map((folder) => `${folder}/**/*.test.ts`);
}

function allTests(): string[] {
  return ["src", "test"].flatMap((folder) =>
    readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
  );
}

/** Suites of other projects stay there. */
function needsServer(file: string): boolean {
  if (/^test\/(?:binary|browser|built|cli|concurrency|django|package|proxies|soak|story)\//.test(file))
    return false;
  return readFileSync(join(import.meta.dirname, file), "utf8").includes("describeWithServer(");
}

/** Leaves a file for summing up several runs. */
function resultsReporter(folder: string | undefined): ["json", { outputFile: string }][] {
  return folder === undefined ? [] : [["json", { outputFile: join(folder, `${String(process.pid)}.json`) }]];
}
