/*
 * Mutation testing: changes the code in small ways, one at a time, and checks that a test fails. Run by hand,
 * a folder at a time: `npm run test:mutation -- --mutate "src/core/state/*.ts"`. docs/development/tests.md
 * says how to read it.
 */
export default {
  testRunner: "vitest",
  // Programs that tests start run the build, which is not mutated.
  vitest: { configFile: "test/mutation/vitest.config.ts" },
  mutate: [
    "src/{core,engine,http}/**/*.ts",
    "src/page/{accept,choose-format,choose-messages,lookup}.ts",
    "!src/**/*.test.ts",
  ],
  plugins: ["@stryker-mutator/vitest-runner"],
  ignorePatterns: ["dist", "coverage", "docs/pictures", "examples", "bench"],
  ignoreStatic: true,
  concurrency: 1,
  tempDirName: ".stryker",
  reporters: ["clear-text", "progress-append-only"],
  clearTextReporter: { allowColor: false, reportTests: false },
};
