import process from "node:process";

/*
 * Mutation testing: changes the code in small ways, one at a time, and checks that a test in the same folder
 * fails. Run by hand, a folder at a time: `MUTATE=core npm run test:mutation`, or less of it:
 * `MUTATE=core npm run test:mutation -- --mutate "src/core/state/*.ts"`. docs/development/tests.md has the
 * last scores, and says how to read them.
 */
const folder = process.env["MUTATE"] ?? "{core,engine,http,page}";

export default {
  testRunner: "vitest",
  // Programs that tests start run the build, which is not mutated.
  vitest: { configFile: "test/mutation/vitest.config.ts" },
  mutate: [`src/${folder}/**/*.ts`, "!src/**/*.test.ts", "!src/page/languages/*.ts"],
  // People read texts; what programs read of them is compared elsewhere.
  mutator: { excludedMutations: ["StringLiteral"] },
  plugins: ["@stryker-mutator/vitest-runner"],
  ignorePatterns: ["dist", "coverage", "docs/pictures", "examples", "bench"],
  ignoreStatic: true,
  concurrency: 1,
  tempDirName: ".stryker",
  reporters: ["clear-text", "progress-append-only"],
  clearTextReporter: { allowColor: false, reportTests: false },
};
