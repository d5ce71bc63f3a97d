import type { TestProject } from "vitest/node";
import { pack } from "../package/packed.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** Our package, as it would be published. */
    tarball: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const packed = await pack();
  project.provide("tarball", packed.file);
  return packed.remove;
}
