import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findEntryPoints } from "./entry-points.js";
import { root } from "./packed.ts";
import { createTypesProgram } from "./public-types.js";

/** Names, including types, are the contract: adding or removing one shows up here. */
const entryPoints = findEntryPoints();

test("the public names are these", () => {
  const program = createTypesProgram();
  const checker = program.getTypeChecker();
  const names = Object.fromEntries(
    entryPoints.map(({ subpath, types }) => {
      const source = program.getSourceFile(join(root, types));
      if (source === undefined) throw new Error(`${types} is not built.`);
      const symbol = checker.getSymbolAtLocation(source);
      const exported = symbol === undefined ? [] : checker.getExportsOfModule(symbol);
      return [subpath, exported.map(({ name }) => name).sort()];
    }),
  );
  expect(names).toMatchSnapshot();
});

test("the package names no entry point besides", () => {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    readonly exports: Readonly<Record<string, unknown>>;
  };
  expect(Object.keys(exports)).toEqual([
    ".",
    "./auto",
    "./server",
    "./testing",
    "./stores/*",
    "./telemetry/*",
    "./package.json",
    "./*",
  ]);
});
