/*
 * Apps that a framework builds, on every version of Node that the framework supports: runs test/built with
 * each, and writes the last table of docs/compatibility.md. The Node versions are those that run.js keeps.
 *
 * With names of files of test/built, such as `nuxt nitro`: only these, and other rows stay.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { installNodes, writeTable } from "./nodes.js";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

const nodes = await installNodes();
await run("npm", ["run", "build"], { cwd: root });
const folder = await mkdtemp(join(tmpdir(), "intermission-matrix-built-"));
const results = join(folder, "results.json");
const chosen = process.argv.slice(2);
const files = chosen.map((name) => `test/built/${name}.test.ts`);
const words = ["run", ...files, "--project", "built", "--reporter=default", "--reporter=json"];
const child = spawn(join(root, "node_modules/.bin/vitest"), [...words, `--outputFile.json=${results}`], {
  cwd: root,
  env: { ...process.env, BUILT_ALL: "1", BUILT_NODES: nodes.map(({ path }) => path).join(":") },
  stdio: "inherit",
});
[process.exitCode] = await once(child, "exit");

/** Whether all passed, by what was built and Node's major version. */
const outcomes = new Map();
const { testResults } = JSON.parse(await readFile(results, "utf8"));
await rm(folder, { recursive: true, force: true });
for (const { assertionResults } of testResults) {
  for (const { ancestorTitles, status } of assertionResults) {
    const [, title, major] = /^(.+) on Node (\d+)$/.exec(ancestorTitles[0]) ?? [];
    // What runs in the test's own process runs on only one Node.
    if (title === undefined) continue;
    const cells = outcomes.get(title) ?? new Map();
    outcomes.set(title, cells.set(major, (cells.get(major) ?? true) && status === "passed"));
  }
}

const rows = [...outcomes].map(([title, cells]) => [
  title,
  ...nodes.map(({ major }) => toCell(cells.get(String(major)))),
]);
const head = ["", ...nodes.map(({ version }) => `Node ${version.slice(1)}`)];
await writeTable("built", head, rows, { keep: chosen.length > 0 });

function toCell(outcome) {
  if (outcome === undefined) return "-";
  return outcome ? "works" : "**fails**";
}
