import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "./run-cli.ts";

const PATH = process.env["PATH"];

test("every verb that matters in a deploy warns of a file that other instances don't see", async () => {
  const cwd = temporaryFolder();
  const env = { DYNO: "web.1", PATH, MAINTENANCE_PAGE_RELEASE: "v1.0" } as Record<string, string>;
  const file = join(cwd, ".intermission/state.db");
  const warning = `Warning: the store sqlite:${file} is a file that only this dyno of Heroku sees (DYNO). Set MAINTENANCE_STORE, for the app and for the deploy alike, to a server such as PostgreSQL or Redis.\n`;
  for (const words of [
    ["create-release", "--no-wait"],
    ["status", "--json"],
    ["deploy", "--json", "--no-wait", "--", "true"],
    ["deploy", "--begin", "--json", "--no-wait"],
    ["on", "--no-wait"],
  ]) {
    const { exitCode, stderr } = await runCli(words, { cwd, env });
    expect({ words, exitCode, isWarned: stderr.includes(warning) }).toEqual({
      words,
      exitCode: 0,
      isWarned: true,
    });
    expect(stderr.split("only this").length, words.join(" ")).toBe(2);
  }
  const { exitCode, stdout } = await runCli(["doctor", "--json"], { cwd, env });
  const { checks } = JSON.parse(stdout) as { checks: { name: string; ok: boolean; found: string }[] };
  expect(exitCode).toBe(1);
  expect(checks.filter(({ ok }) => !ok)).toMatchObject([
    { name: "store", found: expect.stringContaining("only this dyno of Heroku sees (DYNO)") },
  ]);
}, 60_000);

test("a release's own folder is one, as Capistrano and Deployer make them; the shared folder is not", async () => {
  const root = temporaryFolder();
  const cwd = join(root, "releases/20261130120000");
  mkdirSync(cwd, { recursive: true });
  mkdirSync(join(root, "shared"));
  symlinkSync(cwd, join(root, "current"));
  const words = ["create-release", "v1.0", "--no-wait"];
  const inRelease = await runCli(words, { cwd: join(root, "current") });
  expect(inRelease.stderr).toMatch(
    /^Warning: the store sqlite:\S+ is a file that belongs to this release's folder, .* sqlite:\S+\/shared\/intermission\.db/,
  );
  const shared = `sqlite:${join(root, "shared/intermission.db")}`;
  expect(await runCli([...words, "--store", shared], { cwd })).toMatchObject({ exitCode: 0, stderr: "" });
}, 60_000);
