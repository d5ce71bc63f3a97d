import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { badgesOf, toSvg } from "../../scripts/badges.js";
import { readDocument, root } from "./blocks.ts";

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Parameters<
  typeof badgesOf
>[0];
const badges = Object.entries(badgesOf(manifest)) as [string, [label: string, value: string]][];

test.each(badges)("the badge %s says what package.json does: node scripts/badges.js", (name, badge) => {
  const file = `docs/pictures/badges/${name}.svg`;
  expect(readDocument(file)).toBe(toSvg(badge));
  expect(readDocument("README.md")).toContain(`![${badge.join(": ")}](${file})`);
});
