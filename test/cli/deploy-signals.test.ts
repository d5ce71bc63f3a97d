import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { statusIn, withStore, type Place } from "./deploy-place.ts";
import { cliPath, type CliResult } from "./run-cli.ts";

describe("a signal", () => {
  /** Starts a deploy and sends it a signal once it has announced itself. */
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

  // From bsdutils, which every Debian has; elsewhere it takes other arguments.
  test.runIf(process.platform === "linux" && existsSync("/usr/bin/script"))(
    "from the keyboard reaches the command once, although the terminal sends it to both",
    async () => {
      const place = await withStore();
      const program = `let times = 0;
        process.on("SIGINT", () => {
          require("fs").writeFileSync("times", String(++times));
          setTimeout(() => process.exit(4), 500);
        });
        setInterval(() => {}, 1000);
        console.log("ready");`;
      writeFileSync(join(place.cwd, "command.cjs"), program);
      const line = `exec ${process.execPath} ${cliPath} deploy v1.1 --no-wait -- ${process.execPath} command.cjs`;
      const child = spawn("/usr/bin/script", ["-qec", line, "/dev/null"], {
        cwd: place.cwd,
        env: { PATH: process.env["PATH"], MAINTENANCE_STORE: "sqlite:state.db" },
      });
      onTestFinished(() => {
        child.kill("SIGKILL");
      });
      let shown = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        if (!shown.includes("ready") && (shown + text).includes("ready")) child.stdin.write("\u0003");
        shown += text;
      });
      const exitCode = await new Promise<number | null>((done) => child.once("close", done));
      expect(exitCode).toBe(4);
      expect(shown).toContain("Deploy of v1.1 aborted (SIGINT)");
      expect(readFileSync(join(place.cwd, "times"), "utf8")).toBe("1");
    },
  );
});
