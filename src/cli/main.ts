#!/usr/bin/env node
import process from "node:process";
import { run } from "./run.ts";

/** What still holds the process this long after its work was done is given up. Milliseconds. */
const lingerFor = 250;

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads has heard enough (`| head`): that is no failure of ours.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.exitCode = 1;
  });
}

// Node 22 says that its SQLite is experimental. Here it would only stand between the deploy and its one clear line.
const printWarning = process.listeners("warning");
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name === "ExperimentalWarning" && warning.message.startsWith("SQLite")) return;
  for (const print of printWarning) print(warning);
});

process.exitCode = await run(process.argv.slice(2), {
  environment: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
});

// The timer alone keeps nothing alive: it only ends a process that a connection without an answer would hold.
setTimeout(() => {
  process.stdout.write("", () => process.exit());
}, lingerFor).unref();
