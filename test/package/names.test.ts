import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { root } from "./packed.ts";

/** Names are the contract: whoever adds or takes one away sees it here. Types are among them. */
const entryPoints = {
  ".": "dist/index.d.ts",
  "./auto": "dist/auto/index.d.ts",
  "./express": "dist/frameworks/express/index.d.ts",
  "./fastify": "dist/frameworks/fastify/index.d.ts",
  "./fetch": "dist/frameworks/fetch/index.d.ts",
  "./h3": "dist/frameworks/h3/index.d.ts",
  "./hapi": "dist/frameworks/hapi/index.d.ts",
  "./hono": "dist/frameworks/hono/index.d.ts",
  "./koa": "dist/frameworks/koa/index.d.ts",
  "./nest": "dist/frameworks/nest/index.d.ts",
  "./next": "dist/frameworks/next/index.d.ts",
  "./next/client": "dist/frameworks/next/client/index.d.ts",
  "./node": "dist/frameworks/node/index.d.ts",
  "./polka": "dist/frameworks/polka/index.d.ts",
  "./react-router": "dist/frameworks/react-router/index.d.ts",
  "./stores/memory": "dist/stores/memory/index.d.ts",
  "./stores/mysql": "dist/stores/mysql/index.d.ts",
  "./stores/postgres": "dist/stores/postgres/index.d.ts",
  "./stores/redis": "dist/stores/redis/index.d.ts",
  "./stores/sqlite": "dist/stores/sqlite/index.d.ts",
  "./telemetry/opentelemetry": "dist/telemetry/opentelemetry/index.d.ts",
  "./telemetry/prometheus": "dist/telemetry/prometheus/index.d.ts",
  "./testing": "dist/testing/index.d.ts",
};

test("the public names are these", () => {
  const files = Object.values(entryPoints).map((file) => join(root, file));
  const program = ts.createProgram(files, {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    types: [],
    noEmit: true,
  });
  const checker = program.getTypeChecker();
  const names = Object.fromEntries(
    Object.entries(entryPoints).map(([subpath, file]) => {
      const source = program.getSourceFile(join(root, file));
      if (source === undefined) throw new Error(`${file} is not built.`);
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
    "./testing",
    "./stores/*",
    "./telemetry/*",
    "./package.json",
    "./*",
  ]);
});
