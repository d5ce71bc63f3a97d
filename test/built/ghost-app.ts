import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { dirname, delimiter, join } from "node:path";
import { promisify } from "node:util";
import { buildApp, type BuiltApp } from "./built-app.ts";
import type { NodeProgram } from "./nodes.ts";

const run = promisify(execFile);

/** Ghost as its own command line lays it out: `current` leads to the version, what is the site's is beside it. */
export async function installGhost(version: string, node: NodeProgram, config: object): Promise<BuiltApp> {
  const built = await buildApp({ name: "ghost", packages: { libsql: "0.5.29" }, node });
  try {
    const env = { ...process.env, PATH: `${dirname(node.path)}${delimiter}${process.env["PATH"] ?? ""}` };
    const npm = (cwd: string, ...words: string[]): Promise<unknown> =>
      run("npm", [...words, "--loglevel=error"], { cwd, env, timeout: 420_000, maxBuffer: 50e6 });

    await npm(built.folder, "pack", `ghost@${version}`);
    await run("tar", ["xzf", `ghost-${version}.tgz`], { cwd: built.folder });
    const current = join(built.folder, "versions", version);
    await mkdir(dirname(current));
    await rename(join(built.folder, "package"), current);
    await symlink(current, join(built.folder, "current"));
    await cp(join(current, "content"), join(built.folder, "content"), { recursive: true });
    await writeFile(join(built.folder, "config.production.json"), JSON.stringify(config));

    // npm looks for what only Ghost's developers need, too, before it leaves that out.
    const file = join(current, "package.json");
    const manifest = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...manifest, devDependencies: {} }));
    // Its packages that are compiled (SQLite, re2) are for what is not asked here, and take many minutes.
    const lean = ["--omit=dev", "--omit=optional", "--ignore-scripts", "--legacy-peer-deps"];
    await npm(current, "install", ...lean, "--no-audit", "--no-fund", "--prefer-offline");
    return built;
  } catch (error) {
    await built.remove();
    throw error;
  }
}
