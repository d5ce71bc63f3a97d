import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A dpkg that knows of no package yet, and installs into this folder. */
export function dpkgIn(target: string): (...words: readonly string[]) => string {
  const admin = join(target, "var/lib/dpkg");
  for (const name of ["updates", "info", "triggers"]) mkdirSync(join(admin, name), { recursive: true });
  for (const name of ["status", "available"]) writeFileSync(join(admin, name), "");
  const always = ["--force-not-root", "--force-depends", "--force-script-chrootless"];
  return (...words) =>
    execFileSync("dpkg", [...always, `--admindir=${admin}`, `--instdir=${target}`, ...words], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    });
}
