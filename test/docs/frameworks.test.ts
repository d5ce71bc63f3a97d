import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeFrameworks } from "../../src/cli/init/known.ts";
import { nameOf, readBlocks, readDocument, root } from "./blocks.ts";

const frameworks = readdirSync(join(root, "src/frameworks"));

describe.each(frameworks)("src/frameworks/%s", (name) => {
  const folder = `src/frameworks/${name}`;

  test("has a guide that begins with its example, word for word", () => {
    const [first] = readBlocks(`${folder}/README.md`);
    expect(first?.text).toBe(readFileSync(join(root, folder, "example.ts"), "utf8"));
    expect(first?.check).toMatch(/^(serves|built) /);
  });

  test("is in the matrix, or in an app that is built", () => {
    const [first] = readBlocks(`${folder}/README.md`);
    const isBuilt = first?.check?.startsWith("built ") === true;
    expect(isBuilt || existsSync(join(root, folder, "matrix.js"))).toBe(true);
  });

  test("is in the list of frameworks", () => {
    expect(readDocument("docs/frameworks.md")).toContain(`](../${folder}/README.md)`);
  });
});

test("what init says of a framework is what the list of frameworks says", () => {
  const lines = nodeFrameworks.flatMap(({ line }) => line ?? []);
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) expect(readDocument("docs/frameworks.md")).toContain(`\`${line}\``);
});

const guides = frameworks.map((framework) => `src/frameworks/${framework}/README.md`);
const built = [...guides, "docs/frameworks.md"].flatMap((guide) =>
  readBlocks(guide).flatMap((block) => {
    const name = /^built (\S+)$/.exec(block.check ?? "")?.[1];
    return name === undefined ? [] : [[nameOf(block), name] as const];
  }),
);

test.each(built)("%s is in an app that is built and asked", (_, name) => {
  expect(existsSync(join(root, `test/built/${name}.test.ts`))).toBe(true);
});
