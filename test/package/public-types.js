import { join, resolve } from "node:path";
import ts from "typescript";
import { findEntryPoints } from "./entry-points.js";

const root = resolve(import.meta.dirname, "../..");

/** The built declarations of all entry points, and what they lead to. */
export function createTypesProgram() {
  return ts.createProgram(
    findEntryPoints().map(({ types }) => join(root, types)),
    { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, types: [], noEmit: true },
  );
}
