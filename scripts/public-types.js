/*
 * The types of the entry points. For `require`, each gets an `index.cjs` that loads the one ES module there
 * is, and types of its own; and declarations that no entry point leads to are kept out of the package.
 *
 * TypeScript does not let a CommonJS file import an ES module's types (TS1479), though Node has loaded such
 * modules by `require` since 20.19. CommonJS types that point at the others solve that, and keep one engine
 * in a process however it was loaded.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";
import { findEntryPoints } from "../test/package/entry-points.js";
import { createTypesProgram } from "../test/package/public-types.js";

const root = resolve(import.meta.dirname, "..");
const dist = join(root, "dist");
const files = findEntryPoints().map(({ types }) => join(root, types));
const program = createTypesProgram();
const checker = program.getTypeChecker();

for (const file of files) {
  const folder = dirname(file);
  const names = exportsOf(file);
  writeFileSync(join(folder, "index.cjs"), scriptOf(names));
  writeFileSync(join(folder, "index.d.cts"), declarationsOf(names));
}

// https://docs.npmjs.com/cli/v11/using-npm/developers#keeping-files-out-of-your-package
writeFileSync(
  join(dist, ".npmignore"),
  internalDeclarations()
    .map((path) => `/${path}\n`)
    .join(""),
);

function internalDeclarations() {
  return readdirSync(dist, { recursive: true })
    .filter((path) => path.endsWith(".d.ts") && program.getSourceFile(join(dist, path)) === undefined)
    .map((path) => path.replaceAll("\\", "/"))
    .sort();
}

function exportsOf(file) {
  const source = program.getSourceFile(file);
  if (source === undefined) throw new Error(`${file} is not built.`);
  const module = checker.getSymbolAtLocation(source);
  if (module === undefined) return [];
  return checker.getExportsOfModule(module).map((exported) => ({
    name: exported.name,
    symbol: exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported,
  }));
}

function scriptOf(names) {
  if (names.every(({ name }) => name !== "default")) return 'module.exports = require("./index.js");\n';
  // Named one by one: compilers look for `exports.default` if the types have a default.
  const lines = names
    .filter(({ symbol }) => symbol.flags & ts.SymbolFlags.Value)
    .map(({ name }) => `exports.${name} = esm.${name};`);
  return [
    'const esm = require("./index.js");',
    'Object.defineProperty(exports, "__esModule", { value: true });',
    ...lines,
    "",
  ].join("\n");
}

function declarationsOf(names) {
  const lines = ['import type * as esm from "./index.js" with { "resolution-mode": "import" };'];
  const types = [];
  for (const { name, symbol } of names) {
    if ((symbol.flags & ts.SymbolFlags.Value) === 0) {
      types.push(name);
    } else if (name === "default") {
      lines.push("declare const main: typeof esm.default;", "export default main;");
    } else {
      lines.push(`${commentOf(symbol)}export declare const ${name}: typeof esm.${name};`);
      if (symbol.flags & ts.SymbolFlags.Type) lines.push(`export type ${name} = esm.${name};`);
    }
  }
  if (types.length > 0)
    lines.push(`export type { ${types.join(", ")} } from "./index.js" with { "resolution-mode": "import" };`);
  return `${lines.join("\n")}\n`;
}

/** What an editor shows: the last documentation comment before the declaration, unchanged. */
function commentOf({ declarations = [] }) {
  const comments = declarations.flatMap((declaration) => ts.getJSDocCommentsAndTags(declaration));
  const last = comments.filter((node) => ts.isJSDoc(node)).at(-1);
  return last === undefined ? "" : `${last.getText()}\n`;
}
