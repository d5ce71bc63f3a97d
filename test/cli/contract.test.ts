import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { commandNames } from "../../src/cli/commands/index.ts";
import { startSilentServer } from "../servers/silent-server.ts";
import { runCli, temporaryFolder } from "./run-cli.ts";

const manifest: unknown = JSON.parse(
  readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8"),
);
const { version } = manifest as { readonly version: string };

describe("help", () => {
  test.each([[[]], [["help"]], [["--help"]], [["-h"]]])("%j lists every verb", async (words) => {
    const { exitCode, stdout, stderr } = await runCli(words, { cwd: temporaryFolder() });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const name of commandNames) expect(stdout).toMatch(new RegExp(`^ {2}${name} +[A-Z]`, "m"));
  });

  test("of each verb is the same whichever way it is asked for, and does nothing", async () => {
    const cwd = temporaryFolder();
    for (const name of commandNames) {
      const asked = await Promise.all(
        [
          ["help", name],
          [name, "--help"],
          [name, "-h"],
        ].map((words) => runCli(words, { cwd })),
      );
      for (const result of asked) expect(result).toEqual(asked[0]);
      expect(asked[0]).toMatchObject({ exitCode: 0, stderr: "" });
      expect(asked[0]?.stdout).toMatch(new RegExp(`^intermission ${name} .*\\n[A-Z]`));
    }
  }, 90_000);

  test("--version is the package's", async () => {
    expect(await runCli(["--version"], { cwd: temporaryFolder() })).toEqual({
      exitCode: 0,
      stdout: `${version}\n`,
      stderr: "",
    });
  });
});

describe("wrong usage", () => {
  test.each([
    [["rolback"], "Did you mean: intermission rollback?"],
    [["nonsense-verb"], "See: intermission help"],
    [["help", "nonsense-verb"], "See: intermission help"],
    [["--json", "status"], "The verb comes first"],
    [["status", "--stroe", "x"], "Did you mean --store?"],
    [["demo", "--port", "eighty"], "The option --port needs a number"],
    [["status", "--app", ""], "1 to 127 characters"],
    [["status", "--store", ""], "The store URL can't be used"],
  ])("%j: status 2, and what to do instead", async (words, sentence) => {
    const { exitCode, stderr } = await runCli(words, { cwd: temporaryFolder() });
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/^intermission: .+\n$/);
    expect(stderr).toContain(sentence);
  });

  test("an environment variable that can't be used is named", async () => {
    const { exitCode, stderr } = await runCli(["status"], {
      cwd: temporaryFolder(),
      env: { MAINTENANCE_MODE: "perhaps" },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("MAINTENANCE_MODE");
  });
});

describe("--json", () => {
  test.each<readonly [number, readonly string[]]>([
    [0, ["--version", "--json"]],
    [0, ["help", "--json"]],
    [0, ["status", "--help", "--json"]],
    [0, ["status", "--json"]],
    [0, ["releases", "--json"]],
    [0, ["create-release", "v1", "--json", "--no-wait"]],
    [0, ["migrate", "--json"]],
    [0, ["deploy", "v1", "--json", "--no-wait", "--", "true"]],
    [0, ["deploy", "v1", "--begin", "--json", "--no-wait"]],
    [1, ["deploy", "--finish", "--json"]],
    [2, ["deploy", "--json"]],
    [0, ["instances", "--json"]],
    [0, ["report", "--json"]],
    [1, ["wait", "--timeout", "0s", "--json"]],
    [2, ["wait", "--timeout", "soon", "--json"]],
    [2, ["instances", "--watch", "--json"]],
    [1, ["rollback", "--json"]],
    [1, ["status", "--json", "--store", "sqlite:a-folder"]],
    [2, ["rollback", "a", "b", "--json"]],
    [2, ["create-release", "--json"]],
    [2, ["nonsense-verb", "--json"]],
    [2, ["status", "--json", "--nonsense"]],
    [2, ["shell", "--json"]],
    [2, ["demo", "--json"]],
  ])("is one document with status %i, whatever happens (%j)", async (expected, words) => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, "a-folder"));
    const { exitCode, stdout, stderr } = await runCli(words, { cwd });
    expect(exitCode).toBe(expected);
    const document = JSON.parse(stdout);
    if (expected === 0) {
      expect(document).not.toHaveProperty("error");
    } else {
      expect(document).toEqual({
        error: expect.objectContaining({ code: expect.any(String), message: expect.any(String) }),
      });
      expect(stderr).toBe(`intermission: ${String(document.error.message)}\n`);
    }
  });
});

describe("a store that can't be had", () => {
  const secret = "hunter2";
  const verbs = [
    ["create-release", "v1"],
    ["deploy", "v1", "--begin"],
    ["rollback"],
    ["releases"],
    ["status"],
    ["migrate"],
    ["instances"],
    ["wait"],
    ["report"],
  ];

  test.each(verbs)("and refuses: %s fails with status 1, one line and no secret", async (...words) => {
    const url = `postgres://user:${secret}@127.0.0.1:1/x`;
    const result = await runCli([...words, "--store", url], { cwd: temporaryFolder() });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(/^intermission: .+ECONNREFUSED.+\n$/);
    expect(JSON.stringify(result)).not.toContain(secret);
  });

  test.each(verbs)("and never answers: %s fails within five seconds", async (...words) => {
    const server = await startSilentServer();
    try {
      // Excludes the time that a process takes to start and end.
      const started = performance.now();
      await runCli(["--version"], { cwd: temporaryFolder() });
      const begin = performance.now();
      const start = begin - started;
      const url = `postgres://user:${secret}@127.0.0.1:${String(server.port)}/x`;
      const result = await runCli([...words, "--json"], {
        cwd: temporaryFolder(),
        env: { DATABASE_URL: url },
      });
      expect(performance.now() - begin).toBeLessThan(5000 + start);
      expect(result.exitCode).toBe(1);
      expect(JSON.parse(result.stdout).error.code).toBe("store-failed");
      expect(JSON.stringify(result)).not.toContain(secret);
    } finally {
      await server.stop();
    }
  });

  test("because it holds something else: says so", async () => {
    const cwd = temporaryFolder();
    writeFileSync(join(cwd, "notes.txt"), "Buy milk.\n".repeat(100));
    const { exitCode, stderr } = await runCli(["create-release", "v1", "--store", "sqlite:notes.txt"], {
      cwd,
    });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^intermission: The SQLite file .+notes\.txt.+\n$/);
    expect(readFileSync(join(cwd, "notes.txt"), "utf8")).toContain("Buy milk.");
  });
});
