/*
 * Every framework on every version of Node: packs the package, installs it beside each framework, runs smoke.js in each
 * pair and writes the table of docs/compatibility.md. What it installs is kept in a cache folder
 * (MATRIX_CACHE, else one in the system's temporary folder). The rows are those of src/frameworks/<name>/matrix.js.
 *
 * `node test/matrix/run.js hapi koa` runs the rows of these two, and writes nothing.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const cache = process.env.MATRIX_CACHE ?? join(tmpdir(), "intermission-matrix");
const table = join(root, "docs/compatibility.md");
const run = promisify(execFile);

const chosen = process.argv.slice(2);
const nodeMajors = [20, 22, 24, 26];

/**
 * The rows of all frameworks that were chosen, and of `auto`. `packages`: what the consumer installs beside ours.
 * `version`: the one that the table names. `flags`: those of Node. `createServer` is called by the smoke test, which
 * finds a row by its place in the file.
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

/** Node of one major version, from the npm registry, where it is without an install script. */
async function installNode(major) {
  const folder = join(cache, `node-${major}`);
  const name = `node-${process.platform}-${process.arch}`;
  await mkdir(folder, { recursive: true });
  await npm("install", "--prefix", folder, `${name}@${major}`);
  const path = join(folder, "node_modules", name, "bin/node");
  const { stdout } = await run(path, ["--version"]);
  return { major, path, version: stdout.trim() };
}

/** A folder in which the tarball and one framework are installed. */
async function install(row, tarball) {
  const folder = join(
    cache,
    row.title
      .replace(/[^A-Za-z0-9]+/g, "-")
      .replace(/^-|-$/g, "")
      .toLowerCase(),
  );
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  // Node 20 has no SQLite of its own.
  await npm("install", "--prefix", folder, tarball, "libsql@0.5", ...row.packages);
  await copyFile(join(import.meta.dirname, "smoke.js"), join(folder, "smoke.js"));
  await copyFile(row.file, join(folder, "matrix.js"));
  const version = row.version && (await installedVersion(folder, row.version));
  return { ...row, folder, title: version ? `${row.title} (${version})` : row.title };
}

async function installedVersion(folder, name) {
  const text = await readFile(join(folder, "node_modules", name, "package.json"), "utf8");
  return JSON.parse(text).version;
}

async function npm(...parameters) {
  await run("npm", [...parameters, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: cache,
    timeout: 300_000,
  });
}

async function pack() {
  await run("npm", ["run", "build"], { cwd: root });
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", cache], {
    cwd: root,
  });
  return join(cache, JSON.parse(stdout)[0].filename);
}

/** undefined: every answer was right. Else what was not. */
async function smoke(node, row) {
  const folder = await mkdtemp(join(tmpdir(), "intermission-smoke-"));
  const env = {
    PATH: process.env.PATH,
    // Express writes each error to stderr otherwise.
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

async function writeTable(lines) {
  const text = await readFile(table, "utf8");
  const between = /(<!-- matrix: begin -->\n).*(\n<!-- matrix: end -->)/s;
  await writeFile(
    table,
    text.replace(between, (_, begin, end) => `${begin}\n${lines.join("\n")}\n${end}`),
  );
  await run(join(root, "node_modules/.bin/prettier"), ["--write", table]);
}

await mkdir(cache, { recursive: true });
const tarball = await pack();
const nodes = [];
for (const major of nodeMajors) nodes.push(await installNode(major));

const lines = [
  `| | ${nodes.map(({ version }) => `Node ${version.slice(1)}`).join(" | ")} |`,
  `| --- |${" --- |".repeat(nodes.length)}`,
];
const failures = [];
for (const row of await findRows()) {
  const installed = await install(row, tarball);
  const cells = [];
  for (const node of nodes) {
    const failure = await smoke(node, installed);
    if (failure !== undefined) failures.push(`${installed.title} on Node ${node.version}: ${failure}`);
    cells.push(failure === undefined ? "works" : "**fails**");
  }
  lines.push(`| ${installed.title} | ${cells.join(" | ")} |`);
  console.log(lines.at(-1));
}

if (chosen.length === 0) await writeTable(lines);

for (const failure of failures) console.error(failure);
process.exitCode = failures.length === 0 ? 0 : 1;
