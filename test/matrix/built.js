/*
 * Apps that a framework builds, on every version of Node that the framework supports: runs test/built with
 * each, and writes their table of docs/compatibility.md. So for the package alone, by
 * test/package/nodes.test.ts. The Node versions are those that run.js keeps.
 *
 * With names of files of test/built, such as `nuxt nitro`: only these, and other rows stay. `package`: the
 * package alone.
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
const chosen = process.argv.slice(2);
const files = chosen.filter((name) => name !== "package").map((name) => `test/built/${name}.test.ts`);
const head = ["", ...nodes.map(({ version }) => `Node ${version.slice(1)}`)];

if (chosen.length === 0 || chosen.includes("package"))
  await writeTable("package", head, await outcomesOf(["test/package/nodes.test.ts", "--project", "package"]));
if (chosen.length === 0 || files.length > 0)
  await writeTable("built", head, await outcomesOf([...files, "--project", "built"]), {
    keep: files.length > 0,
  });

/** A row for each title that tests name before "on Node 20", in which all of them passed or not. */
async function outcomesOf(words) {
  const folder = await mkdtemp(join(tmpdir(), "intermission-matrix-built-"));
  const results = join(folder, "results.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const child = spawn(join(root, "node_modules/.bin/vitest"), ["run", ...words, ...reporters], {
    cwd: root,
    env: { ...process.env, BUILT_ALL: "1", BUILT_NODES: nodes.map(({ path }) => path).join(":") },
    stdio: "inherit",
  });
  const [code] = await once(child, "exit");
  process.exitCode ||= code;
  /** By what was built and Node's major version. */
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
  return [...outcomes].map(([title, cells]) => [
    title,
    ...nodes.map(({ major }) => toCell(cells.get(String(major)))),
  ]);
}

function toCell(outcome) {
  if (outcome === undefined) return "-";
  return outcome ? "works" : "**fails**";
}
