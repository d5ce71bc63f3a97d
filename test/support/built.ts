import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../..");
let isChecked = false;

/**
 * The path of a built file, for a test that starts it. Throws if the build is older than `src`.
 *
 * @param file From `dist`, such as `cli/main.js`.
 */
export function built(file: string): string {
  requireBuild();
  return join(root, "dist", file);
}

/** The same check, for a test that starts a program which imports the package. */
export function requireBuild(): void {
  if (isChecked) return;
  const problem = findStale(root);
  if (problem !== undefined) throw new Error(`${problem} Run: npm run build`);
  isChecked = true;
}

/** The compiler's notes for incremental builds. */
interface BuildInfo {
  readonly fileNames: readonly string[];
  /** The SHA-256 of each text, in the order of `fileNames`. */
  readonly fileInfos: readonly (string | { readonly version: string })[];
}

/**
 * A source that has changed since the build. Compares texts, because a checkout gives old texts new times.
 */
export function findStale(folder: string): string | undefined {
  const file = join(folder, "dist/.tsbuildinfo");
  if (!existsSync(file)) return "dist is missing.";
  const { fileNames, fileInfos } = JSON.parse(readFileSync(file, "utf8")) as BuildInfo;
  for (const [index, name] of fileNames.entries()) {
    const path = resolve(dirname(file), name);
    const source = relative(folder, path);
    if (!source.startsWith("src")) continue;
    if (!existsSync(path)) return `dist was built from ${source}, which is gone.`;
    const info = fileInfos[index];
    const hash = createHash("sha256").update(readFileSync(path, "utf8")).digest("hex");
    if (hash !== (typeof info === "object" ? info.version : info)) return `dist is older than ${source}.`;
  }
  return undefined;
}
