#!/usr/bin/env node
import process from "node:process";
import { createOutput } from "./terminal/output.ts";
import { wantsJson } from "./arguments/parse.ts";
import { report, run } from "./run.ts";

/** How long to wait for whatever keeps the process alive after its work is done. Milliseconds. */
const lingerFor = 250;

for (const stream of [process.stdout, process.stderr]) {
  // The reader has seen enough (`| head`): not a failure.
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") process.exitCode = 1;
  });
}

// Node 22 warns that its SQLite is experimental. That would only bury the command's one clear line.
const printWarning = process.listeners("warning");
process.removeAllListeners("warning");
process.on("warning", (warning) => {
  if (warning.name === "ExperimentalWarning" && warning.message.startsWith("SQLite")) return;
  for (const print of printWarning) print(warning);
});

// A worker of the single binary gets the binary's path as its program.
const words = process.argv.slice(process.argv[2] === process.execPath ? 3 : 2);
const context = {
  environment: process.env,
  output: createOutput({
    stdout: process.stdout,
    stderr: process.stderr,
    json: wantsJson(words),
    environment: process.env,
  }),
};

process.on("uncaughtException", (error) => {
  process.exitCode = report(error, context);
  exitWhenWritten();
});

process.exitCode = await run(words, context);
// The timer keeps nothing alive: it ends a process held by a connection without an answer.
setTimeout(exitWhenWritten, lingerFor).unref();

function exitWhenWritten(): void {
  process.stdout.write("", () => process.stderr.write("", () => process.exit()));
}
