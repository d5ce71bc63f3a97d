/*
 * The command of a deploy. Does what it reads on stdin: migrate, migrate-back, time, or exit with a status.
 * Ends when stdin ends, or when told to stop.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { openBooks } from "./books.js";

const books = openBooks(process.env.LIBRARY_DATABASE);

process.on("SIGTERM", () => {
  console.log("stopped");
  process.exit(9);
});
console.log("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, value] = line.split(" ");
  if (verb === "migrate") await books.migrate();
  if (verb === "migrate-back") await books.migrateBack();
  if (verb === "time") console.log(`hours: ${Math.round(Date.now() / 3_600_000)}`);
  if (verb === "exit") process.exit(Number(value));
  console.log(`done: ${line}`);
}
process.exit(1);
