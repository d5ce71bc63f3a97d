import { execFileSync } from "node:child_process";

/** The system's own: it has the modules that apt installed, whatever comes first in the PATH. */
export const python = "/usr/bin/python3";

export function canImport(modules: string): boolean {
  try {
    execFileSync(python, ["-c", `import ${modules}`], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
