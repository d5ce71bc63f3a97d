import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, expect, test } from "vitest";
import { root } from "../docs/blocks.ts";
import { linkPackages } from "../docs/workplace.ts";
import { requireBuild } from "../support/built.ts";

const run = promisify(execFile);

beforeAll(requireBuild);
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The output of an example's tests, in their own folder with this repository's packages. */
async function runExample(name: string, ...parameters: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "intermission-example-"));
  folders.push(folder);
  cpSync(join(root, "examples", name), folder, { recursive: true });
  linkPackages(folder);
  const { stdout } = await run(process.execPath, parameters, {
    cwd: folder,
    // A test runner that is told about another reports to it.
    env: { PATH: process.env["PATH"], NODE_ENV: "test" },
    timeout: 60_000,
  });
  return stdout;
}

const vitest = join(root, "node_modules/vitest/vitest.mjs");

test("the example for node:test passes its tests", async () => {
  const output = await runExample("testing-node-test", "--test");
  expect(output).toMatch(/^# pass 2$/m);
  expect(output).toMatch(/^# fail 0$/m);
});

test("the example for Vitest passes its tests", async () => {
  const output = await runExample("testing-vitest", vitest, "run", "--reporter=tap");
  expect(output.match(/^ +ok \d+ - /gm)).toHaveLength(2);
});

// Jest is not installed here. Vitest has the globals that the example uses, under the same names.
test("the example for Jest passes its tests under the globals that Vitest has of Jest", async () => {
  const output = await runExample("testing-jest", vitest, "run", "--globals", "--reporter=tap");
  expect(output.match(/^ +ok \d+ - /gm)).toHaveLength(2);
});
