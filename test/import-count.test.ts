import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

/** The files that a runtime loads with one: types cost nothing, and what is loaded on demand comes later. */
function loadedWith(file: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(file)) return found;
  found.add(file);
  const text = readFileSync(file, "utf8");
  const imports = /^(?:import|export) (?!type\b)(?:(?<names>[^;]*?) from )?"(?<path>\.[^"]+)"/gm;
  for (const { groups: { names = "", path = "" } = {} } of text.matchAll(imports)) {
    const list = /^\{(?<list>[^}]*)\}$/.exec(names.trim())?.groups?.["list"];
    const isOnlyTypes = list?.split(",").every((name) => /^\s*(?:type .*)?$/.test(name)) === true;
    if (!isOnlyTypes) loadedWith(join(dirname(file), path), found);
  }
  return found;
}

test("one import of the Express adapter loads few files", () => {
  const files = loadedWith(join(root, "src/frameworks/express/index.ts"));
  expect(files.size).toBeGreaterThan(20);
  // Raise it for a reason; lower it whenever you can.
  expect(files.size).toBeLessThanOrEqual(66);
});
