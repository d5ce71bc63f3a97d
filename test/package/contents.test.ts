import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findEntryPoints } from "./entry-points.js";
import { pack, root, type Packed } from "./packed.ts";

let packed: Packed;
beforeAll(async () => {
  packed = await pack();
});
afterAll(() => {
  packed.remove();
});

describe("the package", () => {
  test("holds the built code, its types and the papers, and nothing else", () => {
    const others = packed.contents.filter((path) => !/^dist\/[a-z0-9/-]+\.(js|d\.ts|cjs|d\.cts)$/.test(path));
    expect(others).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
  });

  test("holds no tests and no compiler's notes", () => {
    expect(packed.contents.filter((path) => /\.test\.|tsbuildinfo/.test(path))).toEqual([]);
  });

  test("holds the declarations that its entry points lead to, and no others", () => {
    const reached = new Set<string>();
    const visit = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const [, target = ""] of readFileSync(join(root, path), "utf8").matchAll(
        /"(\.{1,2}\/[^"]+\.ts)"/g,
      ))
        visit(join(dirname(path), target.replace(/\.ts$/, ".d.ts")));
    };
    for (const { types } of findEntryPoints()) visit(join(types));
    expect(reached.size).toBeGreaterThan(findEntryPoints().length);
    expect(packed.contents.filter((path) => path.endsWith(".d.ts"))).toEqual([...reached].sort());
  });

  test("holds nothing whose source is gone", () => {
    const scripts = packed.contents.filter((path) => path.endsWith(".js"));
    const sources = scripts.map((path) => path.replace(/^dist\/(.*)\.js$/, "src/$1.ts"));
    expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  test("stays small", () => {
    expect(packed.unpackedBytes).toBeLessThan(1700 * 1024);
    const hundreds = Math.round(packed.packedBytes / 100_000);
    expect(readFileSync(join(root, "README.md"), "utf8")).toContain(`It has ${String(hundreds)}00 kB packed`);
  });

  test("installs no other package", () => {
    const { dependencies = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    expect(Object.keys(dependencies as object)).toEqual([]);
  });
});

test("every framework, store and kind of telemetry is among the entry points that the type checks look at", () => {
  const subpaths = findEntryPoints().map(({ subpath }) => subpath);
  const frameworks = folders("src/frameworks").map((name) => `./${name}`);
  const stores = folders("src/stores").map((name) => `./stores/${name}`);
  const telemetry = folders("src/telemetry").map((name) => `./telemetry/${name}`);
  expect(subpaths).toEqual(expect.arrayContaining([...frameworks, ...stores, ...telemetry]));
});

function folders(path: string): readonly string[] {
  return readdirSync(join(root, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(root, path, entry.name, "index.ts")))
    .map(({ name }) => name);
}
