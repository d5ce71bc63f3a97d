import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { findStale } from "./built.ts";

const root = resolve(import.meta.dirname, "../..");
let folder: string;

/** A package of two files, built with this repository's compiler and options. */
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "intermission-built-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true });
  });
  for (const name of ["tsconfig.json", "tsconfig.build.json"]) cpSync(join(root, name), join(folder, name));
  const quick = { extends: "./tsconfig.build.json", compilerOptions: { lib: ["es5"], types: [] } };
  writeFileSync(join(folder, "tsconfig.quick.json"), JSON.stringify(quick));
  writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
  mkdirSync(join(folder, "src"));
  writeFileSync(join(folder, "src/answer.ts"), "export const answer = 42;\n");
  writeFileSync(join(folder, "src/index.ts"), `export * from "./answer.ts";\n`);
  build();
});

function build(): void {
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [compiler, "-p", "tsconfig.quick.json"], { cwd: folder });
}

test("a build is stale after a source changed or went, until the next one", () => {
  expect(findStale(folder)).toBeUndefined();
  writeFileSync(join(folder, "src/index.ts"), `export { answer } from "./answer.ts";\n`);
  expect(findStale(folder)).toBe("dist is older than src/index.ts.");
  build();
  expect(findStale(folder)).toBeUndefined();
  rmSync(join(folder, "src/answer.ts"));
  expect(findStale(folder)).toBe("dist was built from src/answer.ts, which is gone.");
  rmSync(join(folder, "dist"), { recursive: true });
  expect(findStale(folder)).toBe("dist is missing.");
});

test("who starts a built file asks for it by this way", () => {
  const tests = ["src", "test"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && (folder === "test" || name.endsWith(".test.ts")))
      .map((name) => join(folder, name)),
  );
  expect(tests.length).toBeGreaterThan(200);
  // Folders of the same names that a framework or npm builds.
  const others = /^(?:src\/cli\/init|test\/(?:built|package|support))\//;
  const byHand = tests.filter(
    (file) => !others.test(file) && /(?:\/|")dist[/"]/.test(readFileSync(join(root, file), "utf8")),
  );
  expect(byHand).toEqual([]);
});
