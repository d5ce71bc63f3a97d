/* Writes the lists that documents share with the code; with --check, fails where one is out of date. */
import { join } from "node:path";
import { runnerImport } from "vite";

// Node 20 runs no TypeScript by itself.
await runnerImport(join(import.meta.dirname, "write-lists.ts"));
