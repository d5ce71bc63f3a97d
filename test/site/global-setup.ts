import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder of the built site. */
    siteFolder: string;
  }
}

const folder = resolve(import.meta.dirname, "../../site");
/** A site that works below a path works at the root of a host too. */
export const base = "/intermission/";

/** Builds the site once. What it needs is installed if it is missing. */
export default function setup(project: TestProject): () => void {
  const npm = (...words: readonly string[]): void => {
    execFileSync("npm", words, { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  };
  if (!existsSync(join(folder, "node_modules"))) npm("ci", "--no-audit", "--no-fund");
  // SITE_OUT: one that is there already, to write tests by.
  const built = process.env["SITE_OUT"];
  const output = built ?? mkdtempSync(join(tmpdir(), "intermission-site-"));
  if (built === undefined)
    execFileSync(process.execPath, ["node_modules/vitepress/bin/vitepress.js", "build"], {
      cwd: folder,
      env: { ...process.env, SITE_OUT: output, SITE_BASE: base },
      stdio: ["ignore", "ignore", "inherit"],
    });
  project.provide("siteFolder", output);
  return () => {
    if (built === undefined) rmSync(output, { recursive: true, force: true });
  };
}
