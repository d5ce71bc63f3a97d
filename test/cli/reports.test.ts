import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Store } from "../../src/core/ports.ts";
import { encodeReport, type InstanceReport, type MaskedKind } from "../../src/reports/report.ts";
import { sqliteStore } from "../../src/stores/sqlite/index.ts";
import { cliPath, runCli, temporaryFolder, type CliResult } from "./run-cli.ts";

const minute = 60_000;
let cwd: string;
let store: Store;

beforeEach(() => {
  cwd = temporaryFolder();
  store = sqliteStore(join(cwd, ".intermission/state.db"));
  onTestFinished(() => store.close());
});

const cli = (...words: readonly string[]): Promise<CliResult> => runCli(words, { cwd, env: { TZ: "UTC" } });

function put(
  name: string | null,
  release: string | null,
  parts: Partial<InstanceReport> = {},
): Promise<void> {
  const startedAt = Date.parse("2026-11-22T10:00:00Z");
  const report = { host: "web", pid: 7, version: "0.1.0", stopped: false, masked: [], startedAt };
  const id = `id-of-${name ?? "nobody"}`;
  return (
    store.reports?.put("default", id, encodeReport({ ...report, name, release, ...parts }), minute) ??
    Promise.reject(new Error("no reports"))
  );
}

function kind(parts: Partial<MaskedKind>): MaskedKind {
  const times = { firstAt: Date.parse("2026-11-22T10:00:01Z"), lastAt: Date.parse("2026-11-22T10:00:09Z") };
  return {
    release: "v2",
    status: 500,
    route: "/orders/:id",
    error: null,
    code: null,
    count: 1,
    ...times,
    ...parts,
  };
}

describe("instances of another app in the same record", () => {
  test("are named when a release is recorded or a deploy opened, with what to do", async () => {
    await cli("create-release", "v1", "--no-wait");
    await put("web-1", "v1");
    await put("blog-1", "blog-7");
    // Its errors are not masked: it has no release to compare.
    await put("worker-1", null);
    for (const words of [
      ["create-release", "v2", "--no-wait"],
      ["deploy", "v3", "--", process.execPath, "--version"],
    ]) {
      const { exitCode, stderr } = await cli(...words);
      expect(exitCode).toBe(0);
      expect(stderr).toContain(
        "1 of 3 running instances run a release that was never recorded here: blog-1 (blog-7).",
      );
      expect(stderr).toContain("MAINTENANCE_APP");
    }
    await put("blog-1", "v3");
    expect((await cli("create-release", "v4", "--no-wait")).stderr).not.toContain("never recorded");
  });
});

describe("a proxy", () => {
  test("is listed, and neither behind nor waited for", async () => {
    await cli("create-release", "v2", "--no-wait");
    await put("web-1", "v2");
    await put("edge-1", null, { role: "proxy" });
    const { stdout } = await cli("instances");
    expect(stdout).toMatch(/^edge-1 +proxy /m);
    expect(stdout).toContain("1 of 1 run the current release, v2.");
    expect(JSON.parse((await cli("instances", "--json")).stdout)).toMatchObject({
      instances: [{ name: "web-1" }],
      proxies: [{ name: "edge-1" }],
    });
    expect((await cli("wait", "--timeout", "1s")).exitCode).toBe(0);
  });

  test("alone is no instance to wait for", async () => {
    await cli("create-release", "v2", "--no-wait");
    await put("edge-1", null, { role: "proxy" });
    expect((await cli("wait", "--timeout", "1s")).exitCode).toBe(1);
  });
});

describe("instances", () => {
  test("says that there are none", async () => {
    expect(await cli("instances")).toEqual({
      exitCode: 0,
      stdout: "No instance of the app default has reported itself in the last 60 seconds.\n",
      stderr: "",
    });
  });

  test("lists each with its release, without those that were closed and what is no report", async () => {
    await cli("create-release", "v1", "--no-wait");
    await cli("create-release", "v2", "--no-wait");
    await put("web-2", "v2");
    await put("web-1", "v1", { masked: [kind({ count: 3 }), kind({ count: 4, route: null })] });
    await put("web-3", null);
    await put(null, "v2");
    await put("web-4", "v1", { stopped: true });
    await store.reports?.put("default", "garbage", "no report", minute);
    const { stdout } = await cli("instances");
    expect(stdout.replaceAll(/\d+ s ago/g, "N s ago")).toBe(
      [
        "Name      Release           Started                     Last seen  Masked errors",
        "id-of-no  v2       current  2026-11-22 10:00:00 +00:00  N s ago                0",
        "web-1     v1       behind   2026-11-22 10:00:00 +00:00  N s ago                7",
        "web-2     v2       current  2026-11-22 10:00:00 +00:00  N s ago                0",
        "web-3     unknown  behind   2026-11-22 10:00:00 +00:00  N s ago                0",
        "",
        "2 of 4 run the current release, v2.",
        "",
      ].join("\n"),
    );
    const { instances } = JSON.parse((await cli("instances", "--json")).stdout) as { instances: unknown[] };
    expect(instances[1]).toEqual({
      ...{ name: "web-1", host: "web", pid: 7, release: "v1", isCurrent: false, version: "0.1.0" },
      ...{ startedAt: "2026-11-22T10:00:00.000Z", lastSeenAt: expect.any(String), maskedErrors: 7 },
    });
  });

  test("--watch shows what changes, until it is stopped", async () => {
    await cli("create-release", "v1", "--no-wait");
    const child = spawn(process.execPath, [cliPath, "instances", "--watch"], { cwd });
    onTestFinished(() => void child.kill("SIGKILL"));
    let printed = "";
    child.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    await expect.poll(() => printed, { timeout: 10_000 }).toContain("No instance");
    await put("web-1", "v1");
    await expect.poll(() => printed, { timeout: 10_000 }).toContain("1 of 1 run the current release, v1.");
    const ended = once(child, "exit");
    child.kill("SIGINT");
    expect(await ended).toEqual([null, "SIGINT"]);
  });
});

describe("a mismatch", () => {
  const hidden = { masked: [kind({ count: 3, firstAt: 9e12, lastAt: 9e12 })] };

  test("that lasts longer than MAINTENANCE_WARN_AFTER is said with the errors hidden since", async () => {
    await cli("create-release", "v1", "--no-wait");
    await cli("create-release", "v2", "--no-wait");
    await put("web-1", "v1", hidden);
    await put("web-2", "v2");
    const words = /1 instance for \d+ s, and 3 errors were hidden since/;
    const soon = await cli("status");
    expect(soon.stdout).toMatch(words);
    expect(soon.stdout).not.toContain("MAINTENANCE_WARN_AFTER");
    expect((await cli("instances")).stdout).not.toContain("have been behind");
    const env = { TZ: "UTC", MAINTENANCE_WARN_AFTER: "1ms" };
    const late = (...verb: readonly string[]): Promise<CliResult> => runCli(verb, { cwd, env });
    expect((await late("status")).stdout).toMatch(
      new RegExp(`${words.source}: longer than MAINTENANCE_WARN_AFTER`),
    );
    expect((await late("instances")).stdout).toMatch(
      /The others have been behind for \d+ s, and 3 errors were hidden since\./,
    );
    const mismatch = {
      since: expect.stringMatching(/^20.+Z$/) as string,
      seconds: expect.any(Number) as number,
      ...{ long: true, instances: 1, hiddenErrors: 3 },
    };
    for (const verb of ["status", "instances"])
      expect(JSON.parse((await late(verb, "--json")).stdout)).toMatchObject({ mismatch });
    const { exitCode, stdout } = await late("doctor", "--json");
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      checks: expect.arrayContaining([
        {
          name: "instances",
          ok: false,
          found: expect.stringMatching(
            /^1 of 2 have been behind .+ 3 errors were hidden since: web-1/,
          ) as string,
          remedy: expect.stringContaining("MAINTENANCE_WARN_AFTER") as string,
        },
      ]) as unknown,
    });
  }, 30_000);

  test("is not there when all run the current release, and is not told for ever", async () => {
    await cli("create-release", "v2", "--no-wait");
    await put("web-2", "v2", hidden);
    for (const verb of ["status", "instances"])
      expect(JSON.parse((await cli(verb, "--json")).stdout)).not.toHaveProperty("mismatch");
    await put("web-3", "never-recorded");
    const env = { TZ: "UTC", MAINTENANCE_WARN_AFTER: "off" };
    const { stdout } = await runCli(["status", "--json"], { cwd, env });
    expect(JSON.parse(stdout)).toMatchObject({ mismatch: { long: false, instances: 1 } });
  });
});

describe("wait", () => {
  test("returns at once when every instance runs the current release", async () => {
    await cli("create-release", "v1", "--no-wait");
    await put("web-1", "v1");
    await put("web-0", "v0", { stopped: true });
    expect(await cli("wait")).toEqual({
      exitCode: 0,
      stdout: "Every instance (1) runs v1.\n",
      stderr: "",
    });
  });

  test("without an instance, or without a release, goes on until its time is over", async () => {
    expect(await cli("wait", "--timeout", "0s")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("No release is recorded"),
    });
    await cli("create-release", "v1", "--no-wait");
    expect(await cli("wait", "--timeout", "0s")).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("No instance has reported itself"),
    });
  });

  test("with a number goes on until so many run", async () => {
    await cli("create-release", "v1", "--no-wait");
    await put("web-1", "v1");
    const { stderr } = await cli("wait", "--instances", "2", "--timeout", "0s");
    expect(stderr).toContain("1 of 1 instances run v1. Waiting for 1 more");
    const waiting = cli("wait", "--instances", "2", "--timeout", "20s");
    await put("web-2", "v1");
    expect(await waiting).toMatchObject({ exitCode: 0, stdout: "Every instance (2) runs v1.\n" });
    for (const number of ["0", "1.5", "many"])
      expect(await cli("wait", `--instances=${number}`)).toMatchObject({ exitCode: 2 });
  });

  test("names those that are behind when its time is over", async () => {
    await cli("create-release", "v1", "--no-wait");
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) await put(name, "v0");
    const { exitCode, stderr, stdout } = await cli("wait", "--timeout", "100ms", "--json");
    expect(exitCode).toBe(1);
    expect(stderr).toContain("a (v0), b (v0), c (v0), d (v0), e (v0) and 2 more");
    const { error } = JSON.parse(stdout) as { error: { code: string; instances: unknown[] } };
    expect(error.code).toBe("instances-behind");
    expect(error.instances).toHaveLength(7);
  });
});

describe("report", () => {
  test("says that no error was reported, and never that there was none", async () => {
    const nobody = "\nNo instance reports now: what is hidden from here on is not known.\n";
    expect((await cli("report")).stdout).toBe(`No error was reported as hidden.\n${nobody}`);
    await cli("create-release", "v2", "--no-wait");
    expect((await cli("report")).stdout).toBe(
      `No error was reported as hidden while v2 was the current release.\n${nobody}`,
    );
    await put("web-1", "v1");
    expect((await cli("report")).stdout).toMatch(
      /\nHeard from 1 instance until \d{4}-.* What was hidden since comes within 15 seconds\.\n$/,
    );
    expect(JSON.parse((await cli("report", "--json")).stdout)).toMatchObject({
      ...{ maskedErrors: 0, reporting: 1, heardUntil: expect.any(String), silent: [] },
    });
  });

  test("adds up what instances have masked while a release was current", async () => {
    await cli("create-release", "v2", "--no-wait");
    const known = { error: "TypeError", code: "42703" };
    await put("web-1", "v1", { masked: [kind({ count: 2, ...known }), kind({ release: "v1", count: 50 })] });
    await put("web-2", "v1", {
      stopped: true,
      masked: [
        kind({ count: 3, ...known }),
        kind({ count: 9, status: null, route: null }),
        kind({ status: 502 }),
      ],
    });
    const { stdout } = await cli("report");
    expect(stdout).toContain("\n\nHeard from 1 instance until ");
    expect(stdout.split("\n\nHeard")[0]).toBe(
      [
        "15 errors were hidden while v2 was the current release, by 2 instances.",
        "The first at 2026-11-22 10:00:01 +00:00, the last at 2026-11-22 10:00:09 +00:00.",
        "",
        "Errors  Status  Route        Error      Code   First                       Last",
        "     5  500     /orders/:id  TypeError  42703  2026-11-22 10:00:01 +00:00  2026-11-22 10:00:09 +00:00",
        "     1  502     /orders/:id                    2026-11-22 10:00:01 +00:00  2026-11-22 10:00:09 +00:00",
        "     9  other                                  2026-11-22 10:00:01 +00:00  2026-11-22 10:00:09 +00:00",
      ].join("\n"),
    );
    expect(JSON.parse((await cli("report", "v1", "--json")).stdout)).toMatchObject({
      ...{ app: "default", release: "v1", maskedErrors: 50, instances: 1 },
      kinds: [{ status: 500, route: "/orders/:id", error: null, code: null, count: 50 }],
    });
  });
});
