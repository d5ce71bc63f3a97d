import { describe, expect, test } from "vitest";
import { runCli, temporaryFolder, type CliResult } from "./run-cli.ts";

type Run = (...words: readonly string[]) => Promise<CliResult>;

function onStore(): Run {
  const cwd = temporaryFolder();
  return (...words) => runCli([...words, "--store", "sqlite:state.db"], { cwd });
}

/** The JSON document of a command that must succeed. */
async function ask(run: Run, ...words: readonly string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await run(...words, "--json");
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe("on", () => {
  test("puts mode errors on, which status shows and off ends", async () => {
    const run = onStore();
    const { exitCode, stdout, stderr } = await run("on");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("Manual mode is on: every server error gets the page.");
    expect(stdout).toContain("To turn it off: intermission off --store sqlite:state.db");
    expect(await ask(run, "status")).toMatchObject({
      mode: "errors",
      verdict: "maintenance",
      reason: "manual",
    });
    expect((await run("off")).stdout).toBe(
      "Manual mode is off (before: errors). The releases decide again.\n",
    );
    expect((await run("off")).stdout).toBe("Manual mode is off already. Nothing was changed.\n");
    const status = await ask(run, "status");
    expect(status).toMatchObject({ mode: "auto" });
    expect(status).not.toHaveProperty("manual");
  });

  test("keeps all that was said with it", async () => {
    const run = onStore();
    const words = [
      ["--all", "--message", "Moving <house>", "--back-at", "2h", "--until", "2999-01-01T00:00Z"],
      ["--exempt-path", "/health", "--exempt-path=/hooks/**", "--exempt-address", "10.0.0.0/8"],
    ].flat();
    const refused = await run("on", ...words, "--no-wait");
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain("a time within a year");
    const document = await ask(run, "on", ...words.with(6, "3h"), "--no-wait");
    const expected = {
      mode: "closed",
      message: "Moving <house>",
      exemptPaths: ["/health", "/hooks/**"],
      exemptAddresses: ["10.0.0.0/8"],
      by: expect.stringContaining("@") as string,
    };
    expect(document).toMatchObject({ app: "default", previousMode: "auto", link: null, ...expected });
    const status = (await ask(run, "status")) as { manual: Record<"at" | "backAt" | "until", string> };
    expect(status.manual).toMatchObject({ holds: true, ...expected });
    const { at, backAt, until } = status.manual;
    expect([Date.parse(backAt) - Date.parse(at), Date.parse(until) - Date.parse(at)]).toEqual([
      2 * 3_600_000,
      3 * 3_600_000,
    ]);
    const human = (await run("status")).stdout;
    for (const text of ["closed", "Moving <house>", "/health /hooks/**", "10.0.0.0/8", "Until", "Put on"])
      expect(human).toContain(text);
  });

  test("a time to come is set, and does not hold yet", async () => {
    const run = onStore();
    expect((await run("on", "--all", "--from", "1h", "--exempt-path", "/h")).stdout).toContain(
      "Manual mode is set: from ",
    );
    expect(await ask(run, "status")).toMatchObject({
      mode: "auto",
      manual: { mode: "closed", holds: false },
    });
  });

  test("prints the link alone on stdout, and the key nowhere", async () => {
    const run = onStore();
    const { stdout, stderr } = await run("on", "--no-wait", "--link", "https://shop.example/a?b=c");
    expect(stdout).toMatch(/^https:\/\/shop\.example\/a\?b=c&intermission-bypass=\d+\.[\w-]{43}\n$/);
    expect(stderr).toContain("Manual mode is on");
    const document = await ask(run, "on", "--no-wait", "--link");
    expect(document["link"]).toMatch(/^\/\?intermission-bypass=\d+\.[\w-]{43}$/);
    expect(Date.parse(String(document["linkUntil"])) - Date.parse(String(document["at"]))).toBe(
      12 * 3_600_000,
    );
    expect(JSON.stringify(await ask(run, "status"))).not.toContain("key");
  });

  test("--all says which health checks still reach the app", async () => {
    const { stderr } = await onStore()("on", "--all", "--no-wait");
    expect(stderr).toContain("health checks still reach the app, on these paths:\n  /healthz ");
    expect(Math.max(...stderr.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  test.each([
    [["--until", "2026-11-22T20:00"], "needs a time with its zone"],
    [["--from", "tomorrow"], "The option --from needs a time such as"],
    [["--until", "2020-01-01T00:00Z"], "its until can't be used"],
    [["--from", "2h", "--until", "1h"], "a time after from"],
    [["--message", "x".repeat(501)], "at most 500 characters"],
    [["--message", "a\nb"], "one line of text"],
    [["--exempt-path", "health"], "begins with a slash"],
    [["--exempt-address", "localhost"], "in CIDR notation"],
    [Array<string>(17).fill("--exempt-path=/a"), "at most 16"],
    [["--link", "shop.example"], "the address of the site"],
    [["--wait", "1s", "--no-wait"], "can't be used together"],
  ])("%j is wrong usage, and writes nothing", async (words, sentence) => {
    const run = onStore();
    const { exitCode, stdout, stderr } = await run("on", ...words);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(sentence);
    expect(await ask(run, "history")).toEqual({ app: "default", changes: [] });
  });
});

test("history says who did what, the newest first", async () => {
  const run = onStore();
  expect((await run("history")).stdout).toContain("Nothing was changed for the app default yet.");
  await run("create-release", "v1", "--no-wait");
  await run("on", "--all", "--no-wait");
  await run("off", "--no-wait");
  await run("off", "--no-wait");
  const { changes } = (await ask(run, "history")) as { changes: { at: string; by: string; what: string }[] };
  expect(changes.map(({ what }) => what)).toEqual(["off", "on --all", "create-release v1"]);
  for (const { at, by } of changes) {
    expect(new Date(at).toISOString()).toBe(at);
    expect(by).toMatch(/^[^\s@]+@\S+$/);
  }
  expect((await run("history")).stdout).toMatch(/^\S+ \S+ \S+ {2}\S+@\S+ +off\n/);
});
