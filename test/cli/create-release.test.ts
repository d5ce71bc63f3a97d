import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { runCli, temporaryFolder, type CliResult, type RunCliOptions } from "./run-cli.ts";

type Run = (words: readonly string[], options?: Partial<RunCliOptions>) => Promise<CliResult>;

/** A command line on a fresh store, as one machine of a deploy after another would run it. */
function freshStore(): { readonly cwd: string; readonly run: Run } {
  const cwd = temporaryFolder();
  const MAINTENANCE_STORE = "sqlite:state.db";
  return {
    cwd,
    run: (words, { env, ...options } = {}) =>
      runCli(words, { cwd, ...options, env: { MAINTENANCE_STORE, ...env } }),
  };
}

async function currentRelease(run: Run): Promise<unknown> {
  const { stdout } = await run(["status", "--json"]);
  return JSON.parse(stdout).currentRelease;
}

interface Listed {
  readonly id: string;
  readonly at: string;
}

async function recordedReleases(run: Run): Promise<readonly Listed[]> {
  const { stdout } = await run(["releases", "--json"]);
  return (JSON.parse(stdout) as { readonly releases: readonly Listed[] }).releases;
}

describe("create-release", () => {
  test("records the id, and says what that means", async () => {
    const { run } = freshStore();
    expect(await run(["create-release", "v1.0", "--no-wait"])).toEqual({
      exitCode: 0,
      stdout:
        "Recorded v1.0 as the current release. It is the first one.\n" +
        "Within a second, server errors of instances that run another release become the maintenance page.\n",
      stderr: "",
    });
    const second = await run(["create-release", "v1.1", "--no-wait"]);
    expect(second.stdout).toContain("Recorded v1.1 as the current release (before: v1.0).\n");
    expect(await currentRelease(run)).toBe("v1.1");
  });

  test("without an id records this machine's own release", async () => {
    const { run } = freshStore();
    const { exitCode } = await run(["create-release", "--no-wait"], {
      env: { MAINTENANCE_PAGE_RELEASE: " v1.1 " },
    });
    expect(exitCode).toBe(0);
    expect(await currentRelease(run)).toBe("v1.1");
  });

  test("goes before this machine's own release when an id is given, and says what becomes of this machine", async () => {
    const { run } = freshStore();
    const { stdout } = await run(["create-release", "v2", "--no-wait"], {
      env: { MAINTENANCE_PAGE_RELEASE: "v1" },
    });
    expect(stdout).toContain("This machine runs v1, so its own errors do too.");
    expect(await currentRelease(run)).toBe("v2");
  });

  test("of the current release says so and changes nothing", async () => {
    const { run } = freshStore();
    await run(["create-release", "v1.0", "--no-wait"]);
    const before = (await run(["releases", "--json"])).stdout;
    expect(await run(["create-release", "v1.0", "--no-wait"])).toEqual({
      exitCode: 0,
      stdout: "v1.0 is the current release already. Nothing was changed.\n",
      stderr: "",
    });
    expect((await run(["releases", "--json"])).stdout).toBe(before);
  });

  test("on an old machine that boots late warns, changes nothing and points to rollback", async () => {
    const { run } = freshStore();
    await run(["create-release", "v1.0", "--no-wait"]);
    await run(["create-release", "v1.1", "--no-wait"]);
    expect(await run(["create-release"], { env: { MAINTENANCE_PAGE_RELEASE: "v1.0" } })).toEqual({
      exitCode: 0,
      stdout: "",
      stderr:
        "Warning: v1.0 was recorded before, and the current release is v1.1. Nothing was changed. " +
        "To go back to it, run: intermission rollback v1.0\n",
    });
    expect(await currentRelease(run)).toBe("v1.1");

    const { stdout, stderr } = await run(["create-release", "v1.0", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "known", release: "v1.0", currentRelease: "v1.1" });
    expect(stderr).toContain("Warning:");
  });

  test("of twenty machines at once succeeds on each, with one entry", async () => {
    const { run } = freshStore();
    await run(["create-release", "v1.0", "--no-wait"]);
    const machines = Array.from({ length: 20 }, () => run(["create-release", "v1.1", "--json", "--no-wait"]));
    const results = await Promise.all(machines);
    expect(results.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
      results.map(() => ({ exitCode: 0, stderr: "" })),
    );
    const outcomes = results.map(({ stdout }): unknown => JSON.parse(stdout).outcome);
    expect(outcomes.filter((outcome) => outcome === "recorded")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "already-current")).toHaveLength(19);
    const history = await recordedReleases(run);
    expect(history.map(({ id }) => id)).toEqual(["v1.1", "v1.0"]);
  }, 60_000);

  test("returns no sooner than every instance is bound to know", async () => {
    const { run } = freshStore();
    const timed = async (
      ...words: string[]
    ): Promise<{ readonly exitCode: number | null; readonly sinceWritten: number }> => {
      const { exitCode } = await run(["create-release", ...words]);
      const returnedAt = Date.now();
      const [newest] = await recordedReleases(run);
      return { exitCode, sinceWritten: returnedAt - Date.parse(newest!.at) };
    };
    const waited = await timed("v1");
    expect(waited.exitCode).toBe(0);
    expect(waited.sinceWritten).toBeGreaterThanOrEqual(1000);
    const waitedLonger = await timed("v2", "--wait", "1500ms");
    expect(waitedLonger.sinceWritten).toBeGreaterThanOrEqual(1500);
    const unwaited = await timed("v3", "--no-wait");
    expect(unwaited.sinceWritten).toBeLessThan(1000);
  });

  test("keeps apps apart", async () => {
    const { run } = freshStore();
    await run(["create-release", "v1", "--app", "shop", "--no-wait"]);
    await run(["create-release", "v2", "--no-wait"], { env: { MAINTENANCE_APP: "blog" } });
    expect(JSON.parse((await run(["status", "--app=shop", "--json"])).stdout)).toMatchObject({
      app: "shop",
      currentRelease: "v1",
    });
    expect(JSON.parse((await run(["status", "--app=blog", "--json"])).stdout).currentRelease).toBe("v2");
    expect(await currentRelease(run)).toBeNull();
  });

  test("takes an id that begins with a dash after two", async () => {
    const { run } = freshStore();
    const { exitCode, stderr } = await run(["create-release", "-v1", "--no-wait"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("intermission create-release -- -v1");
    expect((await run(["create-release", "--no-wait", "--", "-v1"])).exitCode).toBe(0);
    expect(await currentRelease(run)).toBe("-v1");
  });

  test.each<readonly [string, readonly string[]]>([
    ["no id anywhere", []],
    ["two ids", ["v1", "v2"]],
    ["an empty id", [""]],
    ["an id of blanks", ["  "]],
    ["an id that is too long", ["x".repeat(128)]],
    ["an id with control characters", ["v1\u001B[2J"]],
    ["an unknown option", ["v1", "--force"]],
    ["a bad duration", ["v1", "--wait", "long"]],
    ["a store that does not exist", ["v1", "--store", "oracle:x"]],
  ])("with %s is wrong usage: status 2, one line, nothing written", async (_, words) => {
    const { run, cwd } = freshStore();
    const { exitCode, stdout, stderr } = await run(["create-release", ...words]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    // eslint-disable-next-line no-control-regex -- the very thing that must not be there
    expect(stderr).toMatch(/^intermission: [^\u0000-\u001f]+\n$/);
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("says so when DATABASE_URL is of a kind that is left to the app", async () => {
    const env = { DATABASE_URL: "sqlite:app.db" };
    const { stderr } = await runCli(["create-release", "v1.1", "--no-wait"], { cwd: temporaryFolder(), env });
    expect(stderr).toContain(
      "DATABASE_URL is the app's own (sqlite:), and neither --store nor MAINTENANCE_STORE",
    );
    const status = await runCli(["status"], { cwd: temporaryFolder(), env });
    expect(status.stdout).toMatch(/Store +\S+\.intermission\/state\.db \(by default\)/);
  });

  test("says so when no store was named, since no other machine will look there", async () => {
    const cwd = temporaryFolder();
    const { exitCode, stderr } = await runCli(["create-release", "v1", "--no-wait"], { cwd });
    expect(exitCode).toBe(0);
    expect(stderr).toContain("no store was named");
    expect(existsSync(join(cwd, ".intermission/state.db"))).toBe(true);
  });

  test("takes --store before MAINTENANCE_STORE, and leaves a database of SQLite that DATABASE_URL names alone", async () => {
    const cwd = temporaryFolder();
    const env = { DATABASE_URL: "sqlite:c.db", MAINTENANCE_STORE: "" };
    await runCli(["create-release", "v1", "--no-wait"], { cwd, env });
    await runCli(["create-release", "v1", "--no-wait"], {
      cwd,
      env: { ...env, MAINTENANCE_STORE: "sqlite:b.db" },
    });
    await runCli(["create-release", "v1", "--no-wait", "--store", "sqlite:a.db"], { cwd, env });
    expect(readdirSync(cwd).sort()).toEqual([".intermission", "a.db", "b.db"]);
  });

  test("does not care for a template that is not on this machine", async () => {
    const { run } = freshStore();
    const { exitCode } = await run(["create-release", "v1", "--no-wait"], {
      env: { MAINTENANCE_TEMPLATE: "none.html" },
    });
    expect(exitCode).toBe(0);
  });
});
