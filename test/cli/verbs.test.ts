import { join } from "node:path";
import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";
import { cliPath, runCli, temporaryFolder, type CliResult } from "./run-cli.ts";

const store = ["--store", "sqlite:state.db"];

/** A folder with a store in which these releases were recorded, one after the other. */
async function withReleases(...ids: readonly string[]): Promise<string> {
  const cwd = temporaryFolder();
  for (const id of ids) await runCli(["create-release", id, "--no-wait", ...store], { cwd });
  return cwd;
}

function on(cwd: string): (...words: readonly string[]) => Promise<CliResult> {
  return (...words) => runCli([...words, ...store], { cwd });
}

describe("rollback", () => {
  test("makes the release before the current one current again, and back", async () => {
    const run = on(await withReleases("v1.0", "v1.1"));
    const first = await run("rollback", "--no-wait");
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toContain("v1.0 is the current release again (before: v1.1).\n");
    expect(JSON.parse((await run("rollback", "--json", "--no-wait")).stdout)).toEqual({
      app: "default",
      release: "v1.1",
      outcome: "rolled-back",
      currentRelease: "v1.1",
      previousRelease: "v1.0",
    });
  });

  test("goes back to the release that is named", async () => {
    const run = on(await withReleases("v1", "v2", "v3"));
    expect((await run("rollback", "v1", "--no-wait")).exitCode).toBe(0);
    const { releases } = JSON.parse((await run("releases", "--json")).stdout);
    expect(releases).toMatchObject([{ id: "v1" }, { id: "v3" }, { id: "v2" }]);
  });

  test("to the current release changes nothing", async () => {
    const run = on(await withReleases("v1"));
    expect(await run("rollback", "v1")).toMatchObject({
      exitCode: 0,
      stdout: "v1 is the current release already. Nothing was changed.\n",
    });
  });

  test.each([[["nope"]], [[]]])("can't go where nothing was: status 1, one line (%j)", async (words) => {
    const run = on(await withReleases("v1"));
    const { exitCode, stdout, stderr } = await run("rollback", ...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^intermission: .+ See `intermission releases`.*\n$/);
  });
});

describe("releases", () => {
  test("lists them, newest first, with their time, the current one marked", async () => {
    const { exitCode, stdout } = await on(await withReleases("v1", "v1.1-beta"))("releases");
    expect(exitCode).toBe(0);
    const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d`;
    expect(stdout).toMatch(new RegExp(`^v1\\.1-beta  ${time}  current\nv1         ${time}\n$`));
  });

  test("as JSON has ids and ISO times", async () => {
    const { stdout } = await on(await withReleases("v1", "v2"))("releases", "--json");
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as unknown;
    expect(JSON.parse(stdout)).toEqual({
      app: "default",
      currentRelease: "v2",
      releases: [
        { id: "v2", at: time },
        { id: "v1", at: time },
      ],
    });
  });

  test("says when there are none, and makes no file to find that out", async () => {
    const folder = temporaryFolder();
    const run = on(folder);
    const { exitCode, stdout } = await run("releases");
    expect(exitCode).toBe(0);
    expect(stdout).toBe(
      `No release is recorded for the app default in ${join(folder, "state.db")}. Record one: intermission create-release --store sqlite:state.db\n`,
    );
    expect(JSON.parse((await run("releases", "--json")).stdout)).toMatchObject({
      currentRelease: null,
      releases: [],
    });
  });
});

describe("status", () => {
  test.each<readonly [string, Record<string, string>, Record<string, unknown>, string]>([
    [
      "a machine of the current release",
      { MAINTENANCE_PAGE_RELEASE: "v1.1" },
      { instanceRelease: "v1.1", mode: "auto", verdict: "regular", reason: "release-match" },
      "no deploy is under way",
    ],
    [
      "an old machine",
      { MAINTENANCE_PAGE_RELEASE: "v1.0" },
      { instanceRelease: "v1.0", mode: "auto", verdict: "maintenance", reason: "release-mismatch" },
      "This machine runs v1.0, and the current release is v1.1",
    ],
    [
      "a machine that does not know its release",
      {},
      { instanceRelease: null, mode: "auto", verdict: "regular", reason: "no-instance-release" },
      "Set MAINTENANCE_PAGE_RELEASE to the version that is deployed.",
    ],
    [
      "a machine in manual mode",
      { MAINTENANCE_PAGE_RELEASE: "v1.1", MAINTENANCE_MODE: "yes" },
      { instanceRelease: "v1.1", mode: "errors", verdict: "maintenance", reason: "manual" },
      "Manual mode is on",
    ],
    [
      "a machine whose window has passed",
      { MAINTENANCE_PAGE_RELEASE: "v1.0", MAINTENANCE_MAX_WINDOW: "1ms" },
      { instanceRelease: "v1.0", mode: "auto", verdict: "regular", reason: "window-passed" },
      "run: intermission rollback",
    ],
  ])("of %s says the verdict and why", async (_, env, expected, sentence) => {
    const cwd = await withReleases("v1.0", "v1.1");
    const { stdout } = await runCli(["status", "--json", ...store], { cwd, env });
    expect(JSON.parse(stdout)).toEqual({
      app: "default",
      currentRelease: "v1.1",
      ...expected,
    });
    const human = await runCli(["status", ...store], { cwd, env });
    expect(human).toMatchObject({ exitCode: 0, stderr: "" });
    expect(human.stdout).toContain(sentence);
    expect(human.stdout).toContain(
      expected["verdict"] === "maintenance" ? "becomes the maintenance page" : "stays the regular error",
    );
  });

  test("with nothing recorded says what the deploy has to run", async () => {
    const options = { cwd: temporaryFolder(), env: { MAINTENANCE_PAGE_RELEASE: "v1" } };
    expect(JSON.parse((await runCli(["status", "--json"], options)).stdout)).toEqual({
      app: "default",
      instanceRelease: "v1",
      currentRelease: null,
      mode: "auto",
      verdict: "regular",
      reason: "no-current-release",
    });
    expect((await runCli(["status"], options)).stdout).toContain(
      "Have the deploy run: intermission create-release",
    );
  });
});

describe("status of a deploy", () => {
  test("that is open has who opened it, when, and how long its lease lasts", async () => {
    const run = on(await withReleases("v1.0"));
    expect((await run("status")).stdout).not.toContain("Deploy");
    await run("deploy", "v1.1", "--begin", "--for", "10m", "--no-wait");
    expect((await run("status")).stdout).toMatch(
      /^Deploy +v1\.1, opened by .+@.+ at \d{4}-.+, lease ends in (600|59\d) s unless it is renewed$/m,
    );
    const { deploy } = JSON.parse((await run("status", "--json")).stdout);
    expect(deploy).toEqual({
      release: "v1.1",
      by: expect.stringContaining("@"),
      openedAt: expect.stringMatching(/^\d{4}-.+Z$/),
      leaseUntil: new Date(Date.parse(deploy.openedAt as string) + 600_000).toISOString(),
      leaseLeft: expect.any(Number),
      lost: false,
    });
  });

  test("that was lost says so", async () => {
    const run = on(await withReleases("v1.0"));
    await run("deploy", "v1.1", "--begin", "--for", "1s");
    await expect
      .poll(async () => (await run("status")).stdout)
      .toMatch(
        /^Deploy +v1\.1, opened by .+: lost, since it was never closed and its lease ran out at \d{4}-/m,
      );
    expect(JSON.parse((await run("status", "--json")).stdout).deploy).toMatchObject({
      lost: true,
      leaseLeft: 0,
    });
  });
});

describe("migrate", () => {
  test("makes the table, is safe to repeat, and loses nothing", async () => {
    const cwd = temporaryFolder();
    const run = on(cwd);
    expect(await run("migrate")).toEqual({
      exitCode: 0,
      stdout: "The store sqlite:state.db has all it needs.\n",
      stderr: "",
    });
    await run("create-release", "v1", "--no-wait");
    expect(JSON.parse((await run("migrate", "--json")).stdout)).toEqual({
      store: "sqlite:state.db",
      outcome: "ready",
    });
    expect(JSON.parse((await run("status", "--json")).stdout).currentRelease).toBe("v1");
  });
});

describe("shell", () => {
  test("runs piped commands with intermission, store and state() at hand, and ends", async () => {
    const cwd = await withReleases("v1");
    const { exitCode, stdout } = await runCli(["shell", ...store], {
      cwd,
      input: [
        'await intermission.createRelease("v2", { wait: false })',
        "(await state()).releases.map(({ id }) => id).join()",
        "[",
        "  typeof store.read,",
        "]",
        "throw new Error('and on it goes')",
        "await store.read('nobody')",
      ].join("\n"),
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^The app default in sqlite:state\.db\./);
    const inOrder =
      /'v1,v2'\n\[ 'function' \]\nUncaught Error: and on it goes\n\{ version: 0, now: \d+ \}\n$/;
    expect(stdout).toMatch(inOrder);
    expect(JSON.parse((await on(cwd)("status", "--json")).stdout).currentRelease).toBe("v2");
  });

  test("ends at .exit, whatever comes after it", async () => {
    const { exitCode, stdout } = await runCli(["shell", ...store], {
      cwd: temporaryFolder(),
      input: "1 + 1\n.exit\n40 + 2\n",
    });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/exit\n2\n$/);
  });

  test("ends with no commands at all", async () => {
    expect((await runCli(["shell", ...store], { cwd: temporaryFolder() })).exitCode).toBe(0);
  });
});

describe("a reader that has heard enough", () => {
  test("is no failure, and no crash", async () => {
    const cwd = await withReleases("v1");
    const child = spawn(process.execPath, [cliPath, "releases", ...store], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.destroy();
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    const exitCode = await new Promise((done) => child.on("close", done));
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  });
});
