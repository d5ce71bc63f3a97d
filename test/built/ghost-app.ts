import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { dirname, delimiter, join } from "node:path";
import { promisify } from "node:util";
import { buildApp, type BuiltApp } from "./built-app.ts";
import type { NodeProgram } from "./nodes.ts";

const run = promisify(execFile);

/** Ghost as its own command installs it: `current` points to the version, with the site's files beside it. */
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

    // npm resolves the developers' packages, too, before it omits them.
    const file = join(current, "package.json");
    const manifest = JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...manifest, devDependencies: {} }));
    // Its compiled packages (SQLite, re2) are not needed here, and take many minutes.
    const lean = ["--omit=dev", "--omit=optional", "--ignore-scripts", "--legacy-peer-deps"];
    await npm(current, "install", ...lean, "--no-audit", "--no-fund", "--prefer-offline");
    return built;
  } catch (error) {
    await built.remove();
    throw error;
  }
}
