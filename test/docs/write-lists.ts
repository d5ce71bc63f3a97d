import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { documents, root } from "./blocks.ts";
import { withLists } from "./lists.ts";

for (const document of documents) {
  const path = join(root, document);
  const text = readFileSync(path, "utf8");
  const fresh = await withLists(document, text);
  if (fresh === text) continue;
  console.log(document);
  if (process.argv.includes("--check")) process.exitCode = 1;
  else writeFileSync(path, fresh);
}
if (process.exitCode === 1) console.error("Their lists are out of date: npm run docs:lists");
