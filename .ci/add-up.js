/* Adds up the results that Vitest's runs left in a folder: "N passed, N failed, N skipped". */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const total = { passed: 0, failed: 0, skipped: 0 };

for (const name of readdirSync(folder)) {
  const results = JSON.parse(readFileSync(join(folder, name), "utf8"));
  total.passed += results.numPassedTests;
  total.failed += results.numFailedTests;
  total.skipped += results.numPendingTests + results.numTodoTests;
}

console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
