/*
 * The structure of src/, counted from its imports: node bench/structure.js. A room is a file or a folder of
 * src/, an arrow an import between two rooms, and the floors are the longest chain of arrows.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const source = join(import.meta.dirname, "../src");

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => file.endsWith(".ts") && !/\.test\.ts$|(^|\/)example\.ts$/.test(file));

const imports = new Map(files.map((file) => [file, importsOf(file)]));

function importsOf(file) {
  const text = readFileSync(join(source, file), "utf8").replace(/^\s*(\/\*|\*|\/\/).*$/gm, "");
  const found = [
    ...text.matchAll(
      /^(?:import|export)\s+(type\s)?([^"';]*?)\bfrom\s+"(\.[^"]+)"|\b(typeof\s+)?import\("(\.[^"]+)"\)/gm,
    ),
  ];
  return found.map(([, type, names = "", path, typeOf, dynamic]) => ({
    to: relative(source, join(source, dirname(file), path ?? dynamic)).replaceAll("\\", "/"),
    // `import { type A, type B }` costs nothing at run time either.
    value: typeOf === undefined && type === undefined && !/^\{(\s*type\s[^,}]*,?)+\s*\}\s*$/.test(names),
    dynamic: dynamic !== undefined,
  }));
}

const roomOf = (file) => file.split("/")[0];
const rooms = new Map(files.map((file) => [roomOf(file), new Set()]));
for (const [file, targets] of imports)
  for (const { to } of targets) if (roomOf(to) !== roomOf(file)) rooms.get(roomOf(file)).add(roomOf(to));

const floorOf = (room) => 1 + Math.max(0, ...[...rooms.get(room)].map(floorOf));
const arrows = [...rooms.values()].reduce((sum, targets) => sum + targets.size, 0);

/** The files that one import loads. */
function loadedBy(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const { to, value, dynamic } of imports.get(file) ?? []) if (value && !dynamic) loadedBy(to, seen);
  return seen;
}

/** What a reader opens to follow one thing from start to end. Each file is imported by an earlier one. */
const ways = {
  "from create-release to SQL": [
    "cli/main.ts",
    "cli/run.ts",
    "cli/commands/index.ts",
    "cli/commands/create-release.ts",
    "cli/session/session.ts",
    "engine/create.ts",
    "engine/store-operations.ts",
    "core/state/releases.ts",
    "engine/state/update.ts",
    "stores/open.ts",
    "stores/postgres/index.ts",
    "stores/postgres/statements.ts",
  ],
  "from an Express error to the page's bytes": [
    "frameworks/express/index.ts",
    "http/node/gate.ts",
    "http/node/intercept.ts",
    "http/node/methods.ts",
    "http/node/page.ts",
    "http/node/header.ts",
    "engine/create.ts",
    "engine/judge.ts",
    "core/decide.ts",
    "engine/page/loader.ts",
    "page/index.ts",
    "page/formats/html/index.ts",
  ],
};

for (const way of Object.values(ways)) {
  way.forEach((file, index) => {
    const before = way.slice(0, index);
    if (
      index > 0 &&
      !before.some((other) => imports.get(other)?.some(({ to, value }) => value && to === file))
    )
      throw new Error(`${file} is imported by none of ${before.join(", ")}`);
  });
}

const report = {
  files: files.length,
  rooms: rooms.size,
  floors: Math.max(...[...rooms.keys()].map(floorOf)),
  arrows,
  "files behind intermission/express": loadedBy("frameworks/express/index.ts").size,
  ...Object.fromEntries(Object.entries(ways).map(([name, way]) => [name, way.length])),
};
for (const [name, figure] of Object.entries(report)) console.log(`${name.padEnd(44)}${figure}`);
