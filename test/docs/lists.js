/* Writes the lists that documents share with the code; with --check, fails if one is out of date. */
import { join } from "node:path";
import { runnerImport } from "vite";

// Node 20 can't run TypeScript itself.
await runnerImport(join(import.meta.dirname, "write-lists.ts"));
