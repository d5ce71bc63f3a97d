import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

/** Every document for people, from the repository's root. */
export const documents: readonly string[] = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(root, "deploy"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith("README.md"))
    .map((name) => `deploy/${name}`),
  ...readdirSync(join(root, "src/frameworks"))
    .map((name) => `src/frameworks/${name}/README.md`)
    .filter((document) => existsSync(join(root, document))),
];

/** A fenced block of a document, and how it is checked. */
export interface Block {
  readonly document: string;
  /** The opening fence's line, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** What the comment before it says: `<!-- check: … -->`. Undefined: none. */
  readonly check: string | undefined;
  /** The block before it in the document. */
  readonly before: Block | undefined;
}

export function readDocument(document: string): string {
  return readFileSync(join(root, document), "utf8");
}

export function readBlocks(document: string): readonly Block[] {
  const lines = readDocument(document).split("\n");
  const blocks: Block[] = [];
  let check: string | undefined;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const marker = /^<!-- check: (.+) -->$/.exec(line);
    if (marker !== null) {
      check = marker[1];
      continue;
    }
    const fence = /^```(\S*)$/.exec(line);
    if (fence === null) {
      // Only a blank line may separate the comment from its block.
      if (line !== "") check = undefined;
      continue;
    }
    const end = lines.indexOf("```", index + 1);
    if (end === -1) throw new Error(`${document}:${String(index + 1)}: the block has no end`);
    const text = `${lines.slice(index + 1, end).join("\n")}\n`;
    blocks.push({ document, line: index + 1, language: fence[1] ?? "", text, check, before: blocks.at(-1) });
    check = undefined;
    index = end;
  }
  return blocks;
}

export function nameOf({ document, line, check }: Block): string {
  return `${document}:${String(line)} (${check ?? "no check"})`;
}
