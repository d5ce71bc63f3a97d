/*
 * Are the types wrong? attw finds the entry points that package.json names, but not those behind a pattern,
 * so it gets the full list.
 */
import { spawnSync } from "node:child_process";
import { findEntryPoints } from "./entry-points.js";

const subpaths = findEntryPoints().map(({ subpath }) => subpath);
const parameters = ["--pack", ".", "--profile", "strict", "--entrypoints", ...subpaths];
const { error, status } = spawnSync("attw", parameters, { stdio: "inherit" });
if (error !== undefined) throw error;
process.exitCode = status ?? 1;
