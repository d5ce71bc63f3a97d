import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { keptHeaders } from "../../src/http/headers.ts";
import { root } from "./blocks.ts";

test.each([
  "deploy/nginx/intermission.lua",
  "deploy/nginx/intermission.js",
  "deploy/apache/intermission.lua",
])("%s keeps the headers of the failed answer that all adapters keep", (file) => {
  const text = readFileSync(join(root, file), "utf8");
  const [, names = ""] = /kept[^\n]*\n(?:for[^\n]*\[\[\n)?([^]*?)(?:\]\]|`)/.exec(text) ?? [];
  const [, families = ""] = /families = [[{](.*)[\]}]/.exec(text) ?? [];
  expect(names.trim().split(/\s+/).sort()).toEqual([...keptHeaders.names].sort());
  expect([...families.matchAll(/"([^"]+)"/g)].map(([, family]) => family)).toEqual(keptHeaders.families);
});
