import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { statusIn, withStore } from "./deploy-place.ts";

describe("deploy without a command", () => {
  test("is begun and finished by two commands", async () => {
    const place = await withStore();
    const { run } = place;
    const begun = await run(["deploy", "v1.1", "--begin", "--for", "2h", "--no-wait"]);
    expect(begun).toMatchObject({ exitCode: 0, stderr: "" });
    expect(begun.stdout).toContain("intermission deploy v1.1 --finish, or --fail.");
    const { deploy } = await statusIn(place);
    expect((deploy as { leaseLeft: number }).leaseLeft).toBeGreaterThan(7100);
    const finished = await run(["deploy", "--finish", "--json"]);
    expect(JSON.parse(finished.stdout)).toMatchObject({
      release: "v1.1",
      outcome: "succeeded",
      closed: true,
    });
    expect(await statusIn(place)).toMatchObject({ currentRelease: "v1.1", deploy: null });
  });

  test.each([
    [[], "v1.1"],
    [["--on-failure", "restore"], "v1.0"],
  ])("fails, with %j: the current release is %s", async (words, current) => {
    const place = await withStore();
    await place.run(["deploy", "v1.1", "--begin", "--no-wait"]);
    const { exitCode, stdout } = await place.run(["deploy", "--fail", "--no-wait", ...words]);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("Deploy of v1.1 failed after");
    expect(await statusIn(place)).toMatchObject({ currentRelease: current, deploy: null });
  });

  test("is not closed by the pipeline of another release", async () => {
    const place = await withStore();
    await place.run(["deploy", "v1.1", "--begin", "--no-wait"]);
    for (const words of [["v1.2", "--fail"], ["--finish"]]) {
      const { exitCode, stderr } = await place.run(["deploy", ...words], {
        env: { MAINTENANCE_STORE: "sqlite:state.db", MAINTENANCE_PAGE_RELEASE: "v1.2" },
      });
      expect(exitCode).toBe(1);
      expect(stderr).toContain("No deploy of v1.2 is open, but one of v1.1");
    }
    expect((await statusIn(place))["deploy"]).toMatchObject({ release: "v1.1" });
  });

  test("can't be closed where none is open", async () => {
    const { run } = await withStore();
    const { exitCode, stderr } = await run(["deploy", "--finish"]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: "intermission: No deploy is open. See: intermission status\n",
    });
  });

  test("that was not finished in time is finished all the same, with a note", async () => {
    const { run } = await withStore();
    await run(["deploy", "v1.1", "--begin", "--for", "1s"]);
    await expect.poll(async () => (await run(["status", "--json"])).stdout).toContain(`"lost": true`);
    const { exitCode, stderr } = await run(["deploy", "--finish"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("Note: its time ran out at");
  });
});

test("a second deploy is refused while one is open, with who has opened it and when", async () => {
  const place = await withStore();
  const { run, cwd } = place;
  await run(["deploy", "v1.1", "--begin", "--no-wait"]);
  const { exitCode, stderr } = await run(["deploy", "v1.2", "--", "touch", "ran"]);
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(
    /^intermission: A deploy of v1\.1 is open, by .+@.+ since 20.+Z\. .*--take-over\.\n$/,
  );
  expect(existsSync(join(cwd, "ran"))).toBe(false);
  const taken = await run(["deploy", "v1.2", "--no-wait", "--take-over", "--", "true"]);
  expect(taken.exitCode).toBe(0);
  expect(taken.stderr).toContain("Note: taken over from the deploy of v1.1 by ");
  expect(await statusIn(place)).toMatchObject({ currentRelease: "v1.2", deploy: null });
});
