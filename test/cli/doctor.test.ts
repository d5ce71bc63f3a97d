import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findFreePort } from "../servers/free-port.ts";
import { runCli, temporaryFolder } from "./run-cli.ts";

interface Report {
  readonly ok: boolean;
  readonly checks: readonly { name: string; ok: boolean; found: string; remedy: string | null }[];
}

/** A folder with a store in which v1.0 is current. */
async function place(): Promise<{ readonly cwd: string; readonly env: Record<string, string> }> {
  const cwd = temporaryFolder();
  const env = { MAINTENANCE_STORE: `sqlite:${join(cwd, "state.db")}`, MAINTENANCE_PAGE_RELEASE: "v1.0" };
  await runCli(["create-release", "--no-wait"], { cwd, env });
  return { cwd, env };
}

async function diagnose(
  { cwd, env }: { readonly cwd: string; readonly env: Record<string, string> },
  ...words: readonly string[]
): Promise<{ readonly exitCode: number | null; readonly wrong: readonly string[]; readonly report: Report }> {
  const { exitCode, stdout, stderr } = await runCli(["doctor", "--json", ...words], { cwd, env });
  expect(stderr).toBe("");
  const report = JSON.parse(stdout) as Report;
  return { exitCode, report, wrong: report.checks.filter(({ ok }) => !ok).map(({ name }) => name) };
}

test("finds nothing wrong with a sound set-up, and changes nothing", async () => {
  const sound = await place();
  const { exitCode, report, wrong } = await diagnose(sound);
  expect({ exitCode, wrong, ok: report.ok }).toEqual({ exitCode: 0, wrong: [], ok: true });
  for (const check of report.checks) {
    expect(Object.keys(check)).toEqual(["name", "ok", "found", "remedy"]);
    expect(check.remedy).toBeNull();
  }
  const { stdout } = await runCli(["doctor"], sound);
  expect(stdout).toMatch(/well {3}release: "v1.0", from MAINTENANCE_PAGE_RELEASE\.[^]*All is well\.\n$/);
});

test("finds the one thing that is wrong, and says what to do", async () => {
  const { cwd, env } = await place();
  const unknown = { ...env, MAINTENANCE_PAGE_RELEASE: "" };
  mkdirSync(join(cwd, "repository", ".git"), { recursive: true });
  const inRepository = { ...env, MAINTENANCE_STORE: `sqlite:${join(cwd, "repository", "state.db")}` };
  await runCli(["create-release", "--no-wait"], { cwd, env: inRepository });
  writeFileSync(join(cwd, "empty"), "");

  for (const [name, environment, words] of [
    ["release", unknown, "MAINTENANCE_PAGE_RELEASE"],
    ["release", { ...env, MAINTENANCE_PAGE_RELEASE: "$GIT_SHA" }, "version, commit or image tag"],
    ["release", { ...env, MAINTENANCE_PAGE_RELEASE: "latest" }, "version, commit or image tag"],
    ["release", { ...unknown, MAINTENANCE_PAGE_RELEASE_FILE: join(cwd, "empty") }, "version, commit"],
    ["variables", { ...env, MAINTENANCE_STOER: "x" }, "Did you mean MAINTENANCE_STORE?"],
    ["settings", { ...env, MAINTENANCE_STATUS_CODE: "200" }, ""],
    ["settings", { ...env, MAINTENANCE_STORE: "mongodb://user:hush@host/db" }, "MAINTENANCE_STORE"],
    ["store", { ...env, MAINTENANCE_STORE: "redis://:hush@127.0.0.1:1" }, "server is running"],
    ["store", { ...env, MAINTENANCE_STORE: "./missing.mjs" }, "path"],
    ["record", { ...env, MAINTENANCE_APP: "another" }, "MAINTENANCE_APP"],
    ["gitignore", inRepository, ".gitignore"],
  ] as const) {
    const { exitCode, wrong, report } = await diagnose({ cwd, env: environment });
    expect({ exitCode, wrong }).toEqual({ exitCode: 1, wrong: [name] });
    const check = report.checks.find((one) => one.name === name);
    expect(check?.remedy).toContain(words);
    expect(check?.found).not.toContain(check?.remedy);
    expect(JSON.stringify(report)).not.toContain("hush");
  }
}, 120_000);

test("asks the app where it is told to", async () => {
  const { wrong, report } = await diagnose(
    await place(),
    "--url",
    `http://127.0.0.1:${String(await findFreePort())}/`,
  );
  expect(wrong).toEqual(["url"]);
  expect(report.checks.at(-1)?.found).toContain("ECONNREFUSED");
});
