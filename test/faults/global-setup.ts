import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { writeReport } from "./report.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The folder for each store's outcomes. */
    readonly outcomes: string;
  }
}

/** Collects the outcomes of the stores' tests, and writes the report at the end of a full run. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "intermission-faults-"));
  project.provide("outcomes", folder);
  const stores = (await readdir(import.meta.dirname)).filter((name) => name.endsWith(".test.ts")).length;
  return async () => {
    await writeReport(folder, stores);
    await rm(folder, { recursive: true, force: true });
  };
}
