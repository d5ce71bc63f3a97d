import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readBlocks, readDocument, root } from "./blocks.ts";

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

describe.each(frameworks.flatMap((name) => readBlocks(`src/frameworks/${name}/README.md`)))(
  "$document:$line",
  ({ check }) => {
    const built = /^built (\S+)$/.exec(check ?? "")?.[1];
    test.runIf(built !== undefined)("is in an app that is built and asked", () => {
      expect(existsSync(join(root, `test/built/${built ?? ""}.test.ts`))).toBe(true);
    });
  },
);
