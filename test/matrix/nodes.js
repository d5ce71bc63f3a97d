import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const document = join(root, "docs/compatibility.md");
const run = promisify(execFile);

const majors = [20, 22, 24, 26];

/** Caches what the matrix installs. */
export const cache = process.env.MATRIX_CACHE ?? join(tmpdir(), "intermission-matrix");

/** Installs packages into a folder of the cache. */
export async function npmInstall(name, ...packages) {
  const folder = join(cache, name);
  await mkdir(folder, { recursive: true });
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  await run("npm", ["install", "--prefix", folder, ...quiet, ...packages], { cwd: cache, timeout: 300_000 });
  return folder;
}

/** The same, into an emptied folder. */
export async function installInEmpty(name, ...packages) {
  const folder = join(cache, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
  return npmInstall(name, ...packages);
}

/** Node of one major version, from the npm registry's package without an install script. */
export async function installNode(major) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = await npmInstall(`node-${major}`, "--prefer-offline", `${name}@${major}`);
  const path = join(folder, "node_modules", name, "bin/node");
  const { stdout } = await run(path, ["--version"]);
  return { major, path, version: stdout.trim() };
}

/** All that the matrix has a column for. */
export async function installNodes() {
  const nodes = [];
  for (const major of majors) nodes.push(await installNode(major));
  return nodes;
}

/** Packs the package as it would be published. Returns the tarball. */
export async function pack() {
  await mkdir(cache, { recursive: true });
  await run("npm", ["run", "build"], { cwd: root });
  const words = ["pack", "--json", "--ignore-scripts", "--pack-destination", cache];
  const { stdout } = await run("npm", words, { cwd: root });
  return join(cache, JSON.parse(stdout)[0].filename);
}

/**
 * Writes a table of docs/compatibility.md between the two comments that name it.
 *
 * @param keep Whether other rows stay as they are. The table stays sorted by its first column.
 */
export async function writeTable(name, head, rows, { keep = false } = {}) {
  const toLine = (cells) => `| ${cells.join(" | ")} |`;
  const text = await readFile(document, "utf8");
  const between = new RegExp(`(<!-- ${name}: begin -->\\n)(.*)(\\n<!-- ${name}: end -->)`, "s");
  const all = keep ? joinRows(toRows(between.exec(text)[2]), rows) : rows;
  const lines = [toLine(head), toLine(head.map(() => "---")), ...all.map(toLine)];
  const written = text.replace(between, (_, begin, before, end) => `${begin}\n${lines.join("\n")}\n${end}`);
  await writeFile(document, written);
  await run(join(root, "node_modules/.bin/prettier"), ["--write", document]);
}

/** A Markdown table's rows, without its head. */
function toRows(table) {
  const lines = table.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

function joinRows(before, rows) {
  const joined = new Map([...before, ...rows].map((row) => [row[0], row]));
  return [...joined.values()].sort(([one], [other]) => one.localeCompare(other));
}
