import { execFileSync } from "node:child_process";

/** The system's own: modules that apt has installed are there, whatever comes first on the path. */
export const python = "/usr/bin/python3";

export function canImport(modules: string): boolean {
  try {
    execFileSync(python, ["-c", `import ${modules}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
