import { describe, test } from "vitest";

/** Ends the name of a suite that was skipped for want of a server; the skip reporter looks for it. */
export const notInstalled = /^(.*) \(not installed: (.*)\)$/;

/**
 * A suite that needs a server on this machine. Without it the suite is skipped, and said to be at the end of the run;
 * in CI (`CI=true`) it fails.
 *
 * @param packageName What `apt-get install` calls it.
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
