import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { createIntermission } from "../../src/engine/create.ts";
import { runCli, temporaryFolder } from "./run-cli.ts";

let cwd: string;
beforeEach(() => {
  cwd = temporaryFolder();
});

const cli = (...words: readonly string[]) => runCli(["deploy", ...words], { cwd });

/** The Retry-After seconds for a visitor of an instance on the release. */
async function retryAfter(): Promise<string | undefined> {
  const intermission = createIntermission(
    { store: `sqlite:${join(cwd, ".intermission/state.db")}`, release: "v1.0", retryAfter: 77 },
    { environment: {} },
  );
  try {
    await intermission.ready();
    return intermission.page({ method: "GET" }).headers["retry-after"];
  } finally {
    await intermission.close();
  }
}

test("visitors are told what is left of a deploy that says how long it takes, and then what is set", async () => {
  expect((await cli("v1.1", "--begin", "--takes", "90m", "--for", "2h", "--no-wait")).exitCode).toBe(0);
  // Its first minute has hardly begun.
  expect(await retryAfter()).toBe("5400");
  expect((await cli("v1.1", "--finish", "--no-wait")).exitCode).toBe(0);
  expect(await retryAfter()).toBe("77");
});

test("without saying so, a deploy takes what the last three that succeeded took", async () => {
  for (const release of ["v1.1", "v1.2", "v1.3"]) {
    expect((await cli(release, "--no-wait", "--", process.execPath, "-e", "")).exitCode).toBe(0);
    expect(
      (await cli(`${release}-bad`, "--no-wait", "--", process.execPath, "-e", "process.exit(3)")).exitCode,
    ).toBe(3);
  }
  const intermission = createIntermission(
    { store: `sqlite:${join(cwd, ".intermission/state.db")}`, release: "v1.3" },
    { environment: {} },
  );
  onTestFinished(() => intermission.close());
  await intermission.openDeploy({ release: "v1.4", lease: 60_000, wait: false });
  await intermission.ready();
  expect(intermission.known?.state.deployTimes).toHaveLength(3);
  expect(intermission.known?.state.deploy).not.toHaveProperty("takes");
  // They took a moment each: either that is already over, or the page says ten seconds.
  expect(["10", "77"]).toContain(await retryAfter());
});

test.each([
  [["v1.1", "--begin", "--takes", "soon"]],
  [["v1.1", "--begin", "--takes", "999ms"]],
  [["v1.1", "--begin", "--takes", "25h"]],
  [["--finish", "--takes", "5m"]],
])("%j is wrong usage", async (words) => {
  const { exitCode, stderr } = await cli(...words);
  expect([exitCode, stderr.includes("--takes")]).toEqual([2, true]);
});
