import type { Reporter, TestModule } from "vitest/node";
import { notInstalled } from "./describe-with-server.ts";

/**
 * Lists at the end which suites were skipped because a server is missing, so that a skip never looks like
 * coverage.
 */
export function createSkipReporter(write: (line: string) => void): Reporter {
  return {
    onTestRunEnd(modules) {
      for (const line of new Set(modules.flatMap(skippedSuites))) write(line);
    },
  };
}

function skippedSuites(module: TestModule): string[] {
  return Array.from(module.children.allSuites())
    .map((suite) => notInstalled.exec(suite.name))
    .filter((match) => match !== null)
    .map(([, name, command]) => `Skipped: ${String(name)} (not installed; ${String(command)})`);
}
