import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { built } from "../support/built.ts";

const run = promisify(execFile);

async function node(...parameters: readonly string[]): Promise<string> {
  built("index.js");
  return (await run(process.execPath, parameters, { timeout: 110_000 })).stdout;
}

test("the cost of a request is measured on every side of an app, and printed", async () => {
  const shortly = ["--pairs", "1", "--seconds", "1", "--warm", "60", "--dry"];
  const printed = await node("bench/run.js", "cost", "--only", "node", ...shortly);
  const sides = printed.split(/^(?=node:http$)/m).slice(1);
  expect(sides.map((side) => /side: (.+)/.exec(side)?.[1])).toEqual([
    ...["without", "again", "adapter", "auto"],
    ...["without", "again", "adapter", "auto"],
    ...["without", "again", "handler", "adapter", "auto"],
  ]);
  for (const side of sides) expect(Number(/CPU µs: (.+)/.exec(side)?.[1])).toBeGreaterThan(1);
  expect(printed.match(/reached: (?:yes|no|too noisy)$/gm)).toHaveLength(6);
}, 120_000);

test.each([
  ["as much", 10.1, "yes"],
  ["more than noise", 10.5, "too noisy"],
])(
  "where the same app a second time costs %s, there is a verdict or there is none",
  async (_, again, reached) => {
    const script = `
    import { toRows } from "./bench/measurements/cost.js";
    const costs = { without: [[10, 10, 10]], again: [[${String(again)}, ${String(again)}, 10]], adapter: [[10, 10, 10]] };
    const rows = toRows("an app", "a success", costs, "without", (ratio) => (ratio === 1 ? "yes" : "no"));
    console.log(rows.at(-1).at(-1));
  `;
    expect((await node("--input-type=module", "--eval", script)).trim()).toBe(reached);
  },
);
