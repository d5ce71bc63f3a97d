import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const jsonFile = join(import.meta.dirname, "results.json");
const pageFile = join(import.meta.dirname, "RESULTS.md");

/**
 * Replaces older results of the same measurements, and writes both files.
 *
 * @param results by the measurement's name: `about`, `columns`, `rows`, `notes`, `date`, `node`, `machine`,
 * `command`.
 */
export async function saveResults(results, names) {
  const known = { ...(await readResults()), ...results };
  const all = Object.fromEntries(
    names.filter((name) => known[name] !== undefined).map((name) => [name, known[name]]),
  );
  await writeFile(jsonFile, `${JSON.stringify(all, undefined, 2)}\n`);
  await writeFile(pageFile, toMarkdown(all));
}

async function readResults() {
  try {
    return JSON.parse(await readFile(jsonFile, "utf8"));
  } catch (error) {
    if (error.code === "ENOENT") return {};
    throw error;
  }
}

function toMarkdown(results) {
  const sections = Object.entries(results).map(([name, result]) => toSection(name, result));
  return [
    "# What it costs",
    "Written by `npm run bench`: don't edit it. What is measured, and how: [README.md](README.md).",
    ...sections,
  ]
    .join("\n\n")
    .concat("\n");
}

function toSection(name, { about, columns, rows, notes, date, node, machine, command }) {
  const table = [columns, columns.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return [
    `## ${name}`,
    `${about}.`,
    table.join("\n"),
    ...notes,
    `${date}, Node ${node}, ${machine}. \`${command}\``,
  ].join("\n\n");
}

/** For the terminal, where such a wide table would break. */
export function toText({ columns, rows }) {
  return rows
    .map(([title, ...cells]) =>
      [title, ...cells.map((cell, index) => `  ${columns[index + 1]}: ${cell}`)].join("\n"),
    )
    .join("\n");
}
