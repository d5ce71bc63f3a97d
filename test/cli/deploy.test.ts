import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { statusIn, withStore } from "./deploy-place.ts";
import { cliPath, runCli, temporaryFolder } from "./run-cli.ts";

const fast = ["deploy", "v1.1", "--no-wait"];

describe("deploy with a command", () => {
  test("gives it its own input, output and exit status", async () => {
    const { run } = await withStore();
    const script = "cat; echo to stderr >&2; exit 7";
    const result = await run([...fast, "--", "sh", "-c", script], { input: "from stdin" });
    expect(result).toMatchObject({ exitCode: 7, stdout: "from stdin" });
    expect(result.stderr).toContain("to stderr\n");
    expect(result.stderr).toMatch(
      /\nDeploy of v1\.1 failed \(exit 7\) after \d+\.\d s\. .*\nNo hidden error.*\n.*stay masked.*\n$/,
    );
  });

  test("hands every word on as it is: no shell takes part", async () => {
    const { run } = await withStore();
    const words = ["$HOME", "a b", "--json", "--", "*", "'"];
    const { stdout } = await run([
      ...fast,
      "--",
      process.execPath,
      "-p",
      "JSON.stringify(process.argv.slice(1))",
      "--",
      ...words,
    ]);
    expect(JSON.parse(stdout)).toEqual(words);
  });

  test("is open while the command runs, and closed after it", async () => {
    const place = await withStore();
    const { stdout } = await place.run([...fast, "--", process.execPath, cliPath, "status", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      currentRelease: "v1.1",
      deploy: { release: "v1.1", by: expect.stringContaining("@"), lost: false },
    });
    const { leaseLeft } = (JSON.parse(stdout) as { deploy: { leaseLeft: number } }).deploy;
    expect(leaseLeft).toBeGreaterThan(20);
    expect(leaseLeft).toBeLessThanOrEqual(30);
    expect(await statusIn(place)).toMatchObject({ currentRelease: "v1.1", deploy: null });
  });

  test("whose record was deleted meanwhile is no success, and its release is recorded anew", async () => {
    const place = await withStore();
    const { exitCode, stderr } = await place.run([...fast, "--", "sh", "-c", "rm state.db*"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(join(place.cwd, "state.db"));
    expect(stderr).toContain("Deploy of v1.1 lost (its record is gone)");
    expect(stderr).not.toContain("succeeded");
    const { stdout } = await place.run(["releases", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      releases: [{ id: "v1.1" }, { id: "v1.0" }],
    });
  });

  test("starts it only once every instance knows", async () => {
    const { run, cwd } = await withStore();
    const opened = Date.now();
    await run(["deploy", "v1.1", "--", "sh", "-c", "date +%s%N > started"]);
    const started = Number(readFileSync(join(cwd, "started"), "utf8")) / 1e6;
    expect(started - opened).toBeGreaterThanOrEqual(1000);
  });

  test("with --json has one document on stdout; what the command prints goes to stderr", async () => {
    const { run } = await withStore();
    const { exitCode, stdout, stderr } = await run([...fast, "--json", "--", "echo", "from the command"]);
    expect(exitCode).toBe(0);
    expect(stderr).toContain("from the command\n");
    expect(JSON.parse(stdout)).toMatchObject({
      app: "default",
      release: "v1.1",
      outcome: "succeeded",
      exitCode: 0,
      closed: true,
      currentRelease: "v1.1",
      previousRelease: "v1.0",
      restoredRelease: null,
      hiddenErrors: [],
    });
  });

  test.each([
    ["keep", "v1.1", "To lift that: intermission rollback v1.0"],
    ["restore", "v1.0", "Errors of instances that run v1.1 are masked now"],
  ])("that fails, with --on-failure %s: the current release is %s", async (choice, current, line) => {
    const place = await withStore();
    const { exitCode, stderr } = await place.run([...fast, "--on-failure", choice, "--", "false"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(line);
    expect(await statusIn(place)).toMatchObject({ currentRelease: current, deploy: null });
  });

  test("of a release from before is refused, and the command is not run", async () => {
    const { run, cwd } = await withStore();
    await run([...fast, "--", "true"]);
    const { exitCode, stderr } = await run(["deploy", "v1.0", "--", "touch", "ran"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("intermission rollback v1.0");
    expect(existsSync(join(cwd, "ran"))).toBe(false);
  });
});

describe("a command that can't be started", () => {
  test.each([
    [127, "nothing-like-it", "was not found"],
    [126, "./text", "may not be executed"],
  ])("has status %i, and nothing is recorded", async (status, program, words) => {
    const place = await withStore();
    writeFileSync(join(place.cwd, "text"), "no program");
    const { exitCode, stdout, stderr } = await place.run([...fast, "--json", "--", program]);
    expect(exitCode).toBe(status);
    expect(stderr).toMatch(new RegExp(`^intermission: The program ${program} ${words}.*\n$`));
    expect(JSON.parse(stdout)).toHaveProperty("error.message");
    expect(await statusIn(place)).toMatchObject({ currentRelease: "v1.0", deploy: null });
  });

  test("although it looks like a program is a deploy that has failed", async () => {
    const place = await withStore();
    writeFileSync(join(place.cwd, "text"), "#!/nothing/like/it\n");
    chmodSync(join(place.cwd, "text"), 0o755);
    const { exitCode, stderr } = await place.run([...fast, "--on-failure", "restore", "--", "./text"]);
    expect(exitCode).toBe(127);
    expect(stderr).toMatch(/failed \(exit 127, .*ENOENT\)/);
    expect(await statusIn(place)).toMatchObject({ currentRelease: "v1.0", deploy: null });
  });
});

test.each<readonly [string, readonly string[]]>([
  ["no command", ["v1.1"]],
  ["nothing after the dashes", ["v1.1", "--"]],
  ["no dashes", ["v1.1", "npm", "run", "migrate"]],
  ["a command and --begin", ["v1.1", "--begin", "--", "true"]],
  ["a command and --finish", ["--finish", "--", "true"]],
  ["--begin and --finish", ["--begin", "--finish"]],
  ["--for with a command", ["v1.1", "--for", "5m", "--", "true"]],
  ["--for that is no duration", ["v1.1", "--begin", "--for", "long"]],
  ["--for that is too long", ["v1.1", "--begin", "--for", "25h"]],
  ["--for that is nothing", ["v1.1", "--begin", "--for", "0s"]],
  ["--on-failure that does not exist", ["v1.1", "--on-failure", "explode", "--", "true"]],
  ["--on-failure with --begin", ["v1.1", "--begin", "--on-failure", "restore"]],
  ["--on-failure with --finish", ["--finish", "--on-failure", "restore"]],
  ["--take-over with --fail", ["--fail", "--take-over"]],
  ["no release anywhere", ["--", "true"]],
  ["a release that can't be one", ["a\nb", "--", "true"]],
])("%s is wrong usage: status 2, one line, nothing written", async (_, words) => {
  const cwd = temporaryFolder();
  const { exitCode, stdout, stderr } = await runCli(["deploy", ...words], {
    cwd,
    env: { MAINTENANCE_STORE: "sqlite:state.db" },
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toMatch(/^intermission: .+\n$/);
  expect(readdirSync(cwd)).toEqual([]);
});

describe("a store that is away", () => {
  test("at the start: status 1, and the command is not run", async () => {
    const cwd = temporaryFolder();
    const { exitCode, stderr } = await runCli(
      [...fast, "--store", "postgres://u:hunter2@127.0.0.1:1/x", "--", "touch", "ran"],
      { cwd },
    );
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^intermission: .+ECONNREFUSED.+\n$/);
    expect(stderr).not.toContain("hunter2");
    expect(readdirSync(cwd)).toEqual([]);
  });

  test("at the end: says so after some seconds, and the exit status stays the command's", async () => {
    const { run } = await withStore();
    const begun = performance.now();
    const script = "rm -f state.db*; mkdir state.db; exit 5";
    const { exitCode, stdout, stderr } = await run([
      ...fast,
      "--json",
      "--on-failure=restore",
      "--",
      "sh",
      "-c",
      script,
    ]);
    expect(exitCode).toBe(5);
    expect(performance.now() - begun).toBeLessThan(16_000);
    expect(stderr).toContain("Warning: the deploy could not be closed:");
    expect(stderr).toContain("Its lease ends by itself in 30 s");
    expect(stderr).toContain("To go back, run: intermission rollback v1.0");
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "failed", closed: false, currentRelease: null });
  });
});
