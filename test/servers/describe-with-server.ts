import { describe, test } from "vitest";

/** Marks the name of a suite skipped because its server is missing; the skip reporter looks for it. */
export const notInstalled = /^(.*) \(not installed: (.*)\)$/;

/**
 * A suite that needs a server on this machine. Without it the suite is skipped, and listed at the end of the
 * run; in CI (`CI=true`) it fails.
 *
 * @param packageName Its name in `apt-get install`.
 */
export function describeWithServer(
  name: string,
  server: { readonly available: boolean; readonly packageName: string },
  define: () => void,
): void {
  if (server.available) {
    describe(name, define);
  } else if (process.env["CI"] === "true") {
    describe(name, () => {
      test("has its server installed", () => {
        throw new Error(`Run: apt-get install ${server.packageName}`);
      });
    });
  } else {
    describe.skip(`${name} (not installed: apt-get install ${server.packageName})`, define);
  }
}
