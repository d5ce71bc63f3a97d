import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { installNode } from "../matrix/nodes.js";
import { requireBuild } from "../support/built.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The single binary and its Debian package, alone in a folder. */
    built: { readonly folder: string; readonly binary: string; readonly deb: string };
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  requireBuild();
  const place = mkdtempSync(join(tmpdir(), "intermission-binary-"));
  const run = promisify(execFile);
  // Its Node is newer than the one that runs the tests.
  const { path: node } = await installNode(26);
  const folder = join(place, "build");
  const binary = join(folder, "intermission");
  const script = resolve(import.meta.dirname, "../../scripts/binary.js");
  await run(node, [script, "--output", binary, "--deb"]);
  const deb = readdirSync(folder).find((name) => name.endsWith(".deb")) ?? "";
  project.provide("built", { folder, binary, deb: join(folder, deb) });
  return () => {
    rmSync(place, { recursive: true });
  };
}
