/*
 * Every framework on every version of Node: packs the package, installs it next to each framework, runs
 * smoke.js for each pair and writes the table of docs/compatibility.md. The rows come from
 * src/frameworks/<name>/matrix.js.
 *
 * `node test/matrix/run.js hapi koa` runs only these rows and writes nothing.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { installInEmpty, installNodes, pack, writeTable } from "./nodes.js";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);
const chosen = process.argv.slice(2);

/**
 * The rows of all selected frameworks, and of `auto`. `packages`: what the consumer installs besides ours.
 * `version`: the one in the table. `flags`: Node's. `nodes`: the majors of Node that the framework supports,
 * if not all. `way`: how it is asked, if not like a web page. The smoke test, which finds a row by its index
 * in the file, calls `createServer`.
 */
async function findRows() {
  const folder = join(root, "src/frameworks");
  const names = (await readdir(folder)).filter((name) => existsSync(join(folder, name, "matrix.js"))).sort();
  const files = new Map(names.map((name) => [name, join(folder, name, "matrix.js")]));
  files.set("auto", join(import.meta.dirname, "auto.js"));
  const rows = [];
  for (const [name, file] of files) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    const matrix = await import(pathToFileURL(file).href);
    rows.push(...matrix.rows.map((row, place) => ({ ...row, file, place })));
  }
  return rows;
}

/** A folder with the tarball and one framework installed. */
async function install(row, tarball) {
  const name = row.title
    .replace(/[^A-Za-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase();
  // Node 20 has no SQLite of its own.
  const folder = await installInEmpty(name, tarball, "libsql@0.5", ...row.packages);
  await copyFile(join(import.meta.dirname, "smoke.js"), join(folder, "smoke.js"));
  await copyFile(row.file, join(folder, "matrix.js"));
  const version = row.version && (await installedVersion(folder, row.version));
  return { ...row, folder, title: version ? `${row.title} (${version})` : row.title };
}

async function installedVersion(folder, name) {
  const text = await readFile(join(folder, "node_modules", name, "package.json"), "utf8");
  return JSON.parse(text).version;
}

/** undefined: every answer was right. Else what was wrong. */
async function smoke(node, row) {
  const folder = await mkdtemp(join(tmpdir(), "intermission-smoke-"));
  const env = {
    PATH: process.env.PATH,
    // Otherwise Express writes each error to stderr.
    NODE_ENV: "test",
    MAINTENANCE_STORE: `sqlite:${join(folder, "state.db")}`,
    MAINTENANCE_PAGE_RELEASE: "v1.0",
  };
  try {
    const parameters = [...(row.flags ?? []), "smoke.js", String(row.place)];
    await run(node.path, parameters, { cwd: row.folder, env, timeout: 60_000 });
    return undefined;
  } catch (error) {
    return /AssertionError.*|\w*Error: .*/.exec(error.stderr ?? "")?.[0] ?? error.message;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const tarball = await pack();
const nodes = await installNodes();
const lines = [];
const failures = [];
for (const row of await findRows()) {
  const installed = await install(row, tarball);
  const cells = [];
  for (const node of nodes) {
    if (row.nodes !== undefined && !row.nodes.includes(node.major)) {
      cells.push("-");
      continue;
    }
    const failure = await smoke(node, installed);
    if (failure !== undefined) failures.push(`${installed.title} on Node ${node.version}: ${failure}`);
    cells.push(failure === undefined ? "works" : "**fails**");
  }
  lines.push([installed.title, ...cells]);
  console.log(lines.at(-1).join(" | "));
}

if (chosen.length === 0)
  await writeTable("matrix", ["", ...nodes.map(({ version }) => `Node ${version.slice(1)}`)], lines);
for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
