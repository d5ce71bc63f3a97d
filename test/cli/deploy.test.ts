import { spawn } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { cliPath, runCli, temporaryFolder, type CliResult, type RunCliOptions } from "./run-cli.ts";

type Run = (words: readonly string[], options?: Partial<RunCliOptions>) => Promise<CliResult>;

interface Place {
  readonly cwd: string;
  readonly run: Run;
}

/** A folder with a store in which v1.0 is current. */
async function withStore(): Promise<Place> {
  const cwd = temporaryFolder();
  const env = { MAINTENANCE_STORE: "sqlite:state.db" };
  const run: Run = (words, options) => runCli(words, { cwd, env, ...options });
  await run(["create-release", "v1.0", "--no-wait"]);
  return { cwd, run };
}

async function statusIn({ run }: Place): Promise<Record<string, unknown>> {
  return JSON.parse((await run(["status", "--json"])).stdout) as Record<string, unknown>;
}

const fast = ["deploy", "v1.1", "--no-wait"];

describe("deploy with a command", () => {
  test("gives it its own input, output and exit status", async () => {
    const { run } = await withStore();
    const script = "cat; echo to stderr >&2; exit 7";
    const result = await run([...fast, "--", "sh", "-c", script], { input: "from stdin" });
    expect(result).toMatchObject({ exitCode: 7, stdout: "from stdin" });
    expect(result.stderr).toContain("to stderr\n");
    expect(result.stderr).toMatch(
      /\nDeploy of v1\.1 failed \(exit 7\) after \d+\.\d s\. .*\n.*stay masked.*\n$/,
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

  test("starts it only when every instance is bound to know", async () => {
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
      hiddenErrors: null,
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

describe("a signal", () => {
  /** Starts a deploy, and sends it a signal when it has said so. */
  async function interrupt(
    { cwd }: Place,
    signal: NodeJS.Signals,
    words: readonly string[],
    when: RegExp,
  ): Promise<CliResult> {
    const child = spawn(process.execPath, [cliPath, "deploy", "v1.1", "--on-failure=restore", ...words], {
      cwd,
      env: { PATH: process.env["PATH"], MAINTENANCE_STORE: "sqlite:state.db" },
    });
    onTestFinished(() => {
      child.kill("SIGKILL");
    });
    const output = { stdout: "", stderr: "" };
    let sent = false;
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
        if (!sent && when.test(output[name])) sent = child.kill(signal);
      });
    }
    child.stdin.end();
    const exitCode = await new Promise<number | null>((done) => child.once("close", done));
    return { exitCode, ...output };
  }

  const waiting = (onSignal: string): string =>
    `for (const s of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(s, () => { ${onSignal} });
     setInterval(() => {}, 1000); console.log("ready");`;

  test.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("%s reaches the command, and the deploy is aborted", async (signal, status) => {
    const place = await withStore();
    const script = `setInterval(() => {}, 1000); console.log("ready");`;
    const result = await interrupt(
      place,
      signal,
      ["--no-wait", "--", process.execPath, "-e", script],
      /ready/,
    );
    expect(result.exitCode).toBe(status);
    expect(result.stderr).toContain(`Deploy of v1.1 aborted (${signal})`);
    expect(await statusIn(place)).toMatchObject({ currentRelease: "v1.0", deploy: null });
  });

  test("of which the command makes something of its own: its exit status counts", async () => {
    const place = await withStore();
    const script = waiting(`console.log("tidied up"); process.exit(9)`);
    const result = await interrupt(
      place,
      "SIGTERM",
      ["--no-wait", "--", process.execPath, "-e", script],
      /ready/,
    );
    expect(result).toMatchObject({ exitCode: 9, stdout: "ready\ntidied up\n" });
    expect(result.stderr).toContain("Deploy of v1.1 aborted (SIGTERM)");
  });

  test("after which the command does its work to the end is no failure", async () => {
    const place = await withStore();
    const script = waiting("process.exit(0)");
    const result = await interrupt(
      place,
      "SIGHUP",
      ["--no-wait", "--", process.execPath, "-e", script],
      /ready/,
    );
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toContain("Deploy of v1.1 succeeded");
    expect(await statusIn(place)).toMatchObject({ currentRelease: "v1.1", deploy: null });
  });

  test("before the command has begun: it is not started, and the deploy is closed", async () => {
    const place = await withStore();
    const result = await interrupt(
      place,
      "SIGTERM",
      ["--wait", "20s", "--", "touch", join(place.cwd, "ran")],
      /Opened the deploy/,
    );
    expect(result.exitCode).toBe(143);
    expect(result.stderr).toContain("aborted (SIGTERM, the command was not started)");
    expect(existsSync(join(place.cwd, "ran"))).toBe(false);
    expect(await statusIn(place)).toMatchObject({ currentRelease: "v1.0", deploy: null });
  });
});

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
    expect(stderr).toContain("Note: its time was over at");
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
