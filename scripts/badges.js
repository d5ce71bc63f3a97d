/*
 * Writes docs/pictures/badges/NAME.svg, what package.json says in small pictures: node scripts/badges.js
 *
 * They are files, so that they show the same with any host, and none hears of who reads the README.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { makeBadge } from "badge-maker";

const root = resolve(import.meta.dirname, "..");

/** @returns Label and value by file name. Both are the picture's text for those who don't see it. */
export function badgesOf({ license, engines, types, dependencies = {} }) {
  const count = Object.keys(dependencies).length;
  return {
    license: ["license", license],
    node: ["Node.js", engines.node.replace(/^>=(\S+)$/, "$1 or newer")],
    types: ["types", types === undefined ? "none" : "included"],
    dependencies: ["dependencies", count === 0 ? "none" : String(count)],
  };
}

export function toSvg([label, message]) {
  return `${makeBadge({ label, message, labelColor: "#3a332d", color: "#8c2a2e" })}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const folder = join(root, "docs/pictures/badges");
  mkdirSync(folder, { recursive: true });
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  for (const [name, badge] of Object.entries(badgesOf(manifest)))
    writeFileSync(join(folder, `${name}.svg`), toSvg(badge));
}
