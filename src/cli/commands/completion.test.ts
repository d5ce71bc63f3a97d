import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { createOutput } from "../terminal/output.ts";
import { run } from "../run.ts";
import { commandNames } from "./index.ts";

async function ask(...words: readonly string[]): Promise<{ readonly status: number; readonly text: string }> {
  let text = "";
  const sink = { write: (piece: string) => (text += piece) };
  const output = createOutput({ stdout: sink, stderr: sink, json: false, environment: {} });
  return { status: await run(words, { environment: {}, output }), text };
}

describe("the script for bash", () => {
  async function complete(...words: readonly string[]): Promise<readonly string[]> {
    const { text } = await ask("completion", "bash");
    const line = words.map((word) => `'${word}'`).join(" ");
    const script = `${text}\nCOMP_WORDS=(intermission ${line}); COMP_CWORD=${String(words.length)}; _intermission; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", script], { encoding: "utf8" }).split("\n").filter(Boolean);
  }

  test("completes verbs", async () => {
    expect(await complete("")).toEqual([...commandNames, "help"]);
    expect(await complete("create")).toEqual(["create-release"]);
    expect(await complete("help", "roll")).toEqual(["rollback"]);
  });

  test("completes options, and words that a verb takes", async () => {
    expect(await complete("rollback", "--st")).toEqual(["--store"]);
    expect(await complete("page", "pre")).toEqual(["preview"]);
    expect(await complete("nonsense", "--")).toEqual([]);
  });
});

test.each(["zsh", "fish"])("the script for %s has every verb", async (shell) => {
  const { status, text } = await ask("completion", shell);
  expect(status).toBe(0);
  for (const name of commandNames) expect(text).toContain(name);
  expect(text).toContain("Where releases are recorded");
});

test.each([[[]], [["tcsh"]], [["constructor"]]])(
  "without a shell that it knows (%j): status 2",
  async (words) => {
    expect(await ask("completion", ...words)).toEqual({
      status: 2,
      text: expect.stringContaining("completion needs one of bash, zsh, fish") as string,
    });
  },
);
